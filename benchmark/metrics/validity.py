"""Captions that are no captions: found, counted and shown, never cleaned away."""

from __future__ import annotations

import re

_SVG_CODE = re.compile(r"<\s*(svg|path|rect|circle|g|polygon)\b|\bxmlns\b|\bd=[\"']?M\s*-?\d", re.IGNORECASE)


def problem(caption: str, failed: bool = False) -> str:
    """The first of "failed", "empty", "svg code" that holds of a caption; "" for a valid one."""
    if failed:
        return "failed"
    if not caption.strip():
        return "empty"
    if _SVG_CODE.search(caption):
        return "svg code"
    return ""
