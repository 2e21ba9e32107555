"""Made-up lines that a tokenizer may stumble over: words, marks and odd characters in every neighbourhood."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

_VOCABULARY = r"""
a the dog cat Circle The He It red U.S. p.m. A.I. J. Mr. Mrs. Dr. St. vs. etc. Inc. Co. Jan. No. no. fig. Ph.D. can't
won't don't isn't it's John's dogs' they're I'd we'll you've 'tis 'twas cannot gonna wanna y'all o'clock O'Brien ma'am
rock'n'roll '90s 'em 'til ol' l'ete d'Arcy x-ray well-known black_and_white a--b and/or a/b/c AT&T R&B C++ C# w/o w/
http://a.b/c?d=e www.abc.com abc.org a@b.com @user #tag file.svg icon.png 5.html café naïve caf&eacute; na&iuml;ve
&Agrave; Straße 日本 مرحبا &amp; &lt; &quot; &nbsp; &#39; &apos;s <b> </b> <br/> <a href='x'> <path d="M0 0"/> <3 :) :-D
(^_^) -LRB- 1 12 1999 5pm 5:30 1,000 3.5 $5 $5.50 5% 50%-off 1/2 5 1/2 1\/2 12/25/2020 555-1234 (555) 123-4567 200 300
4000 10x10 3D #ff0000 rgb(0,0,0) 0.5 -5 +5 ½ £5 €5 5¢ US$ fill:none stroke-width M10,20 😀 ❤ ★ → ✓ 👨‍👩‍👧
"""
_WORDS = _VOCABULARY.split()
_MARKS = [
    *"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
    "...",
    "--",
    "''",
    "``",
    "??",
    ". . .",
    "**",
    "##",
    "```",
    "---",
    "-----",
]
_CURLY = list("‘’“”«»‹›–—…•·°×÷©®™€£¥¢½¼\xa0\xad\u200b\u200d\u2009\u3000\ufeff\ufe0f、。！？\x85\x92\x96")
_ASCII = [chr(code) for code in range(32, 127)]
_LETTERS = [*"abcdefghijklmnopqrstuvwxyz", *"ABCDEFGHIJKLMNOPQRSTUVWXYZ", *"0123456789"]


def _captions(draw: random.Random) -> str:
    """Words, mostly with blanks between them."""
    return "".join(draw.choice(_WORDS) + draw.choice([" "] * 8 + ["", *_MARKS]) for _ in range(draw.randint(1, 14)))


def _glued(draw: random.Random) -> str:
    """Words and marks without blanks."""
    pieces = [draw.choice(_WORDS if draw.random() < 0.5 else _MARKS) for _ in range(draw.randint(1, 6))]
    return "".join(pieces)


def _cut(draw: random.Random) -> str:
    """Halves of words, so that rules meet what they nearly match."""
    words = [draw.choice(_WORDS) for _ in range(draw.randint(1, 6))]
    return "".join(word[draw.randrange(len(word)) :] if draw.random() < 0.5 else word + " " for word in words)


def _curly(draw: random.Random) -> str:
    """Typographic marks, invisible characters and entities in and around words."""
    pool = [*_WORDS, *_CURLY, *_CURLY, *_MARKS, " ", " "]
    return "".join(draw.choice(pool) + draw.choice(["", "", " "]) for _ in range(draw.randint(1, 8)))


def _ascii(draw: random.Random) -> str:
    """Any printable characters of ASCII, letters and blanks more often."""
    pool = [*_ASCII, *_LETTERS, " ", " ", " ", ".", "-", "'"]
    return "".join(draw.choices(pool, k=draw.randint(1, 24)))


def _plane(draw: random.Random) -> str:
    """Words with characters of all of Unicode."""
    pieces = []
    for _ in range(draw.randint(1, 8)):
        code = draw.choice(
            [draw.randrange(0x80, 0x3000), draw.randrange(0x80, 0xD800), draw.randrange(0xE000, 0x20000)]
        )
        character = chr(code)
        pieces.append(
            draw.choice(["", " ", draw.choice(_WORDS)]) + (character if character not in "\u2028\u2029" else "")
        )
    return "".join(pieces)


# The pieces of one family of rules each: few, so that they meet in every order.
_FAMILIES = [
    [*"0123456789", *"-/.:,()+", " ", " ", "\xa0", "$", "½", "1/2", "12", "345", "6789", "\\/", "⁄", "٣", "\xad", "%"],
    [*"<>/=!?-", "a", "b5", "é", " ", " ", '"', "'", "href", ":", ".", "_", "</", "/>", "x", "&lt;", "&gt;", "\t"],
    [
        *".:/@,-_~?#",
        "http://",
        "https:",
        "www.",
        "com",
        "org",
        ".net",
        "a",
        "B",
        "xy",
        "5",
        " ",
        "é",
        "'",
        "|",
        "{",
        "&amp;",
    ],
    [
        "J.",
        "U.S.",
        "a.",
        "Mr.",
        "etc.",
        "Inc",
        "no.",
        "fig",
        ".",
        ".",
        " ",
        " ",
        " ",
        "The",
        "He",
        "x",
        "5",
        ",",
        ";",
        "\n",
    ],
    [
        *"'`\"‘’“”«»‹›„‚‛‟",
        "''",
        "``",
        "n",
        "s",
        "t",
        "ll",
        "re",
        "x",
        "O",
        "l",
        "d",
        "y",
        "a",
        "em",
        " ",
        " ",
        "&apos;",
    ],
    [
        *"-_./&+#,",
        "a",
        "B",
        "é",
        "5",
        "--",
        "U.S",
        "pro",
        "anti",
        " ",
        "\xad",
        "AT",
        "&amp;",
        "C",
        "w",
        "o",
        "lrb",
        "RSB",
    ],
    [*":;=<>()[]{}@|\\DPdpOo-*'^x~_.", " ", "a", "3"],
    [*".?!*_#-=~+", " ", "a", "…", "\x85", "—", "–", "5", ",", "\\*", "&#39;", "&mdash;", "&nbsp;", "&", ";", "amp"],
]


def _families(draw: random.Random) -> str:
    """The pieces of one family of rules."""
    return "".join(draw.choices(draw.choice(_FAMILIES), k=draw.randint(1, 12))).replace("\n", " ")


# Repeated without end, these make a scanner that reads too far ahead read again and again.
HOSTILE = [
    *"aA5.-_ <>\"'&@#$!?/\\*:;=()[{|~^`+,%é日😀“…—½€\xad\x00\u0301\u200b\u3000\x85",
    *[
        "1/",
        "1-",
        "1 ",
        "1.",
        "1,",
        "12 345 ",
        "a.",
        "a-",
        "a_",
        "a'",
        "l'",
        "'s ",
        "n't",
        "J. ",
        "J.",
        "J. The ",
        "U.S. ",
    ],
    *[
        "etc. ",
        "no. ",
        "<a",
        "<a ",
        '<a b="',
        "<!a ",
        "</a ",
        "http://a",
        "www.a.",
        "a.com/",
        "a@",
        "a.b@",
        "a!b?",
        "&amp",
    ],
    *[
        "&#1",
        "A&",
        "a/",
        "a\\/",
        "-LRB",
        "pro-",
        "555-",
        ". ",
        ":-",
        "x_",
        "(^",
        "cannot",
        "ab,c-",
        "a😀",
        ".com",
        "1:",
    ],
    *["$A", "'em", "O'", "a'a", "a#b.c", "<a b='\"c", 'a.b@"'],
]

KINDS: dict[str, Callable[[random.Random], str]] = {
    "captions": _captions,
    "glued": _glued,
    "cut": _cut,
    "curly": _curly,
    "ascii": _ascii,
    "plane": _plane,
    "families": _families,
}


def lines(kind: str, count: int, seed: int) -> Iterator[str]:
    draw = random.Random(f"{kind} {seed}")
    return (KINDS[kind](draw) for _ in range(count))
