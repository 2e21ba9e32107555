"""CogVLM (Wang et al. 2023, "CogVLM: Visual Expert for Pretrained Language Models"), written against its weights.

The published checkpoints bring Python code of their own, which current libraries cannot run and which nobody should
have to trust. Parameters bear the names of those checkpoints.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from captioners.checkpoints import Checkpoint, located
from captioners.cogvlm.cache import KeyValueCache
from captioners.cogvlm.config import CogVLMConfig, read_config
from captioners.cogvlm.experts import Routing
from captioners.cogvlm.language import Layer, Pass, RmsNorm, Visibility
from captioners.cogvlm.loading import Quantization, load_weights
from captioners.cogvlm.positions import position_ids, rotation
from captioners.cogvlm.token_types import IMAGE
from captioners.cogvlm.vision import VisionModel


@dataclass(frozen=True, slots=True, eq=False)
class Output:
    """Attributes:
    logits: ``[b, t, vocabulary]`` in float32; those at padding mean nothing.
    """

    logits: Tensor


class CogVLMForCausalLM(nn.Module):
    """The whole model, for inference."""

    def __init__(self, config: CogVLMConfig) -> None:
        super().__init__()
        self.config = config
        self.model = CogVLMModel(config)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)

    @classmethod
    def from_pretrained(
        cls,
        directory: str | Path,
        *,
        dtype: torch.dtype | None = None,
        device: str | torch.device = "cpu",
        quantization: Quantization | None = None,
    ) -> CogVLMForCausalLM:
        """Load a checkpoint: ``config.json`` and safetensors, in one file or in shards with an index.

        Args:
            directory: of the checkpoint.
            dtype: of the parameters and of the computation; None for that of the checkpoint.
            device: where the model goes, shard by shard: it exists once in memory.
            quantization: "nf4" for 4 bits in all linear layers but the last one; needs bitsandbytes.

        Raises:
            CaptionerError: the directory does not hold exactly the tensors of the model that its config describes.
        """
        directory = located(Checkpoint(str(directory), local=True)) or Path(directory)
        config = read_config(directory)
        with torch.device("meta"):
            model = cls(config)
        load_weights(model, directory, dtype=dtype, device=torch.device(device), quantization=quantization)
        return model.eval()

    @property
    def dtype(self) -> torch.dtype:
        """Of the computation."""
        return self.lm_head.weight.dtype

    @property
    def device(self) -> torch.device:
        return self.lm_head.weight.device

    def forward(
        self,
        input_ids: Tensor,
        token_type_ids: Tensor | None = None,
        images: Tensor | None = None,
        attention_mask: Tensor | None = None,
        cache: KeyValueCache | None = None,
    ) -> Output:
        """Logits at every token.

        Args:
            input_ids: ``[b, t]``; ids at image tokens do not matter.
            token_type_ids: ``[b, t]``, 1 for image tokens, 0 for text and padding; None for text alone.
            images: ``[k, 3, s, s]``, the pictures of the k rows that have one, in the order of the rows; each takes
                ``config.vision.tokens`` image tokens of its row.
            attention_mask: 0 for padding, ``[b, t]``; with what the cache holds, ``[b, cache.length + t]``. Pad on
                the left: a picture that ends its row is not recognised as ended in front of padding.
            cache: what was read before these tokens, which must be text then; gets these tokens.

        Raises:
            ValueError: pictures and image tokens do not match.
        """
        hidden = self.model(input_ids, token_type_ids, images, attention_mask, cache)
        return Output(self.lm_head(hidden).float())

    def next_logits(
        self,
        input_ids: Tensor,
        token_type_ids: Tensor | None = None,
        images: Tensor | None = None,
        attention_mask: Tensor | None = None,
        cache: KeyValueCache | None = None,
    ) -> Tensor:
        """As :meth:`forward`, but only what follows the last token of each row, ``[b, vocabulary]``."""
        hidden = self.model(input_ids, token_type_ids, images, attention_mask, cache)
        logits: Tensor = self.lm_head(hidden[:, -1]).float()
        return logits


class CogVLMModel(nn.Module):
    """Everything but the last linear layer."""

    def __init__(self, config: CogVLMConfig) -> None:
        super().__init__()
        self.config = config
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.vision = VisionModel(config)
        self.layers = nn.ModuleList(Layer(config, index) for index in range(config.num_hidden_layers))
        self.norm = RmsNorm(config.hidden_size, config.rms_norm_eps)

    def forward(
        self,
        input_ids: Tensor,
        token_type_ids: Tensor | None,
        images: Tensor | None,
        attention_mask: Tensor | None,
        cache: KeyValueCache | None,
    ) -> Tensor:
        """Hidden states ``[b, t, hidden]``; arguments as in :meth:`CogVLMForCausalLM.forward`."""
        read = cache.length if cache is not None else 0
        if attention_mask is None:
            attention_mask = torch.ones_like(input_ids[:, :1]).expand(-1, read + input_ids.shape[1])
        if token_type_ids is None:
            token_type_ids = torch.zeros_like(input_ids)
        if cache is not None and read:
            positions = cache.positions[:, None] + 1 + torch.arange(input_ids.shape[1], device=input_ids.device)
        else:
            positions = position_ids(token_type_ids, attention_mask)
        x = self._embed(input_ids, token_type_ids, images)
        during = Pass(
            Routing.of(token_type_ids),
            *rotation(positions, self.config.head_dim, x.dtype),
            Visibility.of(attention_mask, queries=input_ids.shape[1]),
            cache,
        )
        for layer in self.layers:
            x = layer(x, during)
        if cache is not None:
            cache.advance(positions)
        normed: Tensor = self.norm(x)
        return normed

    def _embed(self, input_ids: Tensor, token_type_ids: Tensor, images: Tensor | None) -> Tensor:
        """Embeddings of the tokens; image tokens get what the vision model makes of the pictures."""
        x: Tensor = self.embed_tokens(input_ids)
        image = token_type_ids == IMAGE
        per_row, tokens = image.sum(dim=1), self.config.vision.tokens
        pictures = 0 if images is None else len(images)
        if not bool(((per_row == 0) | (per_row == tokens)).all()) or int((per_row > 0).sum()) != pictures:
            raise ValueError(
                f"{pictures} picture{'s' if pictures != 1 else ''} of {tokens} tokens each for rows with "
                f"{per_row.tolist()} image tokens"
            )
        if images is None:
            return x
        features = self.vision(images.to(x.dtype))
        return x.masked_scatter(image[..., None], features)
