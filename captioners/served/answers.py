"""The caption in a chat completion, and what else the server says of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from captioners import hygiene
from captioners.base import Answer

_USAGE = ("prompt_tokens", "completion_tokens")
_SERVED_BY = ("model", "system_fingerprint")
_MOST_CHARACTERS = 200  # of a server's word for itself


def answer(document: Mapping[str, Any], details: Mapping[str, object]) -> Answer:
    """The caption of a chat completion that :func:`captioners.served.replies.judged` let pass.

    Args:
        document: the completion.
        details: what else is to be kept.
    """
    choice = document["choices"][0]
    # What a model says in the place of an answer is a caption too: the metrics engine knows refusals and counts them.
    said = choice["message"].get("content") or choice["message"].get("refusal")
    raw = said if isinstance(said, str) else ""
    caption, cleaned = hygiene.clean(raw)
    found: dict[str, object] = {}
    usage = document.get("usage")
    if isinstance(usage, dict):
        found |= {name: usage[name] for name in _USAGE if isinstance(usage.get(name), int)}
    found |= {name: document[name][:_MOST_CHARACTERS] for name in _SERVED_BY if isinstance(document.get(name), str)}
    ended = choice.get("finish_reason")
    if isinstance(ended, str) and ended not in ("stop", "length"):
        found["finish_reason"] = ended[:_MOST_CHARACTERS]
    if cleaned:
        found["cleaned"] = list(cleaned)
    return Answer(caption, raw, cut=ended == "length", details={**found, **details})
