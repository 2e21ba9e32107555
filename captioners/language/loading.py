"""A causal language model in memory, with the adapters that were put on it."""

from __future__ import annotations

import contextlib
import functools
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from captioners import loaded, prompts
from captioners.base import CaptionerError
from captioners.devices import Placement
from captioners.language import model_folders
from captioners.language.adapter_folders import WEIGHTS, Adapter
from captioners.language.generation import Ends
from captioners.offline import offline
from captioners.torchvision_operators import declare_missing

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

# Their scores are capped before softmax, which torch's fused attention cannot do. Versions of transformers that do not
# refuse it leave the cap out.
_EAGER = ("gemma2",)
# By name, as copies of generation_config.json exist that know only one of them.
_END_TOKENS = ("<|eot_id|>", "<|eom_id|>", "<|end_of_text|>", "<end_of_turn>", "<eos>", "<|im_end|>", "</s>")
_PAD_TOKENS = ("<|finetune_right_pad_id|>",)


@dataclass
class Base:
    """A model, its tokenizer, and the adapters on it; one of them, or none, is in use.

    Attributes:
        model: of transformers, in evaluation mode. Adapters are put into its layers and never merged into them.
        tokenizer: pads on the left.
        ends: how an answer ends.
        window: positions that the model knows; None where its configuration names no number.
    """

    model: Any
    tokenizer: PreTrainedTokenizerBase
    ends: Ends
    window: int | None
    _adapted: Any = None
    _keys: set[str] = field(default_factory=set)

    @contextlib.contextmanager
    def using(self, adapter: Adapter | None) -> Iterator[None]:
        """While it lasts, the model answers with this adapter, or as itself. Raises CaptionerError."""
        if adapter is None:
            with self._adapted.disable_adapter() if self._adapted is not None else contextlib.nullcontext():
                yield
            return
        if adapter.key not in self._keys:
            self._put(adapter)
        self._adapted.set_adapter(adapter.key)
        yield

    def _put(self, adapter: Adapter) -> None:
        adapter.check(self._size)
        with _told(f"the adapter {adapter.folder} cannot be loaded"), offline(), warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # what PEFT asks of transformers is theirs to settle
            from peft import LoraConfig, PeftModel, set_peft_model_state_dict
            from safetensors.torch import load_file

            settings = LoraConfig(
                task_type="CAUSAL_LM",
                inference_mode=True,
                target_modules=list(adapter.layers),
                r=adapter.rank,
                lora_alpha=adapter.alpha,  # type: ignore[arg-type]  # a fraction is as good
                rank_pattern=dict(adapter.ranks),
                alpha_pattern=dict(adapter.alphas),
                use_rslora=adapter.rank_stabilized,
                use_dora=adapter.dora,
                fan_in_fan_out=adapter.fan_in_fan_out,
                lora_bias=adapter.bias,
            )
            if self._adapted is None:
                self._adapted = PeftModel(self.model, settings, adapter_name=adapter.key)
            else:
                self._adapted.add_adapter(adapter.key, settings)
            tensors = load_file(adapter.folder / WEIGHTS)
            left: Any = set_peft_model_state_dict(self._adapted, tensors, adapter_name=adapter.key)
            if left.unexpected_keys:
                raise ValueError(f"the base model has no place for {left.unexpected_keys[0]}")
            self.model.requires_grad_(False).eval()
        self._keys.add(adapter.key)

    def _size(self, layer: str) -> tuple[int, int] | None:
        try:
            module = self.model.get_submodule(layer)
        except AttributeError:
            return None
        module = getattr(module, "base_layer", module)  # another adapter is on it already
        if hasattr(module, "in_features"):
            return module.in_features, module.out_features
        if hasattr(module, "nf"):  # GPT-2's transposed layers
            return module.nx, module.nf
        return None


def base(path: Path, placed: Placement) -> Base:
    """The model in a folder or GGUF file, loaded once while no other model is. Raises CaptionerError."""
    there: Base = loaded.held((__name__, path.resolve(), placed), lambda: _load(path, placed))
    return there


@functools.lru_cache(maxsize=4)
def tokenizer(path: Path) -> PreTrainedTokenizerBase:
    """The tokenizer beside a model. Raises CaptionerError."""
    model_folders.check(path)
    with _told(f"the tokenizer of {path} cannot be loaded"):
        declare_missing()
        with offline():
            from transformers import AutoTokenizer

            place, options = _place(path)
            return AutoTokenizer.from_pretrained(
                place, padding_side="left", trust_remote_code=False, local_files_only=True, **options
            )


def _load(path: Path, placed: Placement) -> Base:
    words = tokenizer(path)
    with _told(f"{path} cannot be loaded as a causal language model"):
        with offline(), _without_bars():
            from transformers import AutoModelForCausalLM

            place, options = _place(path)
            if model_folders.configuration(path).get("model_type") in _EAGER:
                options["attn_implementation"] = "eager"
            model = AutoModelForCausalLM.from_pretrained(
                place,
                dtype=placed.torch_dtype(),
                device_map={"": placed.device},
                quantization_config=_nf4(placed) if placed.quantization == "nf4" else None,
                use_safetensors=None if path.is_file() else True,
                trust_remote_code=False,
                local_files_only=True,
                **options,
            )
        model.requires_grad_(False).eval()  # type: ignore[no-untyped-call]
        ends = _ends(model, words)
    return Base(model, words, ends, getattr(model.config.get_text_config(), "max_position_embeddings", None))


def _place(path: Path) -> tuple[str, dict[str, Any]]:
    """What the library calls a folder, or a GGUF file."""
    return (str(path.parent), {"gguf_file": path.name}) if path.is_file() else (str(path), {})


def _nf4(placed: Placement) -> Any:
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(  # type: ignore[no-untyped-call]
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=placed.torch_dtype(),
    )


def _ends(model: Any, words: PreTrainedTokenizerBase) -> Ends:
    """Every token that may end an answer: the model's own, the tokenizer's, the template's, and known ones by name."""
    own = model.generation_config.eos_token_id
    control = {token.content: id for id, token in words.added_tokens_decoder.items() if token.special}
    stops = {*(own if isinstance(own, list) else [own]), words.eos_token_id, prompts.end_of_turn(words)}
    stops |= {control[name] for name in _END_TOKENS if name in control}
    known = frozenset(int(stop) for stop in stops if stop is not None)
    if not known:
        raise CaptionerError("nothing says by which token this model ends an answer")
    pad = words.pad_token_id
    if pad is None:
        pad = next((control[name] for name in _PAD_TOKENS if name in control), min(known))
    return Ends(known, int(pad), at_line_end=not words.chat_template)


@contextlib.contextmanager
def _without_bars() -> Iterator[None]:
    """The library's progress bars would be drawn over the run's."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]


@contextlib.contextmanager
def _told(what: str) -> Iterator[None]:
    """Whatever the libraries raise becomes a CaptionerError that begins with ``what``."""
    import torch

    try:
        yield
    except CaptionerError:
        raise
    except torch.OutOfMemoryError as error:
        raise CaptionerError(
            f"{what}: memory ran out; --quantization nf4 needs less, or choose another --device"
        ) from error
    except Exception as error:
        if "trust_remote_code" in str(error):
            raise CaptionerError(f"{what}: it needs code of its own, which is never run") from error
        raise CaptionerError(f"{what}: {' '.join(str(error).split())[:300]}") from error
