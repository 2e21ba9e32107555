"""How fast BLEU, ROUGE-L and CIDEr are beside pycocoevalcap's Bleu(4), Rouge and Cider, on the same tokens.

    python tests/performance/text_metrics.py CAPTIONS [--repeat 8] [--json]

CAPTIONS is a JSON document with ``tokenized.hypotheses`` and ``tokenized.references`` (id -> list of texts). Its
samples are repeated under other ids. Each side runs in a process of its own, metric by metric, and shows wall and
processor seconds and the process' peak memory; processor seconds say more on a machine that does something else too.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Tokens = dict[str, tuple[str, list[str]]]
NAMES = ("bleu", "rouge_l", "cider")


def read(path: Path, repeat: int) -> Tokens:
    """Id -> hypothesis and references."""
    tokenized = json.loads(path.read_text(encoding="utf-8"))["tokenized"]
    hypotheses, references = tokenized["hypotheses"], tokenized["references"]
    return {f"{id}#{turn}": (hypotheses[id][0], references[id]) for turn in range(repeat) for id in references}


def ours(name: str, tokens: Tokens) -> np.ndarray:
    """Scores of each sample, ``[n, columns]``."""
    from benchmark.metrics.base import METRICS, Corpus

    corpus = Corpus([h for h, _ in tokens.values()], [rs for _, rs in tokens.values()], "ptb")
    return METRICS[name].score(METRICS[name].statistics(corpus))


def pycocoevalcap(name: str, tokens: Tokens) -> np.ndarray:
    from pycocoevalcap.bleu.bleu import Bleu
    from pycocoevalcap.cider.cider import Cider
    from pycocoevalcap.rouge.rouge import Rouge

    references, hypotheses = {k: rs for k, (_, rs) in tokens.items()}, {k: [h] for k, (h, _) in tokens.items()}
    if name == "bleu":
        return np.array(Bleu(4).compute_score(references, hypotheses, verbose=0)[1]).T
    scorer = {"rouge_l": Rouge, "cider": Cider}[name]()
    return np.array(scorer.compute_score(references, hypotheses)[1])[:, np.newaxis]


Side = Callable[[str, Tokens], np.ndarray]


def measured(side: Side, tokens: Tokens) -> dict[str, Any]:
    """Per metric wall and processor seconds and the scores; peak MiB."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measure, (side, tokens))


def _measure(side: Side, tokens: Tokens) -> dict[str, Any]:
    few = dict(list(tokens.items())[:2])
    found: dict[str, Any] = {}
    for name in NAMES:
        side(name, few)  # imports
        start, cpu = time.perf_counter(), time.process_time()
        scores = side(name, tokens)
        found[name] = {
            "wall": time.perf_counter() - start,
            "cpu": time.process_time() - cpu,
            "scores": scores,
        }
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return {"metrics": found, "mib": int(status["VmHWM"].split()[0]) / 1024}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("captions", type=Path)
    parser.add_argument("--repeat", type=int, default=8)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    tokens = read(arguments.captions, arguments.repeat)
    own, other = (measured(side, tokens) for side in (ours, pycocoevalcap))
    document: dict[str, Any] = {"samples": len(tokens), "mib": [own["mib"], other["mib"]]}
    for name in NAMES:
        one, reference = own["metrics"][name], other["metrics"][name]
        document[name] = {
            "wall": [one["wall"], reference["wall"]],
            "cpu": [one["cpu"], reference["cpu"]],
            "largest_difference": float(np.abs(one["scores"] - reference["scores"]).max()),
        }
    document["all"] = {
        kind: [sum(document[name][kind][side] for name in NAMES) for side in (0, 1)] for kind in ("wall", "cpu")
    }
    if arguments.json:
        print(json.dumps(document, indent=2))
        return
    print(f"{len(tokens)} samples; ours, pycocoevalcap; peak {own['mib']:.0f}, {other['mib']:.0f} MiB")
    for name in (*NAMES, "all"):
        (wall, its_wall), (cpu, its_cpu) = document[name]["wall"], document[name]["cpu"]
        difference = document[name].get("largest_difference")
        print(
            f"{name:<8} wall {wall:6.2f}, {its_wall:6.2f} s   cpu {cpu:6.2f}, {its_cpu:6.2f} s   "
            f"ratio of cpu {cpu / its_cpu:.3f}"
            + ("" if difference is None else f"   largest difference {difference:.1e}")
        )


if __name__ == "__main__":
    main()
