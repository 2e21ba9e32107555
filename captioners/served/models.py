"""Which models a server says that it has."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
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
_NO_LIST = (404, 405, 501)
_SHOWN = 10


def found(reply: Reply, endpoint: Endpoint, model: str) -> tuple[Availability, Mapping[str, object]]:
    """Whether a model can be asked, and what its server says of it: {} where the server lists no models at all."""
    if reply.status != 200:
        return _without_list(reply, endpoint), {}
    entries = _entries(reply.document())
    if entries is None:
        kind = reply.headers.get("content-type", "no content type")
        said = f"what {endpoint.address}/models answers is no list of models ({kind[:80]})"
        return Availability(said, "give the base address of the API as --endpoint; it mostly ends in /v1"), {}
    # Ollama lists names with a tag and is asked without one.
    entry = next((entry for entry in entries if entry["id"] in (model, f"{model}:latest")), None)
    if entry is None and entries:
        return Availability(f"the server has no model {model!r}", _known([entry["id"] for entry in entries], model)), {}
    return AVAILABLE, _told(entry or {})


def _without_list(reply: Reply, endpoint: Endpoint) -> Availability:
    said = f"{reply.status}: {complaint(reply)}"
    if reply.status in (401, 403) and endpoint.key:
        return Availability(f"the server refuses the key in {KEY} ({said})", "set another one")
    if reply.status in (401, 403):
        return Availability(f"the server wants a key ({said})", f"set {KEY} in the environment")
    if reply.status in _NO_LIST and urlsplit(endpoint.address).path:
        return AVAILABLE  # the first request will tell
    if reply.status in _NO_LIST:
        return Availability(f"there is no API at {endpoint.address} ({said})", f"--endpoint {endpoint.address}/v1")
    if 300 <= reply.status < 400:
        there = reply.headers.get("location", "nowhere")[:200]
        return Availability(f"{endpoint.address} redirects to {there}", "give the address that is meant as --endpoint")
    return Availability(f"the server at {endpoint.address} answers {said}", "try again when it is ready")


def _entries(document: Any) -> list[dict[str, Any]] | None:
    listed = document.get("data") if isinstance(document, dict) else document
    if not isinstance(listed, list):
        return None
    return [entry for entry in listed if isinstance(entry, dict) and isinstance(entry.get("id"), str)]


def _known(names: Sequence[str], model: str) -> str:
    near = difflib.get_close_matches(model, names, n=1)
    first = [*near, *(name for name in names if name not in near)][:_SHOWN]
    rest = f" and {len(names) - len(first)} more" if len(names) > len(first) else ""
    return f"it has {', '.join(first)}{rest}"


def _told(entry: Mapping[str, Any]) -> dict[str, object]:
    told: dict[str, object] = {name: entry[name] for name in _KEPT if isinstance(entry.get(name), str)}
    meta = entry.get("meta")
    if isinstance(meta, dict):
        told |= {name: meta[name] for name in _KEPT_META if isinstance(meta.get(name), int)}
    return told
