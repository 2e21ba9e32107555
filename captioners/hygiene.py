"""What is cut from a model's text before it is scored: named rules, each of which is recorded when it cuts something.

The raw text is kept beside the caption. What no rule knows, such as an echo of the prompt or SVG code, stays and is
counted by the metrics engine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

VERSION = 1

_TURN = re.compile(
    r"<\|(?:eot_id|eom_id|end_of_text|im_end|endoftext|start_header_id)\|>.*|<(?:end|start)_of_turn>.*|</s>.*"
    r"|\n[^\S\n]*(?:user|assistant|model|system)[^\S\n]*(?::|\n).*",
    re.DOTALL,
)
_ROLE = re.compile(r"(?:<\|start_header_id\|>)?(?:assistant|model)(?:<\|end_header_id\|>|[^\S\n]*[:\n])")
_PREAMBLE = re.compile(
    r"(?:(?:sure|certainly|of course|okay|ok)\b[^\n:]{0,20}[!,.:]?\s{0,4})?\*{0,2}"
    r"(?:here(?:'s|’s| is| are)\b[^\n:]{0,40}\b(?:caption|description|answer|sentence|summary)s?\b[^\n:]{0,60}"
    r"|(?:the |a |my |short |one-sentence ){0,4}(?:caption|description|answer|output)(?: for (?:the|this) \w+)?"
    r"(?: is| would be)? ?)\*{0,2}:\*{0,2}",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"(?:\"([^\"\n]*)\"|“([^”\n]*)”|'([^'\n]*)'|\*\*([^*\n]*)\*\*)")
_QUESTION = re.compile(r"\n[^\S\n]*Question:.*", re.DOTALL)


def _thought(text: str) -> str:
    """What follows the thoughts that the text begins with; all of it where they do not end."""
    if not text.startswith("<think>"):
        return text
    _, ended, answer = text.partition("</think>")
    return answer if ended else text


def _role(text: str) -> str:
    opened = _ROLE.match(text)
    return _TURN.sub("", text[opened.end() :] if opened else text, count=1)


def _fence(text: str) -> str:
    """What stands between the fence that the text begins with and the next one."""
    if not text.startswith("```"):
        return text
    opening, newline, rest = text[3:].partition("\n")
    named = not opening.strip() or opening.strip().isalnum()  # the language: what follows is on lines of its own
    return (rest if newline and named else text[3:]).partition("```")[0]


def _preamble(text: str) -> str:
    found = _PREAMBLE.match(text)
    rest = text[found.end() :] if found else text
    return rest if rest.strip() else text


def _quotes(text: str) -> str:
    quoted = _QUOTED.fullmatch(text)
    return next(part for part in quoted.groups() if part is not None) if quoted else text


RULES: dict[str, Callable[[str], str]] = {
    "thinking": _thought,  # "<think>…</think>"
    "role-tag": _role,  # "assistant\n…", and whatever follows the end of the answer's turn
    "next-question": lambda text: _QUESTION.sub("", text, count=1),  # CogVLM chat goes on asking itself
    "preamble": _preamble,  # "Here is a caption:"
    "code-fence": _fence,
    "quotes": _quotes,
}
"""Rule -> what it leaves of a text; they apply in this order."""


def clean(raw: str, rules: Sequence[str] = tuple(RULES)) -> tuple[str, tuple[str, ...]]:
    """The caption in a model's text, without white space around it, and the rules that cut something, in order."""
    text, cut = raw.strip(), []
    for name, rule in RULES.items():
        if name in rules and (left := rule(text).strip()) != text:
            text = left
            cut.append(name)
    return text, tuple(cut)
