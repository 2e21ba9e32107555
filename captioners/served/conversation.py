"""Questions to a server, several at a time, each of them as often as it takes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import anyio
import anyio.from_thread

from captioners.base import Answer, CaptionerError, CaptionerStopped
from captioners.served.answers import answer
from captioners.served.endpoint import Endpoint
from captioners.served.exchange import NoAnswer, Reply, exchange
from captioners.served.questions import Question, conceded
from captioners.served.replies import Refused, judged
from captioners.served.retries import GaveUp, Retries, Transient, persistently

Result = TypeVar("Result")

_LOOK = 5.0  # seconds within which a server says which models it has


@dataclass(frozen=True, slots=True)
class Server:
    """Whom to ask, and how.

    Attributes:
        endpoint: its address.
        model: as the server calls it.
        retries: how failed requests are repeated.
        timeout: seconds that a request may take.
        concurrency: requests at a time.
        probe: what any model can answer; asked to learn whether this one does.
    """

    endpoint: Endpoint
    model: str
    retries: Retries
    timeout: float
    concurrency: int
    probe: Question


def list_of_models(endpoint: Endpoint) -> Reply:
    """What the server says when it is asked, once, which models it has. Raises NoAnswer."""

    async def ask() -> Reply:
        async with endpoint.client(1) as client:
            return await exchange(client, endpoint, "models", _LOOK)

    return _done(ask)


def agreed(server: Server, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings under which the server answers: those asked for, or without what it does not know.

    Raises CaptionerError when it answers under none: wrong key, wrong model, nobody there, no eye for pictures.
    """

    async def ask() -> dict[str, Any]:
        left = dict(settings)
        async with _Line(server) as line:
            while True:
                try:
                    await line.completion(server.probe, left)
                    return left
                except Refused as refused:
                    fewer = conceded(left, refused)
                    if fewer is None:
                        raise CaptionerError(f"{server.endpoint.address}: {refused}") from refused
                    left = fewer
                except GaveUp as error:
                    raise CaptionerError(f"{server.endpoint.address}: {error}") from error

    return _done(ask)


def answers(
    server: Server, questions: Sequence[Question], settings: Mapping[str, Any], details: Mapping[str, object]
) -> list[Answer | CaptionerError]:
    """One answer per question, in order; in the place of one that the server does not answer, why.

    Raises CaptionerStopped when no further question would be answered: the server is gone, or refuses the key.
    """

    async def ask() -> list[Answer | CaptionerError]:
        found: dict[int, Answer | CaptionerError] = {}
        stopped: list[CaptionerStopped] = []
        async with _Line(server) as line, anyio.create_task_group() as group:

            async def one(place: int, question: Question) -> None:
                try:
                    found[place] = await line.answer(question, settings, details)
                except CaptionerStopped as error:
                    stopped.append(error)
                    group.cancel_scope.cancel()
                except CaptionerError as error:
                    found[place] = error

            for place, question in enumerate(questions):
                group.start_soon(one, place, question)
        if stopped:
            raise stopped[0]
        return [found[place] for place in range(len(questions))]

    return _done(ask)


class _Line:
    """Connections to a server while a group of questions is asked."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._client = server.endpoint.client(server.concurrency)
        self._limiter = anyio.CapacityLimiter(server.concurrency)

    async def __aenter__(self) -> _Line:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self._client.__aexit__(*error)

    async def answer(self, question: Question, settings: Mapping[str, Any], details: Mapping[str, object]) -> Answer:
        """Raises CaptionerError: of this question alone; CaptionerStopped: of all."""
        retries = 0
        while True:
            try:
                document, failed = await self.completion(question, settings)
            except GaveUp as error:
                await self._ask_whether_it_lives(settings, error)
                raise CaptionerError(str(error)) from error
            except Refused as refused:
                if refused.final:
                    raise CaptionerStopped(str(refused)) from refused
                if not (refused.overflow and question.svg):
                    raise CaptionerError(str(refused)) from refused
                question = _shortened(question, refused)
                continue
            retries += failed
            kept = {name: number for name, number in (("retries", retries), ("dropped", question.dropped)) if number}
            return answer(document, {**details, **kept})

    async def completion(self, question: Question, settings: Mapping[str, Any]) -> tuple[Mapping[str, Any], int]:
        """A chat completion, and how many attempts failed before. Raises GaveUp and Refused."""

        async def attempt() -> Mapping[str, Any]:
            return judged(await self._reply(question, settings))

        return await persistently(attempt, self._server.retries, question.id)

    async def _reply(self, question: Question, settings: Mapping[str, Any]) -> Reply:
        """Of one attempt. Raises Transient where none comes."""
        server, body = self._server, question.request(self._server.model, settings)
        try:
            async with self._limiter:
                return await exchange(self._client, server.endpoint, "chat/completions", server.timeout, body)
        except NoAnswer as error:
            raise Transient(f"the server does not answer: {error}") from error

    async def _ask_whether_it_lives(self, settings: Mapping[str, Any], error: GaveUp) -> None:
        """Raise CaptionerStopped when it is not only this question that gets no answer."""
        try:
            reply = await self._reply(self._server.probe, settings)
            gone = f"the server answers {reply.status}" if reply.status >= 500 else ""
        except Transient as silent:
            gone = str(silent)
        if gone:
            raise CaptionerStopped(
                f"{error}. Nothing else is answered at {self._server.endpoint.address} either ({gone}): what was "
                "captioned before is kept; start the server again, and the same command goes on from there"
            ) from error


def _shortened(question: Question, refused: Refused) -> Question:
    try:
        return question.shorter()
    except CaptionerError as error:
        raise CaptionerError(f"{refused}. {error}") from error


def _done(work: Callable[[], Awaitable[Result]]) -> Result:
    """What ``work`` gives, from an event loop in a thread of its own: a notebook's thread has one that runs already."""
    with anyio.from_thread.start_blocking_portal() as portal:
        return portal.call(work)
