"""ZeRO-2 with its optimizer offloaded, on a CPU: that it trains, resumes, and what it costs beside plain processes.

    python tests/performance/deepspeed_zero.py

It needs the extra ``deepspeed`` and a compiler: the first run builds for minutes. Two processes over gloo train a tiny
base in bfloat16: with DeepSpeed, with DeepSpeed stopped half-way and resumed, and without; then infinite gradients come
in the third step. Fails where the resumed adapter is another one than that of the undisturbed training, or where a
guard lets those gradients into the adapter.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from safetensors.torch import load_file

sys.path.insert(0, str(Path(__file__).parents[1] / "captioners" / "training" / "launch"))

from captioners.training import records
from captioners.training.interruption import EXIT_CODE
from captioners.training.launch.processes import Child, command
from captioners.training.sealed import newest

ZERO = ("deepspeed.stage=2", "deepspeed.offload_optimizer=true", "deepspeed.offload_parameters=false")
COMMON = ("model.dtype=bfloat16", "batch.size=2", "lora.dropout=0.0")
WORKER = Path(sys.path[0]) / "worker.py"


def losses(output: Path) -> list[float]:
    path = output / "metrics.csv"
    return [row["loss"] for row in records.read(path) if "loss" in row] if path.exists() else []


def run(output: Path, *settings: str, stop_after: int | None = None, words: Sequence[str] = ()) -> int:
    slow = [] if stop_after is None else ["--slow", "0.5"]
    sets = [word for setting in (*COMMON, *settings) for word in ("--set", setting)]
    child = Child(command([str(WORKER), str(output), *slow, *words, *sets], 2))

    def stop() -> None:
        while stop_after is not None and len(losses(output)) < stop_after:
            time.sleep(0.1)
        child.ask()

    if stop_after is not None:
        threading.Thread(target=stop, daemon=True).start()
    try:
        return child.wait()
    finally:
        child.end()


def main() -> int:
    os.environ.update({"DS_ACCELERATOR": "cpu", "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"})
    with tempfile.TemporaryDirectory() as scratch:
        straight, stopped, plain = (Path(scratch) / name for name in ("straight", "stopped", "plain"))
        overflown = Path(scratch) / "overflown"
        started = time.monotonic()
        codes = [run(straight, *ZERO)]
        print(f"first run, with what it builds: {time.monotonic() - started:.1f} s")
        codes += [run(stopped, *ZERO, stop_after=7), run(stopped, *ZERO), run(plain)]
        if codes != [0, EXIT_CODE, 0, 0]:
            print(f"statuses {codes}")
            return 1
        print("step  ZeRO-2    resumed   plain")
        for step, row in enumerate(zip(losses(straight), losses(stopped), losses(plain), strict=True), 1):
            print(f"{step:4}  " + "  ".join(f"{loss:.6f}" for loss in row))
        adapters = [(folder / "adapter" / "adapter_model.safetensors").read_bytes() for folder in (straight, stopped)]
        print(f"the resumed adapter is that of the undisturbed training: {adapters[0] == adapters[1]}")
        guarded = run(overflown, *ZERO, "checkpoints.every=1", words=("--overflow-after", "3")) == 1
        last = newest(overflown / "checkpoints", "checkpoint", print)
        clean = last is not None and all(
            bool(tensor.isfinite().all()) for tensor in load_file(last / "adapter_model.safetensors").values()
        )
        print(
            f"infinite gradients: stopped {guarded}, last checkpoint {last and last.name}, its adapter finite: {clean}"
        )
        return int(not (adapters[0] == adapters[1] and guarded and clean))


if __name__ == "__main__":
    sys.exit(main())
