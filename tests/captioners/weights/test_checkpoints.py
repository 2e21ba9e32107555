"""Where weights lie, what is said where they do not, and what the hub's refusals become."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import httpx2 as httpx
import huggingface_hub
import pytest
from huggingface_hub import errors

from captioners import CaptionerError, ModelOptions
from captioners.checkpoints import (
    Checkpoint,
    at,
    availability,
    chosen,
    download,
    fetched,
    identity,
    located,
    require_model,
)
from tests.captioners.weights.conftest import COMMIT, PUBLISHED, model_folder

DEFAULT, ALLOWED = ModelOptions(), ModelOptions(allow_download=True)


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("org/model", Checkpoint("org/model")),
        ("org/model@refs/pr/38", Checkpoint("org/model", "refs/pr/38")),
        ("org/model-2.5_x@0123abc", Checkpoint("org/model-2.5_x", "0123abc")),
        ("/data/model", Checkpoint("/data/model", local=True)),
        ("./model", Checkpoint("model", local=True)),
        ("../a/model", Checkpoint("../a/model", local=True)),
        ("models/gemma/it", Checkpoint("models/gemma/it", local=True)),
        ("gemma.gguf", Checkpoint("gemma.gguf", local=True)),
        ("org/my model", Checkpoint("org/my model", local=True)),
    ],
)
def test_a_place_is_a_path_or_a_hub_id(place: str, expected: Checkpoint) -> None:
    assert at(place) == expected


def test_a_folder_that_is_there_is_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "org" / "model").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert at("org/model").local
    assert at("~/org/model") == Checkpoint(str(tmp_path / "org" / "model"), local=True)


def test_weights_may_be_named_elsewhere() -> None:
    options = ModelOptions(weights={"blip": "you/tuned@v2"})
    assert chosen("blip", PUBLISHED, options) == Checkpoint("you/tuned", "v2", licence="BSD-3-Clause")
    assert chosen("other", PUBLISHED, options) == PUBLISHED


def test_a_missing_package_is_named_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "transformers" else found(name))
    said = str(availability(PUBLISHED, ("torch", "transformers"), DEFAULT, name="blip"))
    assert said == (
        "needs transformers — pip install -e '.[models]'; weights: org/model@refs/pr/38, 990 MB, BSD-3-Clause"
    )


def test_missing_weights_are_named_with_the_commands_that_get_them() -> None:
    said = str(availability(PUBLISHED, (), DEFAULT, name="blip"))
    assert said == (
        "the weights are not on this machine: org/model@refs/pr/38, 990 MB, BSD-3-Clause — "
        "`python -m benchmark fetch blip` or --allow-download gets them once, --weights blip=FOLDER names them"
    )
    elsewhere = ModelOptions(weights={"blip": "you/tuned"})
    assert "`python -m benchmark fetch you/tuned`" in str(
        availability(chosen("blip", PUBLISHED, elsewhere), (), elsewhere, name="blip")
    )
    gated = Checkpoint("meta/llama", gated=True, size="16 GB")
    assert "16 GB, gated" in str(availability(gated, (), DEFAULT, name="llama"))
    assert "log in first (hf auth login), with an account that has accepted" in str(
        availability(gated, (), DEFAULT, name="llama")
    )
    assert availability(PUBLISHED, (), ALLOWED, name="blip")


def test_weights_in_the_cache_of_the_hub_are_found(cached: Callable[..., Path]) -> None:
    assert located(PUBLISHED) is None
    folder = cached("org/model", "refs/pr/38")
    assert located(PUBLISHED) == folder
    assert fetched(PUBLISHED, DEFAULT, "blip") == folder
    assert availability(PUBLISHED, (), DEFAULT)


def test_a_reference_that_has_moved_is_refused(cached: Callable[..., Path]) -> None:
    cached("org/model", "refs/pr/38", "b" * 40)
    said = str(availability(PUBLISHED, (), ALLOWED, name="blip"))
    assert said.startswith("org/model@refs/pr/38 is now commit bbbbbbbbbbbb, and a0ad1e4 is what this project knows")
    assert "org/model@COMMIT" in said


def test_a_download_that_was_cut_off_is_not_there(cached: Callable[..., Path]) -> None:
    folder = cached("org/model", "refs/pr/38", weights=False)
    index = {"weight_map": {"a": "model-1-of-2.safetensors", "b": "model-2-of-2.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    (folder / "model-1-of-2.safetensors").touch()
    assert located(PUBLISHED) is None
    assert "not on this machine" in str(availability(PUBLISHED, (), DEFAULT))
    (folder / "model-2-of-2.safetensors").touch()
    assert located(PUBLISHED) == folder


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, r"is no folder of weights: it holds neither model\.safetensors"),
        ({"pytorch_model.bin": b""}, r"only as a pickle \(pytorch_model\.bin\).*`python -m benchmark fetch /.*wrong`"),
        (
            {"model.safetensors.index.json": b'{"weight_map": {"a": "shard.safetensors"}}'},
            r"lacks shard\.safetensors, which its index names",
        ),
        ({"model.safetensors.index.json": b"[]"}, r"index\.json is damaged"),
        (
            {"model.safetensors.index.json": b'{"weight_map": {"a": "../../etc/x.safetensors"}}'},
            r"names '\.\./\.\./etc/x\.safetensors', which is no safetensors file beside it",
        ),
        (
            {"model.safetensors.index.json": b'{"weight_map": {"a": "pytorch_model.bin"}}'},
            r"names 'pytorch_model\.bin', which is no safetensors file beside it",
        ),
        ({"model.safetensors.index.json": b'{"weight_map": {"a": 3}}'}, r"names '3', which is no safetensors file"),
    ],
)
def test_a_wrong_folder_is_refused_with_what_is_wrong(tmp_path: Path, files: dict[str, bytes], said: str) -> None:
    folder = tmp_path / "wrong"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    with pytest.raises(CaptionerError, match=said):
        located(at(str(folder)))
    with pytest.raises(CaptionerError, match="no such folder of weights"):
        located(at(str(tmp_path / "nowhere")))


def test_a_checkpoint_that_is_published_as_a_pickle_names_the_way_out(cached: Callable[..., Path]) -> None:
    pickled = Checkpoint("org/model", pickled=True)
    cached("org/model", "main")
    for options in (DEFAULT, ALLOWED):
        said = str(availability(pickled, (), options, name="old"))
        assert "exists only as a pickle, which can run code when it is read — `python -m benchmark fetch old`" in said


def test_a_gguf_file_is_a_checkpoint(tmp_path: Path) -> None:
    file = tmp_path / "gemma.gguf"
    file.write_bytes(b"GGUF")
    assert located(at(str(file))) == file
    assert identity(at(str(file)), DEFAULT, "g")["weights"] == hashlib.sha256(b"GGUF").hexdigest()


def refusal(kind: type[errors.HfHubHTTPError], status: int) -> errors.HfHubHTTPError:
    return kind("refused", response=httpx.Response(status, request=httpx.Request("GET", "http://hub")))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (refusal(errors.GatedRepoError, 403), r"org/model is gated: accept its licence on its page.*hf auth login"),
        (refusal(errors.RepositoryNotFoundError, 401), "the hub has no org/model, or it is gated and nobody is logged"),
        (refusal(errors.RevisionNotFoundError, 404), "org/model has no revision 'refs/pr/38': name another one"),
        (OSError("Name or\n   service not known"), "could not be downloaded: Name or service not known"),
    ],
)
def test_what_the_hub_refuses_is_said_plainly(error: Exception, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise error

    monkeypatch.setattr(huggingface_hub, "snapshot_download", refuse)
    with pytest.raises(CaptionerError, match=said):
        fetched(PUBLISHED, ALLOWED, "blip")


def test_nothing_is_downloaded_without_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda *a, **k: asked.append(a))
    with pytest.raises(CaptionerError, match="the weights are not on this machine"):
        fetched(PUBLISHED, DEFAULT, "blip")
    assert not asked


def test_a_download_holds_no_code_and_no_pickle(cached: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    from fnmatch import fnmatch

    wanted: dict[str, list[str]] = {}

    def downloaded(repository: str, *, revision: str, allow_patterns: list[str], ignore_patterns: list[str]) -> str:
        wanted.update(allow=allow_patterns, ignore=ignore_patterns)
        return str(cached(repository, revision))

    monkeypatch.setattr(huggingface_hub, "snapshot_download", downloaded)
    assert download(PUBLISHED).name == COMMIT

    def got(name: str) -> bool:
        return any(fnmatch(name, p) for p in wanted["allow"]) and not any(fnmatch(name, p) for p in wanted["ignore"])

    assert all(map(got, ("model.safetensors", "config.json", "merges.txt", "tokenizer.model", "chat_template.jinja")))
    unwanted = ("modeling_x.py", "pytorch_model.bin", "tf_model.h5", "checkpoint-5/model.safetensors", "original/a.pth")
    assert not any(map(got, unwanted))


def test_a_download_without_safetensors_names_the_way_out(
    cached: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        huggingface_hub, "snapshot_download", lambda name, **_: str(cached(name, "refs/pr/38", weights=False))
    )
    with pytest.raises(CaptionerError, match=r"holds no safetensors.*`python -m benchmark fetch org/model@refs/pr/38`"):
        fetched(PUBLISHED, ALLOWED, "blip")


def test_the_identity_is_the_same_before_and_after_the_download(
    cached: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "weights" not in identity(PUBLISHED, DEFAULT, "blip")
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda name, **_: str(cached(name, "refs/pr/38")))
    first = identity(PUBLISHED, ALLOWED, "blip")
    assert first == identity(PUBLISHED, DEFAULT, "blip")
    assert first["repository"] == "org/model"
    assert first["revision"] == COMMIT


def test_a_folder_of_another_model_is_refused(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "m")
    require_model(folder, "BlipForConditionalGeneration")
    with pytest.raises(CaptionerError, match=r"holds a model of class BlipForCond.*, and GPT2LMHeadModel is needed"):
        require_model(folder, "GPT2LMHeadModel")
    for text in ("[]", "{", '{"architectures": 3}'):
        (folder / "config.json").write_text(text)
        with pytest.raises(CaptionerError, match=r"has no readable config\.json"):
            require_model(folder, "BlipForConditionalGeneration")
    (folder / "config.json").unlink()
    with pytest.raises(CaptionerError, match=r"has no readable config\.json"):
        require_model(folder, "BlipForConditionalGeneration")


def test_converted_weights_of_different_places_lie_apart(tmp_path: Path) -> None:
    from captioners.checkpoints import converted_folder

    places = [Checkpoint("a/b_c"), Checkpoint("a/b_c", "v1"), Checkpoint("a/b/c", local=True), Checkpoint("a_b/c")]
    assert len({converted_folder(place) for place in places}) == len(places)


def test_a_user_without_a_home_is_told_where_to_put_things(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: object) -> NoReturn:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("SVG_CAPTION_BENCH_CACHE")
    monkeypatch.setattr("platformdirs.user_cache_path", nowhere)
    said = str(availability(PUBLISHED, (), DEFAULT, name="blip"))
    assert "set SVG_CAPTION_BENCH_CACHE to a folder" in said
