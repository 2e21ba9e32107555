"""Servers that die in the middle, and runs that are killed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from benchmark.predictions import Prediction
from captioners import CaptionerStopped, Drawing
from captioners.served.captioner import Served
from tests.captioners.served.conftest import numbered, said
from tests.captioners.served.small_server import PROBE, Fault, SmallServer, dropped, slow, status
from tests.conftest import Outcome

REPOSITORY = Path(__file__).parents[3]
GROUPS = ("--endpoint-concurrency", 2, "--batch-size", 8)  # of eight drawings


def test_a_server_that_dies_ends_the_run_which_goes_on_when_it_is_back(
    run: Callable[..., Outcome], server: SmallServer, drawings: Callable[[int], Path], tmp_path: Path
) -> None:
    def dying(number: int, attempt: int) -> Fault | None:
        if number == PROBE and server.attempts[20]:
            return status(502)
        return dropped if number >= 20 else None

    server.faults = dying
    outcome = run(drawings(40), *GROUPS)
    assert outcome.code == 2
    assert "Traceback" not in outcome.err
    assert "m: the server does not answer: Server disconnected" in outcome.err
    assert f"Nothing else is answered at {server.address} either (the server answers 502)" in outcome.err
    assert [p.id for p in said(tmp_path / "results")] == [f"d{n}" for n in range(16)]  # two groups; the third is lost
    assert not [n for n in server.attempts if n >= 24]  # nobody asked it about the rest

    server.faults = lambda number, attempt: None
    server.attempts.clear()
    assert run(drawings(40), *GROUPS).code == 0
    assert [(p.id, p.caption) for p in said(tmp_path / "results")] == [
        (f"d{n}", f"a drawing of number {n}") for n in range(40)
    ]
    assert set(server.attempts) == {PROBE, *range(16, 40)}


def test_a_server_whose_process_is_gone_ends_the_run(server: SmallServer, served: Callable[..., Served]) -> None:
    one = served()
    one.fit([])
    server.shutdown()
    server.server_close()
    with pytest.raises(CaptionerStopped, match=r"attempt 6 of 6.*Nothing else .*the same command goes on from there"):
        one.caption([Drawing(str(n), svg=numbered(n)) for n in range(4)])


def test_one_drawing_that_breaks_a_server_which_lives_on_ends_nothing(
    server: SmallServer, served: Callable[..., Served]
) -> None:
    server.faults = lambda number, attempt: dropped if number == 1 else None
    one = served()
    one.fit([])
    first, second = one.caption([Drawing("a", svg=numbered(1)), Drawing("b", svg=numbered(2))])
    assert str(first) == (
        "the server does not answer: Server disconnected without sending a response. (attempt 6 of 6)"
    )
    assert second.caption == "a drawing of number 2"


def test_a_server_that_only_has_no_time_is_not_gone(server: SmallServer, served: Callable[..., Served]) -> None:
    one = served()
    one.fit([])
    server.faults = lambda number, attempt: status(429)
    (error,) = one.caption([Drawing("a", svg=numbered(1))])
    assert str(error) == "the server answers 429: fault 429 (attempt 6 of 6)"


def test_a_run_that_is_killed_and_started_again_ends_as_if_nothing_had_happened(
    run: Callable[..., Outcome], server: SmallServer, drawings: Callable[[int], Path], tmp_path: Path
) -> None:
    dataset, killed, undisturbed = drawings(60), tmp_path / "killed", tmp_path / "undisturbed"
    server.faults = lambda number, attempt: slow if number >= 45 else None
    options = (
        *("--captioners", "m=served:tiny", "--endpoint", server.address, "--dataset", dataset),
        *("--metrics", "rouge_l", "--output-dir", killed, *GROUPS),
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmark", "run", *map(str, options)],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None and max(server.attempts, default=0) < 45:
        time.sleep(0.005)
    process.kill()  # while the first drawings of the sixth group are answered and others hang
    assert process.wait() == -9
    assert [p.id for p in said(killed)] == [f"d{n}" for n in range(40)]

    server.faults = lambda number, attempt: None
    server.attempts.clear()
    assert run(dataset, *GROUPS, output=killed).code == 0
    assert set(server.attempts) == {PROBE, *range(40, 60)}
    assert run(dataset, *GROUPS, output=undisturbed).code == 0
    assert without_timings(killed) == without_timings(undisturbed)
    assert len(without_timings(killed)) == 60


def without_timings(output: Path) -> list[Prediction]:
    return [replace(prediction, seconds=0.0) for prediction in said(output)]
