"""No library uses the network behind our back: weights are fetched by :mod:`captioners.checkpoints` or not at all."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator

_VARIABLES = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DISABLE_SAFETENSORS_CONVERSION": "1",  # transformers asks the hub to convert pickles, in a thread of its own
}


@contextlib.contextmanager
def offline() -> Iterator[None]:
    """While it lasts, libraries of the model hub find no network."""
    from huggingface_hub import constants

    logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)  # it misses a kernel of the hub
    before = {name: os.environ.get(name) for name in _VARIABLES}
    known = constants.HF_HUB_OFFLINE  # read from the environment once, when the library is imported
    os.environ.update(_VARIABLES)
    constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = known
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
