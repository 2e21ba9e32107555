"""One captioner on one sample set: render what it looks at, caption in batches, keep every answer."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import renderers
from benchmark import provenance
from benchmark.predictions import Prediction
from benchmark.progress import Advance, Watcher
from benchmark.samples import Dataset, Sample
from benchmark.store import SCHEMA, Run, Shard, describe, short_hash
from captioners import Answer, Batching, Captioner, Drawing
from renderers import InvalidSvg, RenderError, Rendering, RenderOptions, RenderPool, prepare

Source = Rendering | Mapping[str, Any] | RenderError | None
"""What became of a drawing before the captioner got it: its picture, or what was done to its text, or why not."""


@dataclass(frozen=True)
class Job:
    """One captioner with what it is to caption.

    Attributes:
        captioner: not fitted yet.
        written: how the captioner was asked for.
        dataset: the samples to caption, all of them whatever the shard.
        training: the samples that a captioner that learns learns from, none of them among ``dataset``.
        options: how pictures are rendered; the size is the captioner's.
        run: where the captions go.
    """

    captioner: Captioner
    dataset: Dataset
    training: Dataset
    options: RenderOptions
    run: Run
    written: str = ""

    def identity(self) -> dict[str, Any]:
        """Everything that determines the captions: two runs of the same identity give the same captions."""
        captioner = {"name": self.captioner.name, **self.captioner.fingerprint()}
        if self.captioner.learns:
            captioner["training"] = self.training.fingerprint()
        identity: dict[str, Any] = {"dataset": self.dataset.fingerprint(), "captioner": captioner}
        if self.captioner.reads == "image":
            identity["renderer"] = renderers.fingerprint(self._render_options())
        elif self.captioner.reads == "svg":
            identity["svg"] = {"repair": self.options.repair}
        return identity

    def manifest(self, options: dict[str, Any]) -> dict[str, Any]:
        """The identity, the options that repeat this run, and the software that made it."""
        identity = self.identity()
        return {
            "schema": SCHEMA,
            "identity": identity,
            "fingerprint": short_hash(identity["captioner"]),
            "options": options | {"captioners": self.written or self.captioner.name},
            "dataset": describe(self.dataset, options["split"]),
            "software": provenance.software(),
            "git_commit": provenance.git_commit(),
            "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }

    def caption(self, shard: Shard, batch_size: int, watcher: Watcher, *, retry_failed: bool = False) -> None:
        """Caption what has no caption yet; a drawing that fails is recorded as failed, the rest go on.

        Args:
            shard: which of the samples.
            batch_size: drawings that the captioner gets at once.
            watcher: told how far it is.
            retry_failed: try again what failed before.

        Raises:
            CaptionerError: the captioner cannot learn or load.
        """
        samples = self.dataset.samples[shard.index - 1 :: shard.count]
        found = self.run.predictions([s.id for s in samples])
        done = {id for id, prediction in found.items() if prediction.status == "ok" or not retry_failed}
        todo = [s for s in samples if s.id not in done]
        if not todo:
            return
        self._fit(watcher)
        with (
            watcher.task(f"{self.captioner.name}: captioning", len(samples), len(done)) as advance,
            self._drawings(todo) as drawings,
        ):
            for batch in self._batches(drawings, batch_size):
                self.run.append(shard, self._predict(batch))
                advance(len(batch))

    def _batches(
        self, drawings: Iterator[tuple[Drawing, Source]], batch_size: int
    ) -> Iterator[Sequence[tuple[Drawing, Source]]]:
        """As they come, or as the captioner likes them; what could not be prepared then goes first."""
        if not isinstance(self.captioner, Batching):
            while batch := list(islice(drawings, batch_size)):
                yield batch
            return
        everything = list(drawings)
        if failed := [one for one in everything if isinstance(one[1], RenderError)]:
            yield failed
        sources = {drawing.id: source for drawing, source in everything}
        able = [drawing for drawing, source in everything if not isinstance(source, RenderError)]
        for chosen in self.captioner.batches(able, batch_size):
            yield [(drawing, sources[drawing.id]) for drawing in chosen]

    def _fit(self, watcher: Watcher) -> None:
        if not self.captioner.learns:
            self.captioner.fit([])
            return
        with (
            watcher.task(f"{self.captioner.name}: learning", len(self.training.samples)) as advance,
            self._drawings(self.training.samples, with_captions=True) as drawings,
        ):
            failures: list[RenderError] = []
            self.captioner.fit(_observed(drawings, advance, failures))
        if failures:
            watcher.note(
                f"{self.captioner.name}: {len(failures)} of {len(self.training.samples)} training drawings "
                f"could not be rendered; the first: {failures[0]}"
            )

    @contextlib.contextmanager
    def _drawings(
        self, samples: Sequence[Sample], *, with_captions: bool = False
    ) -> Iterator[Iterator[tuple[Drawing, Source]]]:
        """What the captioner may see of each sample, and what was done to make it."""
        shown = with_captions or self.captioner.reads == "references"
        blanks = [Drawing(id=s.id, captions=s.references if shown else ()) for s in samples]
        if self.captioner.reads == "image":
            with RenderPool(self._render_options()) as pool:
                renderings = pool.render_many(s.svg for s in samples)
                yield (
                    (replace(d, image=r.image if isinstance(r, Rendering) else None), r)
                    for d, r in zip(blanks, renderings, strict=True)
                )
        elif self.captioner.reads == "svg":
            yield (self._with_svg(d, s.svg) for d, s in zip(blanks, samples, strict=True))
        else:
            yield ((d, None) for d in blanks)

    def _with_svg(self, drawing: Drawing, svg: str) -> tuple[Drawing, Source]:
        """The text that a renderer would draw; of a text that is no SVG, which may still say something, itself."""
        try:
            prepared = prepare(svg, repair=self.options.repair, limits=self.options.limits)
        except InvalidSvg as error:
            return replace(drawing, svg=svg), {"repairs": [], "flags": [f"not drawable: {error}"]}
        except RenderError as error:
            return drawing, error
        about = {"repairs": list(prepared.repairs), "flags": list(prepared.flags)}
        return replace(drawing, svg=prepared.svg), about

    def _predict(self, batch: Sequence[tuple[Drawing, Source]]) -> list[Prediction]:
        drawings = [drawing for drawing, source in batch if not isinstance(source, RenderError)]
        start = time.perf_counter()
        answers = dict(zip((d.id for d in drawings), self._answers(drawings), strict=True))
        seconds = round((time.perf_counter() - start) / max(1, len(drawings)), 6)
        return [
            _failure(d.id, source)
            if isinstance(source, RenderError)
            else _prediction(d.id, source, answers[d.id], seconds)
            for d, source in batch
        ]

    def _answers(self, drawings: Sequence[Drawing]) -> list[Answer | Exception]:
        """One answer per drawing; when a batch fails, its drawings are tried one by one."""
        try:
            answers = self.captioner.caption(drawings) if drawings else []
            if len(answers) != len(drawings):
                raise ValueError(f"{self.captioner.name} gave {len(answers)} answers to {len(drawings)} drawings")
            if odd := [a for a in answers if not (isinstance(a, Answer) and isinstance(a.caption, str))]:
                raise TypeError(f"{self.captioner.name} gave {odd[0]!r} instead of an Answer with a caption")
            return list(answers)
        except Exception as error:  # whatever a model raises costs the drawings it is raised for, not the run
            if len(drawings) == 1:
                return [error]
            return [answer for drawing in drawings for answer in self._answers([drawing])]

    def _render_options(self) -> RenderOptions:
        size = self.captioner.image_size
        return replace(self.options, width=size, height=size)


def _prediction(
    id: str, source: Rendering | Mapping[str, Any] | None, answer: Answer | Exception, seconds: float
) -> Prediction:
    if isinstance(answer, Exception):
        return replace(_failure(id, answer), seconds=seconds)
    if isinstance(source, Rendering):
        names = ("backend", "repairs", "flags", "fallbacks", "blank")
        source = {name: getattr(source, name) for name in names}
    raw = answer.caption if answer.raw is None else answer.raw
    return Prediction(
        id,
        answer.caption,
        raw,
        seconds=seconds,
        rendering=source,
        held_out=answer.held_out,
        cut=answer.cut,
        details=answer.details,
    )


def _failure(id: str, error: Exception) -> Prediction:
    return Prediction(id, "", "", status="failed", error=f"{type(error).__name__}: {error}")


def _observed(
    drawings: Iterable[tuple[Drawing, Source]], advance: Advance, failures: list[RenderError]
) -> Iterator[Drawing]:
    """The drawings; tells how far it is and keeps what could not be rendered."""
    for drawing, source in drawings:
        if isinstance(source, RenderError):
            failures.append(source)
        yield drawing
        advance(1)
