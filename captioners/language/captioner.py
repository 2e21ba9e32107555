"""The captioner: SVG code in, the answer of a causal language model out."""

from __future__ import annotations

import importlib.util
import re
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import ClassVar

from captioners import checkpoints, devices, hygiene, prompts, safetensors_files, svg_text
from captioners.base import Answer, CaptionerError, Drawing, Reads
from captioners.checkpoints import Checkpoint
from captioners.devices import Placement
from captioners.halving import in_halves
from captioners.language import adapter_folders, cards, loading, model_folders, published
from captioners.language.adapter_folders import Adapter
from captioners.language.generation import greedy
from captioners.options import QUANTIZATIONS, ModelOptions
from renderers.registry import AVAILABLE, Availability

MAX_NEW_TOKENS = 64
"""Bound on a caption where the options name none: one sentence."""

_SVG = svg_text.SvgTextOptions()


@dataclass(frozen=True, slots=True)
class Question:
    """A drawing as the model gets it: token ids, and what became of its text on the way."""

    ids: array[int]
    characters: int
    tokens_saved: int
    dropped: int
    not_simplified: str


@dataclass
class LanguageCaptioner:
    """A base model, alone ("zero-shot") or with a LoRA adapter.

    Attributes:
        name: in tables.
        summary: one line for lists.
        model: the base model; None for that of the adapter.
        adapter: where its adapter is; None for none.
        options: how it is to run.
    """

    name: str
    summary: str
    model: Checkpoint | None
    adapter: Checkpoint | None = None
    options: ModelOptions = field(default_factory=ModelOptions)
    _questions: dict[tuple[str, str], Question] = field(default_factory=dict, repr=False)

    reads: ClassVar[Reads] = "svg"
    image_size: ClassVar[int] = 0
    learns: ClassVar[bool] = False

    def configured(self, options: ModelOptions) -> LanguageCaptioner:
        """Under these options. Raises CaptionerError where they leave no room for a drawing."""
        model = self.model
        if model is not None and self.adapter is None:
            model = checkpoints.chosen(self.name, model, options)
        made = replace(self, model=model, options=options, _questions={})
        if options.context <= made._limit:
            raise CaptionerError(
                f"a context of {options.context:,} tokens has no room for a drawing beside {made._limit:,} new tokens"
            )
        return made

    def availability(self) -> Availability:
        try:
            if self.adapter is not None:
                there = checkpoints.availability(self.adapter, self._packages, self.options)
                if not there or checkpoints.located(self.adapter) is None:
                    return there
            model = self._checkpoint()
            there = checkpoints.availability(model, self._packages, self.options, name=self._known_as())
            folder = checkpoints.located(model) if there else None
            if folder is None:
                return there
            model_folders.check(folder)
            placed = self._placed(folder)
            if placed.quantization == "nf4" and importlib.util.find_spec("bitsandbytes") is None:
                return Availability("nf4 needs bitsandbytes", "pip install -e '.[models]', or --quantization none")
            if placed.quantization in QUANTIZATIONS and not (there := devices.room(folder, placed)):
                return there
            self._forced(folder)
        except CaptionerError as error:
            return Availability(str(error))
        return AVAILABLE

    def fingerprint(self) -> Mapping[str, object]:
        folder = self._folder()
        adapter = self._adapter()
        told: dict[str, object] = {
            **self._origin(self._checkpoint(), folder),
            "weights": safetensors_files.digest(folder),
            "configuration": model_folders.digest(folder),
            **prompts.fingerprint(loading.tokenizer(folder)),
            "svg_text": _SVG.fingerprint(),
            **self._placed(folder).fingerprint(),
            "max_new_tokens": self._limit,
            "context": self.options.context,
            "hygiene": hygiene.VERSION,
            "versions": {package: version(package) for package in ("torch", "transformers")},
        }
        if self.adapter is not None and adapter is not None:
            told["adapter"] = {**self._origin(self.adapter, adapter.folder), **adapter.fingerprint()}
            told["versions"] = {package: version(package) for package in ("torch", "transformers", "peft")}
            if forced := self._forced(folder):
                told["forced"] = forced
        return told

    def card(self, folder: Path) -> cards.AdapterCard:
        """What the card of an adapter says that is trained for the base in ``folder``, used as here."""
        placed, origin = self._placed(folder), self._origin(self._checkpoint(), folder)
        return cards.AdapterCard(
            base=origin.get("repository", folder.name),
            revision=origin.get("revision", ""),
            weights=safetensors_files.digest(folder),
            prompt_hash=prompts.fingerprint(loading.tokenizer(folder))["prompt_hash"],
            quantization=placed.quantization,
            dtype=placed.dtype,
            svg_text=_SVG.fingerprint(),
        )

    def fit(self, training: Iterable[Drawing]) -> None:
        """Load model and adapter. Raises CaptionerError."""
        with self._base().using(self._adapter()):
            pass

    def batches(self, drawings: Sequence[Drawing], batch_size: int) -> Iterable[Sequence[Drawing]]:
        """Of similar length, the longest first: what does not fit into memory shows at once.

        A batch has at most ``batch_size`` drawings and ``options.batch_tokens`` prompt tokens, padding included.
        """
        base = self._base()
        lengths = {drawing.id: self._length(base, drawing) for drawing in drawings}
        batch: list[Drawing] = []
        for drawing in sorted(drawings, key=lambda drawing: (-lengths[drawing.id], drawing.id)):
            longest = lengths[batch[0].id] if batch else 0
            if batch and (len(batch) == batch_size or longest * (len(batch) + 1) > self.options.batch_tokens):
                yield batch
                batch = []
            batch.append(drawing)
        if batch:
            yield batch

    def caption(self, drawings: Sequence[Drawing]) -> list[Answer]:
        base = self._base()
        with base.using(self._adapter()):
            return in_halves(drawings, lambda some: self._answers(base, some))

    def _answers(self, base: loading.Base, drawings: Sequence[Drawing]) -> list[Answer]:
        questions = [self._question(base, drawing) for drawing in drawings]
        said = greedy(base.model, base.tokenizer, [question.ids for question in questions], self._limit, base.ends)
        answers = []
        for drawing, question, one in zip(drawings, questions, said, strict=True):
            raw = str(base.tokenizer.decode(one.ids, clean_up_tokenization_spaces=False))
            caption, cleaned = hygiene.clean(raw)
            details: dict[str, object] = {
                "prompt_tokens": len(question.ids),
                "new_tokens": len(one.ids),
                "svg_characters": question.characters,
                "svg_tokens_saved": question.tokens_saved,
                "dropped": question.dropped,
                "cleaned": list(cleaned),
            }
            if question.not_simplified:
                details["not_simplified"] = question.not_simplified
            answers.append(Answer(caption, raw, cut=one.cut, details=details))
            self._questions.pop((drawing.id, drawing.svg), None)
        return answers

    def _question(self, base: loading.Base, drawing: Drawing) -> Question:
        key = drawing.id, drawing.svg
        if key not in self._questions:
            self._questions[key] = self._asked(base, drawing.svg)
        return self._questions[key]

    def _asked(self, base: loading.Base, svg: str) -> Question:
        def count(text: str) -> int:
            return len(prompts.prompt(base.tokenizer, text))

        context = min(self.options.context, base.window or self.options.context)
        text = svg_text.fit(svg_text.simplify(svg, _SVG), count, context - self._limit)
        before, after = (len(base.tokenizer.encode(one, add_special_tokens=False)) for one in (svg, text.text))
        ids = array("I", prompts.prompt(base.tokenizer, text.text))
        return Question(ids, len(text.text), before - after, text.dropped, text.reason)

    def _length(self, base: loading.Base, drawing: Drawing) -> int:
        try:
            return len(self._question(base, drawing).ids)
        except Exception:  # its batch meets the same, and the run records it for this drawing
            return 0

    @property
    def _limit(self) -> int:
        return self.options.max_new_tokens or MAX_NEW_TOKENS

    def _base(self) -> loading.Base:
        folder = self._folder()
        return loading.base(folder, self._placed(folder))

    def _folder(self) -> Path:
        return checkpoints.fetched(self._checkpoint(), self.options, self._known_as())

    def _adapter(self) -> Adapter | None:
        if self.adapter is None:
            return None
        return adapter_folders.read(checkpoints.fetched(self.adapter, self.options, ""))

    def _checkpoint(self) -> Checkpoint:
        if self.model is not None:
            return self.model
        adapter = self._adapter()
        assert adapter is not None
        if not adapter.base and self.name not in self.options.weights:
            file = adapter.folder / adapter_folders.CONFIGURATION
            raise CaptionerError(f"{file} does not name the base model: --weights {self.name}=BASE does")
        return published.base_of_adapter(self.name, adapter.base, adapter.revision, self.options)

    def _known_as(self) -> str:
        """The registered captioner whose weights the base's are, for the commands that messages propose."""
        if self.name in published.PUBLISHED or self.adapter is None or self.name in self.options.weights:
            return self.name if self.name in published.PUBLISHED else ""
        adapter = self._adapter()
        return published.named(adapter.base) if adapter else ""

    def _placed(self, folder: Path) -> Placement:
        method = model_folders.quantized_as_published(folder)
        placed = devices.placement(self.options, quantizes=not method)
        if method and placed.quantization == "nf4":
            raise CaptionerError(f"the weights in {folder} are quantized already ({method}): --quantization none")
        return replace(placed, quantization=method) if method else placed

    def _origin(self, checkpoint: Checkpoint, folder: Path) -> dict[str, str]:
        """Of the hub; the same weights from a folder of unknown origin are known by their hash."""
        if checkpoint.local:
            return {}
        commit = folder.name if re.fullmatch(r"[0-9a-f]{40}", folder.name) else checkpoint.revision
        return {"repository": checkpoint.repository, "revision": commit}

    def _forced(self, folder: Path) -> list[str]:
        """How base, prompt and precision differ from those the adapter was trained with, where that is to be ignored.

        Raises CaptionerError where it is not.
        """
        adapter = self._adapter()
        if adapter is None:
            return []
        card, model = cards.read(adapter.folder), self._checkpoint()
        if card is not None:
            differences = card.differences(self.card(folder))
        elif model.local or published.same(model.repository, adapter.base):
            differences = []  # a folder without a card: shapes will tell
        else:
            differences = [f"base: trained on {adapter.base}, here {model}"]
        if differences and not self.options.force:
            raise CaptionerError(
                f"the adapter was trained for something else ({'; '.join(differences)}); --force uses it all the same, "
                "and says so"
            )
        return differences

    @property
    def _packages(self) -> tuple[str, ...]:
        unpacks = self.model is not None and self.model.repository.endswith(".gguf")
        return (
            *("torch", "transformers", "accelerate"),
            *(("peft",) if self.adapter is not None else ()),
            *(("gguf",) if unpacks else ()),
        )
