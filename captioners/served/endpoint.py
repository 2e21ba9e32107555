"""Where a server is, and the key that it gets."""

from __future__ import annotations

import ipaddress
import os
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from captioners.base import CaptionerError

if TYPE_CHECKING:
    import httpx2

KEY = "OPENAI_API_KEY"
"""The environment variable that holds the key; there is no other way to give one."""

_CONNECTING = 10.0  # seconds: a machine that is there says so at once, however long its model thinks
_SHORTEST_SECRET = 12  # characters; shorter ones are what people write where no key is wanted: EMPTY, none


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The base address of an OpenAI-compatible server.

    Attributes:
        address: without a slash at the end and without anything secret.
        key: what is sent as bearer token; "" for none.
    """

    address: str
    key: str = field(default="", repr=False)

    @classmethod
    def parse(cls, text: str) -> Endpoint:
        """From what a user gives, with the key of the environment. Raises CaptionerError, which never shows secrets."""
        parts = _split(text)
        if parts.username is not None or parts.query or parts.fragment:
            raise CaptionerError(
                "the endpoint holds a user name, a query or a fragment, and would be written into results: give the "
                f"bare address, e.g. https://api.example.org/v1, and a key in the environment variable {KEY}"
            )
        if parts.path.rstrip("/").endswith("/completions"):
            raise CaptionerError(f"the endpoint {text!r} is the base address, without /chat/completions")
        key = os.environ.get(KEY, "").strip()
        if not (key.isascii() and key.isprintable()):
            raise CaptionerError(f"{KEY} holds characters that no key has; set it anew")
        return cls(text.rstrip("/"), key)

    @property
    def host(self) -> str:
        return urlsplit(self.address).hostname or ""

    @property
    def provider(self) -> str:
        """Who serves: the host of an https address; "" for one's own servers, which move from machine to machine."""
        return self.host if self.address.startswith("https:") else ""

    @property
    def proxied(self) -> bool:
        """Whether requests go through a proxy of the environment; those to this machine never do."""
        return (
            not self._is_this_machine()
            and urlsplit(self.address).scheme in urllib.request.getproxies()
            and not urllib.request.proxy_bypass(self.host)
        )

    def client(self, connections: int) -> httpx2.AsyncClient:
        """A client for requests below the address. It follows no redirect, which could carry the key elsewhere."""
        import httpx2

        headers = {"User-Agent": "svg-caption-bench", "Accept": "application/json", "Accept-Encoding": "identity"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        return httpx2.AsyncClient(
            base_url=self.address + "/",
            headers=headers,
            timeout=httpx2.Timeout(None, connect=_CONNECTING),  # the deadline of a whole request is the caller's
            # One connection per request: what a server sends too much is never taken for the answer to another drawing.
            limits=httpx2.Limits(max_connections=connections, max_keepalive_connections=0),
            verify=self.address.startswith("https:"),  # reading all certificates takes longer than a request over http
            trust_env=not self._is_this_machine(),
            follow_redirects=False,
        )

    def redacted(self, text: str) -> str:
        """The text without the key, where a server repeats it."""
        return text.replace(self.key, f"[{KEY}]") if len(self.key) >= _SHORTEST_SECRET else text

    def _is_this_machine(self) -> bool:
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost" or self.host.endswith(".localhost")


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or any(character.isspace() or not character.isprintable() for character in text):
        raise CaptionerError("the endpoint is no address: give one like http://localhost:8000/v1")
    return parts
