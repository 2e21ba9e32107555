"""What happens to an SVG before anything reads it: decoded, repaired, made safe. In this order, once."""

from __future__ import annotations

from dataclasses import dataclass

from renderers.encoding import decode
from renderers.limits import Limits
from renderers.repair import repair as repaired
from renderers.safety import secure


@dataclass(frozen=True, slots=True)
class Prepared:
    """An SVG that may be shown to a backend, or to a captioner that reads SVG.

    Attributes:
        svg: the document; as it was, byte for byte, where nothing had to be done.
        repairs: names of what was changed, in order.
        flags: names of what is doubtful and was left as it is.
    """

    svg: str
    repairs: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


def prepare(svg: str | bytes, *, repair: bool = True, limits: Limits = Limits()) -> Prepared:
    """Decode, repair and secure an SVG.

    Args:
        svg: the document; bytes are decoded by their byte order mark or XML declaration, and unpacked (.svgz).
        repair: mend what can be mended; if not, only what is unsafe is removed.
        limits: what the document may hold.

    Raises:
        InvalidSvg: it is no SVG; TruncatedSvg when its end is missing.
        UnsafeSvg: it exceeds a limit or declares entities.
    """
    repairs: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    if isinstance(svg, bytes):
        svg, repairs = decode(svg, limits, repair=repair)
    if repair:
        mended = repaired(svg, limits)
        svg, repairs, flags = mended.svg, repairs + mended.repairs, mended.flags
    svg, removed = secure(svg, limits)
    return Prepared(svg, tuple(dict.fromkeys(repairs + removed)), flags)
