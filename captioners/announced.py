"""Captioners that a later release brings: registered, described, and honest about not running yet."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from captioners.base import Answer, CaptionerError, Drawing, Reads
from renderers.registry import Availability


class AnnouncedCaptioner:
    """A captioner of published weights whose inference code is not part of this version.

    Attributes:
        repository: the weights on the model hub.
        size: of the download, as the hub states it.
        licence: of the weights.
        packages: what it imports; all of them come with the extra ``models``.
    """

    name: str
    summary: str
    reads: Reads
    image_size = 0
    learns = False
    repository: str
    size: str
    licence: str
    packages: ClassVar[tuple[str, ...]] = ("torch", "transformers")

    def availability(self) -> Availability:
        missing = [package for package in self.packages if importlib.util.find_spec(package) is None]
        also = f"; it will also need {', '.join(missing)}: pip install 'svg-caption-bench[models]'" if missing else ""
        return Availability(
            "not in this version: its inference code comes with a later release",
            f"weights {self.repository}, {self.size}, {self.licence}{also}",
        )

    def fingerprint(self) -> Mapping[str, object]:
        return {"repository": self.repository}

    def fit(self, training: Iterable[Drawing]) -> None:
        raise CaptionerError(str(self.availability()))

    def caption(self, drawings: Sequence[Drawing]) -> list[Answer]:
        raise CaptionerError(str(self.availability()))
