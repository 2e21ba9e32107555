"""One headless Chromium with one page, in which functions are called.

Everything happens on the thread of an event loop of its own. So any thread may call, also one that runs an event
loop itself (as in a notebook), and a page that hangs can be given up: the blocking interface of Playwright allows
neither.

Should this process be killed, the pipe to Playwright's driver closes, and the driver ends the browser.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import re
import threading
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from renderers.base import RenderCrash, RendererUnavailable, RenderTimeout

if TYPE_CHECKING:
    from playwright.async_api import Page, Playwright

MEMORY = 2 * 1024**3
"""Bytes of private memory that each process of the browser may have, on Linux.

Chromium reserves terabytes of addresses, so a limit on its address space cannot be set; one on what it can write
to (RLIMIT_DATA) can. Pictures that processes share are not counted.
"""

_START_LIMIT = 60.0  # seconds; a second is usual, and more than ten happen where all cores are busy
_END_LIMIT = 10.0  # seconds
_LINES = 3  # of what the browser wrote, in a message

_FLAGS = (
    "--disable-gpu",  # software draws the same pixels everywhere
    "--disable-lcd-text",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
    "--force-device-scale-factor=1",
    "--lang=en-US",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-proxy-server",
    "--disable-crash-reporter",
    "--disable-crashpad-for-testing",
)
# The page loads nothing but pictures that are in its own text; functions are called past this policy.
_PAGE = """<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:">"""

# The desktop that is to be left alone: its message buses and its settings.
_NO_DESKTOP = {
    "DBUS_SESSION_BUS_ADDRESS": "disabled:",
    "DBUS_SYSTEM_BUS_ADDRESS": "disabled:",
    "GSETTINGS_BACKEND": "memory",
}

Result = TypeVar("Result")


class Browser:
    """A running browser. Close it when a call has raised: what became of its page is not known.

    Args:
        executable: Chromium, or a browser made from it.
        environment: variables beside those of this process.

    Raises:
        RendererUnavailable: the browser does not start.
    """

    def __init__(self, executable: str, environment: Mapping[str, str]) -> None:
        self._owner = os.getpid()
        self._playwright: Playwright | None = None
        self._loop = asyncio.new_event_loop()
        # When a driver has been killed, tasks are left with its error; the call that met it has told of it.
        self._loop.set_exception_handler(lambda loop, context: None)
        self._thread = threading.Thread(target=self._loop.run_forever, name="chromium", daemon=True)
        self._thread.start()
        atexit.register(self.close)
        try:
            self._page = self._wait(self._start(executable, environment), _START_LIMIT)
        except Exception as error:
            self.close()
            raise RendererUnavailable(f"{executable} does not start: {_reason(error)}") from error

    def call(self, function: str, argument: object, limit: float) -> Any:
        """What a JavaScript function returns for an argument, both of them JSON.

        Raises:
            RenderTimeout: there was no answer within ``limit`` seconds.
            RenderCrash: the page or the browser ended, or the function raised.
        """
        from playwright.async_api import Error

        try:
            return self._wait(self._page.evaluate(function, argument), limit)
        except TimeoutError:
            raise RenderTimeout(f"Chromium had not finished the drawing after {limit:g} s") from None
        except Error as error:
            raise RenderCrash(f"Chromium failed over the drawing: {_reason(error)}") from error

    def close(self) -> None:
        """End the browser and its driver, whatever they do. Does nothing when called again, or after a fork."""
        atexit.unregister(self.close)
        if self._loop.is_closed() or self._owner != os.getpid():
            return
        with suppress(Exception):
            self._wait(self._end(), _END_LIMIT)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _wait(self, coroutine: Coroutine[Any, Any, Result], limit: float) -> Result:
        return asyncio.run_coroutine_threadsafe(asyncio.wait_for(coroutine, limit), self._loop).result()

    async def _start(self, executable: str, environment: Mapping[str, str]) -> Page:
        from playwright.async_api import async_playwright

        self._playwright = await async_playwright().start()
        browser = await self._playwright.chromium.launch(
            executable_path=executable,
            args=_FLAGS,
            env={**os.environ, **_NO_DESKTOP, **environment},
            chromium_sandbox=not (hasattr(os, "geteuid") and os.geteuid() == 0),  # root has no sandbox
        )
        session = await browser.new_browser_cdp_session()
        processes = (await session.send("SystemInfo.getProcessInfo"))["processInfo"]
        _bound_memory(next(process["id"] for process in processes if process["type"] == "browser"))
        context = await browser.new_context(offline=True, locale="en-US", service_workers="block")
        page = await context.new_page()
        await page.set_content(_PAGE)
        return page

    async def _end(self) -> None:
        if self._playwright is not None:
            await self._playwright.stop()


def _bound_memory(browser: int) -> None:
    """Bound the private memory of a process and all its descendants; those that they start later inherit it."""
    if not Path("/proc/self/stat").exists():
        return
    import resource

    bounded: set[int] = set()
    while new := _with_descendants(browser) - bounded:  # until none was started meanwhile
        for process in new:
            with suppress(OSError):
                resource.prlimit(process, resource.RLIMIT_DATA, (MEMORY, MEMORY))
        bounded |= new


def _with_descendants(ancestor: int) -> set[int]:
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found = {ancestor}
    while more := {process for process, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _reason(error: Exception) -> str:
    """What an error of Playwright's says, without the hundred flags and the dates of the browser's log."""
    text = str(error) or type(error).__name__
    said = re.findall(r"\[err\] (.*)", text)[:_LINES]
    if "sandboxing failed" in text:
        said.append("Its sandbox needs user namespaces, which the administrator can allow to all users.")
    return " ".join([text.partition("\n")[0], *said])
