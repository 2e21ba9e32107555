"""How fast drawings become pictures, side by side: this project's pool, CairoSVG in a loop, resvg in a loop.

    python tests/performance/throughput.py --json > throughput.json

The contenders take turns, a block of drawings each and then the next block, so that whatever else the machine does
hits all of them alike. All get the same documents and deliver them in order:

pool            RenderPool "auto" with an empty cache: RGB pictures on white, hostile input held off
cached          the same pool again, from the cache that it has just filled
cairosvg        cairosvg.svg2png in a loop: PNG bytes
binding         svg2png_py, the chosen binding of resvg, called directly in a loop: PNG bytes
binding pixels  the same without PNG: RGB pictures, from documents whose root was given the size beforehand
resvg           the package resvg called directly in a loop: PNG bytes
resvg_py        the package resvg_py called directly in a loop, where it is installed: PNG bytes

Nobody but the pool looks at what it is given, checks what comes back, or keeps it.

Of each block the ratio to the pool's time is taken; what is shown is the median over blocks and the range. The
first block includes the start of the workers, which is also measured apart.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec
from typing import Any

from PIL import Image

from benchmark.datasets.registry import DATASETS
from renderers import Canvas, RenderError, RenderOptions, RenderPool
from renderers.kept_files import ENVIRONMENT
from renderers.viewport import sized

Contender = Callable[[Sequence[str], int], None]


def cairosvg_loop(svgs: Sequence[str], size: int) -> None:
    """CairoSVG as its documentation shows it."""
    import cairosvg

    for svg in svgs:
        cairosvg.svg2png(bytestring=svg.encode(), output_width=size, output_height=size)


def binding_loop() -> Contender:
    """svg2png_py to PNG bytes, its fonts loaded once."""
    from svg2png_py import FontDatabase, svg_intrinsic_size, svg_to_png

    fonts = FontDatabase.system()

    def loop(svgs: Sequence[str], size: int) -> None:
        for svg in svgs:
            transform = _fitting(svg_intrinsic_size(svg, fonts), size)
            svg_to_png(svg, fonts, transform, bg_size=(size, size))

    return loop


def binding_pixels_loop() -> Contender:
    """svg2png_py to RGB pictures on white."""
    from svg2png_py import FontDatabase, svg_to_rgba

    fonts = FontDatabase.system()

    def loop(svgs: Sequence[str], size: int) -> None:
        for svg in svgs:
            pixels, width, height = svg_to_rgba(sized(svg, Canvas(size, size)), fonts, bg_color=(255, 255, 255, 255))
            Image.frombytes("RGB", (width, height), pixels, "raw", "RGBX")

    return loop


def resvg_loop() -> Contender:
    """The resvg package to PNG bytes, its options and fonts loaded once."""
    import resvg

    options = resvg.usvg.Options.default()
    options.dpi = 96.0
    options.load_system_fonts()

    def loop(svgs: Sequence[str], size: int) -> None:
        for svg in svgs:
            tree = resvg.usvg.Tree.from_str(svg, options)
            resvg.render(tree, _fitting(tree.int_size(), size), bg_size=(size, size))

    return loop


def _fitting(own: tuple[int, int], size: int) -> tuple[float, float, float, float, float, float]:
    """Rows of the matrix that centres a drawing on a square."""
    scale = size / max(own)
    return scale, 0.0, (size - own[0] * scale) / 2, 0.0, scale, (size - own[1] * scale) / 2


def resvg_py_loop(svgs: Sequence[str], size: int) -> None:
    """resvg_py to PNG bytes."""
    import resvg_py

    for svg in svgs:
        resvg_py.svg_to_bytes(svg_string=svg, width=size, height=size, dpi=96.0)


def timed(work: Callable[[], object]) -> float:
    """Wall seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure(svgs: Sequence[str], size: int, workers: int, block: int, loops: dict[str, Contender]) -> dict[str, Any]:
    """Seconds of every contender for every block, and seconds until the pool's first picture."""
    seconds: dict[str, list[float]] = {name: [] for name in ("pool", "cached", *loops)}
    blocks = [svgs[start : start + block] for start in range(0, len(svgs), block)]
    with tempfile.TemporaryDirectory() as cache:
        os.environ[ENVIRONMENT] = cache
        options = RenderOptions(size)
        with RenderPool(options, workers) as pool:
            start_up = timed(lambda: drawn(pool, [_trivial(number) for number in range(workers)]))
        with RenderPool(options, workers) as pool:
            for turn, documents in enumerate(blocks):
                contenders = {"pool": partial(drawn, pool, documents)}
                contenders |= {name: partial(loop, documents, size) for name, loop in loops.items()}
                names = list(contenders)
                first = turn % len(names)  # nobody is always the first or always behind the same one
                for name in names[first:] + names[:first]:
                    seconds[name].append(timed(contenders[name]))
                seconds["cached"].append(timed(partial(drawn, pool, documents)))
    return {"size": size, "drawings": len(svgs), "workers": workers, "start_up": start_up, "seconds": seconds}


def drawn(pool: RenderPool, svgs: Sequence[str]) -> None:
    """Draw everything; a drawing that fails would make the comparison unfair."""
    for result in pool.render_many(svgs):
        if isinstance(result, RenderError):
            raise result


def _trivial(number: int) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h{number + 1}v8z"/></svg>'


def summary(measured: dict[str, Any]) -> list[dict[str, Any]]:
    """Per contender: drawings per second over all blocks, and how many times as long as the pool it takes.

    ``ratio`` is the median over blocks but the first, in which the workers start, ``low`` and ``high`` the range;
    ``overall`` is of the whole time, the start included.
    """
    seconds = measured["seconds"]
    rows = []
    for name, times in seconds.items():
        ratios = [time / pool for time, pool in zip(times[1:], seconds["pool"][1:], strict=True)]
        rows.append(
            {
                "contender": name,
                "per_second": measured["drawings"] / sum(times),
                "milliseconds": 1000 * sum(times) / measured["drawings"],
                "ratio": statistics.median(ratios),
                "low": min(ratios),
                "high": max(ratios),
                "overall": sum(times) / sum(seconds["pool"]),
            }
        )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--drawings", type=int, default=1000)
    parser.add_argument("--block", type=int, default=100, help="drawings before the next contender's turn")
    parser.add_argument("--sizes", type=int, nargs="+", default=[224, 512])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if arguments.drawings < 2 * arguments.block:
        parser.error("--drawings must be two blocks or more: the first one is not in the median")
    svgs = [sample.svg for sample in DATASETS["openmoji"]().samples][: arguments.drawings]
    loops: dict[str, Contender] = {
        "cairosvg": cairosvg_loop,
        "binding": binding_loop(),
        "binding pixels": binding_pixels_loop(),
        "resvg": resvg_loop(),
    }
    if find_spec("resvg_py"):
        loops["resvg_py"] = resvg_py_loop
    results = []
    for size in arguments.sizes:
        measured = measure(svgs, size, arguments.workers, arguments.block, loops)
        results.append({**measured, "summary": summary(measured)})
    if arguments.json:
        print(json.dumps(results, indent=2))
        return
    for result in results:
        print(
            f"\n{result['drawings']} drawings, {result['size']} px, {result['workers']} workers; "
            f"start-up {result['start_up']:.2f} s"
        )
        print(f"{'contender':<15}{'per second':>12}{'ms':>9}{'times the pool':>16}{'range':>16}{'with start':>12}")
        for row in result["summary"]:
            spread = f"{row['low']:.2f} to {row['high']:.2f}"
            print(
                f"{row['contender']:<15}{row['per_second']:>12.1f}{row['milliseconds']:>9.2f}"
                f"{row['ratio']:>16.2f}{spread:>16}{row['overall']:>12.2f}"
            )


if __name__ == "__main__":
    main()
