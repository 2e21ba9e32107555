"""Which expert a token goes to: CogVLM has every linear layer twice, for text and for pictures."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from captioners.cogvlm.token_types import IMAGE


@dataclass(frozen=True, slots=True, eq=False)
class Routing:
    """Tokens by expert, as indices into the ``b * t`` tokens of a batch. It is computed once for all layers.

    Attributes:
        vision: for the vision experts; often none: pictures stand in the prompt only.
        language: for the language experts; never none.
    """

    vision: Tensor
    language: Tensor

    @classmethod
    def of(cls, token_type_ids: Tensor) -> Routing:
        """A token is for the vision experts if it and the next one belong to a picture.

        So what begins a picture and all patches go there, but not what ends it. ``token_type_ids`` is ``[b, t]``;
        padding is text.
        """
        image = token_type_ids == IMAGE
        vision = image.roll(-1, dims=1) & image
        vision[:, -1] = False
        return cls(vision.flatten().nonzero()[:, 0], (~vision).flatten().nonzero()[:, 0])

    def apply(self, x: Tensor, vision: nn.Module, language: nn.Module) -> Tensor:
        """``[b, t, h]`` to ``[b, t, any]``: every token through its expert, and through no other."""
        if not len(self.vision):
            of_text: Tensor = language(x)
            return of_text
        tokens = x.flatten(0, 1)
        of_text = language(tokens[self.language])
        result = of_text.new_empty(len(tokens), of_text.shape[-1])
        result[self.language] = of_text
        result[self.vision] = vision(tokens[self.vision])
        return result.view(*x.shape[:2], -1)
