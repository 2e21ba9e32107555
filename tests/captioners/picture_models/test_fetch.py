"""``benchmark fetch``: weights from a hub on localhost, pickles into safetensors, and what is said when it fails."""

from __future__ import annotations

import hashlib
import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import huggingface_hub
import pytest
import torch
from huggingface_hub import errors
from safetensors.torch import load_file

from tests.captioners.picture_models.conftest import predictions

REPOSITORY = Path(__file__).parents[3]
COMMIT = "c4a1533" + "0" * 33


class Hub(http.server.BaseHTTPRequestHandler):
    """As much of the hub as one repository needs: its revision, its files, each with its hash."""

    folder: Path

    def do_GET(self) -> None:
        files = {file.name: file.read_bytes() for file in self.folder.iterdir()}
        headers = {"X-Repo-Commit": COMMIT}
        if "/tree/" in self.path:
            body = [{"type": "file", "path": n, "size": len(c), "oid": digest(c)} for n, c in files.items()]
            content = json.dumps(body).encode()
        elif self.path.startswith("/api/"):
            body = {"id": "org/model", "sha": COMMIT, "siblings": [{"rfilename": name} for name in files]}
            content = json.dumps(body).encode()
        else:
            content = files[self.path.rpartition("/")[2]]
            headers["ETag"] = f'"{digest(content)}"'
        self.send_response(200)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    do_HEAD = do_GET

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def hub(folders: dict[str, Path]) -> Iterator[str]:
    """Address of a hub whose only model is the small vit-gpt2."""
    handler = type("VitGpt2Hub", (Hub,), {"folder": folders["vit-gpt2"]})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_what_was_fetched_captions(
    hub: str,
    cli: Callable[..., Any],
    caption: Callable[..., Any],
    folders: dict[str, Path],
    scenes: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    environment = {**os.environ, "HF_ENDPOINT": hub, "HF_HOME": str(tmp_path), "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-m", "benchmark", "fetch", "vit-gpt2", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)
    place = tmp_path / "hub" / "models--nlpconnect--vit-gpt2-image-captioning" / "snapshots" / COMMIT
    size = (folders["vit-gpt2"] / "model.safetensors").stat().st_size
    assert row == {
        "weights": "nlpconnect/vit-gpt2-image-captioning@refs/pr/37",
        "size": f"{size / 1e6:.1f} MB",
        "licence": "Apache-2.0",
        "lies in": str(place),
    }
    assert "fetching nlpconnect/vit-gpt2-image-captioning@refs/pr/37, 982 MB, Apache-2.0" in done.stderr

    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    output = tmp_path / "out"
    options = ("--dataset", scenes, "--metrics", "rouge_l", "--limit", 3, "--output-dir", output)
    ran = cli("run", "--captioners", "vit-gpt2", *options)
    assert ran.code == 0, ran.err
    assert predictions(output) == caption("vit-gpt2", tmp_path / "local", "--limit", 3)
    (manifest,) = output.rglob("manifest.json")
    identity = json.loads(manifest.read_text(encoding="utf-8"))["identity"]["captioner"]
    assert identity["repository"] == "nlpconnect/vit-gpt2-image-captioning"
    assert identity["revision"] == COMMIT
    assert identity["weights"] == digest((folders["vit-gpt2"] / "model.safetensors").read_bytes())


def test_a_folder_with_a_pickle_captions_once_it_is_converted(
    cli: Callable[..., Any], caption: Callable[..., Any], folders: dict[str, Path], scenes: Path, tmp_path: Path
) -> None:
    old = tmp_path / "old"
    old.mkdir()
    for file in folders["blip"].iterdir():
        if file.suffix != ".safetensors":
            (old / file.name).write_bytes(file.read_bytes())
    torch.save(load_file(folders["blip"] / "model.safetensors"), old / "pytorch_model.bin")
    options = ("--captioners", "blip", "--weights", f"blip={old}", "--dataset", scenes, "--metrics", "rouge_l")
    options = (*options, "--limit", 3, "--output-dir", tmp_path / "out")

    refused = cli("run", *options)
    assert refused.code == 3
    assert f"`python -m benchmark fetch {old}` makes safetensors of it" in refused.err
    done = cli("fetch", old)
    assert done.code == 0, done.err
    assert "see its model card" in done.out
    ran = cli("run", *options)
    assert ran.code == 0, ran.err
    assert predictions(tmp_path / "out") == caption("blip", tmp_path / "whole", "--limit", 3)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("constant", "constant has no weights to fetch"),
        ("blpi", "there is no captioner 'blpi'. Did you mean 'blip'?"),
        ("./nowhere", "nowhere: no such folder of weights"),
        ("org/model", "org/model could not be downloaded: "),
        ("blip", "Salesforce/blip-image-captioning-base@refs/pr/38 could not be downloaded: "),
    ],
)
def test_what_cannot_be_fetched_is_one_message(
    cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    done = cli("fetch", place)
    assert done.code == 2
    assert f"Error: {said}" in done.err
    assert "Traceback" not in done.err


def test_a_gated_repository_says_what_to_do(cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    import httpx2 as httpx

    def refuse(*_: object, **__: object) -> NoReturn:
        raise errors.GatedRepoError("403", response=httpx.Response(403, request=httpx.Request("GET", "http://hub")))

    monkeypatch.setattr(huggingface_hub, "snapshot_download", refuse)
    done = cli("fetch", "meta-llama/Llama-3.1-8B-Instruct")
    assert done.code == 2
    assert "is gated: accept its licence on its page, then log in here (hf auth login)" in done.err
