"""Several processes train as one does; they can be told to stop, and nothing of them stays."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from captioners.training import records
from captioners.training.interruption import EXIT_CODE, heard
from captioners.training.launch.processes import Child, command, run
from tests.captioners.training.launch import worker

WITHOUT_DROPOUT = "lora.dropout=0.0"  # each process would draw its own


def losses(output: Path) -> list[float]:
    return [row["loss"] for row in records.read(output / "metrics.csv") if "loss" in row]


def test_two_processes_stopped_and_resumed_are_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Same examples in each step, hence the same losses; told to stop, both stop after the same step."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    one, two = tmp_path / "one", tmp_path / "two"
    words = command([worker.__file__, str(two), "--slow", "0.5", "--set", WITHOUT_DROPOUT, "--set", "batch.size=2"], 2)
    metrics = two / "metrics.csv"

    def interrupt() -> None:
        while not (metrics.exists() and len(losses(two)) >= 3):
            time.sleep(0.1)
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=interrupt)
    thread.start()
    assert run(words) == EXIT_CODE
    thread.join()
    stopped = len(losses(two))
    assert 3 <= stopped < worker.STEPS
    assert (two / "checkpoints" / f"checkpoint-{stopped}" / "files.json").is_file()
    assert run(words) == 0
    worker.run(one, WITHOUT_DROPOUT)
    assert len(losses(two)) == worker.STEPS
    assert losses(two)[:5] == pytest.approx(losses(one)[:5], abs=1e-5)
    assert losses(two) == pytest.approx(losses(one), abs=1e-3)
    assert losses(one)[0] - losses(one)[-1] > 0.1  # they are losses of something that learns


def test_the_status_is_that_of_the_command() -> None:
    assert run([sys.executable, "-c", "raise SystemExit(3)"]) == 3
    assert run([sys.executable, "-c", "pass"]) == 0


def test_a_request_that_comes_early_is_kept(tmp_path: Path) -> None:
    """While Python still imports, the default of these signals would end it."""
    program = """
import time, sys
time.sleep(1)
from captioners.training.interruption import EXIT_CODE, heard
with heard(print) as request:
    sys.exit(EXIT_CODE if request.made else 4)
"""
    child = Child([sys.executable, "-c", program])
    child.ask()
    assert child.wait() == EXIT_CODE
    child.end()


def test_a_request_is_heard_while_it_lasts() -> None:
    before = signal.getsignal(signal.SIGUSR2)
    with heard(print) as request:
        assert not request.made
        signal.raise_signal(signal.SIGUSR2)
        assert request.made
    assert signal.getsignal(signal.SIGUSR2) == before


def test_ctrl_c_is_a_request_and_the_second_one_an_interrupt() -> None:
    said: list[str] = []
    with heard(said.append) as request:
        signal.raise_signal(signal.SIGINT)
        assert request.made and "Ctrl-C again" in said[0]
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert len(said) == 1
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_asks_what_runs_to_stop(tmp_path: Path) -> None:
    program = f"""
import signal, sys, time
from captioners.training.interruption import heard
with heard(print) as request:
    open({str(tmp_path / "there")!r}, "w").close()
    while not request.made:
        time.sleep(0.01)
sys.exit(3)
"""

    def press() -> None:
        while not (tmp_path / "there").exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press, daemon=True).start()
    assert run([sys.executable, "-c", program]) == EXIT_CODE


def test_nothing_of_it_stays(tmp_path: Path) -> None:
    """Not even what it has started in sessions of its own, as torchrun does, and what hears no signal."""
    program = f"""
import signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
one = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
open({str(tmp_path / "pid")!r}, "w").write(str(one.pid))
print("started", flush=True)
sys.exit(0) if len(sys.argv) > 1 else time.sleep(60)
"""
    child = Child([sys.executable, "-c", program])
    pid = tmp_path / "pid"
    while not (pid.exists() and pid.read_text()):
        time.sleep(0.05)
    grandchild = psutil.Process(int(pid.read_text()))
    child.end(patience=0.2)
    _, alive = psutil.wait_procs([grandchild], timeout=5)
    assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]
