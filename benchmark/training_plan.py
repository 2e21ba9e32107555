"""The plan of a training: its data are read and made into examples, nothing is loaded but a tokenizer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmark.errors import UserError
from benchmark.progress import Watcher
from benchmark.training_data import prepared, training_data
from captioners import CaptionerError

if TYPE_CHECKING:
    from benchmark.training import TrainingRequest
    from captioners.training.planning.plan import Plan


def plan_training(request: TrainingRequest, watcher: Watcher) -> Plan:
    """What the training that is requested will do; needs neither weights, GPU nor network.

    Raises:
        UserError: what is requested cannot be, such as data that are in a test split.
    """
    from captioners.training.config import load
    from captioners.training.planning.plan import plan
    from captioners.training.planning.unloaded import unloaded

    try:
        config, base = load(request.preset, request.overrides), unloaded(request.base)
        data = training_data(
            request.data, split=request.split, tests=request.tests, seed=config.seed, **request.own_data
        )
        for note in data.notes:
            watcher.note(note)
        learnt, validated = prepared(data, base, config, watcher, all_references=request.all_references)
        return plan(base, config, learnt, validated, preset=request.preset)
    except CaptionerError as error:
        raise UserError(str(error)) from error
