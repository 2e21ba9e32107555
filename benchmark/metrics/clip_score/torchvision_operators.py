"""open_clip where torchvision's compiled operators do not fit the torch at hand."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

# None of them is ever called: torchvision only says what shapes they give, and fails where they do not exist.
_OPERATORS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_declared: list[Any] = []  # a declaration lasts as long as its library object


def open_clip() -> ModuleType:
    """The package ``open_clip``, imported.

    It needs torchvision to resize pictures, which fails on import beside another torch than it was compiled for
    (a local CPU build, say) although resizing needs nothing compiled: then the missing operators are declared.
    """
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
    return importlib.import_module("open_clip")
