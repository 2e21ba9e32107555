from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from captioners import CaptionerError
from captioners.language import adapter_folders


@pytest.fixture
def folder(tmp_path: Path, llama_adapter: Path) -> Path:
    return Path(shutil.copytree(llama_adapter, tmp_path / "adapter"))


def told(folder: Path, **changes: Any) -> Path:
    file = folder / "adapter_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))
    return folder


def test_an_adapter_that_peft_saved_is_read(folder: Path, llama: Path) -> None:
    adapter = adapter_folders.read(folder)
    assert (adapter.base, adapter.rank, adapter.alpha, adapter.dora) == (str(llama), 4, 8.0, False)
    assert sorted(adapter.layers) == [
        f"model.layers.{layer}.self_attn.{name}" for layer in (0, 1) for name in ("q_proj", "v_proj")
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"peft_type": "IA3"}, "peft_type is 'IA3'; only LORA"),
        ({"task_type": "SEQ_CLS"}, "task_type is 'SEQ_CLS'"),
        ({"auto_mapping": {"base_model_class": "X", "parent_library": "os"}}, "auto_mapping is"),
        ({"megatron_config": {"a": 1}}, "megatron_config is"),
        ({"modules_to_save": ["lm_head"]}, 'modules_to_save is \\["lm_head"\\]'),
        ({"layer_replication": [[0, 2]]}, "layer_replication is"),
        ({"alora_invocation_tokens": [1]}, "alora_invocation_tokens is"),
        ({"arrow_config": {"task_adapter_names": ["x"]}}, "arrow_config is"),
        ({"custom_module": "evil.py"}, "custom_module is"),
        ({"bias": "all"}, "bias is 'all'"),
        ({"init_lora_weights": "pissa"}, "init_lora_weights is 'pissa', which changes the base model as well"),
        ({"rank_pattern": {"(a+)+$": 8}}, "'\\(a\\+\\)\\+\\$' is no name of layers"),
        ({"alpha_pattern": [1]}, "is damaged"),
        ({"r": "8"}, "a rank is '8'"),
        ({"base_model_name_or_path": ["x"]}, "base_model_name_or_path is"),
    ],
)
def test_what_is_more_than_a_plain_lora_adapter_is_refused(folder: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(CaptionerError, match=said):
        adapter_folders.read(told(folder, **changes))


def test_the_pattern_of_target_modules_is_never_matched(folder: Path) -> None:
    told(folder, target_modules="(a+)+$")  # PEFT would match it against every layer's name
    assert len(adapter_folders.read(folder).layers) == 4


@pytest.mark.parametrize(
    "text", ["{", "[]", "[" * 100_000, '"' + "x" * 1_000_000 + '"'], ids=["cut", "list", "deep", "long"]
)
def test_a_damaged_configuration_is_said(folder: Path, text: str) -> None:
    (folder / "adapter_config.json").write_text(text)
    with pytest.raises(CaptionerError, match=r"adapter_config\.json is damaged"):
        adapter_folders.read(folder)


def changed(folder: Path, tensors: dict[str, torch.Tensor]) -> Path:
    save_file(tensors, folder / "adapter_model.safetensors")
    return folder


def test_other_tensors_than_lora_matrices_are_refused(folder: Path) -> None:
    tensors = load_file(folder / "adapter_model.safetensors")
    with pytest.raises(CaptionerError, match=r"lm_head\.weight' is no LoRA matrix"):
        adapter_folders.read(changed(folder, tensors | {"base_model.model.lm_head.weight": torch.zeros(2, 2)}))
    first = next(name for name in tensors if "lora_B" in name)
    with pytest.raises(CaptionerError, match=r"has no matrix lora_B\.weight: the adapter is not whole"):
        adapter_folders.read(changed(folder, {name: tensor for name, tensor in tensors.items() if name != first}))
    with pytest.raises(CaptionerError, match="the adapter is empty"):
        adapter_folders.read(changed(folder, {}))
    (folder / "adapter_model.safetensors").write_bytes(b"pickle")
    with pytest.raises(CaptionerError, match="is no safetensors file"):
        adapter_folders.read(folder)


def size(layer: str) -> tuple[int, int] | None:
    """Of the tiny Llama: 64 wide, 4 heads of 16 of which 2 have keys and values."""
    return {"q_proj": (64, 64), "v_proj": (64, 32)}.get(layer.rpartition(".")[2])


def test_it_fits_a_base_of_its_sizes_and_no_other(folder: Path) -> None:
    adapter = adapter_folders.read(folder)
    adapter.check(size)
    with pytest.raises(
        CaptionerError,
        match=r"another base model: for model\.layers\.0\.self_attn\.q_proj it takes 64 numbers and gives 64; "
        r"the base's layer takes 3,584 and gives 4,096",
    ):
        adapter.check(lambda layer: (3584, 4096))
    with pytest.raises(CaptionerError, match=r"no linear layer 'model\.layers\.0\.self_attn\.q_proj'"):
        adapter.check(lambda layer: None)
    with pytest.raises(CaptionerError, match=r"q_proj have rank 4 and 4, and adapter_config.json says 16"):
        adapter_folders.read(told(folder, r=16)).check(size)
    adapter_folders.read(told(folder, rank_pattern={"q_proj": 4, "1.self_attn.v_proj": 4, "v_proj": 4})).check(size)


def test_its_key_changes_with_all_that_changes_captions_and_not_with_its_place(
    folder: Path, llama_adapter: Path
) -> None:
    key = adapter_folders.read(folder).key
    assert key == adapter_folders.read(llama_adapter).key
    others = [adapter_folders.read(told(folder, lora_alpha=9)).key]
    told(folder, lora_alpha=8)
    tensors = load_file(folder / "adapter_model.safetensors")
    name = next(iter(tensors))
    others.append(adapter_folders.read(changed(folder, tensors | {name: tensors[name] + 1})).key)
    assert len({key, *others}) == 3
