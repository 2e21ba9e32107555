"""The whole COCO caption evaluation from raw captions: this project against pycocoevalcap, side by side.

    python tests/performance/coco_evaluation.py CAPTIONS [--repeat 8] [--rounds 3] [--json]

CAPTIONS is a JSON document with ``captions`` (id -> list of texts: the first is the hypothesis, the others are the
references). Its samples are repeated under other ids. Both sides tokenize and compute BLEU-1 to 4, ROUGE-L, METEOR
and CIDEr, each in a process of its own that has imported what it needs; pycocoevalcap also starts its two JVMs, as it
must. METEOR's index is built beforehand and timed apart. The sides take turns; shown are medians of wall seconds, of
processor seconds with those of the JVMs, and the most memory that each side held at once.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from process_tree import descendants, resident

Captions = dict[str, list[str]]
Scores = dict[str, float]


def ours(captions: Captions) -> Scores:
    from benchmark.metrics import evaluate

    hypotheses = {id: texts[0] for id, texts in captions.items()}
    return evaluate(hypotheses, {id: texts[1:] for id, texts in captions.items()}).corpus


def pycocoevalcap(captions: Captions) -> Scores:
    from pycocoevalcap.bleu.bleu import Bleu
    from pycocoevalcap.cider.cider import Cider
    from pycocoevalcap.meteor.meteor import Meteor
    from pycocoevalcap.rouge.rouge import Rouge
    from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer

    references, hypotheses = (
        PTBTokenizer().tokenize({id: [{"caption": text} for text in texts[part]] for id, texts in captions.items()})
        for part in (slice(1, None), slice(0, 1))
    )
    bleu = Bleu(4).compute_score(references, hypotheses, verbose=0)[0]
    scorers = {"ROUGE-L": Rouge(), "METEOR": Meteor(), "CIDEr": Cider()}
    scores = {name: float(scorer.compute_score(references, hypotheses)[0]) for name, scorer in scorers.items()}
    return {f"BLEU-{n}": float(score) for n, score in enumerate(bleu, 1)} | scores


def measured(side: Callable[[Captions], Scores], captions: Captions) -> dict[str, Any]:
    """Seconds of wall and processor time, MiB and scores of one call in a new process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measure, (side, captions))


def _measure(side: Callable[[Captions], Scores], captions: Captions) -> dict[str, Any]:
    import pycocoevalcap.cider.cider
    import pycocoevalcap.meteor.meteor
    import pycocoevalcap.tokenizer.ptbtokenizer  # noqa: F401 - imports are not what is measured

    from benchmark.metrics.base import METRICS

    METRICS.names()  # imports them all
    peak, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.2):
            peak[0] = max(peak[0], sum(map(resident, descendants([os.getpid()]))))

    watcher = threading.Thread(target=watch)
    watcher.start()
    start, used = time.perf_counter(), _processor_seconds()
    scores = side(captions)
    wall, cpu = time.perf_counter() - start, _processor_seconds() - used
    done.set()
    watcher.join()
    return {"wall": wall, "cpu": cpu, "mib": peak[0] / 1024, "scores": scores}


def _processor_seconds() -> float:
    """Of this process and its children, those that still run included."""
    total = sum(os.times()[:4])
    for pid in descendants([os.getpid()])[1:]:
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("captions", type=Path)
    parser.add_argument("--repeat", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    texts = json.loads(arguments.captions.read_text(encoding="utf-8"))["captions"]
    captions = {f"{id}#{turn}": texts[id] for turn in range(arguments.repeat) for id in texts}

    start = time.perf_counter()
    ours(dict(list(captions.items())[:2]))
    document: dict[str, Any] = {"samples": len(captions), "first call, index included": time.perf_counter() - start}
    sides = {"ours": ours, "pycocoevalcap": pycocoevalcap}
    rounds = {name: [] for name in sides}
    for _ in range(arguments.rounds):
        for name, side in sides.items():
            rounds[name].append(measured(side, captions))
    for kind in ("wall", "cpu", "mib"):
        middle = {name: statistics.median(one[kind] for one in found) for name, found in rounds.items()}
        document[kind] = {**middle, "ratio": middle["ours"] / middle["pycocoevalcap"]}
    own, official = (rounds[name][0]["scores"] for name in sides)
    document["largest difference"] = max(abs(own[column] - score) for column, score in official.items())
    if arguments.json:
        print(json.dumps(document, indent=2))
        return
    print(f"{len(captions)} samples; first call: {document['first call, index included']:.1f} s")
    for kind, unit in (("wall", "s"), ("cpu", "s"), ("mib", "MiB")):
        row = document[kind]
        print(f"{kind:<5}{row['ours']:9.2f}{row['pycocoevalcap']:9.2f} {unit:<4} ratio {row['ratio']:.3f}")
    print(f"largest difference of a corpus score: {document['largest difference']:.1e}")


if __name__ == "__main__":
    main()
