from __future__ import annotations

import hashlib
import importlib.util
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from captioners import CAPTIONERS, CaptionerError, Drawing, ModelOptions, captioner, devices, loaded
from captioners.cogvlm import generation
from captioners.cogvlm.generation import Generated
from captioners.cogvlm.tokenizer import Tokenizer
from tests.captioners.cogvlm.tiny import CONFIG, draw_weights, save_checkpoint

NAMES = ("cogvlm-chat", "cogvlm-base-490", "cogvlm-base-224")
Cli = Callable[..., Any]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_checkpoint(tmp_path_factory.mktemp("cogvlm") / "base", {**CONFIG, "template_version": "base"})


@pytest.fixture(autouse=True)
def nothing_held() -> Any:
    yield
    loaded.release()


def said(cli: Cli, data: Path, out: Path, *more: object) -> dict[str, dict[str, Any]]:
    """What ``run`` writes of every drawing, timings aside."""
    options = ("--split", "all", "--metrics", "rouge_l", "--max-new-tokens", 8, "--output-dir", out)
    outcome = cli("run", "--dataset", data, *options, *more)
    assert outcome.code == 0, outcome.err
    (path,) = out.rglob("predictions.jsonl")
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {line["id"]: {key: value for key, value in line.items() if key != "seconds"} for line in lines}


def test_batches_their_order_and_an_interruption_do_not_change_captions(
    cli: Cli, own_data: Path, tmp_path: Path, checkpoint: Path
) -> None:
    chat = ("--captioners", "cogvlm-chat", "--weights", f"cogvlm-chat={checkpoint}", "--device", "cpu")
    alone = said(cli, own_data, tmp_path / "alone", *chat, "--batch-size", 1)
    assert len(alone) == 30
    assert all(line["status"] == "ok" for line in alone.values())
    assert len({line["raw"] for line in alone.values()}) > 10  # the model looks
    assert said(cli, own_data, tmp_path / "batches", *chat, "--batch-size", 8) == alone

    lines = own_data.read_text(encoding="utf-8").splitlines(keepends=True)
    random.Random(0).shuffle(lines)
    shuffled = tmp_path / "shuffled.jsonl"
    shuffled.write_text("".join(lines), encoding="utf-8")
    assert said(cli, shuffled, tmp_path / "shuffled", *chat, "--batch-size", 8, "--batch-tokens", 100) == alone

    (kept,) = (tmp_path / "alone").rglob("predictions.jsonl")
    kept.write_text("".join(kept.read_text(encoding="utf-8").splitlines(keepends=True)[:11]), encoding="utf-8")
    assert said(cli, own_data, tmp_path / "alone", *chat, "--batch-size", 8) == alone


@pytest.mark.parametrize("name", ["cogvlm-base-490", "cogvlm-base-224"])
def test_base_models_caption_without_a_question(
    cli: Cli, own_data: Path, tmp_path: Path, base: Path, name: str
) -> None:
    lines = said(cli, own_data, tmp_path / "out", "--captioners", name, "--weights", f"{name}={base}", "--limit", 3)
    assert [line["status"] for line in lines.values()] == ["ok"] * 3
    (manifest,) = (tmp_path / "out").rglob("manifest.json")
    about = json.loads(manifest.read_text())["identity"]["captioner"]
    assert (about["name"], about["template"], about["prompt"]) == (name, "base", "")


def test_four_bits_caption(cli: Cli, own_data: Path, tmp_path: Path, checkpoint: Path) -> None:
    chat = ("--captioners", "cogvlm-chat", "--weights", f"cogvlm-chat={checkpoint}", "--quantization", "nf4")
    lines = said(cli, own_data, tmp_path / "out", *chat, "--limit", 3)
    assert [line["status"] for line in lines.values()] == ["ok"] * 3
    (manifest,) = (tmp_path / "out").rglob("manifest.json")
    about = json.loads(manifest.read_text())["identity"]["captioner"]
    assert about["quantization"] == "nf4"
    assert about["bitsandbytes"]


def made(name: str, folder: Path, **options: Any) -> Any:
    return captioner(name, ModelOptions(weights={name: str(folder)}, device="cpu", **options))


def test_the_fingerprint_says_what_captions_depend_on(checkpoint: Path, tmp_path: Path) -> None:
    about = made("cogvlm-chat", checkpoint).fingerprint()
    assert json.loads(json.dumps(about)) == about
    assert about["template"] == "chat"
    assert about["prompt"] == "Question: Describe this image in one sentence. Answer:"
    assert (about["image_size"], about["max_new_tokens"]) == (12, 128)
    assert (about["device"], about["dtype"], about["quantization"]) == ("cpu", "float32", "none")
    assert about["tokenizer"] == hashlib.sha256((checkpoint / "tokenizer.model").read_bytes()).hexdigest()
    assert {"torch", "sentencepiece", "weights", "configuration"} <= about.keys()
    assert str(checkpoint) not in json.dumps(about)  # a folder that is moved is the same

    weights = draw_weights()
    weights["model.vision.eoi"] = weights["model.vision.eoi"] + 1
    for changed in (
        made("cogvlm-chat", save_checkpoint(tmp_path / "m", weights=weights)),
        made("cogvlm-chat", save_checkpoint(tmp_path / "c", {**CONFIG, "rms_norm_eps": 1e-3})),
        made("cogvlm-chat", checkpoint, dtype="bfloat16"),
        made("cogvlm-chat", checkpoint, max_new_tokens=5),
    ):
        assert changed.fingerprint() != about
    assert made("cogvlm-chat", save_checkpoint(tmp_path / "again")).fingerprint() == about


@pytest.mark.parametrize("name", NAMES)
def test_the_published_checkpoints_are_described_with_their_licence(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    one: Any = CAPTIONERS[name]()
    assert one.image_size == (224 if name.endswith("224") else 490)
    repository = "THUDM/" + name + "-hf"
    assert one.fingerprint()["repository"] == repository
    assert "CogVLM Model License" in one.summary
    message = str(one.availability())
    assert f"not on this machine: {repository}, 35 GB, CogVLM Model License" in message
    assert f"--weights {name}=FOLDER" in message
    with pytest.raises(CaptionerError, match="not on this machine"):
        one.fit([])


def test_what_is_missing_is_said(base: Path, checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert made("cogvlm-chat", checkpoint).availability()
    assert "no such folder" in str(made("cogvlm-chat", tmp_path / "nowhere").availability())
    message = str(made("cogvlm-chat", base).availability())
    assert "trained for the template 'base', and cogvlm-chat asks by 'chat'" in message
    with pytest.raises(CaptionerError, match="trained for the template 'base'"):
        made("cogvlm-chat", base).fit([])
    untold = save_checkpoint(tmp_path / "m", tokenizer=False)
    assert "hf download lmsys/vicuna-7b-v1.5 tokenizer.model" in str(made("cogvlm-chat", untold).availability())
    (untold / "config.json").write_text("{}")
    assert "hidden_size is missing" in str(made("cogvlm-chat", untold).availability())

    with monkeypatch.context() as patch:
        patch.setattr(devices, "_free", lambda device: 2**20)
        message = str(made("cogvlm-chat", checkpoint).availability())
        assert "of memory on cpu in float32, and 0.0 GiB are free" in message
        assert "--quantization nf4" in message
        with pytest.raises(CaptionerError, match="of memory on cpu"):
            made("cogvlm-chat", checkpoint).fit([])
    find = importlib.util.find_spec
    for package, options in (("sentencepiece", {}), ("bitsandbytes", {"quantization": "nf4"})):
        with monkeypatch.context() as patch:
            patch.setattr(importlib.util, "find_spec", lambda name, p=package: None if name == p else find(name))
            message = str(made("cogvlm-chat", checkpoint, **options).availability())
            assert f"needs {package} — pip install -e '.[models]'" in message


def test_a_tokenizer_of_another_model_is_refused(tmp_path: Path) -> None:
    folder = save_checkpoint(tmp_path / "m", {**CONFIG, "vocab_size": 300})
    with pytest.raises(CaptionerError, match=r"tokenizer has 384 tokens and the model in .* knows 300"):
        made("cogvlm-chat", folder).fit([])


def test_what_the_model_asks_itself_is_cut(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tokenizer = Tokenizer(checkpoint / "tokenizer.model")
    texts = ["A red star.\nQuestion: What else?", "A red star and a", "A blue star."]
    given = [Generated(tuple(tokenizer.encode(text)), cut=k < 2) for k, text in enumerate(texts)]
    monkeypatch.setattr(generation, "generate", lambda model, prompts, images, limit: given[: len(prompts)])
    chat = made("cogvlm-chat", checkpoint)
    chat.fit([])
    first, second, third = chat.caption([Drawing(str(k), image=Image.new("RGB", (12, 12))) for k in range(3)])
    assert (first.caption, first.raw, first.cut) == ("A red star.", texts[0], False)
    assert first.details == {"cleaned": ["next-question"]}
    assert (second.caption, second.cut, second.details) == ("A red star and a", True, None)
    assert (third.caption, third.cut) == ("A blue star.", False)


def test_a_drawing_without_its_picture_is_an_error(checkpoint: Path) -> None:
    chat = made("cogvlm-chat", checkpoint)
    with pytest.raises(CaptionerError, match="drawing 'a' comes without its picture"):
        chat.caption([Drawing("a")])
