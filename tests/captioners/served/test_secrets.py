"""The key goes to the server and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from captioners import CaptionerError
from captioners.served.captioner import Served
from captioners.served.endpoint import KEY, Endpoint
from tests.captioners.served.small_server import PROBE, Handler, SmallServer
from tests.conftest import Outcome

SECRET = "sk-of-a-user-0123456789"


def repeating(handler: Handler) -> None:
    """What a server would do that tells all it knows."""
    said = f"you sent {handler.headers['Authorization']}"
    handler.send(400 if handler.number == 1 else 200, {"error": said, "choices": [{"message": {"content": said}}]})


def test_the_key_is_sent_and_stands_in_no_file_and_no_message(
    run: Callable[..., Outcome],
    server: SmallServer,
    drawings: Callable[[int], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(KEY, f"{SECRET}\n")
    server.faults = lambda number, attempt: None if number == PROBE else repeating
    outcome = run(drawings(4), "--json")
    assert outcome.code == 0
    assert {headers.get("Authorization") for headers in server.headers} == {f"Bearer {SECRET}"}
    assert SECRET not in outcome.out + outcome.err
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any("predictions" in path.name for path in files)
    assert [path for path in files if SECRET.encode() in path.read_bytes()] == []
    (told,) = [path for path in files if path.name == "predictions.jsonl"]
    assert told.read_text().count(f"you sent Bearer [{KEY}]") >= 4  # so there was something to leave out


def test_without_a_key_none_is_sent(server: SmallServer, served: Callable[..., Served]) -> None:
    served().fit([])
    assert "Authorization" not in server.headers[0]


@pytest.mark.parametrize("key", ["sk-0123\n456789", "schlüssel-0123456789", "sk\x00"])
def test_a_damaged_key_is_an_error_that_does_not_show_it(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.environ", {KEY: key})
    with pytest.raises(CaptionerError, match=f"{KEY} holds characters that no key has") as error:
        Endpoint.parse("http://localhost/v1")
    assert key not in str(error.value)


def test_an_endpoint_does_not_print_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, SECRET)
    endpoint = Endpoint.parse("https://api.example.org/v1/")
    assert endpoint.key == SECRET
    assert repr(endpoint) == "Endpoint(address='https://api.example.org/v1')"


def test_a_word_that_is_written_where_no_key_is_wanted_stays_in_captions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, "EMPTY")
    assert Endpoint.parse("http://localhost/v1").redacted("an EMPTY box") == "an EMPTY box"


def test_this_machine_is_asked_directly_whatever_proxies_the_environment_names(
    server: SmallServer, served: Callable[..., Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody is there
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert served().availability()
    assert served(endpoint=server.address.replace("127.0.0.1", "localhost")).availability()
    one = served(endpoint="http://gpu17.example.org:8000/v1")
    said = str(one.availability())
    assert "nobody answers at http://gpu17.example.org:8000/v1" in said
    assert "(asked through a proxy; NO_PROXY=gpu17.example.org avoids it)" in said
