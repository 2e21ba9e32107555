"""Headless Chromium, driven by Playwright: an engine of its own, to judge the others by.

The SVG is the source of an ``<img>``, where no script runs and nothing is loaded, and is drawn on a canvas
element. Its pixels come back as PNG: raw ones are the same, and their way through the driver's JSON takes more
time than the drawing (twice as long all in all at 224 px, four times at 512 px).
"""

from __future__ import annotations

import base64
import functools
import importlib.util
import io
import os
import re
import shutil
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from renderers import fontconfig
from renderers.base import RENDERERS, Canvas, RenderError
from renderers.registry import AVAILABLE, Availability
from renderers.viewport import sized

if TYPE_CHECKING:
    from renderers.chromium.browser import Browser
    from renderers.fonts import Fonts

_COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
_APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
# Where `playwright install chromium` puts it: https://playwright.dev/python/docs/browsers#managing-browser-binaries
_DOWNLOADS = ("~/.cache/ms-playwright", "~/Library/Caches/ms-playwright")
_DOWNLOADED = ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/Chromium.app/Contents/MacOS/Chromium")

_HANG = 60.0  # seconds after which a drawing is given up; a pool of workers has a shorter limit of its own

# The canvas is kept: a new one for every drawing takes as long again.
_DRAW = """async ([source, width, height]) => {
    const canvas = window.canvas ??= document.createElement("canvas");
    const drawing = window.drawing ??= canvas.getContext("2d", {willReadFrequently: true});
    const image = new Image();
    image.src = source;
    try {
        await image.decode();
    } catch {
        return ["undecodable", ""];
    }
    const scale = Math.min(width / image.naturalWidth, height / image.naturalHeight);
    if (!isFinite(scale)) return ["empty", ""];
    canvas.width = width;
    canvas.height = height;
    const [w, h] = [image.naturalWidth, image.naturalHeight].map(side => Math.max(1, Math.round(side * scale)));
    drawing.drawImage(image, Math.floor((width - w) / 2), Math.floor((height - h) / 2), w, h);
    return ["", canvas.toDataURL("image/png")];
}"""
_PROBLEMS = {
    "undecodable": "Chromium takes the document for no SVG image: it must be well-formed, and its root in the "
    "namespace http://www.w3.org/2000/svg",
    "empty": "the root has a width or height of zero",
}


@RENDERERS.register("chromium")
class Chromium:
    """Draws with Chromium, all drawings on one page. It starts with the first of them, and again after a crash."""

    name = "chromium"
    own_processes = True

    def __init__(self) -> None:
        self._browser: Browser | None = None
        self._started_for: tuple[int, Fonts] | None = None
        self._one_at_a_time = threading.Lock()

    def availability(self) -> Availability:
        if importlib.util.find_spec("playwright") is None:
            return Availability("Playwright is not installed", 'pip install "svg-caption-bench[chromium]"')
        if _executable() is None:
            return Availability("there is no Chromium", "apt install chromium, or: playwright install chromium")
        return AVAILABLE

    def version(self) -> str:
        return _version(str(_executable()))

    def draw(self, svg: str, canvas: Canvas) -> Image.Image:
        source = "data:image/svg+xml;base64," + base64.b64encode(sized(svg, canvas).encode()).decode()
        with self._one_at_a_time:
            browser = self._running(canvas.fonts)
            try:
                problem, url = browser.call(_DRAW, [source, *canvas.size], _HANG)
            except RenderError:
                self._close()
                raise
        if problem:
            raise ValueError(_PROBLEMS[problem])
        return _picture(url)

    def _running(self, fonts: Fonts) -> Browser:
        from renderers.chromium.browser import Browser

        wanted = (os.getpid(), fonts)  # a forked process has the object, but not the thread behind it
        if self._browser is None or self._started_for != wanted:
            self._close()
            configuration = fontconfig.configuration(fonts)
            environment = {} if configuration is None else {fontconfig.VARIABLE: str(configuration)}
            self._browser = Browser(str(_executable()), environment)
            self._started_for = wanted
        return self._browser

    def _close(self) -> None:
        if self._browser is not None:
            self._browser.close()
        self._browser = None


def _picture(url: str) -> Image.Image:
    pixels = base64.b64decode(url.partition(",")[2])
    return Image.open(io.BytesIO(pixels), formats=("PNG",)).convert("RGBA")


@functools.cache
def _executable() -> str | None:
    """The browser: the system's, or else the one that Playwright has downloaded."""
    for command in (*_COMMANDS, *_APPLICATIONS):
        if found := shutil.which(command):
            return found
    folders = filter(None, (os.environ.get("PLAYWRIGHT_BROWSERS_PATH"), *_DOWNLOADS))
    downloaded = [
        path for folder in folders for pattern in _DOWNLOADED for path in Path(folder).expanduser().glob(pattern)
    ]
    return str(max(downloaded, key=lambda path: path.stat().st_mtime)) if downloaded else None


@functools.cache
def _version(executable: str) -> str:
    printed = subprocess.run([executable, "--version"], capture_output=True, text=True, timeout=60, check=True).stdout
    number = re.search(r"\d+(\.\d+)+", printed)
    return number[0] if number else printed.strip()
