"""How long samples take to become examples, and how many characters a token of a tokenizer stands for.

    python tests/performance/training_data.py FOLDER [--dataset openmoji] [--limit 500] [--workers 1]

FOLDER holds a tokenizer. The ratios are those of captioners/training/planning/unloaded.py: characters of simplified
drawings and of captions per token, each text for itself, and the tokens of a prompt without a drawing.
"""

from __future__ import annotations

import argparse
import time

from benchmark.datasets.registry import load_dataset
from captioners import prompts, svg_text
from captioners.torchvision_operators import declare_missing
from captioners.training.config import load
from captioners.training.data import examples
from renderers import RenderError, prepare


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--dataset", default="openmoji")
    parser.add_argument("--caption-field", action="append", default=[])
    parser.add_argument("--limit", type=int, default=500)
    parser.add_argument("--workers", type=int, default=1)
    asked = parser.parse_args()
    declare_missing()
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(asked.folder)
    samples = load_dataset(asked.dataset, caption_fields=asked.caption_field).limit(asked.limit, 0).samples

    examples(samples[:1], tokenizer, load("test3"))  # imports
    start = time.perf_counter()
    prepared = examples(samples, tokenizer, load("test3"), workers=asked.workers)
    seconds = time.perf_counter() - start
    each = seconds / len(samples) * 1e3
    print(f"{len(samples)} samples, {asked.workers} process(es): {seconds:.1f} s, {each:.1f} ms each")
    print(f"{len(prepared.examples)} examples, {len(prepared.left_out)} left out, {len(prepared.shortened)} shortened")

    drawings = []
    for sample in samples:
        try:
            drawings.append(svg_text.simplify(prepare(sample.svg).svg).text)
        except RenderError:
            continue
    captions = [caption for sample in samples for caption in sample.references]
    for name, texts in (("drawings", drawings), ("captions", captions)):
        tokens = sum(len(tokenizer.encode(text, add_special_tokens=False)) for text in texts)
        print(f"{name}: {sum(map(len, texts)) / tokens:.3f} characters per token")
    print(f"around a drawing: {len(prompts.prompt(tokenizer, ''))} tokens")


if __name__ == "__main__":
    main()
