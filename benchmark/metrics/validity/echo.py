"""The prompt, or parts of it, in the caption: decoded with the answer, or repeated by the model."""

from __future__ import annotations

import re

_MARKERS = re.compile(
    r"<\|[a-z_]{2,30}\|>|</?(?:start_of_turn|end_of_turn|bos|eos|pad|unk)>|\[/?INST\]|<</?SYS>>"
    r"|^#{2,4} ?(?:Instruction|Response|Input|Output|User|Assistant|System)s?\b ?:?"
    r"|\A\s*<s>|</s>\s*\Z",
    re.IGNORECASE | re.MULTILINE,
)
# A role on a line of its own with text below, as chat templates set it; glued to what stood before where the
# markers between were left out of the decoded text.
_ROLE_LINE = re.compile(
    r"(?:^[ \t]{0,8}(?:system|user|assistant|human|model)|[^\s\w]assistant) ?:?[ \t]{0,8}\n\s*\S", re.M | re.I
)
_ROLE_FIRST = re.compile(r"\s*(?:system|user|assistant|human|bot)\s?:\s?\w", re.IGNORECASE)
_THING = r"(?:svgs?|images?|pictures?|drawings?|icons?|graphics?|following|xml|code)"
_TEXT = r"(?:captions?|descriptions?|alt text)"
_INSTRUCTION = (
    rf"(?:please )?(?:(?:describe|explain|analy[sz]e|summari[sz]e|caption) (?:this|these|the|in|what|a|an|it)\b"
    rf"[^.\n]{{0,60}}?\b{_THING}\b"
    rf"|(?:write|generate|provide|give|create|produce)(?: me)? (?:a|an|the|one|only|just)\b[^.\n]{{0,60}}?\b{_TEXT}\b"
    rf"|what (?:does|do|is|are) (?:this|the|in the|shown)\b[^.\n]{{0,40}}?\b{_THING}\b"
    rf"|you are (?:an? )?[^.\n]{{0,30}}?\b(?:assistant|expert|model|captioner|writer|researcher|artist|designer)\b"
    rf"|your task is\b|cutting knowledge date\b|today date:)"
)
_FIRST = re.compile(rf"\W{{0,4}}(?:(?:system|user|human)\b\W{{0,4}})?{_INSTRUCTION}", re.IGNORECASE)
_LATER = re.compile(
    r"(?:[.:!?>\"]\s{1,3}|\n\s{0,3}|\b(?:user|system)\s{1,2})(?:please )?"
    rf"(?:describe (?:this|the(?: following| above| given)?|in detail (?:this|the)) {_THING}\b"
    rf"|(?:write|generate|provide) (?:a|an|the|one)\b[^.\n]{{0,40}}?\b{_TEXT}\b"
    r"|you are (?:an? )?[^.\n]{0,30}?\b(?:assistant|expert|captioner|writer|researcher|designer)\b)",
    re.IGNORECASE,
)
_CUE = re.compile(
    r"\W{0,4}(?:caption|description|answer|response|output|svg code|svg|question)\s?\*{0,2}:\*{0,2}\s", re.IGNORECASE
)
_RUN = 6
_SHORTEST = 3


def prompt_echo(caption: str) -> bool:
    """Marks of a chat or of an instruction, whatever the prompt was.

    Finds roles ("user … assistant", "Assistant:"), template tokens ("<|eot_id|>", "[INST]"), instructions at the
    beginning or as a sentence ("Describe this SVG", "You are an expert") and the cue before an answer ("Caption:").
    Not a drawing of a user, an assistant or a model ("user", "a user with a key"), not a description of code ("The SVG
    describes a star").
    """
    return bool(
        _FIRST.match(caption)
        or _CUE.match(caption)
        or _ROLE_FIRST.match(caption)
        or _ROLE_LINE.search(caption)
        or _MARKERS.search(caption)
        or _LATER.search(caption)
    )


class KnownPrompt:
    """Tells captions that repeat a known prompt.

    Args:
        prompt: the text around the drawing that the captioner was given, "" for unknown.
    """

    def __init__(self, prompt: str) -> None:
        words = _words(prompt)
        self._length = min(_RUN, len(words))
        self._runs = set(_runs(words, self._length)) if len(words) >= _SHORTEST else set()

    def is_echoed(self, caption: str) -> bool:
        """Six words of the prompt in a row (all of a shorter prompt; of less than three words nothing).

        Case and punctuation make no difference. Not single words or phrases that both happen to use.
        """
        return bool(self._runs) and any(run in self._runs for run in _runs(_words(caption), self._length))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _runs(words: list[str], length: int) -> list[tuple[str, ...]]:
    return [tuple(words[i : i + length]) for i in range(len(words) - length + 1)]
