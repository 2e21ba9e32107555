"""What an adapter was trained for: the card beside its weights, which the trainer writes and captioning checks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from captioners.base import CaptionerError

NAME = "adapter_card.json"


@dataclass(frozen=True)
class AdapterCard:
    """The circumstances that an adapter learnt in; captioning under others gives captions of nobody's model.

    Attributes:
        base: id of the base model on the hub, or the name of its folder.
        revision: its commit on the hub, "" for a folder.
        weights: SHA-256 of its weights, "" where it is not known; it decides where both are known.
        prompt_hash: of :func:`captioners.prompts.fingerprint`.
        svg_text: :meth:`captioners.svg_text.SvgTextOptions.fingerprint`.
        quantization: of the base, ``nf4`` or ``none``.
        dtype: that was computed in; it is told and not compared.
    """

    base: str
    revision: str
    weights: str
    prompt_hash: str
    quantization: str
    dtype: str
    svg_text: Mapping[str, object] = field(default_factory=dict)

    def text(self) -> str:
        """The JSON of the card."""
        return json.dumps(asdict(self), indent=2, sort_keys=True) + "\n"

    def differences(self, here: AdapterCard) -> list[str]:
        """What is not as it was in training; empty where everything is."""
        known = self.weights and here.weights
        same_base = self.weights == here.weights if known else (self.base, self.revision) == (here.base, here.revision)
        found = [] if same_base else [f"base: trained on {self._base()}, here {here._base()}"]
        for label, trained, now in (
            ("prompt", self.prompt_hash, here.prompt_hash),
            ("SVG text", dict(self.svg_text), dict(here.svg_text)),
            ("quantization", self.quantization, here.quantization),
        ):
            if trained != now:
                found.append(f"{label}: trained with {_said(trained)}, here {_said(now)}")
        return found

    def _base(self) -> str:
        weights = f" (weights {self.weights[:12]})" if self.weights else ""
        return f"{self.base}{f'@{self.revision[:12]}' if self.revision else ''}{weights}"


def read(folder: Path) -> AdapterCard | None:
    """The card in an adapter's folder, None where there is none. Raises CaptionerError for a damaged one."""
    file = folder / NAME
    if not file.is_file():
        return None
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        texts = {name: told[name] for name in AdapterCard.__dataclass_fields__ if name != "svg_text"}
        if odd := [name for name, value in texts.items() if not isinstance(value, str)]:
            raise TypeError(f"{odd[0]} is no text")
        return AdapterCard(**texts, svg_text=dict(told["svg_text"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CaptionerError(f"{file} is damaged: {error}") from error


def _said(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
