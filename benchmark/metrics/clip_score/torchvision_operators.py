"""open_clip where torchvision's compiled operators do not fit the torch at hand."""

from __future__ import annotations

import importlib
from types import ModuleType

from captioners.torchvision_operators import declare_missing


def open_clip() -> ModuleType:
    """The package ``open_clip``, imported; it needs torchvision to resize pictures."""
    declare_missing()
    return importlib.import_module("open_clip")
