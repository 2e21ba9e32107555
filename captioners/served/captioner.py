"""``served:MODEL``: a captioner whose model runs elsewhere."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from captioners import hygiene
from captioners.base import FAMILIES, Answer, CaptionerError, Drawing, Reads
from captioners.options import ModelOptions
from captioners.prompts import INSTRUCTION, PICTURE_INSTRUCTION
from captioners.served import questions
from captioners.served.endpoint import Endpoint
from captioners.served.retries import Retries
from renderers.registry import AVAILABLE, Availability

if TYPE_CHECKING:
    from captioners.served.conversation import Server

MAX_NEW_TOKENS = 128
RETRIES = Retries()
_NOWHERE = ModelOptions()

# Drawings at once, per request in flight: while the slowest of them are waited for, connections idle, which weighs less
# the more they are; and as many are lost when the process is killed.
_ROUNDS = 4

# What is asked before the first drawing, to learn whether key, model and settings are right.
_PROBE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512"><circle cx="256" cy="256" r="128"/></svg>'


class Served:
    """A model of an OpenAI-compatible server.

    Args:
        name: in tables.
        model: as the server calls it.
        options: the endpoint, and what it is sent. A server knows its own context limit and says when a drawing is too
            long, which then loses elements; ``options.context`` is for models that run here.
    """

    learns = False

    def __init__(self, name: str, model: str, options: ModelOptions = _NOWHERE) -> None:
        self.name = name
        self.model = model
        self._options = options
        self._endpoint = Endpoint.parse(options.endpoint) if options.endpoint else None
        self._listed: tuple[Availability, Mapping[str, object]] | None = None
        self._settings: dict[str, Any] = {}

    @property
    def summary(self) -> str:
        return f"{self.model}, behind an OpenAI-compatible server"

    @property
    def reads(self) -> Reads:
        return self._options.endpoint_input

    @property
    def image_size(self) -> int:
        return questions.PICTURE_SIDE if self.reads == "image" else 0

    @property
    def at_once(self) -> int:
        return _ROUNDS * self._options.endpoint_concurrency

    def configured(self, options: ModelOptions) -> Served:
        return Served(self.name, self.model, options)

    def availability(self) -> Availability:
        if importlib.util.find_spec("httpx2") is None:
            return Availability("needs httpx2", "pip install -e '.[served]'")
        if self._endpoint is None:
            return Availability("no server is named", "--endpoint http://localhost:8000/v1, wherever it is")
        self._listed = self._look(self._endpoint)
        return self._listed[0]

    def fingerprint(self) -> Mapping[str, object]:
        if self._listed is None and not (availability := self.availability()):
            raise CaptionerError(str(availability))
        assert self._endpoint is not None and self._listed is not None
        return {
            "model": self.model,
            "provider": self._endpoint.provider,
            "server": dict(self._listed[1]),
            "input": {"svg_text": questions.SVG_TEXT.fingerprint()} if self.reads == "svg" else self.image_size,
            "prompt": PICTURE_INSTRUCTION if self.reads == "image" else INSTRUCTION,
            "generation": self._asked(),
            "hygiene": hygiene.VERSION,
        }

    def fit(self, training: Iterable[Drawing]) -> None:
        """Ask the server about a circle, and agree with it on settings. Raises CaptionerError when it refuses."""
        from captioners.served.conversation import agreed

        self._settings = agreed(self._server(), self._asked())

    def caption(self, drawings: Sequence[Drawing]) -> list[Answer | CaptionerError]:
        from captioners.served.conversation import answers

        without = sorted(self._asked().keys() - self._settings.keys() - {"max_tokens"})
        details = {"without": without} if without else {}
        return answers(self._server(), [questions.about(drawing) for drawing in drawings], self._settings, details)

    def _asked(self) -> dict[str, Any]:
        return questions.settings(self._options.max_new_tokens or MAX_NEW_TOKENS)

    def _server(self) -> Server:
        from PIL import Image

        from captioners.served.conversation import Server

        if self._endpoint is None:
            raise CaptionerError(str(self.availability()))
        picture = Image.new("RGB", (self.image_size, self.image_size), "white") if self.reads == "image" else None
        return Server(
            endpoint=self._endpoint,
            model=self.model,
            retries=RETRIES,
            timeout=self._options.endpoint_timeout,
            concurrency=self._options.endpoint_concurrency,
            probe=questions.about(Drawing("", svg=_PROBE, image=picture)),
        )

    def _look(self, endpoint: Endpoint) -> tuple[Availability, Mapping[str, object]]:
        from captioners.served.conversation import agreed, list_of_models
        from captioners.served.exchange import NoAnswer
        from captioners.served.models import listing

        try:
            listed = listing(list_of_models(endpoint), endpoint, self.model)
        except NoAnswer as error:
            proxy = f" (asked through a proxy; NO_PROXY={endpoint.host} avoids it)" if endpoint.proxied else ""
            said = f"nobody answers at {endpoint.address}: {error}{proxy}"
            return Availability(said, "start the server, or correct --endpoint"), {}
        if listed.verdict is not None:
            return listed.verdict, listed.told
        try:
            agreed(replace(self._server(), retries=replace(RETRIES, attempts=1)), self._asked())
        except CaptionerError as error:
            return Availability(str(error), listed.remedy), {}
        return AVAILABLE, {}


FAMILIES.register("served")(Served)
