"""Which models a server says that it has."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from captioners.served.endpoint import KEY, Endpoint
from captioners.served.replies import complaint
from renderers.registry import AVAILABLE, Availability

if TYPE_CHECKING:
    from captioners.served.exchange import Reply

# What tells models of one name apart, and does not change when a server is started anew: vLLM's root is what it has
# loaded and its parent what an adapter is on; llama.cpp's counts differ between quantizations.
_KEPT = ("id", "owned_by", "root", "parent")
_KEPT_META = ("n_params", "n_vocab", "size")
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list of models, or its lack, says about one of them.

    Attributes:
        verdict: whether it can be asked; None where only asking it can tell: there are servers that answer to names
            which they do not list, and such without a list.
        told: what the server says of the model; {} where it does not list it.
        remedy: what helps when the model does not answer.
    """

    verdict: Availability | None
    told: Mapping[str, object] = field(default_factory=dict)
    remedy: str = ""


def listing(reply: Reply, endpoint: Endpoint, model: str) -> Listing:
    """What the reply to GET /models means for a model."""
    if reply.status != 200:
        return Listing(_refusal(reply, endpoint), remedy="start the server, or wait until it is ready")
    entries = _entries(reply.document())
    if entries is None:
        kind = reply.headers.get("content-type", "no content type")[:80]
        remedy = (
            f"is --endpoint the base address of an API? They mostly end in /v1; /models there is no list but {kind}"
        )
        return Listing(None, remedy=remedy)
    # Ollama lists names with a tag and is asked without one.
    entry = next((entry for entry in entries if entry["id"] in (model, f"{model}:latest")), None)
    if entry is None:
        return Listing(None, remedy=_known([entry["id"] for entry in entries], model))
    return Listing(AVAILABLE, _told(entry))


def _refusal(reply: Reply, endpoint: Endpoint) -> Availability | None:
    said = f"{reply.status}: {complaint(reply)}"
    if reply.status in (401, 403) and endpoint.key:
        return Availability(f"the server refuses the key in {KEY} ({said})", "set another one")
    if reply.status in (401, 403):
        return Availability(f"the server wants a key ({said})", f"set {KEY} in the environment")
    if reply.status == 404 and not urlsplit(endpoint.address).path:
        return Availability(f"there is no API at {endpoint.address} ({said})", f"--endpoint {endpoint.address}/v1")
    if 300 <= reply.status < 400:
        there = reply.headers.get("location", "nowhere")[:200]
        return Availability(f"{endpoint.address} redirects to {there}", "give the address that is meant as --endpoint")
    return None


def _entries(document: Any) -> list[dict[str, Any]] | None:
    listed = document.get("data") if isinstance(document, dict) else document
    if not isinstance(listed, list):
        return None
    return [entry for entry in listed if isinstance(entry, dict) and isinstance(entry.get("id"), str)]


def _known(names: Sequence[str], model: str) -> str:
    near = difflib.get_close_matches(model, names, n=1)
    first = [*near, *(name for name in names if name not in near)][:_SHOWN]
    rest = f" and {len(names) - len(first)} more" if len(names) > len(first) else ""
    return f"the server lists {', '.join(first) or 'no model'}{rest}"


def _told(entry: Mapping[str, Any]) -> dict[str, object]:
    told: dict[str, object] = {name: entry[name] for name in _KEPT if isinstance(entry.get(name), str)}
    meta = entry.get("meta")
    if isinstance(meta, dict):
        told |= {name: meta[name] for name in _KEPT_META if isinstance(meta.get(name), int)}
    return told
