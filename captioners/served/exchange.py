"""One request and its reply, within bounds of time and size."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import anyio
import httpx2

from captioners.served.endpoint import Endpoint

MOST_BYTES = 8 << 20
"""Of a reply. A caption takes some hundred; the longest are lists of models, of gateways to hundreds of them."""


class NoAnswer(Exception):
    """No whole reply came: refused, reset, cut off, too late or too long."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered.

    Attributes:
        status: of HTTP.
        text: the body, whatever its content type says; the key is not in it.
        headers: by name in lower case.
    """

    status: int
    text: str
    headers: Mapping[str, str]

    def document(self) -> Any:
        """The body as JSON; None where it is none."""
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None


async def exchange(
    client: httpx2.AsyncClient, endpoint: Endpoint, path: str, seconds: float, document: Mapping[str, Any] | None = None
) -> Reply:
    """GET, or POST of a JSON document.

    Args:
        client: of the endpoint.
        endpoint: whose key is taken out of what comes.
        path: below the address.
        seconds: from the first byte sent to the last one received.
        document: what is posted.

    Raises:
        NoAnswer: with what a user should know.
    """
    body = None if document is None else json.dumps(document).encode()
    request = client.build_request(
        "GET" if body is None else "POST",
        path,
        content=body,
        headers=None if body is None else {"Content-Type": "application/json"},
    )
    received = bytearray()
    try:
        with anyio.fail_after(seconds):
            response = await client.send(request, stream=True)
            try:
                async for chunk in response.aiter_bytes():
                    received += chunk
                    if len(received) > MOST_BYTES:
                        raise NoAnswer(f"its reply is longer than {MOST_BYTES >> 20} MiB")
            finally:
                await response.aclose()
    except TimeoutError:
        raise NoAnswer(f"no whole reply within {seconds:g} s") from None
    except httpx2.RequestError as error:
        said = " ".join(str(error).split()) or type(error).__name__
        raise NoAnswer(endpoint.redacted(said[:200])) from None
    text = endpoint.redacted(received.decode("utf-8", "replace"))
    return Reply(response.status_code, text, {name.lower(): value for name, value in response.headers.items()})
