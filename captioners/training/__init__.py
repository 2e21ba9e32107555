"""The trainer of LoRA adapters. Without the packages of the extra ``train``, importing it raises CaptionerError."""

from __future__ import annotations

import importlib.util

from captioners.base import CaptionerError

_PACKAGES = ("torch", "transformers", "accelerate", "peft", "bitsandbytes", "psutil", "pydantic")

if _missing := [package for package in _PACKAGES if importlib.util.find_spec(package) is None]:
    raise CaptionerError(f"training needs {', '.join(_missing)}: pip install -c .ci/constraints.txt -e '.[train]'")
