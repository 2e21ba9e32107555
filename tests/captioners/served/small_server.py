"""A small OpenAI-compatible server, which misbehaves where it is told to.

It sees which drawing it is asked about: as text by the words ``number N`` in it, as a picture by its red channel. What
it answers says so.
"""

from __future__ import annotations

import base64
import io
import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from PIL import Image

PROBE = -1
Fault = Callable[["Handler"], None]


class SmallServer(ThreadingHTTPServer):
    """Attributes that tests set: ``faults``, ``wanted``; that they read: the others.

    Attributes:
        faults: (number of the drawing, attempt at it from 1) -> what happens in the place of an answer.
        listing: what GET /models answers, and under which status.
        wanted: requests that must be there at once before any of them is answered, the first time.
        bodies: of all chat completions that were asked for.
        headers: of all requests.
        peak: the most requests at once.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.faults: Callable[[int, int], Fault | None] = lambda number, attempt: None
        self.listing: tuple[int, Any] = (200, {"object": "list", "data": [{"id": "tiny", "owned_by": "test"}]})
        self.wanted = 0
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.attempts: Counter[int] = Counter()
        self.peak = 0
        self.closing = threading.Event()
        self._active = 0
        self._changed = threading.Condition()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is expected here."""

    @contextmanager
    def counted(self) -> Iterator[None]:
        with self._changed:
            self._active += 1
            self.peak = max(self.peak, self._active)
            self._changed.notify_all()
            self._changed.wait_for(lambda: self.peak >= self.wanted, timeout=10)
        try:
            yield
        finally:
            with self._changed:
                self._active -= 1

    def begun(self, number: int) -> int:
        with self._changed:
            self.attempts[number] += 1
            return self.attempts[number]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: SmallServer

    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads it."""

    def do_GET(self) -> None:
        self.server.headers.append(dict(self.headers))
        status, document = self.server.listing
        self.send(status, document)

    def do_POST(self) -> None:
        self.server.headers.append(dict(self.headers))
        self.body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.bodies.append(self.body)
        self.number = number_shown(self.body["messages"][0]["content"])
        fault = self.server.faults(self.number, self.server.begun(self.number))
        if self.number != PROBE:
            with self.server.counted():
                pass_time()
        if fault is None:
            self.send(200, completion(f"a drawing of number {self.number}"))
        else:
            fault(self)

    def send(self, status: int, document: Any, **headers: str) -> None:
        text = document if isinstance(document, str) else json.dumps(document)
        content = text.encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)


def pass_time() -> None:
    """As long as a model that takes no time needs for the others to arrive."""
    threading.Event().wait(0.002)


def number_shown(content: Any) -> int:
    """Which drawing a message shows."""
    if isinstance(content, str):
        found = re.search(r"number (\d+)", content)
        return int(found[1]) if found else PROBE
    url = content[1]["image_url"]["url"]
    pixels = Image.open(io.BytesIO(base64.b64decode(url.removeprefix("data:image/png;base64,"), validate=True)))
    red = pixels.getpixel((pixels.width // 2, pixels.height // 2))[0]
    return PROBE if red == 255 else red


def completion(text: str | None, reason: str = "stop", **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": reason}
    return {"object": "chat.completion", "choices": [choice], **more}


# What goes wrong.


def status(code: int, document: Any = "", **headers: str) -> Fault:
    return lambda handler: handler.send(code, document or {"error": {"message": f"fault {code}"}}, **headers)


def dropped(handler: Handler) -> None:
    """The connection ends without a byte."""
    handler.close_connection = True
    handler.connection.shutdown(2)


def half(handler: Handler) -> None:
    """The connection ends in the middle of the body."""
    content = json.dumps(completion("half of this")).encode()
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content[: len(content) // 2])
    handler.close_connection = True


def half_of_json(handler: Handler) -> None:
    """The connection ends well, the document does not."""
    text = json.dumps(completion("half of this"))
    handler.send(200, text[: len(text) // 2])


def slow(handler: Handler) -> None:
    """Nothing comes until everything is over."""
    handler.server.closing.wait(30)
    handler.close_connection = True


def trickling(handler: Handler) -> None:
    """A byte now and then: each of them in time, all together never."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    while not handler.server.closing.wait(0.05):
        handler.wfile.write(b" ")


def endless(handler: Handler) -> None:
    """A body that does not end."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.close_connection = True
    while not handler.server.closing.is_set():
        handler.wfile.write(b" " * 65536)


def page(handler: Handler) -> None:
    handler.send(200, "<html><title>Welcome</title><p>nginx</p></html>", Content_Type="text/html")


def two_choices(handler: Handler) -> None:
    document = completion(f"a drawing of number {handler.number}")
    document["choices"].append({"index": 1, "message": {"content": "another one"}, "finish_reason": "length"})
    handler.send(200, document)


def twice(handler: Handler) -> None:
    """The whole reply comes two times: the second could be taken for the answer to the next request."""
    for _ in range(2):
        handler.send(200, completion(f"a drawing of number {handler.number}"))


def text_plain(handler: Handler) -> None:
    handler.send(200, completion(f"a drawing of number {handler.number}"), Content_Type="text/plain")
