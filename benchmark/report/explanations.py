"""What flags and problems mean, for a reader who meets them for the first time."""

from __future__ import annotations

import re

from benchmark.metrics.validity import FAILED, ONE_TEXT

PROBLEMS = {
    FAILED: "rendering or captioning raised an error; it is scored as an empty caption",
    "empty": "the captioner said nothing",
    "error text": "the text of an error in the place of a caption",
    "refusal": "the captioner says that it cannot caption the drawing",
    "prompt echo": "holds parts of what the captioner was asked, or the roles of a chat",
    "svg code": "holds tags, attributes or style declarations of SVG",
    "path data": "holds the coordinates of a path",
    "colour code": "holds a colour as a file writes it",
    "file name": "holds the name of a file, or a web address",
    "cut in front": "its beginning is missing",
    "cut at end": "its end is missing: it stops in the middle, or the limit of tokens ended it",
    "looping": "says the same thing over and over",
    "other script": "most of its letters are of a script that the references do not use",
    "other language": "is in another language than the references",
    ONE_TEXT: "the captioner gives the same text to many drawings; no single caption is wrong for that",
}
"""Kind of problem (:mod:`benchmark.metrics.validity`) -> what is wrong with a caption that has it."""

DRAWINGS = {
    "not drawn": "no renderer could draw it",
    "blank": "nothing can be seen in the picture",
    "repaired": "the SVG is broken and was mended before it was drawn",
    "doubtful": "something in the SVG may not look as its author meant it, and was left",
}
"""What there is to say of a drawing -> what it means."""

# Flags of rows that are not counts of problems, by what their text holds.
_ROWS = {
    r"^coverage$": "the share of samples that were answered; a missing answer counts as an empty caption",
    r"blank renders": "drawings in whose pictures nothing can be seen; the captioner saw an empty canvas",
    r"repaired drawings": "drawings whose SVG is broken and was mended before the captioner saw it",
    r"doubtful drawings": "drawings that may not look as their authors meant them",
    r"drawn by ": "pictures of different renderers: they may differ in details",
    r"^captions cleaned of ": "a named rule (captioners/hygiene.py) cut what is no caption; the raw text is kept",
    r"^drawings shortened": "their code does not fit into the model's context: elements that show least were left out",
    r"one reference fewer": "its captions are references themselves and are scored against the others; with fewer "
    "references scores are lower, so it may stand below its due",
    r"^same captions as ": "word for word: one model under two names, or a mistake",
    r"to four digits": "different captions rarely have equal scores: numbers may have been copied",
    r"is off the scale": "the metric cannot give this number, so it is not ranked",
    r"drawings (are the same|have the outline)": "copies count twice, and what was learnt from is no test",
    r"^(references|samples) (are|begin|lack|have|stand)": "the data are scored as they are; doubtful references make "
    "doubtful scores",
    r"^not ranked: ": "its scores are not comparable with those of the other rows",
    r"captions over \d+ tokens": "CLIP reads no further; what a caption says after that does not count for CLIP Score",
    r"reference over \d+ tokens": "CLIP reads no further; what a reference says after that does not count for it",
    r"could not see": "drawings without a picture; CLIP Score counts 0 for them",
}


def split(flag: str) -> tuple[str, str]:
    """A flag of a row as its number or share, "" for none, and its kind: ``"352 empty (88.0%)"`` as two texts."""
    coverage = re.match(r"coverage ([\d.]+%)", flag)
    if coverage:
        return coverage[1], "coverage"
    counted = re.fullmatch(r"(\d+) (\S.*?)( \([\d.]+%\))?", flag)
    return (counted[1] + (counted[3] or ""), counted[2]) if counted else ("", flag)


def explain(kind: str) -> str:
    """What a kind of flag means; "" for one that is not known here, e.g. of a metric of another package."""
    if kind in PROBLEMS:
        return PROBLEMS[kind]
    return next((text for pattern, text in _ROWS.items() if re.search(pattern, kind)), "")
