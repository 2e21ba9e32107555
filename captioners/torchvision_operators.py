"""Libraries that import torchvision where its compiled operators do not fit the torch at hand."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

# None of them is ever called: torchvision only says what shapes they give, and fails where they do not exist.
_OPERATORS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_declared: list[Any] = []  # a declaration lasts as long as its library object


def declare_missing() -> None:
    """Make torchvision, where it is installed, one that can be imported.

    Transformers, PEFT and open_clip import it for resizing pictures, which needs nothing compiled. It fails on import
    beside another torch than it was compiled for (a local CPU build, say): then the missing operators are declared.
    Call it before one of them is imported.
    """
    if importlib.util.find_spec("torchvision") is None:
        return
    try:
        importlib.import_module("torchvision")
    except RuntimeError as error:
        if "operator torchvision::" not in str(error) or _declared:
            raise
        import torch

        library: Any = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
        for operator in _OPERATORS:
            library.define(operator)
        _declared.append(library)
