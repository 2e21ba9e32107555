from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.datasets.shapes import generate
from captioners import Answer, CaptionerError, Drawing, ModelOptions, captioner
from tests.captioners.language import tiny_models
from tests.captioners.language.gguf_files import write_gguf


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rope = {"rope_type": "default", "rope_theta": 10_000.0}
    return tiny_models.llama(tmp_path_factory.mktemp("gguf") / "model", rope_parameters=rope)


def answers(text: str, **options: str) -> list[Answer]:
    made = captioner(text, ModelOptions(device="cpu", max_new_tokens=10, **options))
    assert str(made.availability()) == "available"
    assert made.fingerprint()["device"] == "cpu"
    made.fit([])
    return made.caption([Drawing(scene.id, svg=scene.svg) for scene in generate(size=4, seed=5).samples])


def test_a_gguf_file_captions_as_the_folder_that_it_was_made_of(folder: Path) -> None:
    file = write_gguf(folder, folder.parent / "tiny.gguf")
    assert answers(f"hf:{file}") == answers(f"hf:{folder}")
    told = captioner(f"hf:{file}", ModelOptions(device="cpu")).fingerprint()
    assert (told["quantization"], told["dtype"]) == ("gguf", "float32")
    nf4 = captioner(f"hf:{file}", ModelOptions(device="cpu", quantization="nf4"))
    assert str(nf4.availability()) == f"the weights in {file} are quantized already (gguf): --quantization none"


def test_a_file_that_is_no_gguf_is_said(tmp_path: Path) -> None:
    file = tmp_path / "broken.gguf"
    file.write_bytes(b"GGUF" + b"\0" * 40)
    made = captioner(f"hf:{file}", ModelOptions(device="cpu"))
    with pytest.raises(CaptionerError, match=r"the tokenizer of .*broken\.gguf cannot be loaded"):
        made.fit([])
