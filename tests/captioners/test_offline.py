"""Libraries find no network while weights are loaded, and what the user set is there again afterwards."""

from __future__ import annotations

import os

import huggingface_hub
import pytest
from huggingface_hub import constants, errors

from captioners.offline import offline


def test_the_hub_is_not_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    asked: list[object] = []

    def refuse(*arguments: object, **_: object) -> None:
        asked.append(arguments)
        raise OSError("no network in this test")

    for place in ("socket.socket", "socket.create_connection", "socket.getaddrinfo"):
        monkeypatch.setattr(place, refuse)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    with offline(), pytest.raises(errors.LocalEntryNotFoundError):
        huggingface_hub.hf_hub_download("org/nothing", "config.json", cache_dir=str(tmp_path))
    assert not asked


def test_what_was_set_before_is_set_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.delenv("TRANSFORMERS_OFFLINE", raising=False)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    with pytest.raises(KeyError), offline():
        assert os.environ["HF_HUB_OFFLINE"] == os.environ["TRANSFORMERS_OFFLINE"] == "1"
        assert constants.HF_HUB_OFFLINE
        raise KeyError
    assert os.environ["HF_HUB_OFFLINE"] == "0"
    assert "TRANSFORMERS_OFFLINE" not in os.environ
    assert not constants.HF_HUB_OFFLINE
