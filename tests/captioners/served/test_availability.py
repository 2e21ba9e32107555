"""Whether a served model can be asked, said before any drawing is sent, and in words that help."""

from __future__ import annotations

import importlib.util
import re
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from captioners import CaptionerError, ModelOptions, captioner
from captioners.served.captioner import Served
from captioners.served.endpoint import KEY, Endpoint
from tests.captioners.served.small_server import SmallServer, status

VLLM = {
    "id": "tiny",
    "object": "model",
    "created": 1,
    "owned_by": "vllm",
    "root": "/models/tiny",
    "parent": None,
    "permission": [{"id": "modelperm-1"}],
}
LLAMA_CPP = {"id": "tiny", "owned_by": "llamacpp", "meta": {"n_params": 268, "size": 540, "n_ctx_train": 32768}}


def models(*ids: str) -> tuple[int, Any]:
    return 200, {"object": "list", "data": [{"id": id} for id in ids]}


def test_a_model_that_is_listed_is_available_and_nothing_is_asked_of_it(
    server: SmallServer, served: Callable[..., Served]
) -> None:
    assert served().availability()
    assert len(server.headers) == 1
    assert not server.bodies


@pytest.mark.parametrize(
    ("listing", "asked"),
    [
        (models("other", "tiny"), 0),
        (models("tiny:latest"), 0),  # Ollama
        ((200, [{"id": "tiny"}]), 0),  # a bare list
        (models("another name for it"), 1),
        ((200, {"data": []}), 1),
        ((404, {"detail": "Not Found"}), 1),
        ((500, "Internal Server Error"), 1),
        ((200, "<html>hello</html>"), 1),
    ],
)
def test_a_model_that_is_not_listed_is_asked_whether_it_answers(
    server: SmallServer, served: Callable[..., Served], listing: Any, asked: int
) -> None:
    server.listing = listing
    assert served().availability()
    assert len(server.bodies) == asked


@pytest.mark.parametrize(
    ("listing", "said"),
    [
        (models("large", "tiny-2"), "answers 404: no such model — the server lists tiny-2, large"),
        (models(*(f"m{n}" for n in range(300))), "no such model — the server lists m0, .*, m9 and 290 more"),
        (models(), "no such model — the server lists no model"),
        (
            (401, {"error": {"message": "Invalid"}}),
            f"the server wants a key .401: Invalid. — set {KEY} in the environment",
        ),
        ((403, "no"), f"the server wants a key .403: no. — set {KEY}"),
        ((503, {"error": {"message": "Loading model"}}), "no such model — start the server, or wait until it is ready"),
        ((200, "<html>hello</html>"), "no such model — .*They mostly end in /v1; /models there is no list but app"),
        ((200, {"data": {}}), "/models there is no list"),
        ((200, "[" * 99999), "/models there is no list"),
        ((302, ""), "redirects to nowhere — give the address that is meant"),
    ],
)
def test_what_speaks_against_it_is_said(
    server: SmallServer, served: Callable[..., Served], listing: Any, said: str
) -> None:
    server.listing = listing
    server.faults = lambda number, attempt: status(404, {"error": {"message": "no such model"}})
    availability = served().availability()
    assert not availability
    assert re.search(said, str(availability))


def test_a_key_that_is_refused_is_not_a_missing_one(
    server: SmallServer, served: Callable[..., Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY, "sk-of-a-user-0123456789")
    server.listing = (401, {"error": {"message": "Incorrect key sk-of-a-user-0123456789"}})
    said = str(served().availability())
    assert said == f"the server refuses the key in {KEY} (401: Incorrect key [{KEY}]) — set another one"


def test_the_base_address_without_v1_is_corrected(server: SmallServer, served: Callable[..., Served]) -> None:
    server.listing = (404, "")
    root = server.address.removesuffix("/v1")
    said = str(served(endpoint=root).availability())
    assert said == f"there is no API at {root} (404: nothing) — --endpoint {server.address}"


def test_nobody_there(served: Callable[..., Served]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: whoever connects is refused
        port = taken.getsockname()[1]
        said = str(served(endpoint=f"http://127.0.0.1:{port}/v1").availability())
    assert said.startswith(f"nobody answers at http://127.0.0.1:{port}/v1: ")
    assert said.endswith(" — start the server, or correct --endpoint")


def test_a_server_that_accepts_and_says_nothing_is_waited_for_a_moment(
    served: Callable[..., Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("captioners.served.conversation._LOOK", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begun = time.monotonic()
        said = str(served(endpoint=f"http://127.0.0.1:{silent.getsockname()[1]}").availability())
    assert "no whole reply within 0.2 s" in said
    assert time.monotonic() - begun < 10


def test_no_endpoint_and_no_library_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    one = captioner("served:tiny", ModelOptions())
    assert str(one.availability()) == "no server is named — --endpoint http://localhost:8000/v1, wherever it is"
    with pytest.raises(CaptionerError, match="no server is named"):
        one.fingerprint()
    with pytest.raises(CaptionerError, match="no server is named"):
        one.fit([])
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "httpx2" else find_spec(name))
    assert str(one.availability()) == r"needs httpx2 — pip install -e '.[served]'"


@pytest.mark.parametrize(
    ("endpoint", "said"),
    [
        ("localhost:8000", "no address"),
        ("ftp://localhost/v1", "no address"),
        ("http://", "no address"),
        ("http://[::1/v1", "no address"),
        ("http://localhost:99999/v1", "no address"),
        ("http://local host/v1", "no address"),
        ("http://localhost/v1\n", "no address"),
        ("http://localhost:8000/v1/chat/completions", "the base address, without /chat/completions"),
        ("https://user:hunter2@host/v1", "the bare address"),
        ("https://hunter2@host/v1", "the bare address"),
        ("https://host/v1?api-key=hunter2", "the bare address"),
        ("https://host/v1#hunter2", "the bare address"),
    ],
)
def test_addresses_that_cannot_be(endpoint: str, said: str) -> None:
    with pytest.raises(CaptionerError, match=said) as error:
        captioner("served:tiny", ModelOptions(endpoint=endpoint))
    assert "hunter2" not in str(error.value)


def test_the_fingerprint_is_what_captions_depend_on_and_not_where_the_server_runs_today(
    server: SmallServer, served: Callable[..., Served]
) -> None:
    server.listing = (200, {"data": [VLLM]})
    first = served().fingerprint()
    assert first["server"] == {"id": "tiny", "owned_by": "vllm", "root": "/models/tiny"}
    assert (first["model"], first["provider"]) == ("tiny", "")
    assert str(server.server_port) not in str(first)
    server.listing = (200, {"data": [{**VLLM, "created": 2, "permission": [{"id": "modelperm-2"}]}]})
    assert served(endpoint_concurrency=3, endpoint_timeout=9).fingerprint() == first
    assert served(max_new_tokens=9).fingerprint() != first
    assert served(endpoint_input="image").fingerprint() != first
    server.listing = (200, {"data": [{**VLLM, "root": "/models/other"}]})
    assert served().fingerprint() != first
    server.listing = (200, {"data": [LLAMA_CPP]})
    assert served().fingerprint()["server"] == {"id": "tiny", "owned_by": "llamacpp", "n_params": 268, "size": 540}


@pytest.mark.parametrize(
    ("endpoint", "provider"),
    [("https://api.example.org:8443/v1", "api.example.org"), ("http://gpu17.cluster.example.org:8000/v1", "")],
)
def test_a_hosted_api_is_named_and_a_machine_of_ones_own_is_not(endpoint: str, provider: str) -> None:
    assert Endpoint.parse(endpoint).provider == provider
