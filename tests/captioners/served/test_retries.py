"""How long is waited before a request is repeated."""

from __future__ import annotations

import asyncio

import pytest

from captioners.served.retries import GaveUp, Retries, Transient, persistently

NOON = 1_000_000_000.0  # Sun, 09 Sep 2001 01:46:40 GMT


def test_own_waits_double_are_spread_and_are_the_same_for_the_same_request() -> None:
    retries = Retries(base=1.0, longest=60.0)
    for failed, most in ((1, 1.0), (2, 2.0), (3, 4.0), (4, 8.0), (5, 16.0)):
        waits = [retries.delay(failed, f"drawing {n}") for n in range(200)]
        assert most / 2 <= min(waits) < most * 0.55
        assert most * 0.95 < max(waits) <= most
        assert waits == [Retries(base=1.0).delay(failed, f"drawing {n}") for n in range(200)]


@pytest.mark.parametrize(
    ("after", "least"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("Sun, 09 Sep 2001 01:46:50 GMT", 10.0),
        ("Sunday, 09-Sep-01 01:46:50 GMT", 10.0),  # RFC 850, which RFC 9110 still allows
        ("Sun, 09 Sep 2001 01:46:30 GMT", 0.0),  # over already
    ],
)
def test_the_server_says_how_long_at_least(after: str, least: float) -> None:
    wait = Retries(base=1.0, clock=lambda: NOON).delay(1, "drawing", after)
    assert least + 0.5 <= wait <= least + 1.0


@pytest.mark.parametrize(
    "after", ["86400", "9" * 400, "Mon, 10 Sep 2001 01:46:40 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"]
)
def test_no_server_makes_us_wait_longer_than_a_minute(after: str) -> None:
    assert Retries(clock=lambda: NOON).delay(1, "drawing", after) == 60.0


@pytest.mark.parametrize("after", ["", "soon", "-5", "1.5", "٣", "Sun, 09 Sep 99999 01:46:50 GMT", "\x00", "Sun"])
def test_what_is_no_time_counts_for_nothing(after: str) -> None:
    assert Retries(base=1.0, clock=lambda: NOON).delay(1, "drawing", after) == Retries(base=1.0).delay(1, "drawing")


def test_waits_are_slept_between_attempts_and_not_after_the_last_one() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def attempt() -> str:
        raise Transient("busy", after="3" if len(slept) == 1 else "")

    retries = Retries(attempts=4, sleep=sleep)
    with pytest.raises(GaveUp, match=r"^busy \(attempt 4 of 4\)$"):
        asyncio.run(persistently(attempt, retries, "x"))
    assert slept == [retries.delay(1, "x"), retries.delay(2, "x", "3"), retries.delay(3, "x")]


def test_the_first_success_counts_and_says_what_it_took() -> None:
    failures = iter([Transient("one"), Transient("two")])

    async def attempt() -> str:
        for failure in failures:
            raise failure
        return "caption"

    assert asyncio.run(persistently(attempt, Retries(base=0.0), "x")) == ("caption", 2)
