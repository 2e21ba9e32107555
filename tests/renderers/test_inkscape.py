"""Inkscape keeps the contract of the backends, leaves the user's home alone, and comes back after a crash."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmark.datasets.registry import DATASETS
from renderers import inkscape as module
from renderers.base import RENDERERS, Canvas, RenderCrash, RendererUnavailable, RenderTimeout
from renderers.canvas import on_background
from renderers.fonts import Fonts
from renderers.inkscape import Inkscape
from renderers.inkscape.shell import MEMORY, InkscapeShell

SVG = 'xmlns="http://www.w3.org/2000/svg"'
SQUARE = f'<svg {SVG} viewBox="0 0 10 10"><rect width="5" height="5" fill="red"/></svg>'
NOISE = '<filter id="f"><feTurbulence baseFrequency="0.5" numOctaves="10000000"/></filter>'
ENDLESS = f'<svg {SVG} viewBox="0 0 9 9">{NOISE}<rect width="9" height="9" filter="url(#f)"/></svg>'


@pytest.fixture(scope="module")
def inkscape() -> Iterator[Inkscape]:
    renderer = Inkscape()
    if not (available := renderer.availability()):
        pytest.skip(str(available))
    yield renderer
    renderer._close()


def pixels(renderer: Inkscape, svg: str, width: int = 40, height: int = 40, fonts: Fonts = Fonts()) -> np.ndarray:
    """Rows of red, green, blue and alpha."""
    image = renderer.draw(svg, Canvas(width, height, fonts=fonts))
    assert (image.mode, image.size) == ("RGBA", (width, height))
    return np.asarray(image)


def bounds(drawn: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right and bottom edge of what is more than half covered."""
    rows, columns = (np.flatnonzero((drawn[..., 3] > 127).any(axis)) for axis in (1, 0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def process_of(renderer: Inkscape) -> int:
    assert renderer._shell is not None
    return renderer._shell._process.pid


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
        ('width="10mm" height="20mm" viewBox="0 0 10 20"', (10, 0, 30, 40)),
        ('width="1in" height="96"', (0, 0, 40, 40)),
        ('width="20" height="10" viewBox="0 0 0 0"', (0, 10, 40, 30)),
    ],
)
def test_a_drawing_is_as_large_as_fits_in_its_own_shape_and_centred(
    inkscape: Inkscape, root: str, expected: tuple[int, int, int, int]
) -> None:
    drawn = pixels(inkscape, f'<svg {SVG} {root}><rect x="-500" y="-500" width="1000" height="1000"/></svg>')
    assert bounds(drawn) == expected
    left, top, right, bottom = expected
    outside = drawn.copy()
    outside[top:bottom, left:right] = 0
    assert not outside[..., 3].any()


def test_alpha_is_straight(inkscape: Inkscape) -> None:
    drawn = pixels(
        inkscape,
        f'<svg {SVG} width="4" height="4"><rect width="4" height="2" fill="#ff8000" fill-opacity="0.5"/></svg>',
    )
    red, green, blue, alpha = (int(level) for level in drawn[5, 20])
    assert abs(red - 255) <= 1 and abs(green - 128) <= 2 and blue <= 1 and abs(alpha - 128) <= 1
    assert not drawn[25:, :, 3].any()


def test_the_colour_of_the_page_that_the_editor_shows_is_not_drawn(inkscape: Inkscape) -> None:
    view = (
        '<sodipodi:namedview xmlns:sodipodi="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd" pagecolor="#ff0000" '
        'xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" inkscape:pageopacity="1"/>'
    )
    drawn = pixels(inkscape, f'<svg {SVG} viewBox="0 0 10 10">{view}<rect width="5" height="10"/></svg>')
    assert bounds(drawn) == (0, 0, 20, 40)
    assert not drawn[:, 20:, 3].any()


def test_text_is_drawn_whatever_family_it_asks_for(inkscape: Inkscape) -> None:
    if not Fonts().files():
        pytest.skip("this machine has no fonts")
    for family in ("", "serif", "sans-serif", "monospace", "Nowhere"):
        text = f'<text y="18" font-size="20" font-family="{family}">M</text>'
        assert (pixels(inkscape, f'<svg {SVG} viewBox="0 0 20 20">{text}</svg>')[..., 3] > 127).sum() > 100


def test_text_is_set_in_the_fonts_of_a_folder(inkscape: Inkscape, tmp_path: Path, shared: Path) -> None:
    (tmp_path / "Yellowtail-Regular.ttf").symlink_to(shared / "resvg-suite/fonts/Yellowtail-Regular.ttf")
    text = f'<svg {SVG} viewBox="0 0 40 20"><text y="18" font-size="20" font-family="Yellowtail">Mg</text></svg>'
    in_the_folder = pixels(inkscape, text, fonts=Fonts(tmp_path))
    of_the_system = pixels(inkscape, text)
    assert (in_the_folder[..., 3] > 127).sum() > 50
    assert not np.array_equal(in_the_folder, of_the_system)


def test_of_texts_in_several_languages_the_english_one_is_drawn(inkscape: Inkscape) -> None:
    choice = "".join(
        f'<rect systemLanguage="{language}" width="9" height="9" fill="{fill}"/>'
        for language, fill in (("de", "red"), ("en", "lime"), ("fr", "red"))
    )
    drawn = pixels(inkscape, f'<svg {SVG} viewBox="0 0 9 9"><switch>{choice}</switch></svg>')
    assert tuple(drawn[20, 20]) == (0, 255, 0, 255)


def test_scripts_do_not_run_and_nothing_is_requested(inkscape: Inkscape) -> None:
    script = "document.getElementById('r').setAttribute('fill', 'red')"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        drawn = pixels(
            inkscape,
            f'<svg {SVG} viewBox="0 0 9 9" onload="{script}"><style>@import url({url});</style>'
            f'<script href="{url}"/><script>{script}</script><use href="{url}#a"/>'
            f'<image href="{url}" width="1" height="1"/><rect id="r" width="9" height="9" fill="lime"/></svg>',
        )
        listener.settimeout(0.5)
        with pytest.raises(TimeoutError):
            listener.accept()
    assert tuple(drawn[20, 20]) == (0, 255, 0, 255)


def test_the_home_of_the_user_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    renderer = Inkscape()
    if not (available := renderer.availability()):
        pytest.skip(str(available))
    home = tmp_path / "home"
    home.mkdir()
    for variable in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(variable, str(home))
    pixels(renderer, SQUARE)
    folder = Path(renderer._shell._home.name)  # type: ignore[union-attr]
    assert folder.is_dir()
    renderer._close()
    assert list(home.iterdir()) == []
    assert not folder.exists()


def test_it_draws_openmoji_as_resvg_does(inkscape: Inkscape) -> None:
    resvg = RENDERERS["resvg"]()
    if not resvg.availability():
        pytest.skip("resvg is not installed")
    differences = []
    for sample in DATASETS["openmoji"]().samples[:30]:
        shown = [
            np.asarray(on_background(renderer.draw(sample.svg, Canvas(224, 224)), (255, 255, 255)), dtype=float)
            for renderer in (inkscape, resvg)
        ]
        differences.append(np.abs(shown[0] - shown[1]).mean())
    assert np.mean(differences) < 0.5  # measured 0.30: the edges of curves
    assert max(differences) < 1.0


@pytest.mark.parametrize(
    ("svg", "reason"),
    [
        (f'<svg {SVG} width="9" height="9"><rect>', "Inkscape drew nothing: .*parser error"),
        (f"<svg {SVG}/>", "neither a size nor a viewBox"),
    ],
)
def test_what_cannot_be_drawn_is_an_error_with_its_reason_and_the_next_is_drawn(
    inkscape: Inkscape, svg: str, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        pixels(inkscape, svg)
    assert bounds(pixels(inkscape, SQUARE)) == (0, 0, 20, 20)


def test_an_embedded_picture_that_cannot_be_read_is_left_out(inkscape: Inkscape) -> None:
    picture = '<image width="5" height="5" href="data:image/svg+xml;base64,H4sIAAAA"/>'
    drawn = pixels(inkscape, SQUARE.replace("<rect", f"{picture}<rect"))
    assert bounds(drawn) == (0, 0, 20, 20)


def test_one_process_takes_many_drawings(inkscape: Inkscape) -> None:
    pixels(inkscape, SQUARE)
    process = process_of(inkscape)
    for side in (2, 4, 8):
        drawn = pixels(inkscape, f'<svg {SVG} viewBox="0 0 10 10"><rect width="{side}" height="{side}"/></svg>')
        assert bounds(drawn) == (0, 0, 4 * side, 4 * side)
    assert process_of(inkscape) == process


def test_a_drawing_that_hangs_is_given_up_and_the_next_is_drawn(
    inkscape: Inkscape, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels(inkscape, SQUARE)
    process = process_of(inkscape)
    monkeypatch.setattr(module, "_HANG", 1.0)
    with pytest.raises(RenderTimeout, match="not finished after 1 s"):
        pixels(inkscape, ENDLESS)
    monkeypatch.undo()
    assert not alive(process)
    assert bounds(pixels(inkscape, SQUARE)) == (0, 0, 20, 20)


def test_memory_is_limited_and_after_a_crash_the_next_drawing_is_drawn(
    inkscape: Inkscape, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels(inkscape, SQUARE)
    process = process_of(inkscape)
    limits = Path(f"/proc/{process}/limits").read_text().splitlines()
    assert next(line.split()[3:5] for line in limits if line.startswith("Max address space")) == [str(MEMORY)] * 2
    killer = threading.Timer(0.5, os.kill, (process, signal.SIGKILL))
    killer.start()
    with pytest.raises(RenderCrash, match="SIGKILL"):
        pixels(inkscape, ENDLESS)
    assert bounds(pixels(inkscape, SQUARE)) == (0, 0, 20, 20)


def test_a_drawing_from_a_thread_that_has_ended_does_not_spoil_the_next(inkscape: Inkscape) -> None:
    inkscape._close()
    first = threading.Thread(target=pixels, args=(inkscape, SQUARE))
    first.start()
    first.join()
    time.sleep(0.2)  # Linux ends the process with the thread that started it
    assert bounds(pixels(inkscape, SQUARE)) == (0, 0, 20, 20)


@pytest.mark.parametrize("last", [SQUARE, ENDLESS], ids=["idle", "drawing"])
def test_no_process_is_left_when_the_one_that_draws_is_killed(inkscape: Inkscape, last: str) -> None:
    script = f"""
from renderers.base import Canvas
from renderers.inkscape import Inkscape
renderer = Inkscape()
renderer.draw({SQUARE!r}, Canvas(9, 9))
print(renderer._shell._process.pid, renderer._shell._home.name, flush=True)
renderer.draw({last!r}, Canvas(9, 9))
input()
"""
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as drawing:
        assert drawing.stdout is not None
        process = int(drawing.stdout.readline().split()[0])
        time.sleep(0.2)
        assert alive(process)
        drawing.kill()
    deadline = time.monotonic() + 10
    while alive(process) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(process)


def command(folder: Path, script: str) -> Path:
    """An executable called inkscape that does something else."""
    path = folder / "inkscape"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo 'Inkscape 0.92.5 (2060ec1f9f, 2020-04-08)'", "Inkscape 0.92.5 is too old"),
        ("exit 3", "exit status 3"),
        ("echo hello", "it prints 'hello'"),
    ],
)
def test_availability_tells_of_versions_that_cannot_draw(
    script: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command(tmp_path, script)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert reason in str(Inkscape().availability())


def test_availability_names_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "apt install inkscape" in str(Inkscape().availability())


def test_an_inkscape_that_does_not_start_says_why(tmp_path: Path) -> None:
    broken = command(tmp_path, "echo 'libgtkmm-3.0.so is missing' >&2; exit 127")
    with pytest.raises(RendererUnavailable, match=r"does not start: .*exit code 127.*libgtkmm-3\.0\.so is missing"):
        InkscapeShell(str(broken), {})
