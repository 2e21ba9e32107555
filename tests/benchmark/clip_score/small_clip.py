"""A small CLIP with random weights, saved as open_clip saves its models, and what it must compute."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmark.metrics.clip_score.torchvision_operators import open_clip

SIZE, WIDTH = 32, 48
CONFIG: dict[str, Any] = {
    "embed_dim": 24,
    "vision_cfg": {"image_size": SIZE, "layers": 2, "width": WIDTH, "head_width": 24, "patch_size": 8},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": WIDTH, "heads": 2, "layers": 2},
}
# Published with the weights of Radford et al. 2021.
MEAN = np.array([0.48145466, 0.4578275, 0.40821073])
DEVIATION = np.array([0.26862954, 0.26130258, 0.27577711])


def small_clip(seed: int, **changes: Any) -> Any:
    """A model whose embeddings all lean towards one side, as those of real models do: cosines of either sign."""
    import torch

    torch.manual_seed(seed)
    model = open_clip().CLIP(**{**CONFIG, **changes}).eval()
    with torch.no_grad():
        side = 5 * torch.nn.functional.normalize(torch.randn(CONFIG["embed_dim"]), dim=0)
        for projection, norm in ((model.visual.proj, model.visual.ln_post), (model.text_projection, model.ln_final)):
            norm.bias.copy_(torch.linalg.lstsq(projection.T, side[:, None]).solution[:, 0])
            projection.mul_(3)
            norm.bias.div_(3)
    return model


def saved(folder: Path, seed: int = 0, **changes: Any) -> Path:
    """``folder``, with a :func:`small_clip` in it."""
    from safetensors.torch import save_file

    folder.mkdir()
    weights = {name: value.contiguous() for name, value in small_clip(seed, **changes).state_dict().items()}
    save_file(weights, folder / "open_clip_model.safetensors")
    (folder / "open_clip_config.json").write_text(json.dumps({"model_cfg": {**CONFIG, **changes}}))
    return folder


def expected(model: Any, pictures: Sequence[Image.Image], captions: Sequence[str], references: Sequence[Sequence[str]]):
    """The three scores ``[n, 3]`` by the formulas of Hessel et al. 2021, one sample at a time, in NumPy and torch."""
    import torch

    def image(picture: Image.Image) -> np.ndarray:
        pixels = np.asarray(picture.resize((SIZE, SIZE), Image.Resampling.BICUBIC), dtype=np.float64) / 255
        inputs = torch.tensor(((pixels - MEAN) / DEVIATION).transpose(2, 0, 1)[None], dtype=torch.float32)
        return model.encode_image(inputs)[0].numpy().astype(np.float64)

    def text(said: str) -> np.ndarray:
        return model.encode_text(open_clip().tokenize([said]))[0].numpy().astype(np.float64)

    def cosine(a: np.ndarray, b: np.ndarray) -> float:
        return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))

    rows = []
    with torch.no_grad():
        for picture, caption, written in zip(pictures, captions, references, strict=True):
            seen, prompted = image(picture), text(f"A photo depicts {caption}")
            clip = 2.5 * max(cosine(prompted, seen), 0)
            reference = max(0, *(cosine(prompted, text(f"A photo depicts {said}")) for said in written))
            harmonic = 2 / (1 / clip + 1 / reference) if clip and reference else 0
            rows.append([100 * max(cosine(text(caption), seen), 0), clip, harmonic])
    return np.array(rows)


def scenes(count: int, size: int = SIZE) -> list[Image.Image]:
    """Pictures of random pixels."""
    pixels = np.random.default_rng(0).integers(0, 256, (count, size, size, 3), dtype=np.uint8)
    return [Image.fromarray(picture) for picture in pixels]
