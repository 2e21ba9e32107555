"""Tiny random bases of the real classes, with a tokenizer of bytes, and examples for them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from captioners.language.cards import AdapterCard
from captioners.torchvision_operators import declare_missing
from captioners.training.base import Base
from captioners.training.config import TrainingConfig, load
from captioners.training.examples import Example

ARCHITECTURES = ("llama", "gemma2")
BOS, EOS, END, PAD = 256, 257, 258, 259
_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}{{ message['role'] + '\n' + message['content'] }}<end>{% endfor %}"
    "{% if add_generation_prompt %}assistant\n{% endif %}"
)


def model(
    architecture: str, *, layers: int = 2, hidden: int = 32, deviation: float = 0.1, vocabulary: int = 272
) -> Any:
    """A model whose weights are those of seed 0.

    The vocabulary fills whole vectors of a processor: the rest of one is computed with other roundings.
    """
    declare_missing()
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    torch.manual_seed(0)
    config = AutoConfig.for_model(
        architecture,
        vocab_size=vocabulary,
        hidden_size=hidden,
        intermediate_size=2 * hidden,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=hidden // 4,
        max_position_embeddings=2048,
        initializer_range=deviation,
        bos_token_id=BOS,
        eos_token_id=END,
        pad_token_id=PAD,
    )
    return AutoModelForCausalLM.from_config(config, attn_implementation="eager")


def base(architecture: str = "llama", **options: Any) -> Base:
    made = model(architecture, **options)
    card = AdapterCard(f"tiny {architecture}", "", "0", "abc", "none", "float32")
    return Base(made, None, f"tiny {architecture}", card, frozenset({END}), PAD)


def save(architecture: str, folder: Path, *, texts: Sequence[str] = (), **options: Any) -> Path:
    """A base as a folder, with a tokenizer: of bytes, and of pairs that the texts hold often."""
    declare_missing()
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=996 if texts else 256, initial_alphabet=alphabet, show_progress=False, special_tokens=[]
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_special_tokens([AddedToken(text, special=True) for text in ("<bos>", "<eos>", "<end>", "<pad>")])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<bos>", eos_token="<eos>", pad_token="<pad>", chat_template=_TEMPLATE
    )
    fast.save_pretrained(folder)
    made = model(architecture, vocabulary=-(-len(fast) // 16) * 16, **options)
    for settings in (made.config, made.generation_config):
        settings.bos_token_id, settings.eos_token_id = fast.bos_token_id, fast.convert_tokens_to_ids("<end>")
        settings.pad_token_id = fast.pad_token_id
    made.save_pretrained(folder)
    return folder


def examples(count: int, *, seed: int = 0, longest: int = 40) -> list[Example]:
    """Prompts of unequal lengths; what is learnt follows from the first token of each, and ends."""
    draw = random.Random(seed)
    made = []
    for number in range(count):
        prompt = [BOS, *(draw.randrange(256) for _ in range(draw.randint(4, longest)))]
        caption = [(prompt[1] + 7 * place) % 256 for place in range(draw.randint(3, 8))]
        made.append(Example(f"sample-{seed}-{number}", (*prompt, *caption, END), len(prompt)))
    return made


def config(preset: str = "cpu-demo", *overrides: str) -> TrainingConfig:
    """A preset for tests: without a warm-up, which would make the first step one of learning rate 0."""
    return load(preset, ["optimizer.warmup=0.0", *overrides])


class Notes:
    """A watcher that keeps what it is told.

    Attributes:
        said: notes, in order.
        done: steps that the task has seen.
    """

    def __init__(self) -> None:
        self.said: list[str] = []
        self.done = 0

    @contextmanager
    def task(self, description: str, total: int, done: int = 0) -> Iterator[Callable[[int], None]]:
        self.done = done

        def advance(steps: int) -> None:
            self.done += steps

        yield advance

    def note(self, message: str) -> None:
        self.said.append(message)
