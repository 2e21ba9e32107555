"""Headers of safetensors: shapes, memory, hashes, and files that are damaged."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from captioners import CaptionerError
from captioners.safetensors_files import configuration_digest, digest, memory, shapes, weight_files
from tests.captioners.weights.conftest import model_folder, safetensors

SHAPES = {"embed_tokens.weight": (100, 64), "layer.weight": (64, 64), "layer.bias": (64,), "lm_head.weight": (100, 64)}


def test_shapes_are_read_from_the_header_alone(tmp_path: Path) -> None:
    assert shapes(model_folder(tmp_path / "m", SHAPES)) == SHAPES


def test_shapes_equal_those_of_the_library(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save_file

    tensors = {"a": torch.zeros(3, 5), "b": torch.zeros(()), "c": torch.zeros(0, 2), "d": torch.zeros(7).half()}
    save_file(tensors, tmp_path / "model.safetensors")
    assert shapes(tmp_path) == {name: tuple(tensor.shape) for name, tensor in tensors.items()}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "damaged"),
        (b"\xff" * 100, "its header is longer than the file"),
        ((2).to_bytes(8, "little") + b"[]", "damaged"),
        ((4).to_bytes(8, "little") + b"null", "damaged"),
        ((2).to_bytes(8, "little") + b"{x", "damaged"),
        ((10).to_bytes(8, "little") + b'{"a": 333}', "damaged"),
        ((10).to_bytes(8, "little") + b'{"a": {}} ', "damaged"),
        ((100_000).to_bytes(8, "little") + b"[" * 100_000, "damaged"),
        (safetensors(SHAPES, missing_bytes=1), "it ends before its last tensor does"),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "model.safetensors"
    file.write_bytes(content)
    with pytest.raises(CaptionerError, match=f"{file} is damaged, or no safetensors file: .*{said}|{said}"):
        shapes(tmp_path)


def test_memory_follows_precision(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "m", SHAPES)
    numbers = 100 * 64 + 64 * 64 + 64 + 100 * 64
    assert memory(folder, "float32", "none") == 4 * numbers
    assert memory(folder, "bfloat16", "none") == memory(folder, "float16", "none") == 2 * numbers
    # nf4 (Dettmers et al. 2023) of matrices: half a byte a number, a byte for 64 of them, four bytes for 256 of these.
    quantized = 64 * 64 * (0.5 + 1 / 64 + 4 / (64 * 256))
    assert memory(folder, "bfloat16", "nf4") == int(2 * (numbers - 64 * 64) + quantized)


def test_a_hash_is_of_content_and_follows_changes(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "m", SHAPES)
    file = folder / "model.safetensors"
    assert digest(folder) == digest(file) == hashlib.sha256(file.read_bytes()).hexdigest()
    before = digest(folder)
    file.write_bytes(safetensors({"a": (2, 2)}))
    assert digest(folder) != before


def test_a_hash_of_shards_is_of_all_of_them(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors.index.json").write_text(
        json.dumps({"weight_map": {"x": "2.safetensors", "a": "1.safetensors", "b": "1.safetensors"}})
    )
    (tmp_path / "1.safetensors").write_bytes(safetensors({"a": (1,), "b": (1,)}))
    (tmp_path / "2.safetensors").write_bytes(safetensors({"x": (2,)}))
    assert [file.name for file in weight_files(tmp_path)] == ["1.safetensors", "2.safetensors"]
    assert shapes(tmp_path) == {"a": (1,), "b": (1,), "x": (2,)}
    before = digest(tmp_path)
    (tmp_path / "2.safetensors").write_bytes(safetensors({"x": (3,)}))
    assert digest(tmp_path) != before


def test_a_file_that_the_hub_named_by_its_hash_is_not_read(tmp_path: Path) -> None:
    name = "0f" * 32
    (tmp_path / name).touch()
    (tmp_path / "model.safetensors").symlink_to(tmp_path / name)
    assert digest(tmp_path) == name


def test_configuration_is_all_that_lies_beside_the_weights(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "m")
    before = configuration_digest(folder)
    (folder / "README.md").write_text("not loaded")
    os.utime(folder / "config.json")
    assert configuration_digest(folder) == before
    for name in ("tokenizer.model", "vocab.txt", "preprocessor_config.json", "chat_template.jinja"):
        (folder / name).write_text("x")
        assert configuration_digest(folder) != before
        before = configuration_digest(folder)
