"""What is said when a language model cannot caption here, and what would change that."""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from captioners import CaptionerError, ModelOptions, captioner, devices
from captioners.language import cards
from captioners.language.captioner import LanguageCaptioner
from tests.captioners.language import tiny_models
from tests.conftest import Outcome

CPU: dict[str, Any] = {"device": "cpu", "dtype": "float32"}


@pytest.fixture(autouse=True)
def empty_hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def reason(text: str, **options: Any) -> str:
    return str(captioner(text, ModelOptions(**{**CPU, **options})).availability())


def without(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == package else find(name, *rest))


def test_no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    without("torch", monkeypatch)
    assert reason("llama-3.1-8b") == (
        "needs torch — pip install -e '.[models]'; weights meta-llama/Llama-3.1-8B-Instruct"
        "@0e9e39f249a16976918f6564b8830bc894c89659, 16 GB, Llama 3.1 Community License, gated"
    )


def test_no_peft_matters_to_adapters_alone(monkeypatch: pytest.MonkeyPatch, llama: Path, llama_adapter: Path) -> None:
    without("peft", monkeypatch)
    assert reason(f"hf:{llama}") == "available"
    assert reason("mine", adapters={"mine": str(llama_adapter)}) == "needs peft — pip install -e '.[models]'"


def test_no_bitsandbytes_matters_to_four_bits_alone(monkeypatch: pytest.MonkeyPatch, llama: Path) -> None:
    without("bitsandbytes", monkeypatch)
    assert reason(f"hf:{llama}") == "available"
    assert reason(f"hf:{llama}", quantization="nf4") == (
        "nf4 needs bitsandbytes — pip install -e '.[models]', or --quantization none"
    )


@pytest.mark.parametrize(
    ("name", "weights"),
    [
        (
            "llama-3.1-8b",
            "meta-llama/Llama-3.1-8B-Instruct@0e9e39f249a16976918f6564b8830bc894c89659, 16 GB, "
            "Llama 3.1 Community License",
        ),
        (
            "gemma-2-9b",
            "google/gemma-2-9b-it@11c9b309abf73637e4b6f9a3fa1e92e615547819, 18.5 GB, Gemma Terms of Use",
        ),
    ],
)
def test_no_weights_of_a_gated_model(name: str, weights: str) -> None:
    assert reason(name) == (
        f"the weights are not on this machine: {weights}, gated — `python -m benchmark fetch {name}` or "
        f"--allow-download gets them once, --weights {name}=FOLDER names them; log in first (hf auth login), with an "
        "account that has accepted the licence"
    )


def test_no_weights_of_any_model_of_the_hub() -> None:
    assert reason("hf:someone/model@v2") == (
        "the weights are not on this machine: someone/model@v2 — --allow-download gets them once"
    )
    assert reason("hf:someone/model@v2", allow_download=True) == "available"


def test_a_download_that_fails(
    cli: Callable[..., Outcome], tmp_path: Path, own_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise ConnectionError("no route to the hub")

    monkeypatch.setattr("huggingface_hub.snapshot_download", unreachable)
    options = ("--dataset", own_data, "--output-dir", tmp_path / "out", "--metrics", "rouge_l", "--allow-download")
    outcome = cli("run", "--captioners", "hf:someone/model@v2", *options)
    assert outcome.code == 2
    assert "hf:someone/model@v2: someone/model@v2 could not be downloaded: no route to the hub" in outcome.err
    outcome = cli("run", "--captioners", "svg-metadata,all,hf:someone/model@v2", *options)
    assert outcome.code == 0, "the others go on"
    assert "could not be downloaded: no route to the hub" in outcome.out + outcome.err


def test_wrong_folders(tmp_path: Path, llama: Path, llama_adapter: Path) -> None:
    assert reason("llama-3.1-8b", weights={"llama-3.1-8b": str(tmp_path / "none")}) == (
        f"{tmp_path / 'none'}: no such folder of weights"
    )
    assert reason(f"hf:{tmp_path}").startswith(
        f"{tmp_path} is no folder of weights: it holds neither model.safetensors"
    )
    assert reason(f"hf:{llama_adapter}") == (
        f"{llama_adapter} is a LoRA adapter, not a model of its own: caption with it by --adapter NAME={llama_adapter}"
    )
    (tmp_path / "bare").mkdir()
    shutil.copy(llama / "model.safetensors", tmp_path / "bare")
    assert reason(f"hf:{tmp_path / 'bare'}") == f"{tmp_path / 'bare'} is no folder of a model: it has no config.json"
    shutil.copy(llama / "config.json", tmp_path / "bare")
    assert "has no tokenizer (tokenizer.json, tokenizer.model, vocab.json)" in reason(f"hf:{tmp_path / 'bare'}")
    (tmp_path / "bare" / "config.json").write_text("{")
    shutil.copy(llama / "tokenizer.json", tmp_path / "bare")
    assert "config.json is damaged" in reason(f"hf:{tmp_path / 'bare'}")


def test_unknown_and_wrong_adapter_folders(tmp_path: Path, llama: Path, llama_adapter: Path) -> None:
    assert (
        reason("mine", adapters={"mine": str(tmp_path / "none")}) == f"{tmp_path / 'none'}: no such folder of weights"
    )
    assert reason("mine", adapters={"mine": str(llama)}) == (
        f"{llama} holds no LoRA adapter: it has no adapter_config.json"
    )
    nameless = Path(shutil.copytree(llama_adapter, tmp_path / "nameless"))
    _told(nameless, base_model_name_or_path=None)
    assert reason("mine", adapters={"mine": str(nameless)}) == (
        f"{nameless / 'adapter_config.json'} does not name the base model: --weights mine=BASE does"
    )
    assert reason("mine", adapters={"mine": str(nameless)}, weights={"mine": str(llama)}) == "available"
    assert reason("mine", adapters={"mine": "someone/adapter@v1"}) == (
        "the weights are not on this machine: someone/adapter@v1 — --allow-download gets them once"
    )


@pytest.mark.parametrize("name", ["pytorch_model.bin", "adapter_model.bin"])
def test_weights_that_are_pickles_only(tmp_path: Path, name: str) -> None:
    torch.save({"x": torch.zeros(1)}, tmp_path / name)
    said = (
        f"{tmp_path} holds its weights only as a pickle ({name}), which can run code when it is read: "
        f"`python -m benchmark fetch {tmp_path}` makes safetensors of it"
    )
    text, options = ("mine", {"adapters": {"mine": str(tmp_path)}}) if "adapter" in name else (f"hf:{tmp_path}", {})
    assert reason(text, **options) == said


def test_too_little_memory(monkeypatch: pytest.MonkeyPatch, llama: Path) -> None:
    monkeypatch.setattr(devices, "_free", lambda device: 2**29)
    assert reason(f"hf:{llama}") == (
        "needs 1.0 GiB of memory on cpu in float32, and 0.5 GiB are free — free some, or choose another --device or "
        "--dtype; --quantization nf4 needs about a quarter of bfloat16"
    )


def test_a_device_that_is_not_there(llama: Path) -> None:
    assert "there is no device 'cuda:7' here" in reason(f"hf:{llama}", device="cuda:7")


def test_a_context_without_room_for_a_drawing(llama: Path) -> None:
    with pytest.raises(CaptionerError, match="context of 64 tokens has no room for a drawing beside 64 new tokens"):
        captioner(f"hf:{llama}", ModelOptions(context=64))


def test_a_model_that_needs_code_of_its_own(tmp_path: Path, llama: Path) -> None:
    folder = Path(shutil.copytree(llama, tmp_path / "own-code"))
    config = json.loads((folder / "config.json").read_text())
    auto_map = {"AutoConfig": "code.Config", "AutoModelForCausalLM": "code.Model"}
    (folder / "config.json").write_text(json.dumps(config | {"model_type": "unheard-of", "auto_map": auto_map}))
    (folder / "code.py").write_text("raise SystemExit('this was run')")
    with pytest.raises(CaptionerError, match="it needs code of its own, which is never run"):
        captioner(f"hf:{folder}", ModelOptions(**CPU)).fit([])


def test_weights_that_were_quantized_before_are_not_quantized_again(tmp_path: Path, llama: Path) -> None:
    folder = Path(shutil.copytree(llama, tmp_path / "gptq"))
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"quantization_config": {"quant_method": "gptq"}}))
    assert reason(f"hf:{folder}", quantization="nf4") == (
        f"the weights in {folder} are quantized already (gptq): --quantization none"
    )


@pytest.fixture
def adapter(tmp_path: Path, llama: Path) -> Path:
    """An adapter that calls its base as the hub does, with the card of its training in four bits."""
    folder = tiny_models.adapter(tmp_path / "adapter", llama, seed=2, named="meta-llama/Meta-Llama-3.1-8B-Instruct")
    trained = captioner(f"hf:{llama}", ModelOptions(**CPU, quantization="nf4"))
    assert isinstance(trained, LanguageCaptioner)
    (folder / cards.NAME).write_text(trained.card(llama).text())
    return folder


def test_an_adapter_finds_its_base_where_the_captioner_of_that_model_has_its_weights(
    adapter: Path, llama: Path
) -> None:
    adapters = {"mine": str(adapter)}
    assert reason("mine", adapters=adapters).startswith(
        "the weights are not on this machine: meta-llama/Llama-3.1-8B-Instruct@0e9e39"
    )
    assert "--weights llama-3.1-8b=FOLDER names them" in reason("mine", adapters=adapters)
    weights = {"llama-3.1-8b": str(llama)}
    assert reason("mine", adapters=adapters, weights=weights, quantization="nf4") == "available"


def test_another_precision_than_the_adapter_learnt_in(adapter: Path, llama: Path) -> None:
    options: dict[str, Any] = {"adapters": {"mine": str(adapter)}, "weights": {"llama-3.1-8b": str(llama)}}
    assert reason("mine", **options) == (
        "the adapter was trained for something else (quantization: trained with nf4, here none); --force uses it all "
        "the same, and says so"
    )
    assert reason("mine", **options, force=True) == "available"
    told = captioner("mine", ModelOptions(**CPU, **options, force=True)).fingerprint()
    assert told["forced"] == ["quantization: trained with nf4, here none"]
    assert "forced" not in captioner("mine", ModelOptions(**CPU, **options, quantization="nf4")).fingerprint()


def test_another_prompt_than_the_adapter_learnt_with(adapter: Path, llama: Path) -> None:
    card = cards.read(adapter)
    assert card is not None
    (adapter / cards.NAME).write_text(replace(card, prompt_hash="another").text())
    options: dict[str, Any] = {
        "adapters": {"mine": str(adapter)},
        "weights": {"mine": str(llama)},
        "quantization": "nf4",
    }
    assert f"(prompt: trained with another, here {card.prompt_hash})" in reason("mine", **options)


def test_another_base_than_the_adapter_learnt_on(tmp_path: Path, adapter: Path, llama: Path) -> None:
    other = tiny_models.llama(tmp_path / "other", seed=9)
    options: dict[str, Any] = {
        "adapters": {"mine": str(adapter)},
        "weights": {"mine": str(other)},
        "quantization": "nf4",
    }
    assert reason("mine", **options).startswith(
        "the adapter was trained for something else (base: trained on model (weights "
    )
    (adapter / cards.NAME).unlink()
    assert reason("mine", **options) == "available", "nothing but the card knows"


def test_an_adapter_without_a_card_on_another_model_of_the_hub(
    adapter: Path, llama: Path, empty_hub_cache: Path
) -> None:
    (adapter / cards.NAME).unlink()
    repository = empty_hub_cache / "models--someone--llama"
    shutil.copytree(llama, repository / "snapshots" / ("0123456789" * 4))
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("0123456789" * 4)
    options: dict[str, Any] = {"adapters": {"mine": str(adapter)}, "weights": {"mine": "someone/llama"}}
    assert reason("mine", **options) == (
        "the adapter was trained for something else (base: trained on meta-llama/Meta-Llama-3.1-8B-Instruct, here "
        "someone/llama); --force uses it all the same, and says so"
    )
    told = captioner("mine", ModelOptions(**CPU, **options, force=True)).fingerprint()
    assert (told["repository"], told["revision"]) == ("someone/llama", "0123456789" * 4)


def test_an_adapter_for_a_base_of_another_size_is_refused_by_the_command(
    cli: Callable[..., Outcome], tmp_path: Path, own_data: Path, llama_adapter: Path
) -> None:
    wide = tiny_models.llama(tmp_path / "wide", hidden_size=128)
    options = ("--adapter", f"mine={llama_adapter}", "--weights", f"mine={wide}", "--device", "cpu")
    outcome = cli("run", "--dataset", own_data, "--output-dir", tmp_path / "out", "--metrics", "rouge_l", *options)
    assert outcome.code == 2
    assert (
        "mine: the adapter was made for another base model: for model.layers.0.self_attn.q_proj it takes 64 numbers "
        "and gives 64; the base's layer takes 128 and gives 128"
    ) in outcome.err


def _told(folder: Path, **changes: Any) -> None:
    file = folder / "adapter_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))
