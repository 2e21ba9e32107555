"""What captioners share that are models of transformers and look at pictures: BLIP and vit-gpt2."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from typing import Any, ClassVar, NamedTuple

from captioners import checkpoints
from captioners.base import Answer, CaptionerError, Drawing, Reads
from captioners.checkpoints import Checkpoint
from captioners.devices import Placement, placement, room
from captioners.halving import in_halves
from captioners.loaded import held
from captioners.offline import offline
from captioners.options import ModelOptions
from captioners.quiet import quiet
from captioners.torchvision_operators import spare_transformers
from renderers.registry import AVAILABLE, Availability

PACKAGES = ("torch", "transformers", "psutil")


class Parts(NamedTuple):
    """A model with what goes in front of it and behind it, as transformers has them."""

    model: Any
    processor: Any
    tokenizer: Any


class PictureModel:
    """A captioner whose checkpoint holds a model, an image processor and a tokenizer.

    Attributes:
        published: the checkpoint of its authors.
        classes: of transformers: the model's, the image processor's (one that uses Pillow) and the tokenizer's.
        generation: published settings, as :class:`transformers.GenerationConfig` calls them.
    """

    name: str
    summary: str
    reads: Reads = "image"
    image_size: int
    learns = False
    published: ClassVar[Checkpoint]
    classes: ClassVar[tuple[str, str, str]]
    generation: ClassVar[Mapping[str, int]]

    def __init__(self, options: ModelOptions | None = None) -> None:
        self._options = options or ModelOptions()

    def generated(self, parts: Parts, pixels: Any) -> tuple[Any, int, int]:
        """What is said of pixels ``[B, 3, H, W]``.

        Returns:
            Token ids ``[B, T]``, padded; how many of them each row was given; the id that ends a caption.
        """
        raise NotImplementedError

    def configured(self, options: ModelOptions) -> PictureModel:
        return type(self)(options)

    @property
    def checkpoints(self) -> tuple[Checkpoint, ...]:
        return (self._checkpoint,)

    def availability(self) -> Availability:
        if self._options.quantization not in ("auto", "none"):
            return Availability(
                f"{self.name} runs in full precision only, not in {self._options.quantization}",
                "leave --quantization at auto for it",
            )
        here = checkpoints.availability(self._checkpoint, PACKAGES, self._options, name=self.name)
        if not here:
            return here
        try:
            folder = checkpoints.located(self._checkpoint)
            if folder is None:  # it will be fetched
                return AVAILABLE
            checkpoints.require_model(folder, self.classes[0])
            return room(folder, self._placed())
        except CaptionerError as error:
            return Availability(str(error))

    def fingerprint(self) -> Mapping[str, object]:
        about: dict[str, object] = {"image_size": self.image_size, "generation": dict(self._settings())}
        weights = checkpoints.identity(self._checkpoint, self._options, self.name)
        if "weights" not in weights:  # and so nothing runs
            return weights | about
        return weights | about | {**self._placed().fingerprint(), **{name: version(name) for name in PACKAGES[:2]}}

    def fit(self, training: Iterable[Drawing]) -> None:
        self._parts()

    def caption(self, drawings: Sequence[Drawing]) -> list[Answer]:
        return in_halves(drawings, self._answers)

    def _answers(self, drawings: Sequence[Drawing]) -> list[Answer]:
        import torch

        parts = self._parts()
        pictures = [drawing.image for drawing in drawings]
        pixels = parts.processor(images=pictures, return_tensors="pt")["pixel_values"]
        with torch.inference_mode(), quiet():
            ids, given, end = self.generated(parts, pixels.to(parts.model.device, parts.model.dtype))
        # A first new token may go on with the last given word, so what was given is cut off as text.
        texts, beginnings = (
            parts.tokenizer.batch_decode(part, skip_special_tokens=True) for part in (ids, ids[:, :given])
        )
        return [
            Answer(said.strip(), said, cut=end not in row)
            for said, row in zip(map(str.removeprefix, texts, beginnings), ids[:, given:].tolist(), strict=True)
        ]

    @property
    def _checkpoint(self) -> Checkpoint:
        return checkpoints.chosen(self.name, self.published, self._options)

    def _placed(self) -> Placement:
        return placement(self._options, quantizes=False)

    def _settings(self) -> Mapping[str, int]:
        """The published settings, but for another bound on the length that was asked for."""
        if self._options.max_new_tokens is None:
            return self.generation
        kept = {name: value for name, value in self.generation.items() if name != "max_length"}
        return kept | {"max_new_tokens": self._options.max_new_tokens}

    def _parts(self) -> Parts:
        folder = checkpoints.fetched(self._checkpoint, self._options, self.name)
        placed = self._placed()

        def load() -> Parts:
            spare_transformers()
            transformers: Any = importlib.import_module("transformers")
            makers = [getattr(transformers, name) for name in self.classes]
            with offline(), quiet():
                model, report = makers[0].from_pretrained(
                    folder, dtype=placed.torch_dtype(), use_safetensors=True, output_loading_info=True
                )
                processor, tokenizer = (maker.from_pretrained(folder) for maker in makers[1:])
            # A pooled vector of the picture, which classifiers need, is looked at by none of the decoders.
            if missing := sorted(name for name in report["missing_keys"] if ".pooler." not in name):
                raise CaptionerError(f"it lacks {missing[0]} and {len(missing) - 1} other tensors")
            model.generation_config = transformers.GenerationConfig(
                **self._settings(),
                **{name: getattr(model.generation_config, name) for name in _IDS},
            )
            return Parts(model.to(placed.device).eval(), processor, tokenizer)

        try:
            parts: Parts = held((self.classes, folder, placed, tuple(self._settings().items())), load)
        except Exception as error:  # whatever the files of strangers lead to
            reason = " ".join(str(error).split())[:300]
            raise CaptionerError(f"{folder} cannot be loaded as {self.classes[0]}: {reason}") from error
        return parts


_IDS = ("bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id")
