"""A WordNet of a few nouns in the format of the real one (wndb(5WN)), for NLTK's own reader."""

from __future__ import annotations

from pathlib import Path

SYNSETS = (("car", "auto", "motorcar"), ("pup", "whelp"), ("car", "gondola"))
_PARTS = ("noun", "verb", "adj", "adv")
_LICENCE = "  1 WordNet 3.0 Copyright: made up for a test  \n"


def write(folder: Path) -> Path:
    """``folder/corpora/wordnet``, made; NLTK finds it when ``folder`` is in ``nltk.data.path``."""
    place = folder / "corpora" / "wordnet"
    place.mkdir(parents=True)
    data, senses, index = _LICENCE, [], {}
    for synset in SYNSETS:
        offset = len(data)
        words = " ".join(f"{word} 0" for word in synset)
        data += f"{offset:08d} 04 n {len(synset):02x} {words} 000 | a gloss  \n"
        for word in synset:
            index.setdefault(word, []).append(offset)
            senses.append(f"{word}%1:04:{len(index[word]) - 1:02d}:: {offset:08d} {len(index[word])} 0\n")
    lines = [
        f"{word} n {len(at)} 0 {len(at)} 0 {' '.join(f'{offset:08d}' for offset in at)}  \n"
        for word, at in sorted(index.items())
    ]
    files = {f"{kind}.{part}": _LICENCE for kind in ("data", "index") for part in _PARTS}
    files |= {f"{part}.exc": "" for part in _PARTS} | {"noun.exc": "puppis pup\n"}
    files |= {"data.noun": data, "index.noun": _LICENCE + "".join(lines), "index.sense": "".join(sorted(senses))}
    files |= {"cntlist.rev": "", "lexnames": "".join(f"{i:02d}\tname.{i}\t1\n" for i in range(45))}
    for name, text in files.items():
        (place / name).write_text(text)
    return place
