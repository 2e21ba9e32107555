"""Tiny bases train with every preset on a CPU, and what comes out is whole."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from captioners import CaptionerError, prompts
from captioners.language import cards
from captioners.training.adaptation import adapted
from captioners.training.base import load
from captioners.training.checks import split
from captioners.training.collation import Collator
from captioners.training.config import presets
from captioners.training.examples import Example
from captioners.training.trainer import Origin, train
from tests.captioners.training import tiny


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    parent = tmp_path_factory.mktemp("bases")
    return {name: tiny.save(name, parent / name, hidden=64) for name in tiny.ARCHITECTURES}


UNMET = {
    "test1": ("none here", "paged_adamw_8bit", "bfloat16", "nf4", "DeepSpeed ZeRO-2", "offload_parameters"),
    "test2": ("none here", "2 processes", "paged_", "bfloat16", "nf4", "DeepSpeed ZeRO-2", "offload_parameters"),
    "test3": ("none here", "paged_adamw_8bit", "bfloat16", "nf4"),
    "test3-multi-gpu": ("none here", "2 processes", "paged_adamw_8bit", "bfloat16", "nf4"),
    "cpu-demo": ("paged_adamw_8bit",),
}  # fmt: skip


@pytest.mark.parametrize("architecture", tiny.ARCHITECTURES)
@pytest.mark.parametrize("preset", UNMET)
def test_every_preset_trains_and_what_is_not_there_is_said(
    folders: dict[str, Path], preset: str, architecture: str, tmp_path: Path
) -> None:
    assert set(UNMET) == set(presets())
    config = tiny.config(preset, "epochs=1", "checkpoints.evaluate=2")
    base = load(str(folders[architecture]), config.model)
    packed = [type(p).__name__ for p in base.model.parameters()].count("Params4bit")
    assert packed == (14 if config.model.quantization == "nf4" else 0)  # seven linear layers in each of two
    notes = tiny.Notes()
    result = train(config, base, tiny.examples(32), tiny.examples(4, seed=1), tmp_path / "out", watcher=notes)
    each = config.batch.size * config.batch.accumulation
    assert result.steps == 32 // each
    said = [note for note in notes.said if not note.startswith("no step has lowered")]
    assert len(said) == len(UNMET[preset])
    assert all(expected in note for note, expected in zip(said, UNMET[preset], strict=True))
    last = load_file(tmp_path / "out" / "checkpoints" / f"checkpoint-{result.steps}" / "adapter_model.safetensors")
    assert len(last) == 2 * 2 * len(config.lora.targets)
    assert all(tensor.dtype == torch.float32 for tensor in last.values())
    assert all(bool(tensor.any()) for tensor in last.values())  # every matrix B was 0 at the start
    assert (result.adapter / "adapter_model.safetensors").is_file()


def test_evaluation_leaves_gradients_through_packed_weights(folders: dict[str, Path]) -> None:
    config = tiny.config("test3", "lora.dropout=0.0")
    model = adapted(load(str(folders["llama"]), config.model), config)
    _, inputs = split(Collator(tiny.PAD)(tiny.examples(4)), "cpu")

    def gradients() -> list[torch.Tensor]:
        model.train()
        model.zero_grad()
        model(**inputs).loss.backward()
        return [p.grad.clone() for p in model.parameters() if p.requires_grad]

    before = gradients()
    model.eval()
    with torch.no_grad():
        model(**inputs)
    assert all(torch.equal(one, other) for one, other in zip(before, gradients(), strict=True))


def test_what_comes_out(folders: dict[str, Path], tmp_path: Path) -> None:
    config = tiny.config("cpu-demo", "epochs=2", "checkpoints.evaluate=1", "checkpoints.every=2")
    base = load(str(folders["llama"]), config.model)
    origin = Origin("cpu-demo", "shapes")
    result = train(
        config, base, tiny.examples(16), tiny.examples(4, seed=1), tmp_path / "out", watcher=tiny.Notes(), origin=origin
    )
    output = tmp_path / "out"
    assert sorted(path.name for path in output.iterdir()) == [
        *("adapter", "checkpoints", "loss.png", "loss.svg", "metrics.csv", "training.json")
    ]
    assert sorted(path.name for path in result.adapter.iterdir()) == [
        *("README.md", "adapter_card.json", "adapter_config.json", "adapter_model.safetensors")
    ]
    card = json.loads((result.adapter / "adapter_card.json").read_text())
    assert (card["base"], card["revision"]) == ("llama", "")
    assert card["weights"] == hashlib.sha256((folders["llama"] / "model.safetensors").read_bytes()).hexdigest()
    assert card["prompt_hash"] == prompts.fingerprint(base.tokenizer)["prompt_hash"]
    assert cards.read(result.adapter) == base.card
    assert card["config"] == config.model_dump(mode="json")
    assert (card["data"]["examples"], card["data"]["validation"], card["data"]["name"]) == (16, 4, "shapes")
    assert result.best is not None
    assert card["outcome"]["best_validation_loss"] == result.best.loss
    assert set(card["versions"]) == {"torch", "transformers", "peft", "accelerate", "bitsandbytes", "safetensors"}
    settings = json.loads((result.adapter / "adapter_config.json").read_text())
    assert settings["base_model_name_or_path"] == str(folders["llama"])
    page = (result.adapter / "README.md").read_text()
    assert f"| validation loss | {result.best.loss:.4f} nats per caption token |" in page
    assert (output / "loss.png").read_bytes().startswith(b"\x89PNG") and b"<svg" in (output / "loss.svg").read_bytes()


def token_mean(model: Any, examples: list[Any]) -> float:
    """The plain way: example by example, cross-entropy of all learnt tokens, their mean."""
    terms = []
    for example in examples:
        _, inputs = split(Collator(tiny.PAD, everywhere=True)([example]), "cpu")
        with torch.no_grad():
            logits = model(input_ids=inputs["input_ids"]).logits[0]
        learnt = torch.tensor(example.tokens[example.prompt :])
        terms.append(torch.nn.functional.cross_entropy(logits[example.prompt - 1 : -1], learnt, reduction="none"))
    return float(torch.cat(terms).mean())


@pytest.mark.parametrize("size", [1, 3])
def test_the_validation_loss_is_the_mean_over_tokens_whatever_the_batches(size: int, tmp_path: Path) -> None:
    validation = tiny.examples(7, seed=1)
    config = tiny.config("cpu-demo", "checkpoints.evaluate=100", f"batch.size={size}")
    result = train(config, tiny.base(), tiny.examples(8), validation, tmp_path / "out", watcher=tiny.Notes())
    first = (tmp_path / "out" / "metrics.csv").read_text().splitlines()[1].split(",")
    assert float(first[5]) == pytest.approx(token_mean(tiny.base().model, validation), rel=1e-6)
    model = adapted(tiny.base(), config).eval()
    weights = load_file(result.adapter / "adapter_model.safetensors")
    names = {name.replace(".weight", ".default.weight"): tensor for name, tensor in weights.items()}
    assert not model.load_state_dict(names, strict=False).unexpected_keys
    assert result.best is not None and result.best.step > 0
    assert result.best.loss == pytest.approx(token_mean(model, validation), rel=1e-6)


def test_the_best_adapter_comes_out_and_training_stops_in_time(tmp_path: Path) -> None:
    """Learning by heart: the validation loss falls, then rises."""
    config = tiny.config(
        *("cpu-demo", "epochs=40", "optimizer.learning_rate=2e-2", "optimizer.schedule=constant"),
        *("checkpoints.evaluate=2", "checkpoints.every=50", "stopping.patience=8"),
    )
    notes = tiny.Notes()
    result = train(config, tiny.base(), tiny.examples(16), tiny.examples(6, seed=1), tmp_path / "out", watcher=notes)
    assert result.best is not None
    assert result.steps == notes.done == result.best.step + 8 < 80
    assert (
        notes.said[-1] == f"stopped after step {result.steps}: no validation loss below the best by 0.0001 in 8 steps"
    )
    kept = tmp_path / "out" / "checkpoints" / f"best-{result.best.step}" / "adapter_model.safetensors"
    assert kept.read_bytes() == (result.adapter / "adapter_model.safetensors").read_bytes()


def test_an_adapter_that_has_learnt_nothing_is_called_so(tmp_path: Path) -> None:
    config = tiny.config("cpu-demo", "optimizer.learning_rate=1e-2", "epochs=4")
    notes = tiny.Notes()
    said = [Example(str(n), (tiny.BOS, n, *[65] * 30, tiny.END), 2) for n in range(8)]
    wanted = [Example("other", (tiny.BOS, 9, 66, tiny.END), 2)]
    result = train(config, tiny.base(), said, wanted, tmp_path / "out", watcher=notes)
    assert result.best is not None and result.best.step == 0
    assert notes.said[-1].startswith("no step has lowered the validation loss: the adapter is that of step 0")


def test_without_validation_the_last_adapter_is_the_one(tmp_path: Path) -> None:
    notes = tiny.Notes()
    result = train(tiny.config(), tiny.base(), tiny.examples(16), [], tmp_path / "out", watcher=notes)
    assert (result.best, result.steps) == (None, 2)
    assert any("the last adapter is the one" in said for said in notes.said)
    last = tmp_path / "out" / "checkpoints" / "checkpoint-2" / "adapter_model.safetensors"
    assert last.read_bytes() == (result.adapter / "adapter_model.safetensors").read_bytes()
    # Killed after its last step, before the adapter was written.
    shutil.rmtree(result.adapter)
    again = train(
        tiny.config(), tiny.base(), tiny.examples(16), [], tmp_path / "out", watcher=tiny.Notes(), resume=True
    )
    assert last.read_bytes() == (again.adapter / "adapter_model.safetensors").read_bytes()


def test_the_seed_decides(tmp_path: Path) -> None:
    def adapter(name: str, seed: int) -> bytes:
        config = tiny.config("cpu-demo", f"seed={seed}")
        result = train(config, tiny.base(), tiny.examples(16), [], tmp_path / name, watcher=tiny.Notes())
        return (result.adapter / "adapter_model.safetensors").read_bytes()

    assert adapter("a", 1) == adapter("b", 1) != adapter("c", 2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tracker": "mlflow"}, "there is no tracker 'mlflow'. Known: none, tensorboard, wandb, trackio."),
        ({"examples": []}, "there is nothing to learn from"),
        ({"config": tiny.config("cpu-demo", 'lora.targets=["query"]')}, "no adapter on query"),
    ],
)
def test_what_cannot_start(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    given: dict[str, Any] = {
        "config": tiny.config(),
        "base": tiny.base(),
        "examples": tiny.examples(4),
        "validation": [],
        "output": tmp_path / "out",
        "watcher": tiny.Notes(),
    }
    with pytest.raises(CaptionerError, match=message):
        train(**(given | change))


def test_tensorboard_writes_into_the_folder(tmp_path: Path) -> None:
    train(
        tiny.config(), tiny.base(), tiny.examples(8), [], tmp_path / "out", watcher=tiny.Notes(), tracker="tensorboard"
    )
    assert list((tmp_path / "out" / "tensorboard").glob("events*"))


def test_a_base_that_is_not_there() -> None:
    with pytest.raises(CaptionerError, match="no such folder"):
        load("/nowhere/at/all", tiny.config().model)
