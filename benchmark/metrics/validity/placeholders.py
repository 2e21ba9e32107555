"""Captions that are no answer: nothing at all, an error message, a placeholder, a refusal."""

from __future__ import annotations

import re
import unicodedata

_PLACEHOLDERS = re.compile(
    r"""\W{0,4}(?:
        n/?a | none | null | nan | nil | undefined | todo | tbd | placeholder | error | failed | failure | timeout
        | (?:the\s|a\s|no\s)?(?:captions?|descriptions?|outputs?|responses?|predictions?|answers?)
          \s(?:is\s|was\s|could\s|can\s|has\s)?(?:not\s|n't\s|un)?(?:be\s|been\s)?
          (?:available|generated|found|provided|given|possible)
        | no\s(?:captions?|descriptions?|outputs?|responses?|predictions?|answers?)
        | not\savailable | unavailable
        | (?:captioning|generation|inference|rendering|conversion)\s(?:failed|error)
        | (?:could\snot|couldn't|failed\sto|unable\sto)\s
          (?:generate|caption|describe|produce|load|render|process|parse|convert)\b[^\n]{0,80}
    )\W{0,4}""",
    re.IGNORECASE | re.VERBOSE,
)
# [GENERATION_FAILED], <NO CAPTION>, MODEL_ERROR: capitals where a caption has words.
_CAPITALS = re.compile(
    r"[\[<({*]{1,3}[A-Z][A-Z0-9 _:-]{2,60}[\])}>*]{1,3}|[A-Z][A-Z0-9]{1,20}(?:_[A-Z0-9]{1,20}){1,5}", re.ASCII
)
_FAILURE = re.compile(
    r"(?<![A-Z])(?:FAIL(?:ED|URE)?|ERROR|EMPTY|MISSING|NONE|NULL|TODO|SKIPPED|TIMEOUT|UNAVAILABLE|INVALID|NO|NA|OOM"
    r"|PLACEHOLDER|EXCEPTION|NAN)(?![A-Z])"
)
_RAISED = re.compile(
    r"\W{0,4}(?:(?:[A-Za-z_]{1,40}\.){0,5}[A-Z][A-Za-z]{0,40}(?:Error|Exception)|(?i:error|exception|fatal))"
    r"(?:\s\d{3})?\s?[:!(]"
)
_MACHINE = re.compile(
    r"Traceback \(most recent call last\)|\bCUDA (?:error|out of memory|driver)|\bout of memory\. Tried to allocate"
    r"|\bcublas\w{0,30}\b.{0,20}\berror\b|\bcuDNN error|device-side assert|\btorch\.Size\(|\bNCCL error"
    r"|\bexpected all tensors to be on\b|\bHTTP Error \d{3}|\bInternal Server Error\b|\bConnectionError\b"
    r"|\b(?:rate limit|context length|quota) exceeded\b",
    re.IGNORECASE,
)
_REFUSAL = re.compile(
    r"\W{0,4}(?:(?:i'?m|i am) sorry|sorry|i apologi[sz]e|unfortunately)\b[^.\n]{0,40}\b(?:i|we|but|can)\b"
    r"|\W{0,4}as an? (?:ai|artificial|large language|language model)\b"
    r"|\W{0,4}(?:unfortunately, )?i (?:can'?t|cannot|can not|am unable to|am not able to|do not have|don'?t have)\b"
    r"|\W{0,4}(?:please|could you)\s(?:please\s)?(?:provide|share|upload|paste|send)\b",
    re.IGNORECASE,
)
_BEGINNING = 300  # characters in which a refusal or the name of an error stands


def empty(caption: str) -> bool:
    """Nothing to read: blanks, punctuation, control and invisible characters.

    Not a single letter, digit or pictograph ("❤", "7"): those say something.
    """
    return not any(
        character.isalnum() or unicodedata.category(character) == "So"
        for character in caption
        if not character.isspace()
    )


def error_text(caption: str) -> bool:
    """An error message or what a program writes where a caption is missing.

    Finds "[GENERATION_FAILED]", "N/A", "caption not available", "Error: …", "RuntimeError: …", tracebacks and the
    messages of CUDA. Not a caption that shows an error: 'a window that says "error"', "an exclamation mark for an
    error", "a sign that says N/A".
    """
    said = caption.strip()
    if len(said) <= _BEGINNING and (_PLACEHOLDERS.fullmatch(said) or _is_in_capitals(said)):
        return True
    return bool(_RAISED.match(said) or _MACHINE.search(said))


def refusal(caption: str) -> bool:
    """The model says that it cannot, or asks for the drawing: "I'm sorry, but I can't", "As an AI", "Please provide".

    Only at the beginning; not a caption with an apology in it ("a card that says I'm sorry").
    """
    return bool(_REFUSAL.match(caption.strip()[:_BEGINNING].replace("’", "'")))


def _is_in_capitals(said: str) -> bool:
    if not _CAPITALS.fullmatch(said):
        return False
    return bool(_FAILURE.search(said))
