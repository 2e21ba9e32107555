"""CogVLM as captioners: its chat model, and the two base models, which do nothing but caption."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from captioners import checkpoints, hygiene, safetensors_files
from captioners.base import CAPTIONERS, Answer, CaptionerError, Drawing, Reads
from captioners.checkpoints import Checkpoint
from captioners.cogvlm.config import CogVLMConfig, read_config
from captioners.cogvlm.prompt import prompt, prompt_text
from captioners.cogvlm.tokenizer import TOKENIZER, Tokenizer, fetched_tokenizer
from captioners.devices import Placement, placement, room
from captioners.halving import in_halves
from captioners.loaded import held
from captioners.options import ModelOptions
from renderers.registry import Availability

if TYPE_CHECKING:
    from PIL.Image import Image

    from captioners.cogvlm.model import CogVLMForCausalLM

LICENCE = "CogVLM Model License"
"""Of the weights: research only, unless registered; Apache-2.0, which the hub says, is that of their authors' code."""

_PACKAGES = ("torch", "safetensors", "sentencepiece", "huggingface_hub", "psutil")
_MAX_NEW_TOKENS = 128  # several sentences; a text that goes on is cut, and marked so


class Parts(NamedTuple):
    """A loaded model with its tokenizer."""

    model: CogVLMForCausalLM
    tokenizer: Tokenizer


class CogVlmCaptioner:
    """What the checkpoints of CogVLM share.

    Attributes:
        published: the weights of its authors.
        side: of the pictures that these are for, in pixels.
        template: that it was trained for.
        query: what it is asked.
    """

    name: str
    summary: str
    reads: Reads = "image"
    learns = False
    published: ClassVar[Checkpoint]
    side: ClassVar[int]
    template: ClassVar[str]
    query: ClassVar[str]

    def __init__(self, options: ModelOptions | None = None) -> None:
        self._options = options or ModelOptions()

    def configured(self, options: ModelOptions) -> CogVlmCaptioner:
        return type(self)(options)

    @property
    def checkpoints(self) -> tuple[Checkpoint, ...]:
        return (self._checkpoint, TOKENIZER)

    @property
    def image_size(self) -> int:
        try:
            folder = checkpoints.located(self._checkpoint)
            return self.side if folder is None else read_config(folder).vision.image_size
        except CaptionerError:  # availability() says it
            return self.side

    def availability(self) -> Availability:
        quantizing = ("bitsandbytes",) if self._options.quantization == "nf4" else ()
        here = checkpoints.availability(self._checkpoint, (*_PACKAGES, *quantizing), self._options, name=self.name)
        if not here:
            return here
        try:
            folder = checkpoints.located(self._checkpoint)
            if folder is None:  # it will be fetched
                return here
            self._config(folder)
            if not self._options.allow_download:
                fetched_tokenizer(folder, allow_download=False)
            return room(folder, self._placed())
        except CaptionerError as error:
            return Availability(str(error))

    def fingerprint(self) -> Mapping[str, object]:
        """Weights that are allowed to be fetched are fetched: it says which they are."""
        identity = checkpoints.identity(self._checkpoint, self._options, self.name)
        about: dict[str, object] = {
            "template": self.template,
            "prompt": prompt_text(self.template, self.query),
            "image_size": self.image_size,
            "max_new_tokens": self._max_new_tokens,
            "hygiene": hygiene.VERSION,
            **identity,
        }
        folder = checkpoints.located(self._checkpoint)
        if folder is None:  # and so nothing runs
            return about
        tokenizer = fetched_tokenizer(folder, allow_download=self._options.allow_download)
        about["tokenizer"] = safetensors_files.digest(tokenizer)
        placed = self._placed()
        libraries = ("torch", "sentencepiece", *(("bitsandbytes",) if placed.quantization == "nf4" else ()))
        return about | {**placed.fingerprint(), **{name: version(name) for name in libraries}}

    def fit(self, training: Iterable[Drawing]) -> None:
        self._parts()

    def caption(self, drawings: Sequence[Drawing]) -> list[Answer]:
        """Pictures are captioned as many at a time as ``ModelOptions.batch_tokens`` allows, or the memory."""
        parts = self._parts()
        asked = prompt(parts.model.config, parts.tokenizer.encode, self._text, picture=True)
        rows = max(1, self._options.batch_tokens // len(asked.ids))
        batches = (drawings[start : start + rows] for start in range(0, len(drawings), rows))
        return [answer for batch in batches for answer in in_halves(batch, self._answers)]

    def _answers(self, drawings: Sequence[Drawing]) -> list[Answer]:
        from captioners.cogvlm.generation import generate
        from captioners.cogvlm.pixels import pixels

        model, tokenizer = self._parts()
        config = model.config
        asked = prompt(config, tokenizer.encode, self._text, picture=True)
        images = pixels([_picture(drawing) for drawing in drawings], config.vision.image_size)
        answers = []
        for generated in generate(model, [asked] * len(drawings), images, self._max_new_tokens):
            raw = tokenizer.decode(generated.ids)
            caption, cleaned = hygiene.clean(raw)
            # Where the model went on to ask itself, it is that which the limit ended.
            cut = generated.cut and "next-question" not in cleaned
            answers.append(Answer(caption, raw, cut=cut, details={"cleaned": list(cleaned)} if cleaned else None))
        return answers

    @property
    def _text(self) -> str:
        return prompt_text(self.template, self.query)

    @property
    def _max_new_tokens(self) -> int:
        return self._options.max_new_tokens or _MAX_NEW_TOKENS

    @property
    def _checkpoint(self) -> Checkpoint:
        return checkpoints.chosen(self.name, self.published, self._options)

    def _placed(self) -> Placement:
        return placement(self._options, quantizes=False)

    def _fetched(self) -> Path:
        return checkpoints.fetched(self._checkpoint, self._options, self.name)

    def _config(self, folder: Path) -> CogVLMConfig:
        """Raises CaptionerError for weights that want to be asked otherwise than this captioner asks."""
        config = read_config(folder)
        if config.template_version != self.template:
            raise CaptionerError(
                f"{folder} was trained for the template {config.template_version!r}, and {self.name} asks by "
                f"{self.template!r}: give its weights to a captioner that asks so (cogvlm-chat, cogvlm-base-490, "
                "cogvlm-base-224)"
            )
        return config

    def _parts(self) -> Parts:
        folder, placed = self._fetched(), self._placed()

        def load() -> Parts:
            from captioners.cogvlm.model import CogVLMForCausalLM

            if not (fits := room(folder, placed)):  # now that no other model is held
                raise CaptionerError(str(fits))
            config = self._config(folder)
            tokenizer = Tokenizer(fetched_tokenizer(folder, allow_download=self._options.allow_download))
            if tokenizer.size > config.vocab_size:
                raise CaptionerError(
                    f"the tokenizer has {tokenizer.size} tokens and the model in {folder} knows {config.vocab_size}: "
                    "they do not belong together"
                )
            model = CogVLMForCausalLM.from_pretrained(
                folder,
                dtype=placed.torch_dtype(),
                device=placed.device,
                quantization="nf4" if placed.quantization == "nf4" else None,
            )
            return Parts(model, tokenizer)

        parts: Parts = held(("cogvlm", folder, placed), load)
        return parts


def _picture(drawing: Drawing) -> Image:
    if drawing.image is None:
        raise CaptionerError(f"drawing {drawing.id!r} comes without its picture")
    return drawing.image


@CAPTIONERS.register("cogvlm-chat")
class CogVlmChat(CogVlmCaptioner):
    """The model card asks "Describe this image", which is answered by a paragraph; references are single sentences."""

    name = "cogvlm-chat"
    summary = f"CogVLM chat 1.1, 17.6 billion parameters, looks at the picture ({LICENCE})"
    published = Checkpoint("THUDM/cogvlm-chat-hf", size="35 GB", licence=LICENCE)
    side = 490
    template = "chat"
    query = "Describe this image in one sentence."


class CogVlmBase(CogVlmCaptioner):
    """Base models caption when they are asked nothing, and do nothing else."""

    template = "base"
    query = ""


@CAPTIONERS.register("cogvlm-base-490")
class CogVlmBase490(CogVlmBase):
    name = "cogvlm-base-490"
    summary = f"CogVLM base, 17.6 billion parameters, looks at the picture ({LICENCE})"
    published = Checkpoint("THUDM/cogvlm-base-490-hf", size="35 GB", licence=LICENCE)
    side = 490


@CAPTIONERS.register("cogvlm-base-224")
class CogVlmBase224(CogVlmBase):
    name = "cogvlm-base-224"
    summary = f"CogVLM base, 17.6 billion parameters, looks at a small picture ({LICENCE})"
    published = Checkpoint("THUDM/cogvlm-base-224-hf", size="35 GB", licence=LICENCE)
    side = 224
