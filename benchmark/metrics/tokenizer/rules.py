"""What is a token: the rules of the Penn Treebank tokenizer of Stanford CoreNLP 3.4.1, by precedence.

At every place the rule that matches longest wins, what it looks ahead at included; of equally long ones the first.
Only the match itself is consumed. The dialect of the expressions is that of :mod:`.expressions`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from benchmark.metrics.tokenizer import abbreviations, characters, printing


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of token.

    Attributes:
        expression: what is consumed.
        ahead: what must follow.
        tokens: how the consumed text is printed, before it is lower-cased.
    """

    expression: str
    ahead: str = ""
    tokens: printing.Printer = printing.as_it_is


def _capitalized(words: str) -> str:
    """The first letter of each word as it stands, the others of any case."""
    return re.sub(r"(\w)(\w*)", r"\1(?i:\2)", words)


_FILE_TYPES = (
    "bat|bmp|c|class|cgi|cpp|dll|doc|docx|exe|gif|gz|h|htm|html|jar|java|jpeg|jpg|mov|mp3|pdf|php|pl|png|ppt|ps|py|sql|"
    "tar|txt|wav|x|xml|zip"
)

# What the rules refer to. Apostrophes, quotation marks and dashes of Windows-1252 count, too: \x91 to \x97.
NAMES = {
    "letter": f"[{characters.LETTERS}]",
    "digit": f"[{characters.DIGITS}]",
    "an": f"[{characters.LETTERS}{characters.DIGITS}]",
    "capital": f"[{characters.CAPITALS}]",
    "symbol": f"[{characters.SYMBOLS}]",
    "blank": f"[{characters.BLANKS}]",
    "gap": f"[{characters.BLANKS}\\n\\x85]",
    "any": r"[\s\S]",
    "apostrophe": "['\u2019\x92]|(?i:&apos;)",
    "quote": "['`\u2018\u2019\x91\x92\u201b]|(?i:&apos;)",
    # A word: letters and digits, also behind one of the marks that end a sentence.
    "l": f"[{characters.LETTERS}{characters.MARKS}\xad]|(?i:&[aeiou](acute|grave|uml);)",
    "ld": "{l}|{digit}",
    "word": "{l}{ld}*([.!?]{l}{ld}*)*",
    "clitic": "{apostrophe}(?i:[smd]|re|ve|ll)",
    "not": "(?i:n{quote}t)",
    # Words joined by hyphens or underscores, by signs, by slashes.
    "part": "((?i:[dol]){quote}{an})?{an}+",
    "run": "{part}([-_\u058a\u2010\u2011]{part})*",
    "and": "[A-Z]+(([+&]|(?i:&amp;))[A-Z]+)+",
    "dotted_run": r"[A-Za-z0-9][A-Za-z0-9.,\xad]*(-([A-Za-z0-9\xad]+|([A-Za-z]\.){2,}))+",
    "slash": r"\\?/",
    "slashed": r"[A-Za-z0-9]+(-[A-Za-z]+){0,2}",
    # Tags of markup, and addresses.
    "name": r"[A-Za-z][A-Za-z0-9_:.\-]*",
    "attribute": r""" +{name}( *= *("[^"\n]*"|'[^'\n]*'))?""",
    "tag": r"<{name}{attribute}* */?>|</{name} *>|<[!?][A-Za-z\-][^>\n]*>",
    "path": r'/[^ \t\n"<>|()]+[^ \t\n"<>|.!?(){},\-]',
    # Numbers.
    "separated": r"[.:,\xad\u066b\u066c]{digit}+",
    "number": r"[+\-]?({digit}+{separated}*|{separated}+)",
    "group": "[0-9]{2,4}[\\- \xa0]",
    # Abbreviations, and what else a dot belongs to.
    "ending": f"(?i:{abbreviations.ENDINGS})|{_capitalized(abbreviations.CAPITALIZED_ENDINGS)}|[Pp]t[ye][Ss]?",
    "title": f"(?i:{abbreviations.TITLES})|[Mm][ft][Gg]",
    "numbered": f"(?i:{abbreviations.NUMBERED})",
    "starter": _capitalized(abbreviations.STARTERS) + r"|M(?i:[rs])\.",
    "extension": f"(?i:{_FILE_TYPES})",
    # Smileys, the second kind of which is ^_^.
    "eyes": r"[<>]?[:;=][\-o*']?",
    "cheek": r"[\-\^x=~<>']",
}

_WORDS = [
    Rule("{blank}+", tokens=printing.always()),
    Rule("{tag}"),
    # Two words in one, then words with an apostrophe: before a clitic, and those that keep it.
    Rule("(?i:can)", "(?i:not)"),
    Rule("(?i:gon|wan)", "(?i:na)"),
    Rule("(?i:got)", "(?i:ta)"),
    Rule("(?i:lem|gim)", "(?i:me)"),
    Rule("(?i:'t)", "(?i:is|was)"),
    Rule("[Mm]ore", "'n"),
    Rule("{word}", "{clitic}", printing.word),
    Rule(r"[A-Za-z\xad]*[A-MO-Za-mo-z\xad]", "{not}", printing.word),
    Rule("{apostrophe}(?i:n){apostrophe}?"),
    Rule("(?i:[ldj]|ol|dunkin|somethin){apostrophe}"),
    Rule("{apostrophe}(?i:em|till?|cause|[2-9]0s)"),
    Rule("[A-HJ-XZn]{quote}{letter}{2,}"),
    Rule("{letter}+[aeiouyAEIOUY]{quote}[aeiouA-Z]{letter}*"),
    Rule("(?i:o{quote}o|cap{apostrophe}n|nor'easter|c'mon|c{apostrophe}est|e'er|s'mores|ev'ry|li'l|nat'l|cont'd\\.)"),
    Rule("(?i:y){apostrophe}", "{letter}"),
    Rule("{apostrophe}[0-9]{2}", "{gap}"),
    Rule("{word}", tokens=printing.word),
]

# Of the web, with and without a scheme; of mail; names and tags of social networks.
_ADDRESSES = [
    Rule(r'(?i:https?)://[^ \t\n"<>|(){}]+[^ \t\n"<>|.!?(){},\-]'),
    Rule(r'(?i:www\.)([^ \t\n"<>|.!?(){},]+\.)+[A-Za-z]{2,4}{path}?'),
    Rule(r"""([^ \t\n"`'<>|.!?(){},-_$]+\.)+(?i:com|net|org|edu){path}?"""),
    Rule('(<|(?i:&lt;))?[A-Za-z0-9][^ \\t\\n\xa0"<>|(){}]*@([^ \\t\\n\xa0"<>|(){}.]+\\.)*[^ \\t\\n\xa0"<>|(){}.]+>?'),
    Rule("@[A-Za-z_][A-Za-z0-9_]*"),
    Rule("#{l}+"),
]

_CLITICS = [
    Rule("'(?i:[smd]|re|ve|ll)", r"[^A-Za-z]", printing.clitic),
    Rule("([\u2019\x92]|(?i:&apos;))(?i:[smd]|re|ve|ll)", tokens=printing.clitic),
    Rule("{not}", tokens=printing.clitic),
]

# Dates, numbers, fractions, currency, telephone numbers (and any other groups of digits that look like one).
_NUMBERS = [
    Rule("{digit}{1,2}[-/]{digit}{1,2}[-/]{digit}{2,4}"),
    Rule("{number}", tokens=printing.word),
    Rule(r"({digit}{1,4}[- \xa0])?{digit}{1,4}(\\?/|[\u2044]){digit}{1,4}"),
    Rule(f"[{''.join(printing.FRACTIONS)}]", tokens=printing.fraction),
    Rule(r"[A-Z]*\$|#"),
    Rule(f"[{''.join(printing.MONEY)}]", tokens=printing.money),
    Rule(
        r"(\([0-9]{2,3}\)[ \xa0]?|(\+\+?)?{group}?{group})[0-9]{3,4}[- \xa0]?[0-9]{3,5}",
        tokens=printing.brackets,
    ),
    Rule(r"(\+\+?)?([0-9]{2,4}\.)?[0-9]{2,4}\.[0-9]{3,4}\.[0-9]{3,5}"),
]

# Words that keep their dot because of what follows.
_DOTS = [
    Rule(r"{ending}\.", "{gap}({gap}|{capital}|{tag})", printing.end_of_sentence),
    Rule(r"{ending}\.", "{any}{any}"),
    Rule(r"({word}|{run}|{and}|{dotted_run})\.", "[,;:\u3001]", printing.word),
]

# Words joined by other marks than an apostrophe, and abbreviations.
_JOINED = [
    Rule("(?i:-[lr][rsc]b-)"),
    Rule("@+"),
    Rule("{run}", tokens=printing.word),
    Rule("(?i:pro|anti)-"),
    Rule("{dotted_run}", tokens=printing.word),
    Rule(r"[A-Za-z]\.", "{gap}+({starter}|{tag}){gap}", printing.without_dot),
    Rule(r"[A-Za-z](\.[A-Za-z])+\.", "{gap}+({starter}|{tag}){gap}", printing.end_of_sentence),
    Rule(r"([A-Za-z]\.)+"),
    Rule(r"{title}\."),
    Rule(r"{numbered}\.", "{gap}?{digit}"),
    Rule("{slashed}({slash}{slashed}){1,2}"),
    Rule("{and}", tokens=printing.word),
    Rule(r"{ld}+(\.{ld}+)*\.{extension}", "{gap}|[.?!,]"),
    Rule(r"(?i:[cf]#|c\+\+|w/o)"),
]

# Brackets, smileys, dots, dashes, quotation marks, and every other character that is a token.
_MARKS = [
    Rule(r"[()[\]{}]", tokens=printing.brackets),
    Rule(r"{eyes}[()DPdpO\\{@|[\]]", "[^A-Za-z0-9]", printing.round_brackets),
    Rule(r"{cheek}_{cheek}|\({cheek}[_.\-]?{cheek}\)", tokens=printing.round_brackets),
    Rule(r"\.{3,5}|\.( \.){2,4}|[\u2026\x85]", tokens=printing.always("...")),
    Rule(r"[?!]+|\*+|_+|#+|(\\\*){1,3}|<<|>>|-|-{5,}"),
    Rule(r"-{2,4}|[\u2013\u2014\u2015\x96\x97]", tokens=printing.always("--")),
    Rule("(?i:&(amp|lt|gt|nbsp|md|mdash|ndash);)", tokens=printing.entity),
    Rule("&(#[0-9]+|(?i:cdq|ht|lr|odq|qc|ql|qr|tl|ur));"),
    Rule(r"\"|&quot;", "[A-Za-z0-9$]", printing.always("``")),
    Rule(r"\"|&quot;", tokens=printing.always("''")),
    Rule("''|``"),
    Rule(f"[{''.join(printing.QUOTES)}]{{1,2}}", tokens=printing.quotes),
    Rule("'", r"[A-Za-z][^ \t\n\xa0]", printing.always("`")),
    Rule("{apostrophe}", tokens=printing.clitic),
    Rule("(?i:&quot;)"),
    Rule(r"[.,;:/\\|~^=+%&<>]|{symbol}"),
]

RULES = (*_WORDS, *_ADDRESSES, *_CLITICS, *_NUMBERS, *_DOTS, *_JOINED, *_MARKS)
