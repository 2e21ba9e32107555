from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_tensors

from captioners.base import CaptionerError
from captioners.cogvlm import CogVLMForCausalLM
from captioners.cogvlm.config import read_config
from tests.captioners.cogvlm.tiny import CONFIG, Weights, draw_weights, save_checkpoint, write_config

Change = Callable[[Weights], Any]


@pytest.mark.parametrize("shards", [1, 3])
@pytest.mark.parametrize("rotary_tables", [True, False])
def test_every_parameter_is_the_tensor_of_its_name(tmp_path: Path, shards: int, rotary_tables: bool) -> None:
    folder = save_checkpoint(tmp_path / "m", seed=3, shards=shards, rotary_tables=rotary_tables, tokenizer=False)
    model = CogVLMForCausalLM.from_pretrained(folder)
    loaded, weights = dict(model.named_parameters()), draw_weights(seed=3)
    assert loaded.keys() == weights.keys()
    for name, parameter in loaded.items():
        assert np.array_equal(parameter.numpy(), weights[name]), name
    assert not any(parameter.requires_grad for parameter in loaded.values())
    assert not model.training


def test_a_checkpoint_keeps_its_type_unless_told(tmp_path: Path) -> None:
    folder = save_checkpoint(tmp_path / "m", shards=1, rotary_tables=False, tokenizer=False)
    halves = {name: torch.from_numpy(value).to(torch.bfloat16) for name, value in draw_weights().items()}
    save_tensors(halves, folder / "model.safetensors")
    assert {p.dtype for p in CogVLMForCausalLM.from_pretrained(folder).parameters()} == {torch.bfloat16}
    wide = CogVLMForCausalLM.from_pretrained(str(folder), dtype=torch.float32)
    for name, parameter in wide.named_parameters():
        assert torch.equal(parameter, halves[name].float()), name


def test_a_loaded_model_does_not_need_its_files_any_more(tmp_path: Path) -> None:
    folder = save_checkpoint(tmp_path / "m", shards=1, tokenizer=False)
    model = CogVLMForCausalLM.from_pretrained(folder)
    path = folder / "model.safetensors"
    with path.open("r+b") as file:
        file.write(bytes(path.stat().st_size))
    for name, value in draw_weights().items():
        assert np.array_equal(model.get_parameter(name).numpy(), value), name


def rejected(folder: Path, change: Change) -> str:
    weights = draw_weights()
    change(weights)
    with pytest.raises(CaptionerError) as error:
        CogVLMForCausalLM.from_pretrained(save_checkpoint(folder / "m", weights=weights, tokenizer=False))
    return str(error.value)


def test_all_that_is_wrong_with_the_tensors_is_one_error(tmp_path: Path) -> None:
    def change(weights: Weights) -> None:
        del weights["model.vision.eoi"], weights["model.layers.1.mlp.vision_mlp.up_proj.weight"]
        weights["model.layers.0.self_attn.vision_expert_query_key_value.bias"] = np.zeros(96, np.float32)
        weights["model.norm.weight"] = np.zeros((32, 1), np.float32)
        weights["model.vision.boi"] = np.zeros((1, 1, 32), np.int8)  # type: ignore[assignment]

    message = rejected(tmp_path, change)
    assert "2 missing: model.layers.1.mlp.vision_mlp.up_proj.weight, model.vision.eoi" in message
    assert "1 unexpected: model.layers.0.self_attn.vision_expert_query_key_value.bias" in message
    assert "1 of another shape: model.norm.weight [32, 1] instead of [32]" in message
    assert "1 of another type: model.vision.boi I8" in message
    assert str(tmp_path) in message


@pytest.mark.parametrize("name", sorted(draw_weights()))
def test_no_tensor_may_be_missing(tmp_path: Path, name: str) -> None:
    assert f"1 missing: {name}." in rejected(tmp_path, lambda weights: weights.pop(name))


def test_a_table_of_another_name_is_unexpected(tmp_path: Path) -> None:
    def change(weights: Weights) -> None:
        weights["model.vision.rotary.inv_freq"] = np.zeros(4, np.float32)

    assert "1 unexpected: model.vision.rotary.inv_freq" in rejected(tmp_path, change)


def test_long_lists_are_cut(tmp_path: Path) -> None:
    message = rejected(tmp_path, lambda weights: [weights.pop(name) for name in list(weights)[:20]])
    assert "20 missing: lm_head.weight" in message
    assert "and 12 more" in message


def refused(folder: Path) -> str:
    with pytest.raises(CaptionerError) as error:
        CogVLMForCausalLM.from_pretrained(folder)
    return str(error.value)


def test_places_without_readable_weights_are_refused(tmp_path: Path) -> None:
    """What else can be wrong with a folder of weights: tests of :mod:`captioners.checkpoints`."""
    assert "no such folder of weights" in refused(tmp_path / "nowhere")
    write_config(tmp_path, CONFIG)
    assert "no folder of weights" in refused(tmp_path)
    torch.save({"a": torch.zeros(1)}, tmp_path / "pytorch_model.bin")
    assert "as a pickle (pytorch_model.bin), which can run code" in refused(tmp_path)
    folder = save_checkpoint(tmp_path / "m", tokenizer=False)
    path = folder / "model.safetensors.index.json"
    index = json.loads(path.read_text())
    index["weight_map"]["lm_head.weight"] = "../m/model-00001-of-00003.safetensors"
    path.write_text(json.dumps(index))
    assert "names '../m/model-00001-of-00003.safetensors'" in refused(folder)


def test_a_missing_a_torn_and_a_repeated_file_are_errors(tmp_path: Path) -> None:
    folder = save_checkpoint(tmp_path / "m", tokenizer=False)
    second, third = (folder / f"model-0000{k}-of-00003.safetensors" for k in (2, 3))
    whole = third.read_bytes()
    third.write_bytes(whole[: len(whole) // 2])
    assert f"cannot read {third}" in refused(folder)
    third.unlink()
    assert f"lacks {third.name}, which its index names" in refused(folder)
    save_file({"lm_head.weight": draw_weights()["lm_head.weight"]}, third)
    second.write_bytes(third.read_bytes())
    assert "lm_head.weight is in both" in refused(folder)


def config(**changes: Any) -> dict[str, Any]:
    """The tiny configuration with changes; None takes a key away, ``v_`` means that of the vision tower."""
    document = {**CONFIG, "vision_config": dict(CONFIG["vision_config"])}
    for key, value in changes.items():
        part, name = (document["vision_config"], key[2:]) if key.startswith("v_") else (document, key)
        part[name] = value
        if value is None:
            del part[name]
    return document


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hidden_size": None}, "hidden_size is missing"),
        ({"v_num_heads": None, "vocab_size": "many"}, "vocab_size is 'many' instead of an integer between 1"),
        ({"v_num_heads": None, "vocab_size": "many"}, "vision_config.num_heads is missing"),
        ({"v_layer_norm_eps": None}, "vision_config.layer_norm_eps is missing"),
        ({"num_hidden_layers": True}, "num_hidden_layers is True"),
        ({"num_hidden_layers": 10**9}, "num_hidden_layers is 1000000000 instead of an integer between 1 and 1000"),
        ({"rms_norm_eps": 0}, "rms_norm_eps is 0 instead of a number"),
        ({"vision_config": None}, "vision_config is no JSON object"),
        ({"hidden_act": "gelu"}, "hidden_act is 'gelu' instead of \"silu\""),
        ({"v_hidden_act": "gelu_new"}, "vision_config.hidden_act is 'gelu_new'"),
        ({"v_in_channels": 4}, "vision_config.in_channels is 4"),
        ({"tie_word_embeddings": True}, "tie_word_embeddings is True"),
        ({"template_version": "agent"}, "template_version is 'agent' instead of one of chat, base, vqa"),
        ({"num_attention_heads": 3}, "hidden_size cannot be shared"),
        ({"num_attention_heads": 32}, "heads of even size"),
        ({"v_num_heads": 5}, "vision_config.hidden_size is no multiple"),
        ({"v_num_positions": 9}, "a picture of 12 pixels in patches of 4 does not have num_positions = 9"),
        ({"v_patch_size": 5, "v_num_positions": 5}, "12 pixels in patches of 5"),
        ({"eos_token_id": 384}, "eos_token_id outside of vocab_size 384"),
    ],
)
def test_what_is_wrong_with_a_configuration_is_said(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    write_config(tmp_path, config(**changes))
    with pytest.raises(CaptionerError) as error:
        read_config(tmp_path)
    assert message in str(error.value)
    assert str(tmp_path / "config.json") in str(error.value)


def test_what_the_original_class_knows_by_itself_may_be_absent(tmp_path: Path) -> None:
    optional = ("rms_norm_eps", "template_version", "hidden_act", "tie_word_embeddings", "auto_map")
    write_config(tmp_path, config(**dict.fromkeys((*optional, "pad_token_id", "bos_token_id", "eos_token_id"))))
    read = read_config(tmp_path)
    assert (read.rms_norm_eps, read.template_version) == (1e-6, "chat")
    assert (read.pad_token_id, read.bos_token_id, read.eos_token_id) == (0, 1, 2)


def test_no_or_broken_configuration_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CaptionerError, match=r"no checkpoint of CogVLM: it has no config\.json"):
        read_config(tmp_path)
    for text, message in (("{", r"cannot read .*config\.json"), ("[]", "it is no JSON object")):
        (tmp_path / "config.json").write_text(text)
        with pytest.raises(CaptionerError, match=message):
            read_config(tmp_path)


def test_the_published_sizes_give_the_published_number_of_parameters(tmp_path: Path) -> None:
    """17,639,685,376 (chat) and 17,637,948,928 (base-224), and 1,155 tensors."""
    published = config(
        vocab_size=32000, hidden_size=4096, intermediate_size=11008, num_hidden_layers=32, num_attention_heads=32,
        v_hidden_size=1792, v_intermediate_size=15360, v_num_hidden_layers=63, v_num_heads=16, v_patch_size=14,
    )  # fmt: skip
    for image_size, positions, tokens, parameters in ((490, 1226, 1227, 17639685376), (224, 257, 258, 17637948928)):
        published["vision_config"] |= {"image_size": image_size, "num_positions": positions}
        write_config(tmp_path, published)
        read = read_config(tmp_path)
        with torch.device("meta"):
            model = CogVLMForCausalLM(read)
        assert sum(p.numel() for p in model.parameters()) == parameters
        assert len(list(model.parameters())) == 1155
        assert read.vision.tokens == tokens
