"""Hostile SVGs through every backend: what comes back, how long it takes, how much memory, and what is opened.

    python tests/performance/hostile.py [--backend NAME …] [--input PREFIX …] [--trace] [--json]

Every input goes through a pool of one worker, as drawings of a benchmark do. The inputs name files in a folder
of their own and a port that this program listens on: each connection is counted, and a picture that shows the
colour of the files is reported. With ``--trace`` the run is repeated under strace, and every file that a worker
opens after it said that it is ready is listed, but for those that an explained list allows.

Exit code 1: something hung, a connection was made, a file was drawn, or a file was opened that is not explained.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from process_tree import descendants, resident

import renderers
from renderers import RENDERERS, RenderError, Rendering, RenderOptions, RenderPool

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "renderers"))
from hostile import Hostile, Lures

LIME = (0, 255, 0)
"""The colour of the files that the inputs try to show, which no input uses itself."""
GRACE = 10.0  # seconds beyond its limit that a drawing may take: a crash is tried again in a new process

# What workers open while they draw, and why. The rest is unexplained.
ALLOWED = {
    rf"^{re.escape(str(Path(renderers.__file__).parent))}(/|$)": "this package",
    r"\.so(\.[\d.]+)?$|^/etc/ld\.so": "shared libraries",
    r"\.py[cd]?$|/__pycache__|/lib/python3[^/]*$|/site-packages(/|$)|\.pth$": "modules of Python",
    r"^/(proc|sys)(/|$)": "the kernel's tables",
    r"^/dev/(null|urandom|random|shm)": "devices",
    r"\.(ttf|otf|ttc|pfb|afm|t1|pcf|gz)$|/fonts?(/|$)|fontconfig": "fonts",
    r"^/usr/(share|lib)/(mime|locale|zoneinfo|icu)|gconv|^/etc/(localtime|locale\.alias)|charset\.alias": "locale",
    r"^/usr/lib/debug/|/bin/python[\d.]*$": "symbols for the backtrace of a panic",
    r"resvg|/vips|libvips|gdk-pixbuf|ImageMagick": "data of the library itself",
}
ALLOWED_TO_PROGRAMS = {
    r"^/usr/(lib|share)/|^/lib/|^/etc/|^/usr/bin/": "installed programs and their settings",
    r"^[^/@ ]+$|^connect AF_UNIX, sun_path=@?.[^ ]*/svg-caption-bench-": "names in their own scratch folder",
    r"^\.$|^/(tmp|root|home|var|run|dev)(/|$)": "their own profile and scratch files",
}


@dataclass(frozen=True)
class Cell:
    """What became of one input with one backend.

    Attributes:
        input: its name.
        backend: name of the renderer.
        outcome: "picture WxH" or "error CLASS".
        detail: why nothing is to be seen, or the message of the error.
        seconds: wall time, including the start of a new worker after a crash.
        mebibytes: peak of the memory of the worker and its children.
        reads: the picture shows a file that the input names.
    """

    input: str
    backend: str
    outcome: str
    detail: str
    seconds: float
    mebibytes: int
    reads: bool


def main() -> int:
    options = _arguments()
    if options.trace:
        return _traced(options)
    with tempfile.TemporaryDirectory(prefix="svg-lures-") as folder, _listener() as (address, connections):
        lures = Lures(Path(folder), address)
        lures.place()
        names = options.backend or [name for name in RENDERERS if RENDERERS[name]().availability()]
        cells = [cell for name in names for cell in _with_backend(name, lures, options)]
        made = len(connections)
    bad = [cell for cell in cells if cell.reads or cell.seconds > 2 * options.timeout + GRACE]
    if options.json:
        json.dump({"cells": [asdict(cell) for cell in cells], "connections": made}, sys.stdout, indent=1)
    else:
        _print_table(cells, names)
        for cell in bad:
            print(f"BAD: {cell}")
        print(f"{len(cells)} drawings; connections to the port: {made}; files drawn: {sum(c.reads for c in cells)}")
    return 1 if bad or made else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backend", action="append", help="a renderer, or auto; default: all that can draw here")
    parser.add_argument("--input", action="append", default=[], help="the beginning of names of inputs; default: all")
    parser.add_argument("--timeout", type=float, default=10.0, help="seconds for one drawing (default: 10)")
    parser.add_argument("--trace", action="store_true", help="list the files that workers open (needs strace)")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of tables")
    return parser.parse_args()


def _with_backend(backend: str, lures: Lures, options: argparse.Namespace) -> Iterator[Cell]:
    inputs = Hostile(lures)
    with RenderPool(RenderOptions(backend=backend), workers=1, timeout=options.timeout, cache=False) as pool:
        list(pool.render_many([inputs["00_control"]]))  # starts the worker
        for name in inputs:
            if options.input and not name.startswith(tuple(options.input)):
                continue
            data = inputs[name]
            with _peak_memory() as peak:
                start = time.perf_counter()
                (result,) = pool.render_many([data])
                seconds = time.perf_counter() - start
            yield _cell(name, backend, result, seconds, peak[0])
            print(f"\r{backend} {name:40}", end="", file=sys.stderr, flush=True)
    print("\r" + " " * 60, end="\r", file=sys.stderr)


def _cell(name: str, backend: str, result: Rendering | RenderError, seconds: float, mebibytes: int) -> Cell:
    if isinstance(result, RenderError):
        outcome, detail, reads = f"error {type(result).__name__}", str(result), False
    else:
        width, height = result.image.size
        outcome, detail = f"picture {width}x{height}", str(result.blank or "")
        colours = result.image.convert("RGB").getcolors(width * height) or []
        reads = any(colour == LIME for _, colour in colours)
    return Cell(name, backend, outcome, detail, round(seconds, 2), mebibytes, reads)


def _print_table(cells: list[Cell], backends: list[str]) -> None:
    by_place = {(cell.input, cell.backend): cell for cell in cells}
    print("| input | " + " | ".join(backends) + " |")
    print("|---" * (1 + len(backends)) + "|")
    for name in dict.fromkeys(cell.input for cell in cells):
        row = []
        for backend in backends:
            cell = by_place[name, backend]
            reads = " READS A FILE" if cell.reads else ""
            blank = " blank" if cell.detail and cell.outcome.startswith("picture") else ""
            row.append(f"{cell.outcome}{blank}{reads}, {cell.seconds:.2f} s, {cell.mebibytes} MiB")
        print(f"| {name} | " + " | ".join(row) + " |")
    for backend in backends:
        counts = Counter(cell.outcome for cell in cells if cell.backend == backend)
        most = max((cell for cell in cells if cell.backend == backend), key=lambda cell: cell.seconds)
        print(f"{backend}: {dict(counts)}; longest: {most.input}, {most.seconds:.1f} s")


@contextmanager
def _listener() -> Iterator[tuple[str, list[str]]]:
    """An address on this machine, and the peers that have connected to it so far."""
    connections: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def count() -> None:
            with suppress(OSError):  # closed
                while True:
                    connection, peer = server.accept()
                    connections.append(str(peer))
                    connection.close()

        threading.Thread(target=count, daemon=True).start()
        host, port = server.getsockname()
        yield f"{host}:{port}", connections
        time.sleep(0.2)  # for what is on its way


@contextmanager
def _peak_memory() -> Iterator[list[int]]:
    """A list of one number: the most MiB that the children of this process, and theirs, held together so far."""
    peak, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            children = (child.pid for child in multiprocessing.active_children() if child.pid)
            held = sum(map(resident, descendants(children)))
            peak[0] = max(peak[0], held // 1024)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        time.sleep(0.03)  # for one look at least
        done.set()
        watcher.join()


def _traced(options: argparse.Namespace) -> int:
    """Run all of this again under strace, and say what the workers opened."""
    if not shutil.which("strace"):
        print("--trace needs strace: apt install strace", file=sys.stderr)
        return 2
    calls = "trace=open,openat,openat2,creat,connect,clone,clone3,fork,vfork"
    again = [argument for argument in sys.argv[1:] if argument != "--trace"]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "trace")
        command = ["strace", "-f", "-qq", "-s", "300", "-e", calls, "-e", "signal=none", "-o", str(log)]
        code = subprocess.run([*command, sys.executable, __file__, *again], check=False).returncode
        with log.open(errors="replace") as lines:
            opened = _opened(lines)
    programs = any(getattr(RENDERERS[name], "own_processes", False) for name in options.backend or RENDERERS)
    reasons = ALLOWED | (ALLOWED_TO_PROGRAMS if programs else {})
    explained: Counter[str] = Counter()
    unexplained: Counter[str] = Counter()
    for what, count in opened.items():
        reason = next((reason for pattern, reason in reasons.items() if re.search(pattern, what)), "")
        lure = "canary" in what or ("passwd" in what and not programs) or what.startswith("connect AF_INET")
        (unexplained if lure or not reason else explained)[what if lure or not reason else reason] += count
    report = sys.stderr if options.json else sys.stdout
    print(f"opened by workers that were ready, explained: {dict(explained)}", file=report)
    for what, count in sorted(unexplained.items()):
        print(f"UNEXPLAINED: {what} ({count} times)", file=report)
    return code or (1 if unexplained else 0)


def _opened(lines: Iterator[str]) -> Counter[str]:
    """Files opened (or lures tried) and sockets connected to, by threads and children of ready workers."""
    ready: set[str] = set()
    unfinished: dict[str, str] = {}
    opened: Counter[str] = Counter()
    for line in lines:
        thread, _, call = line.rstrip().partition(" ")
        call = call.strip()
        if call.endswith("<unfinished ...>"):
            unfinished[thread] = call.removesuffix("<unfinished ...>")
            continue
        if resumed := re.match(r"<\.\.\. \w+ resumed>(.*)", call):
            call = unfinished.pop(thread, "") + resumed[1]
        if re.match(r"(clone3?|v?fork)\(", call):
            child = re.search(r"= (\d+)$", call)
            if child and thread in ready:
                ready.add(child[1])
        elif thread in ready:
            path = re.match(r'\w+\((?:AT_FDCWD, |\d+, )?"([^"]*)"', call)
            address = re.match(r"connect\(\d+, \{sa_family=(.*?)\}", call)
            failed = re.search(r"= -1 ", call) is not None
            if address:
                opened[f"connect {address[1]}"] += 1
            elif path and (not failed or "canary" in path[1]):
                opened[path[1]] += 1
        # The first thing that a worker does after it said that it is ready is to send its complaints nowhere.
        elif re.match(r'openat\(AT_FDCWD, "/dev/null", O_WRONLY\|O_CREAT\|O_TRUNC', call):
            ready.add(thread)
    return opened


if __name__ == "__main__":
    sys.exit(main())
