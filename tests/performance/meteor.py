"""How fast METEOR is beside the jar that pycocoevalcap starts, on the same tokens; and what its index costs, once.

    python tests/performance/meteor.py CAPTIONS [--repeat 8] [--index] [--hostile] [--json]

CAPTIONS is a JSON document with ``tokenized.hypotheses`` and ``tokenized.references`` (id -> list of texts). Its
samples are repeated under other ids. Each side runs in a process of its own, from the import to the scores: this
project's with its index built, pycocoevalcap's with the start of Java. Shown are wall and processor seconds (of all
processes of a side) and peak memory; processor seconds say more on a machine that does something else too.
``--index`` measures the building of the index in an empty cache, ``--hostile`` captions made to take long.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

Tokens = dict[str, tuple[str, list[str]]]


def read(path: Path, repeat: int) -> Tokens:
    """Id -> hypothesis and references."""
    tokenized = json.loads(path.read_text(encoding="utf-8"))["tokenized"]
    hypotheses, references = tokenized["hypotheses"], tokenized["references"]
    return {f"{id}#{turn}": (hypotheses[id][0], references[id]) for turn in range(repeat) for id in references}


def ours(tokens: Tokens) -> dict[str, Any]:
    from benchmark.metrics.base import METRICS, Corpus

    metric = METRICS["meteor"]
    rows = metric.statistics(Corpus([h for h, _ in tokens.values()], [rs for _, rs in tokens.values()], "ptb"))
    return {"corpus": float(metric.score(rows.sum(axis=0))[0]), "scores": metric.score(rows)[:, 0].tolist()}


def official(tokens: Tokens) -> dict[str, Any]:
    from pycocoevalcap.meteor.meteor import Meteor

    jar = Meteor()
    corpus, scores = jar.compute_score(
        {k: rs for k, (_, rs) in tokens.items()}, {k: [h] for k, (h, _) in tokens.items()}
    )
    process = Path(f"/proc/{jar.meteor_p.pid}")
    status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
    ticks = (process / "stat").read_text().rsplit(")", 1)[1].split()[11:13]
    return {
        "corpus": corpus,
        "scores": scores,
        "java_mib": int(status["VmHWM"].split()[0]) / 1024,
        "java_cpu": sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK"),
    }


def build(_: Tokens) -> dict[str, Any]:
    """The index in an empty cache."""
    from benchmark.metrics.meteor import source
    from benchmark.metrics.meteor.paraphrase_store import open_index
    from benchmark.progress import Unwatched
    from renderers.kept_files import ENVIRONMENT

    table = source.paraphrases()
    assert table is not None
    with tempfile.TemporaryDirectory() as cache:
        os.environ[ENVIRONMENT] = cache
        open_index(table, Unwatched())
        return {"bytes": sum(file.stat().st_size for file in Path(cache).rglob("*") if file.is_file())}


def hostile(tokens: Tokens) -> dict[str, Any]:
    """Captions of very many words, of few different ones or of the most ambiguous."""
    from benchmark.metrics.base import METRICS, Corpus

    words = list(dict.fromkeys(word for h, rs in tokens.values() for word in " ".join([h, *rs]).split()))
    backwards = words[:2000][::-1]
    cases = {
        "10,000 equal words, short references": ("a " * 10_000, ["a man with a dog on a beach", "a dog"]),
        "10,000 equal words, 50 of them": ("a " * 10_000, ["a " * 50]),
        "10,000 equal words, 9,999 of them": ("a " * 10_000, ["a " * 9_999]),
        "700 equal words, 699 of them": ("a " * 700, ["a " * 699]),
        "2,000 different words, backwards": (" ".join(words[:2000]), [" ".join(backwards)]),
    }
    seconds = {}
    for name, (hypothesis, references) in cases.items():
        start = time.process_time()
        METRICS["meteor"].statistics(Corpus([hypothesis], [references], "none"))
        seconds[name] = round(time.process_time() - start, 2)
    return {"cases": seconds}


def measured(side: Callable[[Tokens], dict[str, Any]], tokens: Tokens) -> dict[str, Any]:
    """What a side says, with wall seconds, processor seconds and peak MiB of its own process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measure, (side, tokens))


def _measure(side: Callable[[Tokens], dict[str, Any]], tokens: Tokens) -> dict[str, Any]:
    warnings.simplefilter("ignore")
    start, cpu = time.perf_counter(), time.process_time()
    said = side(tokens)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "wall": time.perf_counter() - start,
        "cpu": time.process_time() - cpu + said.get("java_cpu", 0.0),
        "mib": usage.ru_maxrss / 1024 + said.get("java_mib", 0.0),
        **said,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("captions", type=Path)
    parser.add_argument("--repeat", type=int, default=8)
    parser.add_argument("--index", action="store_true")
    parser.add_argument("--hostile", action="store_true")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    tokens = read(arguments.captions, arguments.repeat)
    measured(ours, dict(list(tokens.items())[:2]))  # builds the index where there is none
    sides = {"ours": measured(ours, tokens), "pycocoevalcap": measured(official, tokens)}
    differing = sum(a != b for a, b in zip(*(side.pop("scores") for side in sides.values()), strict=True))
    document: dict[str, Any] = {"samples": len(tokens), "differing": differing, **sides}
    document |= {"index": measured(build, {})} if arguments.index else {}
    document |= {"hostile": measured(hostile, tokens)} if arguments.hostile else {}
    if arguments.json:
        print(json.dumps(document, indent=2))
        return
    print(f"{len(tokens)} samples, {differing} scores differ")
    for name, side in document.items():
        if isinstance(side, dict):
            rest = {key: value for key, value in side.items() if key not in ("wall", "cpu", "mib")}
            print(f"{name:<15}{side['wall']:>8.2f} s wall {side['cpu']:>8.2f} s cpu {side['mib']:>8.0f} MiB  {rest}")
    own, other = sides.values()
    print(
        f"ratio: {own['wall'] / other['wall']:.3f} of the wall time, {own['cpu'] / other['cpu']:.3f} of the processor's"
    )


if __name__ == "__main__":
    main()
