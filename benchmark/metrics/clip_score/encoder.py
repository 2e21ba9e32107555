"""The CLIP model: pictures and captions in, embeddings of length 1 out."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from benchmark.metrics.base import MetricError
from benchmark.metrics.clip_score import weights
from benchmark.metrics.clip_score.options import ClipOptions
from benchmark.metrics.clip_score.torchvision_operators import open_clip
from benchmark.progress import Watcher
from captioners import CaptionerError, devices

if TYPE_CHECKING:
    from PIL import Image

Embeddings = npt.NDArray[np.float32]

_PRECISIONS = {"float32": "fp32", "bfloat16": "bf16", "float16": "fp16"}
# The longest word of CLIP's vocabulary has 32 characters; with the blank before it, a longer text is over in any case.
_LONGEST_TOKEN = 33


@dataclass(frozen=True, eq=False)
class ClipEncoder:
    """A loaded CLIP model.

    Attributes:
        model: open_clip's.
        preprocess: a picture to its input, ``[3, size, size]``.
        tokenizer: CLIP's own, of byte pairs.
        size: side of the pictures that the model sees, in pixels.
        device: of torch.
        dtype: of the weights, as torch calls it.
        fingerprint: SHA-256 (hex) over everything that determines the embeddings.
    """

    model: Any
    preprocess: Callable[[Image.Image], Any]
    tokenizer: Any
    size: int
    device: str
    dtype: str
    fingerprint: str

    @property
    def context(self) -> int:
        """How many tokens the model reads, with those that begin and end a text; 77 in most models."""
        return int(self.tokenizer.context_length)

    def images(self, pictures: Sequence[Image.Image]) -> Embeddings:
        """Embeddings ``[n, d]`` of RGB pictures. Raises MetricError when the model computes none."""
        import torch

        batch = torch.stack([self.preprocess(picture) for picture in pictures])
        return self._computed(self.model.encode_image, batch.to(getattr(torch, self.dtype)))

    def texts(self, texts: Sequence[str]) -> Embeddings:
        """Embeddings ``[n, d]`` of texts, cut to :attr:`context` tokens. Raises MetricError."""
        return self._computed(self.model.encode_text, self.tokenizer([self._bounded(text) for text in texts]))

    def is_cut(self, text: str) -> bool:
        """Whether a text has more than :attr:`context` tokens."""
        bounded = self._bounded(text)
        return len(bounded) == self._longest or len(self.tokenizer.encode(bounded)) + 2 > self.context

    @property
    def _longest(self) -> int:
        return _LONGEST_TOKEN * self.context

    def _bounded(self, text: str) -> str:
        """What the tokenizer, whose time grows faster than a word, need see of a text; without lone surrogates."""
        return " ".join(text.encode("utf-8", "replace").decode().split())[: self._longest]

    def _computed(self, encode: Callable[[Any], Any], batch: Any) -> Embeddings:
        import torch

        # TensorFloat-32, which cuDNN uses unless told otherwise, has ten bits for a fraction.
        with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
            try:
                features = encode(batch.to(self.device)).float()
            except RuntimeError as error:  # out of memory, an operation that the device does not have, …
                raise MetricError(f"CLIP fails on {self.device} in {self.dtype}: {error}") from error
            features = features / features.norm(dim=-1, keepdim=True)
        embeddings = features.cpu().numpy()
        if not np.isfinite(embeddings).all():
            raise MetricError(f"CLIP computes what is no number in {self.dtype}; use --clip-dtype float32")
        return np.asarray(embeddings, dtype=np.float32)


_loaded: dict[tuple[ClipOptions, str], ClipEncoder] = {}  # one: all captioners of a run use the same


def load(options: ClipOptions, watcher: Watcher) -> ClipEncoder:
    """The model, from the weights on this machine, or from the network where the options allow it.

    Raises MetricError when there are no weights, or they do not fit the model.
    """
    path = weights.fetched(options)
    digest = weights.digest(options, path)
    if (options, digest) not in _loaded:
        _loaded.clear()
        with watcher.task(f"loading CLIP from {path}", 1) as advance:
            _loaded[options, digest] = _read(options, path, digest)
            advance(1)
    return _loaded[options, digest]


def _read(options: ClipOptions, path: Path, digest: str) -> ClipEncoder:
    package = open_clip()
    from open_clip.transform import PreprocessCfg, image_transform_v2

    folder = options.checkpoint if options.checkpoint is not None and options.checkpoint.is_dir() else None
    name = options.name if folder is None else f"local-dir:{folder}"
    known = weights.pretrained_config(options) if folder is None else {}
    try:
        device = devices.device(options.device)
    except CaptionerError as error:
        raise MetricError(str(error)) from error
    try:
        config = package.get_model_config(name)
        _refuse_other_tokenizers(name, config["text_cfg"])
        model = package.create_model(
            name,
            None if folder else str(path),
            precision=_PRECISIONS[options.dtype],
            device=device,
            # A file of weights does not say which activation they were trained with; its tag does.
            force_quick_gelu=bool(known.get("quick_gelu")),
            force_preprocess_cfg={key: known[key] for key in _PREPROCESSING if key in known},
            require_pretrained=True,
            weights_only=True,
        )
    except MetricError:
        raise
    except Exception as error:  # whatever a file that is none of weights, or of another model's, leads to
        reason = str(error).strip().partition("\n")[0]
        raise MetricError(f"{path} cannot be loaded as weights of {name}: {reason}") from error
    preprocessing = PreprocessCfg(**model.visual.preprocess_cfg)
    size = preprocessing.size if isinstance(preprocessing.size, int) else max(preprocessing.size)
    identity = [
        package.__version__,
        digest,
        config,
        bool(known.get("quick_gelu")),
        model.visual.preprocess_cfg,
        options.dtype,
    ]
    return ClipEncoder(
        model=model.eval(),
        preprocess=image_transform_v2(preprocessing, is_train=False),
        tokenizer=package.get_tokenizer(name),
        size=size,
        device=device,
        dtype=options.dtype,
        fingerprint=sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest(),
    )


_PREPROCESSING = ("mean", "std", "interpolation", "resize_mode")


def _refuse_other_tokenizers(name: str, text: dict[str, Any]) -> None:
    """Raises MetricError for a text encoder that would be got from the network."""
    if (
        "siglip" in name.lower()
        or text.get("hf_tokenizer_name")
        or text.get("hf_model_name")
        or text.get("tokenizer_kwargs", {}).get("reduction_mask")
    ):
        raise MetricError(f"{name} does not read captions with CLIP's own tokenizer; choose a model that does")
