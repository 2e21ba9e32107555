"""Trying again: how often, how long to wait before, and what the server says to that."""

from __future__ import annotations

import email.utils
import hashlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

Result = TypeVar("Result")


async def _sleep(seconds: float) -> None:
    import anyio

    await anyio.sleep(seconds)


class Transient(Exception):
    """Trying again may help.

    Args:
        message: what happened.
        after: the server's Retry-After, as it stands there.
    """

    def __init__(self, message: str, after: str = "") -> None:
        super().__init__(message)
        self.after = after


class GaveUp(Exception):
    """Every attempt failed; the message says how the last one did."""


@dataclass(frozen=True, slots=True)
class Retries:
    """How failed requests are repeated.

    Attributes:
        attempts: at one request, the first one included.
        base: seconds before the second attempt, at most; doubled before each further one.
        longest: seconds before any attempt, whatever the server asks for.
        sleep: waits for so many seconds.
        clock: seconds since the epoch, for dates in Retry-After.
    """

    attempts: int = 6
    base: float = 1.0
    longest: float = 60.0
    sleep: Callable[[float], Awaitable[None]] = _sleep
    clock: Callable[[], float] = time.time

    def delay(self, failed: int, request: str, after: str = "") -> float:
        """Seconds to wait.

        Args:
            failed: attempts so far, from 1.
            request: what distinguishes it from others, so that those that failed together do not return together; the
                same request waits as long whenever it is made.
            after: Retry-After, seconds or a date of HTTP (RFC 9110, section 10.2.3); anything else counts for nothing.
        """
        spread = int.from_bytes(hashlib.sha256(f"{request}\0{failed}".encode("utf-8", "replace")).digest()[:4]) / 2**32
        own = self.base * 2.0 ** (failed - 1) * (1 + spread) / 2
        asked = self._asked(after)
        return min(self.longest, own if asked is None else asked + own)

    def _asked(self, after: str) -> float | None:
        if after.isascii() and after.strip().isdecimal():
            return float(after.strip()[:9])
        try:
            then = email.utils.parsedate_to_datetime(after).timestamp()
            return max(0.0, then - self.clock())
        except (ValueError, OverflowError):
            return None


async def persistently(attempt: Callable[[], Awaitable[Result]], retries: Retries, request: str) -> tuple[Result, int]:
    """What ``attempt`` gives in the end, and how many attempts failed before. Raises GaveUp, and what it raises."""
    for number in range(1, retries.attempts + 1):
        try:
            return await attempt(), number - 1
        except Transient as problem:
            if number == retries.attempts:
                raise GaveUp(f"{problem} (attempt {number} of {number})") from problem
            await retries.sleep(retries.delay(number, request, problem.after))
    raise AssertionError("no attempt was allowed")
