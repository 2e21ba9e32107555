"""Chromium keeps the contract of the backends, loads nothing, and comes back after a crash."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmark.datasets.registry import DATASETS
from renderers import chromium as module
from renderers.base import RENDERERS, Canvas, RenderCrash, RendererUnavailable, RenderTimeout
from renderers.canvas import on_background
from renderers.chromium import Chromium
from renderers.chromium.browser import MEMORY, Browser
from renderers.fonts import Fonts

SVG = 'xmlns="http://www.w3.org/2000/svg"'
SQUARE = f'<svg {SVG} viewBox="0 0 10 10"><rect width="5" height="5" fill="red"/></svg>'
# A hundred million lines, by references to references.
GROUPS = "".join('<g id="g{}">{}</g>'.format(i, f'<use href="#g{i - 1}"/>' * 10) for i in range(1, 9))
ENDLESS = f'<svg {SVG} viewBox="0 0 9 9"><defs><path id="g0" d="M0 0L9 9"/>{GROUPS}</defs><use href="#g8"/></svg>'


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    renderer = Chromium()
    if not (available := renderer.availability()):
        pytest.skip(str(available))
    yield renderer
    renderer._close()


def pixels(renderer: Chromium, svg: str, width: int = 40, height: int = 40, fonts: Fonts = Fonts()) -> np.ndarray:
    """Rows of red, green, blue and alpha."""
    image = renderer.draw(svg, Canvas(width, height, fonts=fonts))
    assert (image.mode, image.size) == ("RGBA", (width, height))
    return np.asarray(image)


def bounds(drawn: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right and bottom edge of what is more than half covered."""
    rows, columns = (np.flatnonzero((drawn[..., 3] > 127).any(axis)) for axis in (1, 0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def processes_below(ancestor: int) -> set[int]:
    """Ids of the living descendants of a process."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state != "Z":
            parents[int(stat.parent.name)] = int(parent)
    found = {ancestor}
    while more := {process for process, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {ancestor}


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize(
    ("root", "expected"),
    [
        ('width="20" height="10"', (0, 10, 40, 30)),
        ('viewBox="0 0 20 10"', (0, 10, 40, 30)),
        ('viewBox="0 0 20 10" preserveAspectRatio="none"', (0, 10, 40, 30)),
        ('width="100%" height="100%" viewBox="0 0 20 10"', (0, 10, 40, 30)),
        ('width="20" height="100%" viewBox="0 0 20 10" preserveAspectRatio="none"', (0, 10, 40, 30)),
        ('width="10mm" height="20mm" viewBox="0 0 10 20"', (10, 0, 30, 40)),
        ('width="1in" height="96"', (0, 0, 40, 40)),
        ('width="0.4" height="0.2" viewBox="0 0 20 10"', (0, 10, 40, 30)),
        ('width="20" height="10" viewBox="0 0 0 0"', (0, 10, 40, 30)),
        ("", (0, 10, 40, 30)),  # 300 x 150 px, as the standard has it
    ],
)
def test_a_drawing_is_as_large_as_fits_in_its_own_shape_and_centred(
    chromium: Chromium, root: str, expected: tuple[int, int, int, int]
) -> None:
    drawn = pixels(chromium, f'<svg {SVG} {root}><rect x="-500" y="-500" width="1000" height="1000"/></svg>')
    assert bounds(drawn) == expected
    left, top, right, bottom = expected
    outside = drawn.copy()
    outside[top:bottom, left:right] = 0
    assert not outside.any()


def test_what_stands_before_the_root_and_in_its_attributes_is_no_size(chromium: Chromium) -> None:
    before = """<?xml version="1.0"?><!-- <svg width="1" height="9"> -->"""
    drawn = pixels(
        chromium, f"""{before}<svg {SVG} data-a=' width="9"' viewBox='0 0 20 10'><rect width='20' height='10'/></svg>"""
    )
    assert bounds(drawn) == (0, 10, 40, 30)


def test_alpha_is_straight(chromium: Chromium) -> None:
    drawn = pixels(
        chromium,
        f'<svg {SVG} width="4" height="4"><rect width="4" height="2" fill="#ff8000" fill-opacity="0.5"/></svg>',
    )
    red, green, blue, alpha = (int(level) for level in drawn[5, 20])
    assert abs(red - 255) <= 1 and abs(green - 128) <= 2 and blue <= 1 and abs(alpha - 128) <= 1
    assert not drawn[25:].any()


def test_a_drawing_leaves_nothing_for_the_next(chromium: Chromium) -> None:
    pixels(chromium, SQUARE)
    drawn = pixels(chromium, f'<svg {SVG} viewBox="0 0 10 10"><rect x="5" y="5" width="5" height="5"/></svg>')
    assert bounds(drawn) == (20, 20, 40, 40)
    assert not drawn[:20].any()


@pytest.mark.parametrize("family", ["", "serif", "sans-serif", "monospace", "Nowhere"])
def test_text_is_drawn_whatever_family_it_asks_for(chromium: Chromium, family: str) -> None:
    if not Fonts().files():
        pytest.skip("this machine has no fonts")
    drawn = pixels(
        chromium, f'<svg {SVG} viewBox="0 0 20 20"><text y="18" font-size="20" font-family="{family}">M</text></svg>'
    )
    assert (drawn[..., 3] > 127).sum() > 100


def test_text_is_set_in_the_fonts_of_a_folder(chromium: Chromium, tmp_path: Path, shared: Path) -> None:
    shutil.copy(shared / "resvg-suite/fonts/Yellowtail-Regular.ttf", tmp_path)
    text = f'<svg {SVG} viewBox="0 0 40 20"><text y="18" font-size="20" font-family="FAMILY">Mg</text></svg>'
    renderer = Chromium()
    try:
        own, other = (
            pixels(renderer, text.replace("FAMILY", family), fonts=Fonts(tmp_path))
            for family in ("Yellowtail", "sans-serif")
        )
    finally:
        renderer._close()
    system = pixels(chromium, text.replace("FAMILY", "sans-serif"))
    assert (own[..., 3] > 127).sum() > 50
    assert np.array_equal(own, other)  # the only font there is
    assert not np.array_equal(own, system)


def test_of_texts_in_several_languages_the_english_one_is_drawn(chromium: Chromium) -> None:
    def rect(language: str, fill: str) -> str:
        return f'<rect {language} width="9" height="9" fill="{fill}"/>'

    choice = (
        rect('systemLanguage="de"', "red") + rect('systemLanguage="en"', "lime") + rect('systemLanguage="fr"', "red")
    )
    drawn = pixels(chromium, f'<svg {SVG} viewBox="0 0 9 9"><switch>{choice}</switch></svg>')
    assert tuple(drawn[20, 20]) == (0, 255, 0, 255)


def test_html_within_a_drawing_is_drawn(chromium: Chromium) -> None:
    box = '<div xmlns="http://www.w3.org/1999/xhtml" style="background: #00f; height: 9px"></div>'
    drawn = pixels(
        chromium, f'<svg {SVG} viewBox="0 0 9 9"><foreignObject width="9" height="9">{box}</foreignObject></svg>'
    )
    assert tuple(drawn[20, 20]) == (0, 0, 255, 255)


def test_scripts_do_not_run(chromium: Chromium) -> None:
    script = "document.getElementById('r').setAttribute('fill', 'red')"
    drawn = pixels(
        chromium,
        f'<svg {SVG} viewBox="0 0 9 9" onload="{script}"><rect id="r" width="9" height="9" fill="lime"/>'
        f"<script>{script}</script></svg>",
    )
    assert tuple(drawn[20, 20]) == (0, 255, 0, 255)


def test_nothing_is_loaded_from_the_network_or_from_files(chromium: Chromium, tmp_path: Path) -> None:
    picture = tmp_path / "red.svg"
    picture.write_text(f'<svg {SVG} width="9" height="9"><rect width="9" height="9" fill="#fe0000"/></svg>')
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        drawn = pixels(
            chromium,
            f'<svg {SVG} viewBox="0 0 9 9"><style>@import url({url}); @font-face {{ font-family: f; src: url({url}) }}'
            f' text {{ font-family: f }}</style><text>a</text><use href="{url}#a"/>'
            f'<image href="{url}" width="9" height="9"/><image href="{picture.as_uri()}" width="9" height="9"/>'
            f'<foreignObject width="9" height="9"><iframe xmlns="http://www.w3.org/1999/xhtml" src="{url}"/>'
            "</foreignObject></svg>",
        )
        listener.settimeout(0.5)
        with pytest.raises(TimeoutError):
            listener.accept()
    assert not (drawn == (254, 0, 0, 255)).all(axis=-1).any()


def test_it_draws_openmoji_as_resvg_does(chromium: Chromium) -> None:
    resvg = RENDERERS["resvg"]()
    if not resvg.availability():
        pytest.skip("resvg is not installed")
    differences = []
    for sample in DATASETS["openmoji"]().samples[:30]:
        shown = [
            np.asarray(on_background(renderer.draw(sample.svg, Canvas(224, 224)), (255, 255, 255)), dtype=float)
            for renderer in (chromium, resvg)
        ]
        differences.append(np.abs(shown[0] - shown[1]).mean())
    assert np.mean(differences) < 0.4  # measured 0.21: the edges of curves
    assert max(differences) < 0.8


@pytest.mark.parametrize(
    ("svg", "reason"),
    [
        ("<svg/>", "no SVG image"),
        (f"<svg {SVG}>", "no SVG image"),
        (f'<svg {SVG} width="0" height="0"/>', "width or height of zero"),
    ],
)
def test_what_cannot_be_drawn_is_an_error_and_the_browser_goes_on(chromium: Chromium, svg: str, reason: str) -> None:
    pixels(chromium, SQUARE)
    browser = chromium._browser
    with pytest.raises(ValueError, match=reason):
        pixels(chromium, svg)
    assert bounds(pixels(chromium, SQUARE)) == (0, 0, 20, 20)
    assert chromium._browser is browser


def test_a_thread_that_runs_an_event_loop_can_draw(chromium: Chromium) -> None:
    async def notebook() -> np.ndarray:
        return pixels(chromium, SQUARE)

    assert bounds(asyncio.run(notebook())) == (0, 0, 20, 20)


def test_a_drawing_that_hangs_is_given_up_and_the_next_is_drawn(
    chromium: Chromium, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_HANG", 1.0)
    with pytest.raises(RenderTimeout, match="not finished the drawing after 1 s"):
        pixels(chromium, ENDLESS)
    monkeypatch.undo()
    assert bounds(pixels(chromium, SQUARE)) == (0, 0, 20, 20)


@pytest.mark.skipif(sys.platform != "linux", reason="processes are found and limited through /proc")
def test_memory_is_limited_and_after_a_crash_the_next_drawing_is_drawn(chromium: Chromium) -> None:
    pixels(chromium, SQUARE)
    page = next(
        process
        for process in processes_below(os.getpid())
        if b"--type=renderer" in (command := Path(f"/proc/{process}/cmdline").read_bytes())
        and b"chrome-webui" not in command
        and b"extension-process" not in command
    )
    limits = Path(f"/proc/{page}/limits").read_text().splitlines()
    assert next(line.split()[3:5] for line in limits if line.startswith("Max data size")) == [str(MEMORY)] * 2
    for process in processes_below(os.getpid()):
        if b"--type=renderer" in Path(f"/proc/{process}/cmdline").read_bytes():
            os.kill(process, signal.SIGKILL)
    with pytest.raises(RenderCrash, match="Target crashed"):
        pixels(chromium, SQUARE)
    assert bounds(pixels(chromium, SQUARE)) == (0, 0, 20, 20)


@pytest.mark.skipif(sys.platform != "linux", reason="processes are found through /proc")
@pytest.mark.parametrize("last", [SQUARE, ENDLESS], ids=["idle", "drawing"])
def test_no_process_is_left_when_the_one_that_draws_is_killed(chromium: Chromium, last: str) -> None:
    script = f"""
from renderers.base import Canvas
from renderers.chromium import Chromium
renderer = Chromium()
renderer.draw({SQUARE!r}, Canvas(9, 9))
print("drawn", flush=True)
renderer.draw({last!r}, Canvas(9, 9))
input()
"""
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as drawing:
        assert drawing.stdout is not None
        assert drawing.stdout.readline() == b"drawn\n"
        time.sleep(0.3)
        started = processes_below(drawing.pid)
        assert len(started) > 3  # the driver, the browser, its page, …
        drawing.kill()
    deadline = time.monotonic() + 15
    while (left := set(filter(alive, started))) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == set()


def test_a_browser_that_does_not_start_says_why(tmp_path: Path) -> None:
    pytest.importorskip("playwright")
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\necho 'libnss3.so is missing' >&2\nexit 127\n")
    broken.chmod(0o755)
    with pytest.raises(RendererUnavailable, match=r"chromium does not start: .*libnss3\.so is missing"):
        Browser(str(broken), {})


def test_availability_names_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("playwright")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    module._executable.cache_clear()
    try:
        assert "playwright install chromium" in str(Chromium().availability())
    finally:
        module._executable.cache_clear()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "svg-caption-bench[chromium]" in str(Chromium().availability())
