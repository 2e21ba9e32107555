"""Weights are looked for on this machine; nothing is got from the network unless that is allowed."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmark import defaults
from benchmark.metrics import evaluate
from benchmark.metrics.base import METRICS
from benchmark.metrics.clip_score import weights
from benchmark.metrics.clip_score.metric import ClipScore
from benchmark.metrics.clip_score.options import ClipOptions
from benchmark.metrics.clip_score.torchvision_operators import open_clip
from tests.benchmark.clip_score.small_clip import CONFIG, expected, saved, scenes, small_clip

REVISION, BLOB = "a" * 40, "b" * 64


def in_hub_cache(hub: Path, repository: str, file: str) -> Path:
    """A file as the Hugging Face client keeps it: a link to its content, which its hash is the name of."""
    folder = hub / f"models--{repository.replace('/', '--')}"
    snapshot = folder / "snapshots" / REVISION / file
    for path in (snapshot, folder / "blobs" / BLOB, folder / "refs" / "main"):
        path.parent.mkdir(parents=True, exist_ok=True)
    (folder / "refs" / "main").write_text(REVISION)
    (folder / "blobs" / BLOB).write_bytes(b"weights")
    snapshot.symlink_to(folder / "blobs" / BLOB)
    return snapshot


def cell(options: ClipOptions) -> str:
    """Why there is no score."""
    found = evaluate(
        {"a": "x"},
        {"a": ["x"]},
        ("clip_score",),
        images={"a": scenes(1)[0]},
        configured={"clip_score": ClipScore(options)},
    )
    return found.unavailable["CLIPScore"]


def test_missing_weights_are_said_with_the_remedy_and_the_network_is_not_asked(
    no_weights: Path, offline: Callable[[], int]
) -> None:
    for model in (defaults.CLIP_MODEL, "ViT-B-32/laion2b_s34b_b79k", "RN50/yfcc15m"):
        reason = cell(ClipOptions(model))
        assert reason.startswith(f"the weights of {model} are not on this machine")
        assert "--allow-download" in reason
        assert "--clip-checkpoint" in reason
    assert not METRICS["clip_score"].availability()
    assert offline() == 0


def test_the_network_is_asked_when_that_is_allowed(
    no_weights: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = []

    def download(config: dict[str, object]) -> str:
        asked.append(config["hf_hub"])
        raise OSError("the network is down")

    monkeypatch.setattr("open_clip.pretrained.download_pretrained", download)
    assert "could not be downloaded: the network is down" in cell(ClipOptions(allow_download=True))
    assert asked == [weights.DEFAULT_HUB]


def test_the_place_of_the_default_weights_is_that_of_open_clip() -> None:
    config = weights.pretrained_config(ClipOptions())
    assert config["hf_hub"] == weights.DEFAULT_HUB
    assert config["quick_gelu"] is True


@pytest.mark.parametrize(
    ("model", "repository", "file"),
    [
        (defaults.CLIP_MODEL, "timm/vit_base_patch32_clip_224.openai", "open_clip_model.safetensors"),
        (defaults.CLIP_MODEL, "timm/vit_base_patch32_clip_224.openai", "open_clip_pytorch_model.bin"),
        ("ViT-B-32/laion2b_s34b_b79k", "laion/CLIP-ViT-B-32-laion2B-s34B-b79K", "open_clip_model.safetensors"),
        ("ViTamin-B/datacomp1b", "jienengchen/ViTamin-B", "pytorch_model.bin"),
    ],
)
def test_weights_in_the_cache_of_hugging_face_are_found_and_named_by_their_hash(
    model: str, repository: str, file: str, no_weights: Path, offline: Callable[[], int]
) -> None:
    there = in_hub_cache(no_weights, repository, file)
    options = ClipOptions(model)
    assert weights.located(options) == there
    assert weights.availability(options)
    signature = ClipScore(options).signature
    assert signature.startswith(f"{model}|sha256:{BLOB[:12]}|")
    assert offline() == 0


def test_weights_in_the_old_cache_of_open_clip_are_found(no_weights: Path, tmp_path: Path) -> None:
    config = weights.pretrained_config(ClipOptions("RN50/yfcc15m"))
    old = tmp_path / ".cache" / "clip" / str(config["url"]).rpartition("/")[2]
    old.parent.mkdir(parents=True)
    old.write_bytes(b"weights")
    assert weights.located(ClipOptions("RN50/yfcc15m")) == old


def test_without_the_packages_the_cell_says_how_to_install_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    reason = cell(ClipOptions())
    assert reason == "CLIP Score needs torch and open_clip — pip install -e '.[clip]'"


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("ViT-B-33/openai", "open_clip has no model 'ViT-B-33'"),
        ("vit-b-32/openai", "it has 'ViT-B-32'"),
        ("ViT-B-32/openia", "no weights 'openia' of ViT-B-32; it has: openai, "),
    ],
)
def test_unknown_models_and_tags_are_named(model: str, message: str, no_weights: Path) -> None:
    assert message in cell(ClipOptions(model))


def test_options_that_cannot_be_are_errors() -> None:
    for wrong in ({"model": "ViT-B-32"}, {"model": "/openai"}, {"dtype": "int8"}, {"batch_size": 0}):
        with pytest.raises(ValueError, match=r"give|at least"):
            ClipOptions(**wrong)  # type: ignore[arg-type]
    assert ClipOptions("ViT-B-32", Path("weights.pt")).pretrained == ""


def test_a_model_that_reads_captions_with_a_tokenizer_of_the_hub_is_refused(
    tmp_path: Path, offline: Callable[[], int]
) -> None:
    file = tmp_path / "weights.safetensors"
    file.write_bytes(b"")
    for name in ("ViT-B-16-SigLIP", "roberta-ViT-B-32"):
        assert "does not read captions with CLIP's own tokenizer" in cell(ClipOptions(name, file))
    assert offline() == 0


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The small CLIP as an architecture of open_clip, with a tag whose weights want the other activation."""
    from open_clip import factory, pretrained

    tag = {**pretrained.get_pretrained_cfg("ViT-B-32", "openai"), "hf_hub": "", "url": ""}
    monkeypatch.setitem(factory._MODEL_CONFIGS, "small", CONFIG)
    monkeypatch.setitem(pretrained._PRETRAINED, "small", {"quick": tag, "mean": {**tag, "mean": (0.2, 0.3, 0.4)}})


@pytest.mark.parametrize("suffix", [".safetensors", ".pt"])
@pytest.mark.parametrize(("model", "quick_gelu"), [("small", False), ("small/quick", True)])
@pytest.mark.usefixtures("small")
def test_a_file_of_weights_gets_the_activation_of_its_tag(
    model: str, quick_gelu: bool, suffix: str, tmp_path: Path
) -> None:
    import torch

    file = saved(tmp_path / "saved", 0) / "open_clip_model.safetensors"
    if suffix == ".pt":
        file = tmp_path / "weights.pt"
        torch.save({"state_dict": small_clip(0).state_dict()}, file)
    found = evaluate(
        {"a": "a cat"},
        {"a": ["cats"]},
        ("clip_score",),
        images={"a": scenes(1)[0]},
        configured={"clip_score": ClipScore(ClipOptions(model, file))},
    )
    values = expected(small_clip(0, quick_gelu=quick_gelu), scenes(1), ["a cat"], [["cats"]])
    assert found.per_sample.to_numpy() / [100, 1, 1] == pytest.approx(values / [100, 1, 1], abs=1e-5)
    assert found.signatures["CLIPScore"].startswith(f"CLIPScore|checkpoint:{model}|sha256:")


@pytest.mark.usefixtures("small")
def test_a_tag_says_how_its_weights_want_pictures(tmp_path: Path) -> None:
    from benchmark.metrics.clip_score.encoder import load
    from benchmark.progress import Unwatched

    file = saved(tmp_path / "saved", 0) / "open_clip_model.safetensors"
    white = scenes(1)[0].point(lambda _: 255)
    usual, other = (load(ClipOptions(name, file), Unwatched()) for name in ("small/quick", "small/mean"))
    assert usual.preprocess(white)[:, 0, 0].tolist() == pytest.approx([1.93, 2.07, 2.15], abs=0.01)
    assert other.preprocess(white)[:, 0, 0].tolist() == pytest.approx([2.98, 2.68, 2.18], abs=0.01)
    assert usual.fingerprint != other.fingerprint


class Mischief:
    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.file,)


@pytest.mark.usefixtures("small")
def test_a_checkpoint_cannot_run_code(tmp_path: Path) -> None:
    import torch

    torch.save({"state_dict": {"visual.proj": Mischief(tmp_path / "done")}}, tmp_path / "one.pt")
    (tmp_path / "two.bin").write_bytes(pickle.dumps(Mischief(tmp_path / "done")))
    for name in ("one.pt", "two.bin"):
        assert "cannot be loaded as weights of small" in cell(ClipOptions("small", tmp_path / name))
    assert not (tmp_path / "done").exists()


def test_checkpoints_that_are_none_are_named(tmp_path: Path, folder: Path) -> None:
    text = tmp_path / "notes.txt"
    text.touch()
    assert "is no file of weights" in cell(ClipOptions(checkpoint=text))
    assert "does not hold open_clip_config.json" in cell(ClipOptions(checkpoint=tmp_path))
    assert "no such file or folder" in cell(ClipOptions(checkpoint=tmp_path / "absent.pt"))
    broken = saved(tmp_path / "broken", 0)
    (broken / "open_clip_model.safetensors").write_bytes(b"nonsense")
    assert "cannot be loaded as weights" in cell(ClipOptions(checkpoint=broken))
    (broken / "open_clip_config.json").write_text("{")
    assert "cannot be loaded as weights" in cell(ClipOptions(checkpoint=broken))


def test_open_clip_is_imported_whether_or_not_torchvision_fits_the_torch_at_hand() -> None:
    assert open_clip().__name__ == "open_clip"
