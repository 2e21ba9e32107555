"""Many SVGs: in order, a few ahead of the consumer; a failure costs only the drawing that caused it."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from renderers import (
    InvalidSvg,
    Limits,
    RenderCrash,
    RenderError,
    RendererUnavailable,
    Rendering,
    RenderOptions,
    RenderPool,
    RenderTimeout,
    UnsafeSvg,
    fingerprint,
)
from renderers.cache import unpack
from renderers.registry import UnknownName
from renderers.worker import Task, Worker

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMESPACE = 'xmlns="http://www.w3.org/2000/svg"'
# Noise of 100,000 octaves: resvg computes for minutes, deaf to everything but the signal that ends it.
UNBOUNDED = Limits(filter_cost=10**9)
ENDLESS = (
    f'<svg {NAMESPACE} viewBox="0 0 10 10"><filter id="f"><feTurbulence baseFrequency="0.5" '
    'numOctaves="100000"/></filter><rect width="10" height="10" filter="url(#f)"/></svg>'
)


def act(order: str, red: int = 0) -> str:
    """An SVG that tells the obedient renderer what to do, and how red to be."""
    return f'<svg {NAMESPACE} id="{order}" x="{red}"/>'


def red(result: Rendering | RenderError) -> int | str:
    """How red a rendering is, or the kind of the error."""
    if isinstance(result, RenderError):
        return type(result).__name__
    pixel = result.image.getpixel((0, 0))
    assert isinstance(pixel, tuple)
    return int(pixel[0])


def test_results_come_in_order_though_the_first_take_longest(obedient: str) -> None:
    orders = [act("linger" if number % 4 == 0 else "", number) for number in range(24)]
    with RenderPool(RenderOptions(8, backend=obedient), workers=2) as pool:
        assert [red(result) for result in pool.render_many(orders)] == list(range(24))


def test_every_failure_costs_its_own_drawing_only(obedient: str) -> None:
    orders = [act("", 1), act("die"), act("", 2), act("sleep"), "<svg", "<html/>", act("", 3)]
    too_deep = act("", 4).replace("/>", ">" + "<g>" * 300 + "</g>" * 300 + "</svg>")
    orders += [too_deep, act("die"), act("die"), act("", 5)]
    with RenderPool(RenderOptions(8, backend=obedient), workers=2, timeout=1.5) as pool:
        results = list(pool.render_many(orders))
    crash, invalid = RenderCrash.__name__, InvalidSvg.__name__
    assert [red(result) for result in results] == [
        *[1, crash, 2, RenderTimeout.__name__, "TruncatedSvg", invalid, 3],
        *[UnsafeSvg.__name__, crash, crash, 5],
    ]
    assert "SIGKILL" in str(results[1])
    assert "1.5 s" in str(results[3])


def test_what_ends_the_process_in_the_middle_of_several_drawings_costs_that_one_only(obedient: str) -> None:
    worker = Worker(Task(RenderOptions(8, backend=obedient), (obedient,), timeout=1.0, memory=2**30))
    try:
        svgs = [act(order, number) for number, order in enumerate(("", "", "die", "", "sleep", "", "die"))]
        answers = worker.draw(svgs)
    finally:
        worker.close()
    results = [answer if isinstance(answer, RenderError) else unpack(answer.packed) for answer in answers]
    crash = RenderCrash.__name__
    assert [red(result) for result in results] == [0, 1, crash, 3, RenderTimeout.__name__, 5, crash]


def test_small_drawings_are_given_several_at_a_time_and_slow_ones_singly(obedient: str) -> None:
    worker = Worker(Task(RenderOptions(8, backend=obedient), (obedient,), timeout=5.0, memory=2**30))
    try:
        assert worker.appetite == 1
        worker.draw([act("", number) for number in range(8)])
        worker.draw([act("", number) for number in range(8)])
        quick = worker.appetite
        worker.draw([act("linger")])
        assert quick > worker.appetite == 1
    finally:
        worker.close()


def test_a_drawing_that_hangs_in_the_backend_is_ended_at_the_limit() -> None:
    start = time.perf_counter()
    with RenderPool(RenderOptions(64, limits=UNBOUNDED), workers=1, timeout=1.0) as pool:
        (result,) = pool.render_many([ENDLESS])
    assert isinstance(result, RenderTimeout)
    assert time.perf_counter() - start < 20


def test_memory_beyond_the_limit_is_refused(obedient: str) -> None:
    options = RenderOptions(8, backend=obedient)
    with RenderPool(options, workers=1, memory=128 * 2**20, cache=False) as pool:
        refused, kept = pool.render_many([act("grow"), act("", 7)])
    assert isinstance(refused, RenderError)
    assert "MemoryError" in str(refused)
    assert red(kept) == 7
    with RenderPool(options, workers=1, cache=False) as pool:
        assert [red(result) for result in pool.render_many([act("grow", 9)])] == [9]


def test_a_worker_that_is_killed_while_idle_costs_nothing(obedient: str) -> None:
    with RenderPool(RenderOptions(8, backend=obedient), workers=1) as pool:
        assert [red(result) for result in pool.render_many([act("", 1)])] == [1]
        (worker,) = multiprocessing.active_children()
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
        worker.join()
        assert [red(result) for result in pool.render_many([act("", 2), act("", 3)])] == [2, 3]


def test_input_is_read_only_a_few_drawings_ahead(obedient: str) -> None:
    taken = 0

    def endless() -> Iterator[str]:
        nonlocal taken
        while True:
            taken += 1
            yield act("", taken % 256)

    with RenderPool(RenderOptions(8, backend=obedient), workers=2, cache=False) as pool:
        results = pool.render_many(endless())
        assert red(next(results)) == 1
        assert taken <= 40
        assert red(next(results)) == 2
        assert taken <= 40


def test_processes_end_with_the_block_even_in_the_middle_of_a_drawing(obedient: str) -> None:
    start = time.perf_counter()
    with RenderPool(RenderOptions(8, backend=obedient), workers=2, timeout=60) as pool:
        results = pool.render_many([act("", 1), *[act("sleep")] * 4])
        next(results)
    assert multiprocessing.active_children() == []
    assert time.perf_counter() - start < 20


def test_no_process_starts_before_there_is_something_to_draw(obedient: str) -> None:
    with RenderPool(RenderOptions(8, backend=obedient)) as pool:
        assert list(pool.render_many([])) == []
        assert multiprocessing.active_children() == []


def test_a_worker_that_is_killed_while_it_draws_is_followed_by_one_that_draws(obedient: str, tmp_path: Path) -> None:
    orders = [act(f"once {tmp_path / 'killed'}", 1), act("", 2)]
    with RenderPool(RenderOptions(8, backend=obedient), workers=1) as pool:
        results = list(pool.render_many(orders))
    assert (tmp_path / "killed").exists()
    assert [red(result) for result in results] == [1, 2]
    assert isinstance(results[0], Rendering)
    assert results[0].fallbacks == ()


def test_after_two_crashes_the_next_renderer_draws_and_nothing_is_kept(
    obedient: str, monkeypatch: pytest.MonkeyPatch, cache_base: Path
) -> None:
    monkeypatch.setattr("renderers.drawing.AUTO", (obedient, "resvg"))
    drawing = f'<svg {NAMESPACE} viewBox="0 0 1 1" id="die"><rect width="1" height="1" fill="#0a0000"/></svg>'
    with RenderPool(RenderOptions(8), workers=1) as pool:
        (result,) = pool.render_many([drawing])
    assert isinstance(result, Rendering)
    assert (result.backend, red(result)) == ("resvg", 10)
    assert len(result.fallbacks) == 1
    assert result.fallbacks[0].startswith("obedient: the process that drew the SVG ended (SIGKILL)")
    assert not [path for path in cache_base.rglob("*") if path.is_file()]


def test_the_fingerprint_names_all_that_determines_the_pixels() -> None:
    found = fingerprint(RenderOptions(30, 20, "Gainsboro"))
    assert json.loads(json.dumps(found)) == found
    backends = found.pop("backends")
    fonts = found.pop("fonts")
    assert found == {"width": 30, "height": 20, "background": "#dcdcdc", "repair": True}
    assert len(fonts) in (4, 8)
    assert backends[0].startswith("resvg svg2png-py 1.")
    assert backends[-1].startswith("cairosvg 2.")
    assert fingerprint(RenderOptions(backend="resvg"))["backends"] == backends[:1]


def test_an_unusable_backend_is_an_error_before_anything_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnknownName):
        RenderPool(RenderOptions(backend="inkscap"))
    monkeypatch.setitem(sys.modules, "svg2png_py", None)
    with pytest.raises(RendererUnavailable, match="pip install svg2png-py"):
        RenderPool(RenderOptions(backend="resvg"))


def test_a_script_without_a_guard_is_told_so(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from renderers import RenderPool\n"
        "with RenderPool(workers=1) as pool:\n"
        "    print(*pool.render_many(['<svg/>']))\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "if __name__ == '__main__':" in done.stderr.splitlines()[-1]


def test_a_hanging_drawing_does_not_outlive_a_killed_run() -> None:
    code = (
        "import multiprocessing, threading, time\n"
        "from renderers import Limits, RenderOptions, RenderPool\n"
        "pool = RenderPool(RenderOptions(limits=Limits(filter_cost=10**9)), workers=1, timeout=1)\n"
        f"results = pool.render_many(['<svg/>', {ENDLESS!r}, {ENDLESS!r}])\n"
        "next(results)\n"
        "print(multiprocessing.active_children()[0].pid, flush=True)\n"
        "next(results)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        worker = Path("/proc", run.stdout.readline().strip())
        time.sleep(0.3)
        run.kill()
    deadline = time.perf_counter() + 20
    while time.perf_counter() < deadline:
        try:
            if worker.joinpath("stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return
        except FileNotFoundError:
            return
        time.sleep(0.1)
    raise AssertionError("the worker still draws")
