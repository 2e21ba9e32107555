"""Through ``python -m benchmark run``: what the command leaves is what is compared."""

from __future__ import annotations

import json
import random
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from benchmark.datasets.shapes import generate
from captioners import Drawing, ModelOptions, captioner, prompts
from captioners.language import captioner as language
from captioners.language import loading
from tests.captioners.language import tiny_models
from tests.conftest import Outcome

Cli = Callable[..., Outcome]
SCENES = [scene for scene in generate(size=80, seed=5).samples if scene.split == "test"][:11]
FEW_TOKENS = ("--max-new-tokens", 10, "--metrics", "rouge_l", "--device", "cpu", "--dtype", "float32")


def written(path: Path, scenes: Sequence[Any]) -> Path:
    lines = [{"id": s.id, "svg": s.svg, "references": s.references, "split": "test"} for s in scenes]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return written(tmp_path / "scenes.jsonl", SCENES)


def run(cli: Cli, output: Path, data: Path, *options: object) -> dict[str, list[dict[str, Any]]]:
    """Captioner -> its predictions in the order of the file."""
    outcome = cli("run", "--dataset", data, "--output-dir", output, *FEW_TOKENS, *options)
    assert outcome.code == 0, outcome.err
    return {file.parent.name: lines(file) for file in output.glob("runs/*/*/predictions.jsonl")}


def lines(file: Path) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in file.read_text().splitlines()]
    for line in found:
        line.pop("seconds")
    return found


def by_id(predictions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(predictions, key=lambda line: str(line["id"]))


@pytest.mark.parametrize("model", ["llama", "gemma"])
def test_batch_size_and_order_of_the_data_change_nothing(
    cli: Cli, tmp_path: Path, data: Path, model: str, request: pytest.FixtureRequest
) -> None:
    who = "--captioners", f"tiny=hf:{request.getfixturevalue(model)}"
    alone = run(cli, tmp_path / "1", data, *who, "--batch-size", 1)["tiny"]
    batched = run(cli, tmp_path / "8", data, *who, "--batch-size", 8)["tiny"]
    shuffled_scenes = random.Random(1).sample(SCENES, len(SCENES))
    shuffled = run(cli, tmp_path / "s", written(tmp_path / "shuffled.jsonl", shuffled_scenes), *who)["tiny"]
    assert alone == batched, "captions, details, and their order"
    assert [line["id"] for line in shuffled] == [line["id"] for line in batched]
    assert shuffled == batched
    lengths = [line["details"]["prompt_tokens"] for line in batched]
    assert lengths == sorted(lengths, reverse=True)
    assert len(set(lengths)) > 3
    assert len({line["caption"] for line in batched}) > 3, "captions that are all the same would show nothing"
    assert {line["status"] for line in batched} == {"ok"}


def test_what_is_said_of_a_caption(cli: Cli, tmp_path: Path, data: Path, llama: Path) -> None:
    (prediction, *_) = run(cli, tmp_path / "out", data, "--captioners", f"tiny=hf:{llama}")["tiny"]
    details = prediction["details"]
    assert prediction["cut"] == (details["new_tokens"] == 10)
    assert details["svg_tokens_saved"] > 0
    assert details["svg_characters"] < len(next(s.svg for s in SCENES if s.id == prediction["id"]))
    assert (details["dropped"], details["cleaned"]) == (0, [])
    manifest = json.loads(next((tmp_path / "out").glob("runs/*/tiny/manifest.json")).read_text())
    told = manifest["identity"]["captioner"]
    assert told["prompt"] == prompts.INSTRUCTION
    assert told["prompt_hash"] == prompts.fingerprint(loading.tokenizer(llama))["prompt_hash"]
    assert (told["device"], told["dtype"], told["quantization"]) == ("cpu", "float32", "none")
    assert (told["max_new_tokens"], told["context"]) == (10, 8192)
    assert set(told["versions"]) == {"torch", "transformers"}
    assert len(told["weights"]) == len(told["configuration"]) == 64


@pytest.mark.parametrize("model", ["llama", "gemma"])
def test_in_four_bits_it_captions_too(
    cli: Cli, tmp_path: Path, data: Path, model: str, request: pytest.FixtureRequest
) -> None:
    folder = request.getfixturevalue(model)
    nf4 = run(cli, tmp_path / "nf4", data, "--captioners", f"tiny=hf:{folder}", "--quantization", "nf4")["tiny"]
    full = run(cli, tmp_path / "full", data, "--captioners", f"tiny=hf:{folder}")["tiny"]
    assert {line["status"] for line in nf4} == {"ok"}
    assert [line["details"]["prompt_tokens"] for line in nf4] == [line["details"]["prompt_tokens"] for line in full]
    assert nf4 != full, "sixteen values for a weight are not the same model"


def test_adapters_share_one_base_and_the_base_stays_itself(
    cli: Cli, tmp_path: Path, data: Path, llama: Path, llama_adapter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tiny_models.adapter(
        tmp_path / "other", llama, seed=3, r=8, use_rslora=True, target_modules="all-linear", rank_pattern={"q_proj": 2}
    )
    alone = run(cli, tmp_path / "alone", data, "--captioners", f"tiny=hf:{llama}")["tiny"]
    loading.loaded.release()
    loads: list[Path] = []
    load = loading._load
    monkeypatch.setattr(loading, "_load", lambda path, placed: loads.append(path) or load(path, placed))
    adapters = ("--adapter", f"one={llama_adapter}", "--adapter", f"two={other}")
    found = run(cli, tmp_path / "out", data, "--captioners", f"one,two,tiny=hf:{llama}", *adapters)
    assert loads == [llama], "the base is loaded once"
    assert found["tiny"] == alone, "beside adapters it says what it says alone"
    again = run(cli, tmp_path / "again", data, "--captioners", "two,one", *adapters)
    assert (again["one"], again["two"]) == (found["one"], found["two"]), "in whatever order"
    captions = [[line["raw"] for line in found[name]] for name in ("tiny", "one", "two")]
    assert captions[0] != captions[1] != captions[2] != captions[0]


def test_an_adapter_does_what_peft_does_with_it(llama: Path, llama_adapter: Path) -> None:
    from peft import AutoPeftModelForCausalLM

    own = captioner("adapted", ModelOptions(adapters={"adapted": str(llama_adapter)}, max_new_tokens=8, device="cpu"))
    own.fit([])
    drawing = Drawing("a", svg=SCENES[0].svg)
    (answer,) = own.caption([drawing])
    text = language.svg_text.simplify(drawing.svg).text
    ids = prompts.prompt(loading.tokenizer(llama), text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # PEFT's use of transformers
        reference = AutoPeftModelForCausalLM.from_pretrained(llama_adapter, dtype=torch.float32)
    said: list[int] = []
    with torch.no_grad():
        for _ in range(8):
            said.append(int(reference(torch.tensor([ids + said])).logits[0, -1].argmax()))
    assert answer.raw == loading.tokenizer(llama).decode(said)


def test_a_batch_that_does_not_fit_into_memory_is_halved(
    cli: Cli, tmp_path: Path, data: Path, llama: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = "--captioners", f"tiny=hf:{llama}"
    expected = run(cli, tmp_path / "all", data, *who)["tiny"]
    greedy, sizes = language.greedy, []

    def crowded(model: Any, tokenizer: Any, asked: Any, *rest: Any) -> Any:
        sizes.append(len(asked))
        if len(asked) > 3:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return greedy(model, tokenizer, asked, *rest)

    monkeypatch.setattr(language, "greedy", crowded)
    assert run(cli, tmp_path / "few", data, *who)["tiny"] == expected
    assert sizes == [8, 4, 2, 2, 4, 2, 2, 3]


def test_batches_keep_to_their_tokens_and_a_long_drawing_goes_alone(llama: Path) -> None:
    drawings = [Drawing(scene.id, svg=scene.svg) for scene in SCENES]

    def batches(**options: Any) -> list[list[tuple[int, str]]]:
        made = captioner(f"hf:{llama}", ModelOptions(device="cpu", **options))
        made.fit([])
        assert isinstance(made, language.LanguageCaptioner)
        base = made._base()
        return [[(len(made._question(base, one).ids), one.id) for one in batch] for batch in made.batches(drawings, 4)]

    free = batches()
    assert [len(batch) for batch in free] == [4, 4, 3]
    every = [one for batch in free for one in batch]
    assert every == sorted(every, key=lambda one: (-one[0], one[1]))
    assert {id for _, id in every} == {one.id for one in drawings}
    longest = every[0][0]
    tight = batches(batch_tokens=2 * longest + 1)
    assert all(max(length for length, _ in batch) * len(batch) <= 2 * longest + 1 for batch in tight)
    assert [one for batch in tight for one in batch] == every
    assert {len(batch) for batch in batches(batch_tokens=5)} == {1}


def test_elements_give_way_to_the_context_and_the_caption_keeps_its_room(
    cli: Cli, tmp_path: Path, data: Path, llama: Path
) -> None:
    who = "--captioners", f"tiny=hf:{llama}"
    whole = run(cli, tmp_path / "whole", data, *who)["tiny"]
    longest = max(line["details"]["prompt_tokens"] for line in whole)
    found = run(cli, tmp_path / "small", data, *who, "--context", longest + 10 - 1)["tiny"]
    prompts_of = {line["id"]: line["details"]["prompt_tokens"] for line in whole}
    for line in found:
        assert line["details"]["prompt_tokens"] <= longest - 1
        shortened = prompts_of[line["id"]] == longest
        assert (line["details"]["dropped"] > 0) == shortened
    assert any(line["details"]["dropped"] for line in found)


def test_a_drawing_that_cannot_be_asked_about_fails_alone(cli: Cli, tmp_path: Path, llama: Path) -> None:
    class Scene:
        id, svg, references = "broken", "<svg><a <b> " * 400, ("a cat",)

    data = written(tmp_path / "odd.jsonl", [*SCENES[:3], Scene])
    found = run(cli, tmp_path / "out", data, "--captioners", f"tiny=hf:{llama}", "--context", 700)["tiny"]
    failed = [line for line in found if line["status"] == "failed"]
    assert [line["id"] for line in failed] == ["broken"]
    assert "longer than 690" in failed[0]["error"]
    assert len(found) == 4


def test_a_run_that_is_interrupted_and_started_again_ends_as_if_nothing_had_happened(
    cli: Cli, tmp_path: Path, data: Path, llama: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ("--captioners", f"tiny=hf:{llama}", "--batch-size", 4)
    undisturbed = run(cli, tmp_path / "undisturbed", data, *options)["tiny"]
    greedy, interrupted = language.greedy, tmp_path / "interrupted"

    def stopped(*asked: Any) -> Any:
        if len(calls) == 2:
            raise KeyboardInterrupt
        calls.append(asked)
        return greedy(*asked)

    calls: list[Any] = []
    monkeypatch.setattr(language, "greedy", stopped)
    assert cli("run", "--dataset", data, "--output-dir", interrupted, *FEW_TOKENS, *options).code != 0
    (file,) = interrupted.glob("runs/*/tiny/predictions.jsonl")
    with file.open("r+b") as torn:  # a line that was being written goes too
        torn.truncate(file.stat().st_size - 40)
    assert [line["id"] for line in undisturbed[:7]] == [
        json.loads(line)["id"] for line in file.read_text().splitlines()[:7]
    ]
    monkeypatch.setattr(language, "greedy", greedy)
    assert run(cli, interrupted, data, *options)["tiny"] == undisturbed
