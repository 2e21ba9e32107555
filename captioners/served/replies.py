"""What a server's reply means: an answer, a refusal, or a reason to try again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from captioners.served.endpoint import KEY
from captioners.served.exchange import Reply
from captioners.served.retries import Transient

_TRY_AGAIN = (408, 409, 425, 429)
_NOBODY_CAN = (401, 402, 404)  # what they say holds for every drawing: wrong key, nothing paid, no such model
_OVERFLOW = re.compile(
    r"context[ _-]?(?:length|size|window)|maximum [^.]{0,40}tokens|too many tokens|(?:prompt|input) is too long"
    r"|tokens[^.]{0,80}must be <=",
    re.IGNORECASE,
)
_SHOWN = 300  # characters of a server's own words


class Refused(Exception):
    """The server does not want this request, however often it is made.

    Attributes:
        status: of HTTP.
        parameter: the part of the request that the server names, or all that it says where it names none.
        final: whether it holds for every other drawing as well.
        overflow: whether the prompt is too long for the model.
    """

    def __init__(self, message: str, status: int, parameter: str, *, final: bool, overflow: bool) -> None:
        super().__init__(message)
        self.status = status
        self.parameter = parameter
        self.final = final
        self.overflow = overflow


def judged(reply: Reply) -> Mapping[str, Any]:
    """The chat completion in a reply, which has a first choice with a message. Raises Transient and Refused."""
    if reply.status == 200:
        return _completion(reply)
    said = complaint(reply)
    message = f"the server answers {reply.status}: {said}"
    error = _error(reply)
    overflow = reply.status in (400, 413, 422, 500) and bool(_OVERFLOW.search(f"{error.get('code')} {said}"))
    broke = "insufficient_quota" in (error.get("code"), error.get("type"))
    again = reply.status in _TRY_AGAIN or reply.status >= 500 or 200 <= reply.status < 300
    if again and not (overflow or broke):
        raise Transient(message, reply.headers.get("retry-after", ""))
    moved = 300 <= reply.status < 400
    if moved:
        message = (
            f"the server redirects ({reply.status}) to {reply.headers.get('location', 'nowhere')[:_SHOWN]}, which is "
            "not followed: give the address that is meant as --endpoint"
        )
    if reply.status == 401:
        message += f" (the key is taken from the environment variable {KEY})"
    parameter = error.get("param")
    raise Refused(
        message,
        reply.status,
        parameter if isinstance(parameter, str) else said,
        final=moved or broke or reply.status in _NOBODY_CAN,
        overflow=overflow,
    )


def complaint(reply: Reply) -> str:
    """What the server says of what went wrong, in one line of at most 300 characters."""
    error = _error(reply)
    said = error.get("message") or error.get("detail") or error.get("error")
    if isinstance(said, list):  # FastAPI: which fields are wrong, and why
        entries = [entry for entry in said if isinstance(entry, dict)]
        said = "; ".join(f"{'.'.join(map(str, entry.get('loc') or []))}: {entry.get('msg')}" for entry in entries)
    text = said if isinstance(said, str) and said.strip() else re.sub(r"<[^<>]{0,200}>", " ", reply.text[:4000])
    return " ".join(text.split())[:_SHOWN] or "nothing"


def _error(reply: Reply) -> Mapping[str, Any]:
    """The error object of a reply: {"error": {…}}, or what some servers write in its place."""
    document = reply.document()
    if not isinstance(document, dict):
        return {}
    nested = document.get("error")
    return nested if isinstance(nested, dict) else document


def _completion(reply: Reply) -> Mapping[str, Any]:
    document = reply.document()
    if not isinstance(document, dict):
        kind = reply.headers.get("content-type", "no content type")[:80]
        raise Transient(f"the server's reply is no JSON object ({kind}): {complaint(reply)}")
    choices = document.get("choices")
    if not (isinstance(choices, list) and choices):
        raise Transient(f"the server's reply has no choices: {complaint(reply)}")
    message = choices[0].get("message") if isinstance(choices[0], dict) else None
    if not isinstance(message, dict) or not isinstance(message.get("content"), str | None):
        raise Transient("the first choice of the server's reply has no message with a text")
    return document
