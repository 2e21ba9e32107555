"""The protocol of a captioner, and what it is given.

A captioner reads the SVG text or the rendered picture of a drawing and answers with a caption. It never sees the
references of a drawing that it captions; the one exception says so by ``reads = "references"`` (the human ceiling).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from captioners.options import ModelOptions
from renderers.registry import AVAILABLE, Availability, Registry

if TYPE_CHECKING:
    from PIL import Image

Reads = Literal["svg", "image", "references"]


class CaptionerError(Exception):
    """A captioner cannot caption; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a captioner may know of a sample.

    Attributes:
        id: of the sample.
        svg: source text; "" unless the captioner reads it.
        image: RGB on the run's background, ``image_size`` pixels square; None unless the captioner reads images.
        captions: reference captions: of training drawings, and for ``reads = "references"``; otherwise empty.
    """

    id: str
    svg: str = ""
    image: Image.Image | None = None
    captions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """One caption.

    Attributes:
        caption: what is scored.
        raw: what the captioner said before anything was cut from it; equal to the caption for most.
        held_out: the reference that this caption is and that must not be scored against, by position.
        cut: whether a token limit ended it before the captioner did.
        details: what else should be kept beside it, JSON values only. Known to tables: ``cleaned``, the rules of
            :mod:`captioners.hygiene` that cut something, and ``dropped``, elements of the drawing that the captioner
            did not see.
    """

    caption: str
    raw: str | None = None
    held_out: int | None = None
    cut: bool = False
    details: Mapping[str, object] | None = None


class Captioner(Protocol):
    """One captioner, as the registry makes it: cheap to construct, heavy things load in :meth:`fit`.

    Attributes:
        name: as ``--captioners`` knows it.
        summary: one line for lists.
        reads: what of a drawing it looks at.
        image_size: side in pixels of the pictures it wants.
        learns: whether it needs the training split; :meth:`fit` gets nothing otherwise.
    """

    @property
    def name(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def reads(self) -> Reads: ...
    @property
    def image_size(self) -> int: ...
    @property
    def learns(self) -> bool: ...

    def availability(self) -> Availability:
        """Whether it can run here; cheap, and true."""
        ...

    def fingerprint(self) -> Mapping[str, object]:
        """What determines its captions: model and revision, prompt, settings. JSON values only.

        Captions that echo the text under ``prompt``, what is asked around the drawing, are found and counted.
        """
        ...

    def fit(self, training: Iterable[Drawing]) -> None:
        """Load what captioning needs; learn from the training drawings, which are read once, in order."""
        ...

    def caption(self, drawings: Sequence[Drawing]) -> list[Answer]:
        """One answer per drawing, in order. An answer depends on its own drawing alone."""
        ...


@runtime_checkable
class Batching(Protocol):
    """A captioner that chooses its batches itself, e.g. of drawings of similar length.

    It gets the drawings of a run all at once; the order of its batches is that of the run's predictions file, and must
    depend on the drawings alone.
    """

    def batches(self, drawings: Sequence[Drawing], batch_size: int) -> Iterable[Sequence[Drawing]]:
        """Every drawing once, in batches of at most ``batch_size`` for :meth:`Captioner.caption`."""
        ...


@runtime_checkable
class Configurable(Protocol):
    """A captioner that depends on how models are to run."""

    def configured(self, options: ModelOptions) -> Captioner:
        """The same captioner under these options. Raises CaptionerError for options that it cannot follow."""
        ...


class Baseline:
    """What the captioners without weights share: they run everywhere, and their version is their fingerprint."""

    name: str
    summary: str
    reads: Reads
    image_size = 0
    learns = False
    version = 1

    def availability(self) -> Availability:
        return AVAILABLE

    def fingerprint(self) -> Mapping[str, object]:
        return {"version": self.version}

    def fit(self, training: Iterable[Drawing]) -> None:
        """Nothing to load."""


CaptionerFactory = Callable[[], Captioner]
Family = Callable[[str, str], Captioner]

CAPTIONERS: Registry[CaptionerFactory] = Registry(
    "captioner",
    modules=(
        "captioners.baselines.constant",
        "captioners.baselines.svg_metadata",
        "captioners.baselines.nearest_neighbour",
        "captioners.baselines.human",
        "captioners.adapters",
        "captioners.blip",
        "captioners.vit_gpt2",
        "captioners.cogvlm",
    ),
    group="svg_caption_bench.captioners",
)

FAMILIES: Registry[Family] = Registry(
    "family of captioners",
    modules=("captioners.adapters",),
    group="svg_caption_bench.captioner_families",
)
"""Captioners that are written ``FAMILY:ARGUMENT``, e.g. ``hf:PATH``: what makes one of a name and an argument."""
