"""A plan says what the trainer will do; figures are by hand, or those of the libraries that it foretells."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from PIL import Image

from captioners import CaptionerError
from captioners.training.config import load
from captioners.training.data import Prepared
from captioners.training.examples import Example
from captioners.training.planning.plan import Plan, plan, steps, trainable
from captioners.training.planning.plot import plot
from captioners.training.planning.text import bars, lines
from captioners.training.planning.unloaded import unloaded
from captioners.training.token_estimate import TokenEstimate
from tests.captioners.language.tiny_tokenizers import LLAMA_SPECIAL, llama_tokenizer
from tests.captioners.training import tiny

TRAINING = Prepared(
    tuple(
        Example(f"s{place}", (0,) * length, length - 9) for place, length in enumerate([40] * 90 + [80] * 9 + [1024])
    ),
    shortened={"s99": 12},
    left_out={"cut": "its end is missing"},
    repairs={"bare colours": 3},
)
VALIDATION = Prepared(tuple(Example(f"v{place}", (0,) * 50, 26) for place in range(5)))


@pytest.fixture(scope="module")
def made() -> Plan:
    return plan(unloaded("llama-3.1-8b"), load("test3"), TRAINING, VALIDATION, preset="test3")


def test_parameters_steps_and_memory(made: Plan) -> None:
    told = json.loads(json.dumps(made.document()))
    assert told["parameters"]["trainable"] == 13_631_488
    # 2 x 4 examples a step: 100 of them are 50 batches, 13 steps; 3 epochs; 5 % of 39 are 1.95
    expected = {"examples": 8, "per_epoch": 13, "total": 39, "warmup": 2, "evaluations": 2, "checkpoints": 1}
    assert told["steps"] == expected
    assert told["lengths"]["tokens"] == 90 * 40 + 9 * 80 + 1024
    assert told["lengths"]["percentile_95"] == 80
    longest, usual = told["memory"]["longest"], told["memory"]["95th_percentile"]
    assert longest["activations"] == 32 * 2 * 1024 * 4096 * 4
    assert usual["activations"] == 32 * 2 * 80 * 4096 * 4
    assert longest["logits"] == int(2.8 * 2 * 24 * 128_256 * 4), "the longest caption is one of validation"
    assert longest["total"] == sum(part for name, part in longest.items() if name != "total")
    assert told["memory"]["fits"] is True
    assert told["slurm"] == {"nodes": 1, "gpus": 1, "cores": 8, "memory": 32, "hours": 24, "signal": 120}
    assert told["training"]["shortened"] == {"s99": 12}
    assert told["training"]["left_out"] == {"cut": "its end is missing"}


def test_what_does_not_fit_is_said() -> None:
    small = load("test3", ["hardware.gpu_memory=8"])
    made = plan(unloaded("llama-3.1-8b"), small, TRAINING, VALIDATION, preset="test3")
    assert made.fits is False
    assert "of 8 GB 1.3 GB are missing" in "\n".join(lines(made))


def test_settings_without_effect_are_said(made: Plan) -> None:
    first = plan(unloaded("llama-3.1-8b"), load("test1"), TRAINING, Prepared(()), preset="test1")
    assert [note.partition(":")[0] for note in first.notes] == [
        "deepspeed.offload_parameters",
        "no validation examples",
    ]
    assert first.steps.evaluations == 0
    assert ["early stopping waits for 100 steps, and there are 39" in note for note in made.notes] == [True]


def test_the_terminal_shows_everything(made: Plan) -> None:
    text = "\n".join(lines(made))
    for part in (
        "meta-llama/Llama-3.1-8B-Instruct: 8,030,261,248 parameters",
        "13,631,488 trainable parameters, 0.17 % of all",
        "100 to learn from",
        "5 to validate",
        "bare colours: 3",
        "s99: 12 elements",
        "cut: its end is missing",
        "39 of 8 examples, 13 an epoch",
        "estimated, as the base's tokenizer is not here: 1.73 characters of SVG",
        "1 node, 1 GPU, 8 cores, 32 GB, 24 h",
    ):
        assert part in text


def test_the_fullest_bar_is_the_longest(made: Plan) -> None:
    shown = list(bars(made.lengths))
    assert shown[0] == "    0 to    99 " + "#" * 50 + " 99"
    assert shown[1] == "  100 to   199 0"
    assert shown[10] == "1,000 to 1,099 # 1"
    assert len(shown) == 11


def test_a_plot_is_drawn(made: Plan, tmp_path: Path) -> None:
    plot(made, tmp_path / "lengths.png", tmp_path / "lengths.svg")
    picture = Image.open(tmp_path / "lengths.png").convert("RGB")
    assert len(picture.getcolors(picture.width * picture.height) or []) > 2
    assert (tmp_path / "lengths.svg").read_text(encoding="utf-8").count("clip-path=") >= 11, "a bar for each bin"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("examples", [1, 7, 8, 9, 50, 101])
@pytest.mark.parametrize("processes", [1, 2, 3])
@pytest.mark.parametrize("preset", ["test2", "test3-multi-gpu"])
def test_steps_are_those_of_the_library(examples: int, processes: int, preset: str) -> None:
    from accelerate.data_loader import BatchSamplerShard
    from torch.utils.data import BatchSampler
    from transformers import TrainingArguments

    config = load(preset)
    sampler = BatchSampler(range(examples), config.batch.size, drop_last=False)
    batches = len(list(BatchSamplerShard(sampler, processes, 0)))
    planned = steps(config, examples, processes=processes, validates=True)
    assert planned.per_epoch == -(-batches // config.batch.accumulation)
    assert planned.total == 3 * planned.per_epoch
    arguments = TrainingArguments(output_dir="unused", use_cpu=True, warmup_steps=config.optimizer.warmup)
    assert planned.warmup == arguments.get_warmup_steps(planned.total)


def test_a_training_takes_the_steps_that_were_planned(tmp_path: Path) -> None:
    from captioners.training.trainer import train

    config = tiny.config(
        "cpu-demo", "epochs=2", "checkpoints.evaluate=3", "checkpoints.every=4", "stopping.patience=90"
    )
    learnt, validated = tiny.examples(21), tiny.examples(4, seed=1)
    planned = steps(config, 21, processes=1, validates=True)
    result = train(config, tiny.base(), learnt, validated, tmp_path / "out", watcher=tiny.Notes())
    with (tmp_path / "out" / "metrics.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert result.steps == planned.total == 6
    assert sum(bool(row["validation_loss"]) for row in rows) == planned.evaluations == 3
    assert len(list((tmp_path / "out" / "checkpoints").glob("checkpoint-*"))) == planned.checkpoints == 2


def test_nothing_to_learn_from_is_an_error_that_says_why() -> None:
    with pytest.raises(CaptionerError, match=r"no sample became an example\n  cut: its end is missing"):
        plan(unloaded("llama-3.1-8b"), load("test3"), Prepared((), left_out=TRAINING.left_out), VALIDATION, preset="")


def test_an_estimate_divides_characters() -> None:
    estimate = TokenEstimate(svg=2.0, caption=4.0, around=10)
    made = estimate.example("x" * 7, "y" * 9)
    assert (len(made.prompt), len(made.answer)) == (10 + 4, 1 + 3)


def test_a_folder_needs_no_weights(tmp_path: Path) -> None:
    from transformers import LlamaConfig

    LlamaConfig(vocab_size=500, max_position_embeddings=2048).save_pretrained(tmp_path)
    llama_tokenizer().save_pretrained(tmp_path)
    base = unloaded(str(tmp_path))
    assert not isinstance(base.tokenizer, TokenEstimate)
    assert base.tokenizer.convert_tokens_to_ids(LLAMA_SPECIAL[-1]) == 406
    assert (base.window, base.eager) == (2048, False)


def test_a_published_base_is_known_without_a_file() -> None:
    base = unloaded("google/gemma-2-9b-it")
    assert isinstance(base.tokenizer, TokenEstimate)
    assert (base.window, base.eager, base.configuration["model_type"]) == (8192, True, "gemma2")
    assert unloaded("gemma-2-9b") == base


def test_an_unknown_base_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CaptionerError, match="there is no base 'nowhere'"):
        unloaded("nowhere")
    with pytest.raises(CaptionerError, match="nothing of some/where is on this machine"):
        unloaded("some/where")
    broken = tmp_path / "model.gguf"
    broken.write_bytes(b"GGUF")
    with pytest.raises(CaptionerError, match=r"model\.gguf is no GGUF file"):
        unloaded(str(broken))


def test_trainable_parameters_of_the_published_presets() -> None:
    found = {(preset, base): counts.trainable for preset, base, counts in trainable()}
    assert len(found) == 8
    assert found["test3", "llama-3.1-8b"] == found["test3-multi-gpu", "llama-3.1-8b"] == 13_631_488
    assert found["test3", "gemma-2-9b"] == 17_891_328
