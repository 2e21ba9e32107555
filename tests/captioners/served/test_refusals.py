"""What a server does not accept: of everybody, of one drawing, or only in this form."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from captioners import CaptionerError, CaptionerStopped, Drawing
from captioners.served.captioner import Served
from tests.captioners.served.conftest import numbered, said
from tests.captioners.served.small_server import PROBE, Fault, Handler, SmallServer, status
from tests.conftest import Outcome


def refusing(*names: str, wording: Callable[[str], tuple[int, Any]]) -> Callable[[int, int], Fault | None]:
    """A server that does not know some parameters of a request."""

    def answer(handler: Handler) -> None:
        unknown = [name for name in names if name in handler.body]
        if unknown:
            handler.send(*wording(unknown[0]))
        else:
            handler.send(200, {"choices": [{"message": {"content": f"a drawing of number {handler.number}"}}]})

    return lambda number, attempt: answer


def openai(name: str) -> tuple[int, Any]:
    """As OpenAI's API words it for its models that reason."""
    instead = " Use 'max_completion_tokens' instead." if name == "max_tokens" else ""
    message = f"Unsupported parameter: '{name}' is not supported with this model.{instead}"
    return 400, {"error": {"message": message, "type": "invalid_request_error", "param": name, "code": "unsupported"}}


def fastapi(name: str) -> tuple[int, Any]:
    """As servers that check with pydantic say it; the input they repeat names all parameters."""
    error = {"type": "extra_forbidden", "loc": ["body", name], "msg": "Extra inputs are not permitted", "input": 0}
    return 422, {"detail": [error]}


@pytest.mark.parametrize(
    ("refused", "wording", "sent", "without"),
    [
        (["seed"], fastapi, {"max_tokens": 128, "temperature": 0}, ["seed"]),
        (["max_tokens"], openai, {"temperature": 0, "seed": 0, "max_completion_tokens": 128}, None),
        (["max_tokens", "temperature"], openai, {"seed": 0, "max_completion_tokens": 128}, ["temperature"]),
        (["max_tokens", "temperature", "seed"], openai, {"max_completion_tokens": 128}, ["seed", "temperature"]),
    ],
)
def test_settings_that_a_server_does_not_know_are_left_out_and_the_rows_say_so(
    server: SmallServer, served: Callable[..., Served], refused: list[str], wording: Any, sent: Any, without: Any
) -> None:
    server.faults = refusing(*refused, wording=wording)
    one = served()
    one.fit([])
    asked = len(server.bodies)
    assert asked == len(refused) + 1
    answers = one.caption([Drawing(str(n), svg=numbered(n)) for n in (1, 2)])
    assert [a.caption for a in answers] == ["a drawing of number 1", "a drawing of number 2"]
    assert [a.details.get("without") for a in answers] == [without, without]
    for body in server.bodies[asked:]:
        assert {key: value for key, value in body.items() if key not in ("model", "messages")} == sent
    assert len(server.bodies) == asked + 2  # agreed once, before the first drawing


@pytest.mark.parametrize(
    ("code", "document", "message"),
    [
        (401, {"error": {"message": "Incorrect API key"}}, "answers 401: Incorrect API key .*OPENAI_API_KEY"),
        (403, {"error": "forbidden country"}, "answers 403: forbidden country"),
        (404, {"message": "The model `tiny` does not exist."}, "answers 404: The model `tiny` does not exist"),
        (402, {"error": {"message": "no credit"}}, "answers 402: no credit"),
        (429, {"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}, "exceeded your quota"),
        (400, {"error": {"message": "tiny is not a multimodal model"}}, "tiny is not a multimodal model"),
        (422, {"detail": [{"loc": ["body", "model"], "msg": "unknown"}, 3]}, "body.model: unknown"),
        (400, "<html><body><h1>Bad Request</h1></body></html>", "answers 400: Bad Request"),
        (418, [], "answers 418"),
    ],
)
def test_a_refusal_of_the_first_request_is_one_error_and_no_failed_rows(
    run: Callable[..., Outcome],
    server: SmallServer,
    drawings: Callable[[int], Path],
    tmp_path: Path,
    code: int,
    document: Any,
    message: str,
) -> None:
    server.faults = lambda number, attempt: status(code, document)
    outcome = run(drawings(3))
    assert outcome.code == 2
    assert len(outcome.err.strip().splitlines()) <= 4
    assert "Traceback" not in outcome.err
    assert re.search(message, outcome.err)
    assert server.attempts == {PROBE: 1}
    assert not list((tmp_path / "results").rglob("predictions.jsonl"))


@pytest.mark.parametrize("code", [401, 402, 404])
def test_a_key_that_is_withdrawn_in_the_middle_ends_the_run_and_keeps_what_was_captioned(
    run: Callable[..., Outcome], server: SmallServer, drawings: Callable[[int], Path], tmp_path: Path, code: int
) -> None:
    server.faults = lambda number, attempt: status(code) if number >= 20 else None
    outcome = run(drawings(40), "--batch-size", 8, "--endpoint-concurrency", 2)
    assert outcome.code == 2
    assert f"m: the server answers {code}: fault {code}" in outcome.err
    assert [p.id for p in said(tmp_path / "results")] == [f"d{n}" for n in range(16)]
    server.faults = lambda number, attempt: None
    assert run(drawings(40), "--batch-size", 8, "--endpoint-concurrency", 2).code == 0
    assert [p.caption for p in said(tmp_path / "results")] == [f"a drawing of number {n}" for n in range(40)]


def test_redirects_are_not_followed(
    server: SmallServer, served: Callable[..., Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-a-user-0123456789")
    with SmallServer() as other:
        moved = status(307, Location=f"{other.address}/chat/completions")
        server.faults = lambda number, attempt: moved
        one = served()
        with pytest.raises(CaptionerError, match=rf"redirects \(307\) to {other.address}.*not followed.*--endpoint"):
            one.fit([])
        server.faults = lambda number, attempt: None if number == PROBE else moved
        one.fit([])
        with pytest.raises(CaptionerStopped, match="redirects"):
            one.caption([Drawing("a", svg=numbered(1))])
        server.listing = (301, "moved")
        assert "redirects" in str(one.availability())
        assert not other.headers


# As vLLM, OpenAI, llama.cpp and TGI word it.
TOO_LONG = {
    "vllm": (
        400,
        {
            "object": "error",
            "message": "This model's maximum context length is 100 tokens. However, you requested 400 tokens.",
            "code": 400,
        },
    ),
    "openai": (400, {"error": {"message": "Please shorten it.", "code": "context_length_exceeded"}}),
    "llama.cpp": (
        400,
        {"error": {"message": "the request exceeds the available context size", "type": "exceed_context_size_error"}},
    ),
    "tgi": (422, {"error": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 100. Given: 400"}),
}


@pytest.mark.parametrize("kind", TOO_LONG)
def test_a_drawing_that_is_too_long_for_the_model_loses_its_smallest_elements(
    server: SmallServer, served: Callable[..., Served], kind: str
) -> None:
    limit = 900

    def answer(handler: Handler) -> None:
        content = handler.body["messages"][0]["content"]
        if len(content) > limit:
            handler.send(*TOO_LONG[kind])
        else:
            handler.send(200, {"choices": [{"message": {"content": content.partition("<svg")[2]}}]})

    server.faults = lambda number, attempt: answer
    one = served()
    one.fit([])
    circles = "".join(
        f'<circle cx="{40 + 2 * n}" cy="{40 + 3 * n}" r="{1 + n / 2}" fill="#{n:02x}8844"/>' for n in range(80)
    )
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512">{circles}</svg>'
    first, second = one.caption([Drawing("long", svg=svg), Drawing("short", svg=numbered(1))])
    shown = first.caption.count("<circle")
    assert first.details["dropped"] == 80 - shown
    assert 5 <= shown < 30
    assert 'fill="#4f8844"' in first.caption  # the largest
    assert 'fill="#008844"' not in first.caption  # the smallest
    assert "retries" not in first.details
    assert "dropped" not in (second.details or {})


def test_what_is_too_long_without_any_element_fails_with_both_reasons(
    server: SmallServer, served: Callable[..., Served]
) -> None:
    one = served()
    one.fit([])
    server.faults = lambda number, attempt: status(*TOO_LONG["vllm"])
    (error,) = one.caption([Drawing("a", svg=numbered(1))])
    assert isinstance(error, CaptionerError)
    assert "maximum context length is 100 tokens" in str(error)
    assert "does not fit" in str(error)
