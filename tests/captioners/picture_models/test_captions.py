"""BLIP and vit-gpt2 through the command line: the same captions whatever the batches, those of their authors' code."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from captioners import CaptionerError, Drawing, ModelOptions, captioner
from captioners.picture_models import PictureModel
from tests.captioners.picture_models.conftest import NAMES, predictions

by_name = pytest.mark.parametrize("name", NAMES)


def drawings(count: int) -> list[Drawing]:
    draw = np.random.default_rng(7)
    noise = [Image.fromarray(draw.integers(0, 255, (6, 6, 3), dtype=np.uint8)) for _ in range(count)]
    return [Drawing(str(i), image=image.resize((384, 384))) for i, image in enumerate(noise)]


def small(name: str, folders: dict[str, Path], **options: Any) -> PictureModel:
    made = captioner(name, ModelOptions(weights={name: str(folders[name])}, device="cpu", **options))
    assert isinstance(made, PictureModel)
    return made


@by_name
def test_batches_and_order_change_no_caption(
    name: str, caption: Callable[..., Any], scenes: Path, tmp_path: Path
) -> None:
    lines = scenes.read_text(encoding="utf-8").splitlines()
    random.Random(3).shuffle(lines)
    shuffled = tmp_path / "shuffled.jsonl"
    shuffled.write_text("\n".join(lines) + "\n", encoding="utf-8")

    single = caption(name, tmp_path / "1", "--batch-size", 1)
    assert caption(name, tmp_path / "8", "--batch-size", 8) == single
    assert caption(name, tmp_path / "mixed", "--batch-size", 3, dataset=shuffled) == single
    assert len({line["caption"] for line in single.values()}) > 5, "the model does not look at the pictures"
    assert all(line["status"] == "ok" for line in single.values())


def test_interrupted_and_resumed_gives_the_same_file(
    cli: Callable[..., Any],
    caption: Callable[..., Any],
    folders: dict[str, Path],
    scenes: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = "vit-gpt2"
    whole = caption(name, tmp_path / "whole", "--batch-size", 2)
    answered, calls = PictureModel.caption, []

    def interrupted(self: PictureModel, batch: list[Drawing]) -> Any:
        calls.append(len(batch))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return answered(self, batch)

    with monkeypatch.context() as patched:
        patched.setattr(PictureModel, "caption", interrupted)
        options = ("--captioners", name, "--weights", f"{name}={folders[name]}", "--dataset", scenes)
        assert cli("run", *options, "--batch-size", 2, "--output-dir", tmp_path / "parts").code == 130
    (file,) = (tmp_path / "parts").rglob("predictions.jsonl")
    assert len(file.read_text(encoding="utf-8").splitlines()) == 4
    with file.open("a", encoding="utf-8") as torn:
        torn.write('{"id": "torn')
    assert list(caption(name, tmp_path / "parts", "--batch-size", 2).items()) == list(whole.items())


def test_blip_says_what_its_authors_settings_give(folders: dict[str, Path]) -> None:
    from transformers import BertTokenizer, BlipForConditionalGeneration, BlipImageProcessorPil, BlipProcessor

    folder, seen = folders["blip"], drawings(6)
    model = BlipForConditionalGeneration.from_pretrained(folder)
    processor = BlipProcessor(BlipImageProcessorPil.from_pretrained(folder), BertTokenizer.from_pretrained(folder))
    expected = []
    for drawing in seen:
        given = processor(images=drawing.image, text="a picture of", return_tensors="pt")
        ids = model.generate(**given, num_beams=3, max_length=20, min_length=5)
        assert ids.shape[1] <= 20
        expected.append(processor.decode(ids[0], skip_special_tokens=True).removeprefix("a picture of").strip())
    assert [answer.caption for answer in small("blip", folders).caption(seen)] == expected


def test_vit_gpt2_says_what_its_model_card_gives(folders: dict[str, Path]) -> None:
    from transformers import GPT2Tokenizer, VisionEncoderDecoderModel, ViTImageProcessorPil

    folder, seen = folders["vit-gpt2"], drawings(6)
    model = VisionEncoderDecoderModel.from_pretrained(folder)
    tokenizer = GPT2Tokenizer.from_pretrained(folder)
    pixels = ViTImageProcessorPil.from_pretrained(folder)(images=[d.image for d in seen], return_tensors="pt")
    ids = model.generate(pixels.pixel_values, max_length=16, num_beams=4)
    expected = [text.strip() for text in tokenizer.batch_decode(ids, skip_special_tokens=True)]
    assert [answer.caption for answer in small("vit-gpt2", folders).caption(seen)] == expected


def test_generation_settings_of_a_checkpoint_do_not_count(folders: dict[str, Path], tmp_path: Path) -> None:
    for name in NAMES:
        changed = {name: shutil.copytree(folders[name], tmp_path / name)}
        file = changed[name] / "generation_config.json"
        settings = json.loads(file.read_text(encoding="utf-8"))
        file.write_text(json.dumps({**settings, "do_sample": True, "temperature": 9.0, "num_beams": 1}))
        assert small(name, changed).caption(drawings(3)) == small(name, folders).caption(drawings(3))


@by_name
def test_a_caption_is_marked_where_the_limit_ended_it(name: str, folders: dict[str, Path]) -> None:
    answers = small(name, folders).caption(drawings(8))
    assert 2 < sum(answer.cut for answer in answers) < 8
    short = small(name, folders, max_new_tokens=1).caption(drawings(8))
    assert all(answer.cut for answer in short if answer.caption)
    assert not any("picture of" in answer.caption for answer in answers)


@by_name
def test_more_tokens_go_on_where_fewer_stop(name: str, folders: dict[str, Path]) -> None:
    settings = small(name, folders, max_new_tokens=3).fingerprint()["generation"]
    assert isinstance(settings, dict)
    assert settings["max_new_tokens"] == 3
    assert "max_length" not in settings
    for limit in (2, 7):
        limited = small(name, folders, max_new_tokens=limit)
        ids, given, _ = limited.generated(limited._parts(), torch.randn(4, 3, 32, 32, generator=torch.manual_seed(1)))
        assert ids.shape == (4, given + limit)


@by_name
def test_half_precision_is_followed_and_named(name: str, folders: dict[str, Path]) -> None:
    half = small(name, folders, dtype="bfloat16")
    assert all(answer.caption for answer in half.caption(drawings(2)))
    assert str(next(half._parts().model.parameters()).dtype) == "torch.bfloat16"
    assert half.fingerprint()["dtype"] == "bfloat16"
    assert half.fingerprint() != small(name, folders).fingerprint()


@by_name
def test_the_processors_use_pillow(name: str, folders: dict[str, Path]) -> None:
    assert type(small(name, folders)._parts().processor).__name__.endswith("ImageProcessorPil")


@by_name
def test_a_fingerprint_is_of_files_not_of_their_place(name: str, folders: dict[str, Path], tmp_path: Path) -> None:
    import transformers

    here = small(name, folders).fingerprint()
    assert here["torch"] == torch.__version__
    assert here["transformers"] == transformers.__version__
    moved = {name: shutil.copytree(folders[name], tmp_path / "moved")}
    assert small(name, moved).fingerprint() == here
    with (moved[name] / "tokenizer_config.json").open("a") as file:
        file.write("\n")
    assert small(name, moved).fingerprint() != here


@by_name
def test_a_checkpoint_that_lacks_tensors_is_refused(name: str, folders: dict[str, Path], tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    broken = {name: shutil.copytree(folders[name], tmp_path / "broken")}
    file = broken[name] / "model.safetensors"
    tensors = load_file(file)
    lost = next(key for key in tensors if "crossattention" in key and key.endswith("weight"))
    save_file({key: tensor for key, tensor in tensors.items() if key != lost}, file, metadata={"format": "pt"})
    with pytest.raises(CaptionerError, match=f"cannot be loaded .* lacks {lost}"):
        small(name, broken).fit([])


def test_a_vit_without_its_unused_pooler_is_whole(folders: dict[str, Path], tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    older = {"vit-gpt2": shutil.copytree(folders["vit-gpt2"], tmp_path / "older")}
    file = older["vit-gpt2"] / "model.safetensors"
    tensors = {key: tensor for key, tensor in load_file(file).items() if ".pooler." not in key}
    assert len(tensors) < len(load_file(file))
    save_file(tensors, file, metadata={"format": "pt"})
    assert small("vit-gpt2", older).caption(drawings(3)) == small("vit-gpt2", folders).caption(drawings(3))


def test_a_manifest_repeats_its_run_with_its_weights(
    cli: Callable[..., Any], caption: Callable[..., Any], tmp_path: Path
) -> None:
    first = caption("vit-gpt2", tmp_path / "first", "--max-new-tokens", 4, "--limit", 3)
    (manifest,) = (tmp_path / "first").rglob("manifest.json")
    again = cli("run", "--config", manifest, "--output-dir", tmp_path / "again")
    assert again.code == 0, again.err
    assert predictions(tmp_path / "again") == first
    (repeated,) = (tmp_path / "again").rglob("manifest.json")
    one, two = (json.loads(file.read_text(encoding="utf-8")) for file in (manifest, repeated))
    assert one["identity"] == two["identity"]
    assert one["options"] == two["options"]


def test_loading_asks_nobody(folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def refuse(*_: object, **__: object) -> None:
        asked.append(1)
        raise OSError("no network in this test")

    for place in ("socket.socket", "socket.create_connection", "socket.getaddrinfo"):
        monkeypatch.setattr(place, refuse)
    for name in NAMES:
        assert len(small(name, folders).caption(drawings(1))) == 1
    assert not asked
