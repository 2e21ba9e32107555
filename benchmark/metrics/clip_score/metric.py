"""The registered metric: pictures, captions and references in, three scores for each sample out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import numpy as np

from benchmark.metrics.base import METRICS, Array, Corpus, Flags, MetricError
from benchmark.metrics.clip_score import weights
from benchmark.metrics.clip_score.embedding import embedded
from benchmark.metrics.clip_score.embedding_store import EmbeddingStore, key_of
from benchmark.metrics.clip_score.formulas import PROMPT, WEIGHT, clip_s, percent, ref_clip_s
from benchmark.metrics.clip_score.options import ClipOptions
from benchmark.metrics.mean import MeanOfRows
from benchmark.progress import Unwatched, Watcher
from renderers.registry import Availability

if TYPE_CHECKING:
    from PIL import Image

    from benchmark.metrics.clip_score.encoder import ClipEncoder

_PROMPTED = f"prompt:{PROMPT.strip().replace(' ', '_')}|w:{WEIGHT}"


class ClipScore(MeanOfRows):
    """Means of three scores of each sample, higher is better; see ``formulas``.

    ``CLIPScore`` (0 to 100) is ``100 · max(cos(caption, image), 0)``. ``CLIPScore-w2.5`` (0 to 2.5) and
    ``RefCLIPScore`` (0 to 10/7) are those of Hessel et al. 2021, with their prompt before captions and references.

    A blank caption scores 0, although CLIP would give it a place among the pictures: it says nothing, and a
    captioner must not gain by failing. So does the caption of a drawing that could not be drawn, which is flagged, as
    is a text that is longer than the model reads.
    """

    columns = ("CLIPScore", "CLIPScore-w2.5", "RefCLIPScore")
    upper = 100.0
    unit = "cosine"
    needs_images = True
    _uppers: Mapping[str, float] = {"CLIPScore": 100.0, "CLIPScore-w2.5": WEIGHT, "RefCLIPScore": 10 / 7}
    _ways: Mapping[str, str] = {
        "CLIPScore": "prompt:none|w:100",
        "CLIPScore-w2.5": _PROMPTED,
        "RefCLIPScore": f"{_PROMPTED}|max-ref|harmonic-mean",
    }

    def __init__(self, options: ClipOptions | None = None) -> None:
        self.options = options or ClipOptions()

    @property
    def signature(self) -> str:
        """Model, hash of its weights where they are here, version of open_clip, dtype."""
        return "|".join([*weights.named(self.options), f"open_clip-{_open_clip_version()}", self.options.dtype])

    def column_upper(self, column: str) -> float:
        """The highest possible value of a column."""
        return self._uppers[column]

    def column_signature(self, column: str, corpus: Corpus) -> str:
        """What determines a column: model, size and background of the pictures, prompt, weight, references."""
        parts = [self.signature, self._ways[column]]
        parts += [f"size:{size}"] if (size := self._size()) else []
        parts += [f"bg:{corpus.images.background}"] if corpus.images else []
        parts += [f"refs:{corpus.reference_counts()}"] if column == "RefCLIPScore" else []
        return "|".join([*parts, "empty:0"])

    def availability(self) -> Availability:
        return weights.availability(self.options)

    def prepare(self, watcher: Watcher) -> None:
        """Load the model, which takes seconds. Raises MetricError."""
        self._encoder(watcher)

    def statistics(self, corpus: Corpus) -> Array:
        """Rows ``[n, 4]``: the three scores and 1. Raises MetricError."""
        return self.flagged_statistics(corpus, Unwatched())[0]

    def flagged_statistics(self, corpus: Corpus, watcher: Watcher) -> tuple[Array, Flags]:
        """The statistics, and which captions or references were cut and which drawings are missing.

        Raises MetricError.
        """
        if corpus.images is None:
            raise MetricError("CLIP Score looks at the drawings, and there are none with these captions")
        encoder, images = self._encoder(watcher), corpus.images
        missing: list[bool] = []

        def pictures() -> Iterator[Image.Image | None]:
            for picture in images.pictures(encoder.size):
                missing.append(picture is None)
                advance(1)
                yield picture

        with EmbeddingStore(encoder.fingerprint) as store, watcher.task("CLIP Score", len(corpus)) as advance:

            def of_texts(texts: Sequence[str | None]) -> Array:
                return embedded(texts, _text_key, encoder.texts, store, self.options.batch_size)

            seen = embedded(pictures(), _picture_key, encoder.images, store, self.options.batch_size)
            bare = of_texts([caption if caption.strip() else None for caption in corpus.captions])
            prompted = of_texts([PROMPT + caption if caption.strip() else None for caption in corpus.captions])
            references = of_texts([PROMPT + said for row in corpus.reference_captions for said in row])
        to_image = _cosines(seen, prompted)
        counts = [len(row) for row in corpus.reference_captions]
        to_references = _cosines(references, np.repeat(prompted, counts, axis=0))
        nearest = np.maximum.reduceat(to_references, np.cumsum([0, *counts[:-1]]))
        scores = [percent(_cosines(seen, bare)), clip_s(to_image), ref_clip_s(to_image, nearest)]
        over = f"over {encoder.context} tokens"
        flags = {
            f"captions {over}": [encoder.is_cut(PROMPT + caption) for caption in corpus.captions],
            f"samples with a reference {over}": [
                any(encoder.is_cut(PROMPT + said) for said in row) for row in corpus.reference_captions
            ],
            "drawings that CLIP Score could not see": missing,
        }
        return self.rows(np.stack(scores, axis=-1)), {name: np.array(mask) for name, mask in flags.items()}

    def _encoder(self, watcher: Watcher) -> ClipEncoder:
        from benchmark.metrics.clip_score.encoder import load

        return load(self.options, watcher)

    def _size(self) -> int | None:
        """Side of the pictures that the model sees; None where it is not here or does not load."""
        try:
            there = self.availability() and weights.located(self.options)
            return self._encoder(Unwatched()).size if there else None
        except MetricError:
            return None


def _cosines(one: Array, other: Array) -> Array:
    """Of rows of length 1, or 0."""
    return np.asarray(np.einsum("nd,nd->n", *np.broadcast_arrays(one, other)))


def _picture_key(picture: Image.Image) -> bytes:
    return key_of(f"picture {picture.width} {picture.height}", picture.tobytes())


def _text_key(text: str) -> bytes:
    return key_of("text", text.encode("utf-8", "surrogatepass"))


def _open_clip_version() -> str:
    try:
        return version("open_clip_torch")
    except PackageNotFoundError:
        return "none"


METRICS.register("clip_score")(ClipScore())
