"""One running Inkscape that takes commands from a pipe, with a home and settings of its own in a temporary folder."""

from __future__ import annotations

import ctypes
import os
import re
import resource
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from PIL import Image

from renderers.base import RenderCrash, RendererUnavailable, RenderTimeout

MEMORY = 2 * 1024**3
"""Bytes of addresses that Inkscape may have; it starts with 0.3 GiB."""

_START_LIMIT = 60.0  # seconds; a third of one is usual
_END_LIMIT = 10.0  # seconds between the last word and the end
_PROMPT = b"> "
# Where fonts of the user are found, in the home of the user.
_USER_FONTS = (".fonts", ".local/share/fonts")
# Of the desktop that is not there; said for every drawing.
_HARMLESS = ("GtkRecentManager", "Gtk-WARNING", "GLib-GIO", "dconf")
# Of the environment, what a program needs to start; a display, a desktop and a language are not among it.
_KEPT = ("PATH", "LD_LIBRARY_PATH", "TMPDIR", "FONTCONFIG_FILE", "FONTCONFIG_PATH")
_LONGEST = 500  # characters of complaints in a message
# Of the drawing itself: what cannot be read in an embedded picture is left out of it by all renderers.
_MALFORMED = re.compile(r"drawing\.svg:\d+: parser error")
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_LIBC = ctypes.CDLL(None)  # found before a process is started, as the new one must take no lock


class InkscapeShell:
    """A running Inkscape. Close it when a drawing has raised: what it will say next is not known.

    Args:
        executable: Inkscape 1.0 or newer.
        environment: variables beside those of this process.

    Raises:
        RendererUnavailable: it does not start.
    """

    def __init__(self, executable: str, environment: Mapping[str, str]) -> None:
        self._owner = os.getpid()
        self._home = tempfile.TemporaryDirectory(prefix="svg-caption-bench-inkscape-", ignore_cleanup_errors=True)
        self._folder = Path(self._home.name)
        self._complaints = self._folder / "stderr"
        with self._complaints.open("ab") as complaints:
            self._process = subprocess.Popen(
                [executable, "--shell"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
                cwd=self._folder,
                env=_environment(self._folder) | dict(environment),
                start_new_session=True,
                preexec_fn=_bound,  # noqa: PLW1509 - makes two system calls, and takes no lock
            )
        try:
            self._await_prompt(_START_LIMIT)
        except (RenderCrash, RenderTimeout) as error:
            self.close()
            raise RendererUnavailable(f"{executable} --shell does not start: {error}") from error

    def is_alive(self) -> bool:
        """Whether it can take a drawing. It ends with the thread that started it."""
        return self._process.poll() is None

    def draw(self, svg: str, size: tuple[int, int], limit: float) -> Image.Image:
        """The page of an SVG in the given number of pixels: RGBA, straight alpha.

        Raises:
            RenderTimeout: there was no answer within ``limit`` seconds.
            RenderCrash: Inkscape ended.
            ValueError: it drew nothing; the message has its own words.
        """
        drawing, picture = self._folder / "drawing.svg", self._folder / "picture.png"
        drawing.write_text(svg, encoding="utf-8")
        picture.unlink(missing_ok=True)
        os.truncate(self._complaints, 0)
        self._tell(
            f"file-open:{drawing.name}; export-type:png; export-filename:{picture.name}; export-area-page; "
            f"export-background-opacity:0; export-width:{size[0]}; export-height:{size[1]}; export-do; file-close"
        )
        self._await_prompt(limit)
        complaints = self._complained()
        if _MALFORMED.search(complaints) or not picture.exists():
            raise ValueError(f"Inkscape drew nothing: {complaints or 'it does not say why'}")
        with Image.open(picture, formats=("PNG",)) as drawn:
            drawn.load()
            return drawn

    def close(self) -> None:
        """End Inkscape, whatever it does. Does nothing when called again, or after a fork."""
        if self._owner != os.getpid():
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._home.cleanup()

    def _tell(self, command: str) -> None:
        try:
            os.write(self._process.stdin.fileno(), command.encode() + b"\n")  # type: ignore[union-attr]  # a pipe
        except BrokenPipeError:
            raise RenderCrash(f"Inkscape ended: {self._fate()}") from None

    def _await_prompt(self, limit: float) -> None:
        """Read what Inkscape says until it asks for the next command."""
        pipe = self._process.stdout.fileno()  # type: ignore[union-attr]  # a pipe
        deadline = time.monotonic() + limit
        said = b""
        while not said.endswith(_PROMPT):
            if not select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise RenderTimeout(f"Inkscape had not finished after {limit:g} s")
            chunk = os.read(pipe, 65536)
            if not chunk:
                raise RenderCrash(f"Inkscape ended: {self._fate()}")
            said += chunk

    def _fate(self) -> str:
        code = self._process.wait(timeout=_END_LIMIT)
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return f"{how}, a crash or more than {MEMORY / 2**20:,.0f} MiB of memory. {self._complained()}".strip()

    def _complained(self) -> str:
        """What Inkscape wrote to standard error, without what it always writes; its end is what matters."""
        lines = self._complaints.read_text(encoding="utf-8", errors="replace").splitlines()
        told = [line.strip() for line in lines if line.strip() and not any(part in line for part in _HARMLESS)]
        return " ".join(told)[-_LONGEST:]


def _environment(folder: Path) -> dict[str, str]:
    """The variables of an Inkscape that has a new user's settings, no display, and no message bus."""
    user = Path(os.path.expanduser("~"))  # noqa: PTH111 - does without a home directory
    for place in _USER_FONTS:
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).symlink_to(user / place)
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {
        "HOME": str(folder),
        "XDG_RUNTIME_DIR": str(folder),
        "LC_ALL": "C.UTF-8",
        "LANGUAGE": "en",  # what systemLanguage is compared with
        "DBUS_SESSION_BUS_ADDRESS": "disabled:",
        "DBUS_SYSTEM_BUS_ADDRESS": "disabled:",
        "GSETTINGS_BACKEND": "memory",
        "NO_AT_BRIDGE": "1",
    }


def _bound() -> None:
    """Run in the new process before it becomes Inkscape: it ends with its parent, and has limited memory."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
