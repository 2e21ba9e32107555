"""A training from its data to its adapter: everything that can be wrong is looked at before anything is loaded."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.errors import CheckFailed, Interrupted, UserError
from benchmark.files import cannot_write, make_folder, writing
from benchmark.progress import Watcher
from benchmark.training_data import TESTS, TrainingData, prepared, training_data
from captioners import CaptionerError

if TYPE_CHECKING:
    from captioners.training.config import TrainingConfig
    from captioners.training.data import Prepared
    from captioners.training.trainer import Result

_SHOWN = 5


@dataclass(frozen=True)
class TrainingRequest:
    """What is to be trained.

    Attributes:
        preset: name of a preset, or path of a TOML file.
        base: a captioner's name, a hub id, a folder, or a GGUF file.
        data: a dataset's name, or a path.
        overrides: ``KEY=VALUE``, for the preset's values.
        split: of the data to learn from: ``train`` or ``all``.
        tests: datasets whose test splits must not be in the data.
        all_references: learn from every reference caption of a drawing, not from the first alone.
        own_data: which fields the user's own data have.
        output: folder of the training.
        resume: go on from its last checkpoint.
        debug: write down what is in each step.
        tracker: where losses go beside metrics.csv.
        allow_download: whether a base that is not here may come from the network.
    """

    preset: str
    base: str
    data: str
    overrides: Sequence[str] = ()
    split: str = "train"
    tests: Sequence[str] = TESTS
    all_references: bool = False
    own_data: Mapping[str, Any] = field(default_factory=dict)
    output: Path = Path("adapters")
    resume: bool = False
    debug: bool = False
    tracker: str = "none"
    allow_download: bool = False


def train(request: TrainingRequest, watcher: Watcher) -> Result:
    """Train an adapter.

    Raises:
        UserError: something that was asked for is wrong, or not here; all of it, one a paragraph.
        CheckFailed: a guard has stopped the training.
        Interrupted: it was told to stop.
    """
    config, data = checked_with_data(request)
    for note in data.notes:
        watcher.note(note)

    from captioners.training.base import load
    from captioners.training.errors import TrainingStopped
    from captioners.training.interruption import TrainingInterrupted
    from captioners.training.trainer import Origin
    from captioners.training.trainer import train as run

    try:
        base = load(request.base, config.model, allow_download=request.allow_download)
        learnt, validated = prepared(data, base, config, watcher, all_references=request.all_references)
        _say(learnt, watcher)
        _say(validated, watcher)
        return run(
            config,
            base,
            learnt.examples,
            validated.examples,
            request.output,
            watcher=watcher,
            origin=Origin(request.preset, request.data),
            tracker=request.tracker,
            resume=request.resume,
            debug=request.debug,
        )
    except TrainingStopped as error:
        raise CheckFailed(str(error)) from error
    except TrainingInterrupted as error:
        raise Interrupted(str(error)) from error
    except CaptionerError as error:
        raise UserError(str(error)) from error
    except OSError as error:
        raise cannot_write(Path(error.filename or request.output), error) from error


def checked_with_data(request: TrainingRequest) -> tuple[TrainingConfig, TrainingData]:
    """The configuration and the data, when nothing is wrong with them, and the output folder is there to be written.

    Raises UserError.
    """
    config = _checked(request)
    data = training_data(request.data, split=request.split, tests=request.tests, seed=config.seed, **request.own_data)
    with writing(make_folder(request.output)), tempfile.TemporaryFile(dir=request.output):
        return config, data


def _checked(request: TrainingRequest) -> TrainingConfig:
    """The configuration, when nothing is wrong that can be known without reading data or loading.

    Raises:
        UserError: everything that is wrong.
    """
    from captioners.training import base, config, folder, trackers

    wrong: list[str] = []

    def look(check: Callable[[], Any]) -> Any:
        try:
            return check()
        except CaptionerError as error:
            wrong.append(str(error))
            return None

    made: TrainingConfig | None = look(lambda: config.load(request.preset, request.overrides))
    look(lambda: trackers.check(request.tracker))
    look(lambda: base.find(request.base, allow_download=False) if not request.allow_download else None)
    look(lambda: folder.check_free(request.output, resume=request.resume))
    if wrong or made is None:
        raise UserError("\n".join(wrong))
    return made


def _say(made: Prepared, watcher: Watcher) -> None:
    """What became of the samples, in a line each."""
    for found, said in (
        (made.left_out, "left out"),
        (made.shortened, "drawings lost elements so that the caption fits"),
        (made.not_simplified, "drawings are longer than they could be"),
    ):
        if found:
            some = ", ".join(f"{id} ({why})" for id, why in list(found.items())[:_SHOWN])
            watcher.note(f"{said}: {len(found)}: {some}{', …' if len(found) > _SHOWN else ''}")
    for repair, count in made.repairs.items():
        watcher.note(f"repaired: {repair}: {count}")
