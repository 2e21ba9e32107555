"""What a random CogVLM costs to load, against the size of its files, and how fast it decodes with and without a cache.

    python tests/performance/cogvlm.py [--threads 1] [--new-tokens 16]

Makes a checkpoint of about 1 GB in bfloat16, in four shards, and loads it in processes of their own: in bfloat16, in
float32, and in four bits. Prints for each how much memory the process held at most above what it held before loading
(VmHWM, which counts the pages of a file that is being read), and how much of its own (RssAnon) afterwards. Then one
picture of 224 pixels is captioned in float32: new tokens per second of the decoding with a cache, prompt included,
and of reading everything anew for every token. Exit code 1 when the two do not say the same. Linux.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmark.cli.display import print_lines, print_table

CONFIG = {
    "vocab_size": 32000,
    "hidden_size": 1024,
    "intermediate_size": 2816,
    "num_hidden_layers": 12,
    "num_attention_heads": 8,
    "rms_norm_eps": 1e-5,
    "vision_config": {
        "image_size": 224,
        "patch_size": 14,
        "num_positions": 257,
        "hidden_size": 768,
        "intermediate_size": 3072,
        "num_hidden_layers": 12,
        "num_heads": 8,
        "layer_norm_eps": 1e-6,
    },
}
SHARDS = 4
MIB = 2**20


def make(folder: Path) -> int:
    """Write the checkpoint; its size in bytes."""
    import torch
    from safetensors.torch import save_file

    from captioners.cogvlm import CogVLMForCausalLM
    from captioners.cogvlm.config import read_config

    (folder / "config.json").write_text(json.dumps(CONFIG))
    with torch.device("meta"):
        shapes = {name: p.shape for name, p in CogVLMForCausalLM(read_config(folder)).named_parameters()}
    torch.manual_seed(0)
    files = {f"model-{k + 1:05}-of-{SHARDS:05}.safetensors": list(shapes)[k::SHARDS] for k in range(SHARDS)}
    for file, names in files.items():
        save_file({name: (0.03 * torch.randn(shapes[name])).bfloat16() for name in names}, folder / file)
    index = {"weight_map": {name: file for file, names in files.items() for name in names}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    return sum((folder / file).stat().st_size for file in files)


def held(what: str) -> int:
    """Bytes, of this process."""
    found = re.search(rf"{what}:\s*(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) * 1024 if found else 0


def load(folder: Path, dtype: str, quantization: str | None) -> tuple[int, int, float]:
    """Peak and what remains, in bytes above what was held before, and seconds."""
    import torch

    from captioners.cogvlm import CogVLMForCausalLM

    if quantization:
        import bitsandbytes  # noqa: F401 - what it takes itself is not the model's
    resident, own = held("VmRSS"), held("RssAnon")
    begin = time.perf_counter()
    model = CogVLMForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype), quantization=quantization)
    seconds = time.perf_counter() - begin
    assert not any(parameter.is_meta for parameter in model.parameters())
    return held("VmHWM") - resident, held("RssAnon") - own, seconds


def decode(folder: Path, threads: int, new: int) -> tuple[float, float, bool]:
    """Seconds with and without a cache, and whether both say the same."""
    import torch

    from captioners.cogvlm import CogVLMForCausalLM
    from captioners.cogvlm.generation import generate
    from captioners.cogvlm.prompt import padded, prompt

    torch.set_num_threads(threads)
    model = CogVLMForCausalLM.from_pretrained(folder, dtype=torch.float32)
    asked = prompt(model.config, lambda text: range(100, 115), "", picture=True)
    images = torch.randn(1, 3, 224, 224)
    begin = time.perf_counter()
    cached = generate(model, [asked], images, new)[0].ids
    with_cache = time.perf_counter() - begin
    ids, types, _ = padded([asked], 0)
    begin = time.perf_counter()
    for _ in cached:
        with torch.inference_mode():
            chosen = model.next_logits(ids, types, images).argmax(dim=-1)
        ids, types = torch.cat([ids, chosen[:, None]], dim=1), torch.cat([types, types[:, :1]], dim=1)
    without = time.perf_counter() - begin
    return with_cache / len(cached), without / len(cached), tuple(ids[0, len(asked.ids) :].tolist()) == cached


def in_a_process(function: Any, *arguments: Any) -> Any:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, arguments)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--new-tokens", type=int, default=16)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        size = in_a_process(make, folder)
        print_lines([f"checkpoint: {size / MIB:.0f} MiB in bfloat16, {SHARDS} shards"])
        rows = []
        for dtype, quantization in (("bfloat16", None), ("float32", None), ("bfloat16", "nf4")):
            peak, own, seconds = in_a_process(load, folder, dtype, quantization)
            rows.append(
                [quantization or dtype, f"{peak / MIB:.0f}", f"{own / MIB:.0f}", f"{peak / size:.2f}", f"{seconds:.1f}"]
            )
        print_table(["loaded as", "peak MiB", "own MiB after", "peak / files", "seconds"], rows)
        cached, without, same = in_a_process(decode, folder, options.threads, options.new_tokens)
    print_lines([
        f"new tokens a second: {1 / cached:.2f} with a cache, {1 / without:.2f} without: {without / cached:.1f} times"
    ])  # fmt: skip
    sys.exit(0 if same else 1)


if __name__ == "__main__":
    main()
