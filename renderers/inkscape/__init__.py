"""Inkscape, by its command line: what the drawings' authors saw, where they drew with it.

One process takes many drawings through ``--shell``: 9 ms each on the machine where a process for every drawing
took 320. It is tied to this process, as it would finish a drawing that hangs for nobody.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

from PIL import Image

from renderers import fontconfig
from renderers.base import RENDERERS, Canvas
from renderers.canvas import centred, fitted
from renderers.registry import AVAILABLE, Availability
from renderers.size import intrinsic_size
from renderers.viewport import sized

if TYPE_CHECKING:
    from renderers.fonts import Fonts
    from renderers.inkscape.shell import InkscapeShell

_OLDEST = (1, 0)  # 0.9x has no actions
_HANG = 60.0  # seconds after which a drawing is given up; a pool of workers has a shorter limit of its own


@RENDERERS.register("inkscape")
class Inkscape:
    """Draws with Inkscape 1.0 or newer. It starts with the first drawing, and again after a failure."""

    name = "inkscape"
    own_processes = True

    def __init__(self) -> None:
        self._shell: InkscapeShell | None = None
        self._started_for: tuple[int, Fonts] | None = None
        self._one_at_a_time = threading.Lock()

    def availability(self) -> Availability:
        if sys.platform != "linux":
            return Availability(f"Inkscape is driven on Linux only, not on {sys.platform}", "use another renderer")
        executable = shutil.which("inkscape")
        if executable is None:
            return Availability("there is no command inkscape", "apt install inkscape")
        try:
            version = _version(executable)
        except (OSError, subprocess.SubprocessError) as error:
            return Availability(f"{executable} --version fails ({error})", "apt install --reinstall inkscape")
        if tuple(int(part) for part in version.split(".")[:2]) < _OLDEST:
            return Availability(f"Inkscape {version} is too old", "install Inkscape 1.0 or newer")
        return AVAILABLE

    def version(self) -> str:
        return _version(str(shutil.which("inkscape")))

    def draw(self, svg: str, canvas: Canvas) -> Image.Image:
        own = intrinsic_size(svg)
        if own is None:
            raise ValueError("the SVG has neither a size nor a viewBox")
        with self._one_at_a_time:
            shell = self._running(canvas.fonts)
            try:
                drawn = shell.draw(sized(svg, canvas), fitted(*own, canvas), _HANG)
            except Exception:  # what state it is in is not known
                self._close()
                raise
        return centred(drawn.convert("RGBA"), canvas)

    def _running(self, fonts: Fonts) -> InkscapeShell:
        from renderers.inkscape.shell import InkscapeShell

        wanted = (os.getpid(), fonts)
        if self._shell is None or self._started_for != wanted or not self._shell.is_alive():
            self._close()
            configuration = fontconfig.configuration(fonts)
            environment = {} if configuration is None else {fontconfig.VARIABLE: str(configuration)}
            self._shell = InkscapeShell(str(shutil.which("inkscape")), environment)
            self._started_for = wanted
        return self._shell

    def _close(self) -> None:
        if self._shell is not None:
            self._shell.close()
        self._shell = None


@functools.cache
def _version(executable: str) -> str:
    printed = subprocess.run(
        [executable, "--version"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    number = re.search(r"Inkscape (\d+\.\d+(?:\.\d+)*)", printed)
    if number is None:
        raise subprocess.SubprocessError(f"it prints {printed.strip()[:80]!r}")
    return number[1]
