"""Registries: one dict per kind of part, filled by a decorator or by entry points.

A part of this project registers itself where it is defined; a part of somebody else's package is found through
an entry point (groups ``svg_caption_bench.captioners``, ``.renderers``, ``.metrics``, ``.datasets``) and loaded
only when it is asked for. The class lives in this package because everything else may import it from here.
"""

from __future__ import annotations

import difflib
import importlib
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a part can work here; if not, why, and the command or step that would change it."""

    reason: str = ""
    remedy: str = ""

    def __bool__(self) -> bool:
        return not self.reason

    def __str__(self) -> str:
        return "available" if self else " — ".join(filter(None, (self.reason, self.remedy)))


AVAILABLE = Availability()


class UnknownName(LookupError):
    """A name that no registered part has; the message lists near matches and all names."""


class Registry(Generic[Part]):
    """Names and the parts behind them.

    Args:
        kind: what a part is called in messages, e.g. ``"captioner"``.
        modules: modules whose import registers this project's own parts.
        group: the entry point group of other packages' parts.
    """

    def __init__(self, kind: str, modules: Sequence[str], group: str) -> None:
        self.kind = kind
        self._modules = tuple(modules)
        self._group = group
        self._parts: dict[str, Part] = {}
        self._loaded = False

    def register(self, name: str) -> Callable[[Part], Part]:
        """Decorator: file a part under ``name``. Raises ValueError when the name is taken by another part."""

        def file(part: Part) -> Part:
            if self._parts.setdefault(name, part) is not part:
                raise ValueError(f"{self.kind} {name!r} is registered twice: {self._parts[name]!r}, {part!r}")
            return part

        return file

    def names(self) -> list[str]:
        """All names: this project's in the order of its modules, then the others."""
        self._load()
        return list(self._parts)

    def __getitem__(self, name: str) -> Part:
        self._load()
        try:
            return self._parts[name]
        except KeyError:
            near = difflib.get_close_matches(name, self._parts, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise UnknownName(f"there is no {self.kind} {name!r}.{hint} Known: {', '.join(self._parts)}.") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __contains__(self, name: object) -> bool:
        return name in self.names()

    def _load(self) -> None:
        if self._loaded:
            return
        self._loaded = True
        for module in self._modules:
            importlib.import_module(module)
        # One of the modules may have been imported earlier than the others; the order is theirs all the same.
        order = {module: place for place, module in enumerate(self._modules)}
        self._parts = dict(
            sorted(self._parts.items(), key=lambda item: order.get(getattr(item[1], "__module__", ""), len(order)))
        )
        for entry in _entry_points(self._group):
            try:
                self.register(entry.name)(entry.load())
            except Exception as error:  # a broken plug-in of another package must not end a run
                warnings.warn(f"{self.kind} {entry.name!r} of {entry.value} cannot load: {error}", stacklevel=2)


def _entry_points(group: str) -> Iterable[EntryPoint]:
    from importlib.metadata import entry_points  # costs more than all of this package

    return entry_points(group=group)
