"""What is asked about a drawing: the request of a chat completion."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from captioners.base import CaptionerError, Drawing
from captioners.prompts import PICTURE_INSTRUCTION, question
from captioners.svg_text import SvgText, SvgTextOptions, fit, simplify

if TYPE_CHECKING:
    from PIL import Image

    from captioners.served.replies import Refused

PICTURE_SIDE = 512  # pixels
SVG_TEXT = SvgTextOptions()

# Of the characters of a drawing that was too long. How many tokens it makes of them the server alone knows; what is
# still too long it refuses at once.
_SHORTER = 0.8


@dataclass(frozen=True, slots=True)
class Question:
    """One drawing as it is shown to a server.

    Attributes:
        id: of the drawing.
        content: of the user's message.
        svg: the drawing, where it is shown as text.
    """

    id: str
    content: str | list[dict[str, Any]]
    svg: SvgText | None = None

    @property
    def dropped(self) -> int:
        """Elements of the drawing that are not shown."""
        return 0 if self.svg is None else self.svg.dropped

    def shorter(self) -> Question:
        """The same with fewer elements of the drawing. Raises CaptionerError when none would be left."""
        shorter = self.svg and fit(self.svg, len, int(len(self.svg.text) * _SHORTER))
        if not (shorter and shorter.elements):
            raise CaptionerError("the drawing does not fit with any of its elements")
        return _with_text(self.id, shorter)

    def request(self, model: str, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The body of a chat completion."""
        return {"model": model, "messages": [{"role": "user", "content": self.content}], **settings}


def about(drawing: Drawing) -> Question:
    """Shows the picture of a drawing that has one, else its text."""
    if drawing.image is None:
        return _with_text(drawing.id, simplify(drawing.svg, SVG_TEXT))
    picture = {"type": "image_url", "image_url": {"url": _data_url(drawing.image)}}
    return Question(drawing.id, [{"type": "text", "text": PICTURE_INSTRUCTION}, picture])


def settings(max_new_tokens: int) -> dict[str, Any]:
    """How captions are generated: greedily, as far as a server can be told."""
    return {"max_tokens": max_new_tokens, "temperature": 0, "seed": 0}


def conceded(asked: Mapping[str, Any], refused: Refused) -> dict[str, Any] | None:
    """Settings without the one that the server names as wrong; None when it names none of them.

    Newer models of OpenAI want the bound under another name and choose their temperature themselves; not every server
    knows a seed.
    """
    named = next((name for name in asked if name in refused.parameter), None)
    if refused.status not in (400, 422) or named is None or named == "max_completion_tokens":
        return None
    left = {name: value for name, value in asked.items() if name != named}
    return left | ({"max_completion_tokens": asked[named]} if named == "max_tokens" else {})


def _with_text(id: str, svg: SvgText) -> Question:
    return Question(id, question(svg.text)["content"], svg)


def _data_url(image: Image.Image) -> str:
    file = io.BytesIO()
    image.save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
