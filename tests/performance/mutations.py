"""Broken drawings through a pool, and workers killed while it draws: nothing may be lost, and nothing may end the run.

    python tests/performance/mutations.py [--count 10000] [--seed 0] [--backend auto] [--workers 2]
    python tests/performance/mutations.py --kill 20 [--count 1000]

Without ``--kill``, drawings of OpenMoji are spoiled (bytes flipped, tags dropped or repeated, numbers replaced by
nan, 1e309 …, groups nested deeply, attributes exchanged, ends cut off), one to four times each, and drawn; what
came back is counted. With ``--kill N``, sound drawings are drawn while one worker after the other is killed; each
must come back as the picture that an undisturbed run makes of it.

Exit code 1: a result is missing, the run raised, or after ``--kill`` a drawing did not come back as it should.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
import random
import re
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress

from benchmark.datasets.registry import DATASETS
from renderers import RenderCrash, RenderError, Rendering, RenderOptions, RenderPool, RenderTimeout

Mutation = Callable[[str, random.Random], str | bytes]

NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
TAG = re.compile(r"<[^>]*>")
ATTRIBUTE = re.compile(r"""\s[\w:-]+="[^"]*\"""")
WRONG_NUMBERS = ("nan", "1e309", "-1e309", "1e-320", "inf", "-0", "1e38", "99999999999999999999", "", "0x7f")


def flip_bytes(svg: str, draw: random.Random) -> bytes:
    data = bytearray(svg.encode())
    for _ in range(draw.randint(1, 20) if data else 0):
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    return bytes(data)


def drop_tags(svg: str, draw: random.Random) -> str:
    return TAG.sub(lambda tag: "" if draw.random() < 0.1 else tag[0], svg)


def repeat_tags(svg: str, draw: random.Random) -> str:
    return TAG.sub(lambda tag: tag[0] * draw.choice((2, 3, 50)) if draw.random() < 0.1 else tag[0], svg)


def wrong_numbers(svg: str, draw: random.Random) -> str:
    share = draw.choice((0.01, 0.1, 1.0))
    return NUMBER.sub(lambda number: draw.choice(WRONG_NUMBERS) if draw.random() < share else number[0], svg)


def nest_deeply(svg: str, draw: random.Random) -> str:
    levels = draw.choice((10, 200, 300, 3000, 50_000))
    end = draw.choice((levels, levels, levels - 1, 0))
    places = [tag.end() for tag in TAG.finditer(svg)]
    place = draw.choice(places) if places else 0
    name = draw.choice(("g", "svg", "a", "text", "clipPath", "mask"))
    return svg[:place] + f"<{name}>" * levels + f"</{name}>" * end + svg[place:]


def exchange_attributes(svg: str, draw: random.Random) -> str:
    found = [attribute[0] for attribute in ATTRIBUTE.finditer(svg)]
    return ATTRIBUTE.sub(lambda attribute: draw.choice(found) if draw.random() < 0.2 else attribute[0], svg)


def cut_off(svg: str, draw: random.Random) -> str:
    return svg[: draw.randrange(len(svg))] if svg else svg


MUTATIONS: tuple[Mutation, ...] = (
    flip_bytes,
    drop_tags,
    repeat_tags,
    wrong_numbers,
    nest_deeply,
    exchange_attributes,
    cut_off,
)


def mutated(svg: str, draw: random.Random) -> tuple[str | bytes, str]:
    """A spoiled drawing, and the name of the last thing that was done to it."""
    spoiled: str | bytes = svg
    mutation = MUTATIONS[0]
    for _ in range(draw.randint(1, 4)):
        mutation = draw.choice(MUTATIONS)
        text = spoiled if isinstance(spoiled, str) else spoiled.decode("utf-8", "surrogateescape")
        spoiled = mutation(text.encode("utf-8", "replace").decode(), draw)
    return spoiled, mutation.__name__


def main() -> int:
    options = _arguments()
    svgs = [sample.svg for sample in DATASETS["openmoji"]().samples]
    report = _with_kills(svgs, options) if options.kill else _with_mutations(svgs, options)
    print(json.dumps(report, indent=1))
    return 1 if report["failed"] else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000, help="drawings (default: 10,000)")
    parser.add_argument("--seed", type=int, default=0, help="of the mutations and of the moments of killing")
    parser.add_argument("--backend", default="auto", help="a renderer, or auto (default)")
    parser.add_argument("--workers", type=int, default=2, help="processes (default: 2)")
    parser.add_argument("--timeout", type=float, default=10.0, help="seconds for one drawing (default: 10)")
    parser.add_argument("--kill", type=int, default=0, metavar="N", help="draw sound drawings and kill N workers")
    return parser.parse_args()


def _pool(options: argparse.Namespace) -> RenderPool:
    render_options = RenderOptions(backend=options.backend)
    return RenderPool(render_options, workers=options.workers, timeout=options.timeout, cache=False)


def _with_mutations(svgs: list[str], options: argparse.Namespace) -> dict[str, object]:
    draw = random.Random(options.seed)
    spoiled = [mutated(draw.choice(svgs), draw) for _ in range(options.count)]
    outcomes: Counter[str] = Counter()
    by_mutation: Counter[str] = Counter()
    stopped: list[str] = []
    longest = 0.0
    started = time.perf_counter()
    raised = ""
    try:
        with _pool(options) as pool:
            results = pool.render_many(svg for svg, _ in spoiled)
            for number, ((_, mutation), result) in enumerate(zip(spoiled, results, strict=True)):
                outcomes[_outcome(result)] += 1
                by_mutation[f"{mutation}: {_outcome(result)}"] += 1
                if isinstance(result, RenderTimeout | RenderCrash):
                    stopped.append(f"{number}: {mutation}: {result}")
                longest = max(longest, result.seconds if isinstance(result, Rendering) else 0.0)
    except Exception as error:
        raised = f"{type(error).__name__}: {error}"
    return {
        "drawings": options.count,
        "outcomes": dict(outcomes.most_common()),
        "by last mutation": dict(sorted(by_mutation.items())),
        "timeouts and crashes": stopped,
        "longest picture, seconds": round(longest, 2),
        "seconds": round(time.perf_counter() - started, 1),
        "raised": raised,
        "failed": bool(raised) or outcomes.total() != options.count,
    }


def _outcome(result: Rendering | RenderError) -> str:
    if isinstance(result, Rendering):
        return "picture, blank" if result.blank else "picture"
    kind = {RenderTimeout: "timeout", RenderCrash: "crash of a worker"}.get(type(result), "error")
    return f"{kind}: {type(result).__name__}"


def _with_kills(svgs: list[str], options: argparse.Namespace) -> dict[str, object]:
    chosen = [svgs[number % len(svgs)] for number in range(options.count)]
    with _pool(options) as pool:
        undisturbed = list(map(_digest, pool.render_many(chosen)))
    draw = random.Random(options.seed)
    # Moments in the run at which a worker dies, by the number of drawings that have come back; none near the end,
    # so that the last one killed has something left to draw.
    early = range(options.count * 3 // 4)
    moments = sorted(draw.sample(early, min(options.kill, len(early))))
    killed: list[int] = []
    with _pool(options) as pool:
        disturbed = []
        for number, result in enumerate(pool.render_many(chosen)):
            disturbed.append(_digest(result))
            if moments and number >= moments[0]:
                moments.pop(0)
                threading.Thread(target=_kill_one, args=(draw, killed)).start()
    different = [number for number, pair in enumerate(zip(undisturbed, disturbed, strict=True)) if len(set(pair)) > 1]
    return {
        "drawings": options.count,
        "workers killed": len(killed),
        "came back as in the undisturbed run": options.count - len(different),
        "others": [(number, disturbed[number]) for number in different],
        "failed": bool(different) or len(killed) < options.kill,
    }


def _kill_one(draw: random.Random, killed: list[int]) -> None:
    """Kill a worker that is running now, or one that will soon."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if running := _running_workers(killed):
            pid = draw.choice(running)
            time.sleep(draw.random() * 0.01)
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)
            return
        time.sleep(0.01)


def _running_workers(killed: list[int]) -> list[int]:
    children: Iterator[int | None] = (child.pid for child in multiprocessing.active_children())
    return [pid for pid in children if pid and pid not in killed]


def _digest(result: Rendering | RenderError) -> str:
    if isinstance(result, RenderError):
        return f"{type(result).__name__}: {result}"
    return hashlib.sha256(result.image.tobytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
