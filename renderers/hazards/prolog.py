"""What stands before the root element of an SVG, without what reaches outside: DOCTYPE and style sheets."""

from __future__ import annotations

import re

from renderers.base import UnsafeSvg

_DOCTYPE = re.compile(r"""<!DOCTYPE(?:[^\["'>]|"[^"]*"|'[^']*')*+[\[>]""")
_BEFORE_ROOT = re.compile(r"[\s\ufeff]+|<!--.*?-->|<\?.*?\?>", re.DOTALL)


def secure_prolog(svg: str) -> tuple[str, list[str]]:
    """The text without DOCTYPE and style sheet instructions, and what was removed; its line numbers stay.

    Raises UnsafeSvg for a DOCTYPE with an internal subset, where entities can be declared.
    """
    kept: list[str] = []
    changes: list[str] = []
    position = 0
    while token := _DOCTYPE.match(svg, position) or _BEFORE_ROOT.match(svg, position):
        text, position = token[0], token.end()
        if text.startswith("<!DOCTYPE"):
            if text.endswith("["):
                raise UnsafeSvg(
                    "the DOCTYPE has an internal subset, which can declare entities; "
                    "write them out first: xmllint --noent --dropdtd FILE"
                )
            changes.append("doctype")
        elif text.startswith("<?xml-stylesheet"):
            changes.append("stylesheet-instruction")
        else:
            kept.append(text)
            continue
        kept.append("\n" * text.count("\n"))
    return ("".join(kept) + svg[position:], changes) if changes else (svg, changes)
