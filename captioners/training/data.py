"""Samples into examples: repaired, simplified, fitted and asked about as in captioning.

A caption is never cut. Where prompt and caption together are too long, whole elements of the drawing give way; a sample
that does not fit even so, or that is no SVG, is left out by name.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

from captioners import prompts, svg_text
from captioners.base import CaptionerError
from captioners.language.captioner import MAX_NEW_TOKENS
from captioners.training.config import TrainingConfig
from captioners.training.examples import Example
from captioners.training.token_estimate import TokenEstimate
from renderers import RenderError
from renderers.limits import Limits

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

POOLED_FROM = 2000
"""Samples from which on it takes less time to start processes than to do without."""
_AT_ONCE = 32  # samples that a process is given at a time


class Sample(Protocol):
    """What is read of a :class:`benchmark.samples.Sample`."""

    @property
    def id(self) -> str: ...
    @property
    def svg(self) -> str: ...
    @property
    def references(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Prepared:
    """What became of samples.

    Attributes:
        examples: in the order of the samples.
        shortened: sample -> elements of its drawing that gave way to the caption.
        left_out: sample, or one caption of it -> why there is no example of it.
        repairs: what was mended in drawings -> how many.
        not_simplified: sample -> why its drawing is longer than it could be.
    """

    examples: tuple[Example, ...]
    shortened: Mapping[str, int] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    repairs: Mapping[str, int] = field(default_factory=dict)
    not_simplified: Mapping[str, str] = field(default_factory=dict)


def examples(
    samples: Sequence[Sample],
    tokenizer: PreTrainedTokenizerBase | TokenEstimate,
    config: TrainingConfig,
    *,
    all_references: bool = False,
    repair: bool = True,
    limits: Limits = Limits(),
    window: int | None = None,
    workers: int | None = None,
    advance: Callable[[int], None] = lambda samples: None,
) -> Prepared:
    """Examples of samples; they depend on nothing but the arguments, whatever the number of processes.

    Args:
        samples: with distinct ids.
        tokenizer: of the base; an estimate gives examples of about the right lengths and no content.
        config: whose context prompt and caption have to fit into. Beside the prompt there is room for a new caption of
            the usual bound, so that the prompt of captioning is the same.
        all_references: make an example of every reference, called ``SAMPLE#1``, ``SAMPLE#2``, …; else of the first.
        repair: mend drawings first.
        limits: what a drawing may hold.
        window: tokens that the base knows positions for, where that may be less than the context.
        workers: processes; None for one per usable CPU where there are :data:`POOLED_FROM` samples or more. They are
            spawned, so that a script needs the usual ``if __name__ == "__main__"``.
        advance: told of each sample that is done.

    Raises:
        CaptionerError: no sample could become an example: the context is too small, or the model's chat template
            cannot be trained with.
    """
    context = min(config.model.context, window or config.model.context)
    if context <= MAX_NEW_TOKENS:
        raise CaptionerError(
            f"a context of {context:,} tokens has no room for a drawing beside a caption of {MAX_NEW_TOKENS}: "
            "--set model.context=… raises it, where the base knows as many positions"
        )
    words = tokenizer if isinstance(tokenizer, TokenEstimate) else _Templated(tokenizer)
    words.example("", "a")  # what is wrong with a template is wrong with all samples
    work = _Work(words, context, all_references=all_references, repair=repair, limits=limits)
    count = workers or (_usable_cpus() if len(samples) >= POOLED_FROM else 1)
    tasks = [_Task(sample.id, sample.svg, tuple(sample.references)) for sample in samples]

    made: list[Example] = []
    shortened: dict[str, int] = {}
    left_out: dict[str, str] = {}
    not_simplified: dict[str, str] = {}
    repairs: Counter[str] = Counter()
    one_object: dict[int, int] = {}  # per token: a list of them takes a fifth of the memory
    for task, done in zip(tasks, _mapped(work, tasks, count), strict=True):
        for example in done.examples:
            tokens = tuple(one_object.setdefault(token, token) for token in example.tokens)
            made.append(Example(example.id, tokens, example.prompt, example.dropped))
        left_out |= done.left_out
        repairs.update(done.repairs)
        if done.dropped:
            shortened[task.id] = done.dropped
        if done.not_simplified:
            not_simplified[task.id] = done.not_simplified
        advance(1)
    return Prepared(tuple(made), shortened, left_out, dict(repairs.most_common()), not_simplified)


class _Task(NamedTuple):
    id: str
    svg: str
    references: tuple[str, ...]


class _Done(NamedTuple):
    examples: tuple[Example, ...] = ()
    left_out: Mapping[str, str] = {}
    repairs: tuple[str, ...] = ()
    dropped: int = 0
    not_simplified: str = ""


@dataclass(frozen=True, slots=True)
class _Templated:
    """The prompt in the words of a tokenizer."""

    tokenizer: PreTrainedTokenizerBase

    def prompt(self, text: str) -> list[int]:
        return prompts.prompt(self.tokenizer, text)

    def example(self, text: str, caption: str) -> prompts.Example:
        return prompts.example(self.tokenizer, text, caption)


@dataclass(frozen=True, slots=True)
class _Work:
    """Makes the examples of one sample; it can be sent to another process."""

    words: _Templated | TokenEstimate
    context: int
    all_references: bool
    repair: bool
    limits: Limits

    def __call__(self, task: _Task) -> _Done:
        several = self.all_references and len(task.references) > 1
        chosen = task.references if several else task.references[:1]
        captions = {f"{task.id}#{place}" if several else task.id: text for place, text in enumerate(chosen, 1)}
        left_out = {id: "its caption is blank" for id, text in captions.items() if not text.strip()}
        captions = {id: text for id, text in captions.items() if id not in left_out}
        if not captions:
            return _Done(left_out=left_out or {task.id: "it has no caption"})
        try:
            from renderers import prepare

            prepared = prepare(task.svg, repair=self.repair, limits=self.limits)
            drawing = svg_text.simplify(prepared.svg)
            asked = [self.words.example(drawing.text, caption) for caption in captions.values()]
            room = self.context - max(MAX_NEW_TOKENS, *(len(one.answer) for one in asked))
            if len(asked[0].prompt) > room:
                drawing = svg_text.fit(drawing, lambda text: len(self.words.prompt(text)), room)
                asked = [self.words.example(drawing.text, caption) for caption in captions.values()]
        except (RenderError, CaptionerError) as error:
            return _Done(left_out={task.id: " ".join(str(error).split())})
        return _Done(
            tuple(
                Example(id, (*one.prompt, *one.answer), len(one.prompt), drawing.dropped)
                for id, one in zip(captions, asked, strict=True)
            ),
            left_out,
            prepared.repairs,
            drawing.dropped,
            drawing.reason,
        )


def _mapped(work: _Work, tasks: Sequence[_Task], workers: int) -> Iterator[_Done]:
    """What becomes of each task, in their order."""
    if workers == 1:
        yield from map(work, tasks)
        return
    spawn = multiprocessing.get_context("spawn")  # a fork would copy locks of the tokenizer's threads
    with ProcessPoolExecutor(workers, mp_context=spawn, initializer=_begin, initargs=(work,)) as pool:
        yield from pool.map(_continue, tasks, chunksize=_AT_ONCE)


_works: list[_Work] = []


def _begin(work: _Work) -> None:
    _works.append(work)


def _continue(task: _Task) -> _Done:
    return _works[0](task)


def _usable_cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
