"""Whatever a server does to a request costs retries, never a drawing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from captioners import CaptionerError, Drawing
from captioners.served import captioner
from captioners.served.captioner import Served
from captioners.served.retries import Retries
from tests.captioners.served.conftest import numbered, said
from tests.captioners.served.small_server import (
    PROBE,
    Fault,
    SmallServer,
    completion,
    dropped,
    endless,
    half,
    half_of_json,
    page,
    slow,
    status,
    text_plain,
    trickling,
    twice,
    two_choices,
)
from tests.conftest import Outcome

COSTLY: dict[int, Fault] = {
    1: status(429, Retry_After="0"),
    2: status(500),
    3: status(503, "<html>loading</html>", Content_Type="text/html"),
    4: dropped,
    5: half,
    6: half_of_json,
    7: page,
    8: endless,
    9: status(200, completion("never seen") | {"choices": []}),
    10: status(200, {"error": {"message": "upstream failed"}}),
    11: status(408),
    12: status(409),
    13: status(425),
    14: status(200, [1, 2]),
    15: status(200, "[" * 100_000),
    16: status(200, {"choices": [{"message": {"content": 7}}]}),
    17: status(204),
    18: status(502, ""),
}
FREE: dict[int, Fault] = {19: two_choices, 20: text_plain, 21: twice}
LATE = {30: slow, 31: trickling}
TWICE = {0, 40, 80}


def faults(number: int, attempt: int) -> Fault | None:
    if number in LATE:
        return LATE[number] if attempt == 1 else None
    if number in TWICE:
        return status(500) if attempt <= 2 else None
    kind = number % 25
    return (COSTLY | FREE).get(kind) if attempt == 1 else None


def expected_retries(number: int) -> int:
    return 2 if number in TWICE else int(number in LATE or number % 25 in COSTLY)


def test_a_hundred_drawings_get_their_own_caption_each_whatever_happens_to_requests(
    run: Callable[..., Outcome], server: SmallServer, drawings: Callable[[int], Path], tmp_path: Path
) -> None:
    server.faults, server.wanted = faults, 8
    outcome = run(drawings(100), "--endpoint-timeout", 3)
    assert outcome.code == 0, outcome.err
    found = said(tmp_path / "results")
    assert [p.id for p in found] == [f"d{n}" for n in range(100)]  # in order, whoever was answered first
    assert [p.caption for p in found] == [f"a drawing of number {n}" for n in range(100)]
    assert {p.status for p in found} == {"ok"}
    assert [p.cut for p in found] == [False] * 100
    retries = [(p.details or {}).get("retries", 0) for p in found]
    assert retries == [server.attempts[n] - 1 for n in range(100)]
    assert all(retries[n] >= expected_retries(n) for n in range(100))  # a machine that stands still makes some late
    assert sum(retries) < 2 * sum(map(expected_retries, range(100)))
    assert server.peak == 8


@pytest.mark.parametrize("concurrency", [1, 3])
def test_so_many_requests_run_at_a_time_and_no_more(
    server: SmallServer, served: Callable[..., Served], concurrency: int
) -> None:
    server.wanted = concurrency
    one = served(endpoint_concurrency=concurrency)
    one.fit([])
    answers = one.caption([Drawing(str(n), svg=numbered(n)) for n in range(12)])
    assert [a.caption for a in answers] == [f"a drawing of number {n}" for n in range(12)]
    assert server.peak == concurrency


def test_what_never_works_costs_its_own_drawing_after_six_attempts_and_is_tried_again_when_asked(
    run: Callable[..., Outcome], server: SmallServer, drawings: Callable[[int], Path], tmp_path: Path
) -> None:
    server.faults = lambda number, attempt: status(500) if number == 3 else None
    assert run(drawings(10)).code == 0
    found = {p.id: p for p in said(tmp_path / "results")}
    assert [id for id, p in found.items() if p.status == "failed"] == ["d3"]
    assert found["d3"].error == "CaptionerError: the server answers 500: fault 500 (attempt 6 of 6)"
    assert server.attempts == {n: {PROBE: 2, 3: 6}.get(n, 1) for n in range(PROBE, 10)}  # it lives on, so it answers

    server.faults = lambda number, attempt: None
    assert run(drawings(10)).code == 0
    assert server.attempts[3] == 6  # not asked again
    assert run(drawings(10), "--retry-failed").code == 0
    assert said(tmp_path / "results")[-1].caption == "a drawing of number 3"


def test_what_the_server_refuses_costs_its_own_drawing_at_once(
    server: SmallServer, served: Callable[..., Served]
) -> None:
    refusal = {"error": {"message": "the prompt holds\nwhat it must not", "code": "content_filter"}}
    server.faults = lambda number, attempt: status(400, refusal) if number == 1 else None
    one = served()
    one.fit([])
    first, second = one.caption([Drawing("a", svg=numbered(1)), Drawing("b", svg=numbered(2))])
    assert isinstance(first, CaptionerError)
    assert str(first) == "the server answers 400: the prompt holds what it must not"
    assert second.caption == "a drawing of number 2"
    assert server.attempts[1] == 1


def test_the_server_says_how_long_to_wait(
    server: SmallServer, served: Callable[..., Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(captioner, "RETRIES", Retries(sleep=sleep))
    faults = {1: status(429, Retry_After="7"), 2: status(503, Retry_After="86400")}
    server.faults = lambda number, attempt: faults.get(attempt) if number == 1 else None
    one = served()
    one.fit([])
    (answer,) = one.caption([Drawing("a", svg=numbered(1))])
    assert (answer.caption, answer.details) == ("a drawing of number 1", {"retries": 2})
    assert 7.5 <= slept[0] <= 8.0
    assert slept[1:] == [60.0]


def test_captions_in_a_notebook_whose_event_loop_runs(server: SmallServer, served: Callable[..., Served]) -> None:
    async def cell() -> str:
        one = served()
        one.fit([])
        return one.caption([Drawing("a", svg=numbered(4))])[0].caption

    assert asyncio.run(cell()) == "a drawing of number 4"
