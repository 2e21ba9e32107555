"""From what users write to captioners: registered names, members of families, adapters."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from captioners.base import CAPTIONERS, FAMILIES, Captioner, CaptionerError, Configurable
from captioners.options import ModelOptions
from renderers.registry import UnknownName

ALL = "all"
_MEMBER = re.compile(r"(?:([\w.+-]+)=)?([\w-]+):(.*)", re.DOTALL)


def named(asked: Sequence[str], options: ModelOptions) -> dict[str, Captioner]:
    """The captioners that are asked for, as they are written -> configured; those of ``options.adapters`` come too.

    Args:
        asked: registered names, ``FAMILY:ARGUMENT`` (``hf:PATH``), ``NAME=FAMILY:ARGUMENT`` to call it so in tables,
            names of adapters, or ``all`` for whoever is registered.
        options: how models are to run.

    Raises:
        UnknownName: nobody has that name, also beside ``all``.
        CaptionerError: a name stands for two captioners, or one cannot follow the options.
    """
    written = [name for name in asked if name != ALL]
    everyone = [*CAPTIONERS.names(), *written] if ALL in asked else written
    for name in options.weights:
        if name not in options.adapters:
            _registered(name)
    captioners = {text: captioner(text, options) for text in dict.fromkeys([*everyone, *options.adapters])}
    names = [one.name for one in captioners.values()]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise CaptionerError(f"{twice[0]!r} would stand for two captioners: give one of them another name")
    return captioners


def captioner(text: str, options: ModelOptions) -> Captioner:
    """One captioner, by what a user calls it. Raises UnknownName and CaptionerError as :func:`named`."""
    made = _made(text, options)
    return made.configured(options) if isinstance(made, Configurable) else made


def _made(text: str, options: ModelOptions) -> Captioner:
    if text in options.adapters:
        if text in CAPTIONERS:
            raise CaptionerError(f"the adapter {text!r} has the name of a captioner: call it otherwise")
        return FAMILIES["adapter"](text, options.adapters[text])
    member = _MEMBER.fullmatch(text)
    if not member:
        return _registered(text)
    label, family, argument = member.groups()
    if not argument:
        raise CaptionerError(f"{text!r} names no model: write {family}:MODEL")
    return FAMILIES[family](label or text, argument)


def _registered(name: str) -> Captioner:
    try:
        return CAPTIONERS[name]()
    except UnknownName:
        near = difflib.get_close_matches(name, CAPTIONERS.names(), n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        known = ", ".join([*CAPTIONERS.names(), *(f"{family}:MODEL" for family in FAMILIES)])
        raise UnknownName(f"there is no captioner {name!r}.{hint} Known: {known}.") from None
