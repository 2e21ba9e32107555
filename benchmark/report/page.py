"""The page: one HTML file that needs nothing else and lets nothing else in.

Whatever comes from data is either escaped by the template, or is JSON that the script sets as the text of nodes. The
policy in the page's head names the hashes of its own style and script, so that a browser runs no other, and allows no
address but those of pictures in the page itself.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from benchmark.report import charts, gallery, palette
from benchmark.report.content import Content
from benchmark.report.explanations import DRAWINGS, PROBLEMS, explain, split
from benchmark.report.groups import SHOWN, groups
from benchmark.report.pictures import SIDE, Picture

# In this order: each knows what stands before it.
SCRIPTS = ("data.js", "state.js", "selection.js", "card.js", "gallery.js", "scatter.js", "tables.js", "main.js")


def html(content: Content, pictures: Sequence[Picture]) -> str:
    """The whole page, with one picture for each sample that the gallery shows."""
    # A captioner has one colour all over the page: that of its place in the leaderboard.
    place = {row.captioner: i for i, row in enumerate(content.rows)}
    style, script = _style(), "\n".join(_asset(name) for name in SCRIPTS)
    found = groups(content)
    document = gallery.document(content, pictures)
    return _template().render(
        colour=lambda name: palette.colour(place[name]),
        dashes=lambda name: " ".join(map(str, palette.dashes(place[name]))),
        content=content,
        policy=_policy(style, script),
        style=Markup(style),
        script=Markup(script),
        extra=lambda column: "" if column in content.main_columns else "extra",
        data=document | {"colours": [palette.colour(place[name]) for name in document["captioners"]]},
        facts=_facts(content, pictures),
        software=_software(content),
        flags=_flags(content),
        problems={kind: PROBLEMS.get(kind) or DRAWINGS.get(kind, "") for kind in document["flags"]},
        bars={column: charts.bars(content, column) for column in content.columns},
        radar=charts.radar(content),
        groups=found[:SHOWN],
        more_groups=len(found[SHOWN:]),
        signatures=_signatures(content),
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("benchmark.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")


def _asset(name: str) -> str:
    return (files("benchmark.report") / "assets" / name).read_text(encoding="utf-8")


def _style() -> str:
    """The style sheet, and the colours of captioners."""
    return _asset("report.css") + "".join(f".c{i} {{ color: {one}; }}\n" for i, one in enumerate(palette.COLOURS))


def _policy(style: str, script: str) -> str:
    hashes = {
        kind: base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for kind, text in {"style": style, "script": script}.items()
    }
    return (
        f"default-src 'none'; img-src data:; style-src 'sha256-{hashes['style']}'; "
        f"script-src 'sha256-{hashes['script']}'; base-uri 'none'; form-action 'none'"
    )


def _facts(content: Content, pictures: Sequence[Picture]) -> dict[str, str]:
    """What must be known of the data, by the names that a reader looks for."""
    about = content.about
    backends = sorted({picture.backend for picture in pictures if picture.backend})
    return {
        "fingerprint of the samples": about["fingerprint"][:12],
        "pictures": f"drawn by {', '.join(backends) or 'nobody'}, {SIDE} × {SIDE} pixels on white",
        **about["notes"],
    }


def _software(content: Content) -> dict[str, list[str]]:
    """Package -> versions that the captions were made with; of several, all. Then commits and dates of the runs."""
    manifests = [captioner.manifest for captioner in content.captioners]
    versions: dict[str, dict[str, None]] = {}
    for manifest in manifests:
        made: Mapping[str, Any] = manifest.get("software", {}) | {"git commit": manifest.get("git_commit", "")}
        for name, version in made.items():
            if version:
                versions.setdefault(name, {})[version] = None
    created = sorted(manifest["created"] for manifest in manifests if "created" in manifest)
    span = {"captioned": list(dict.fromkeys([created[0], created[-1]]))} if created else {}
    return {name: list(seen) for name, seen in versions.items()} | span


def _flags(content: Content) -> list[tuple[str, list[str], str]]:
    """Each flag of the leaderboard without its count, the captioners that have it, with theirs, and what it means."""
    found: dict[str, list[str]] = {}
    for row in content.rows:
        for flag in row.flags:
            count, kind = split(flag)
            found.setdefault(kind, []).append(f"{row.captioner} ({count})" if count else row.captioner)
    return [(kind, names, explain(kind)) for kind, names in found.items()]


def _signatures(content: Content) -> dict[str, dict[str, list[str]]]:
    """Column -> signature -> captioners whose number was computed that way."""
    found: dict[str, dict[str, list[str]]] = {}
    for row in content.rows:
        for column, score in row.scores.items():
            if column in content.columns:
                found.setdefault(column, {}).setdefault(str(score.get("signature", "none")), []).append(row.captioner)
    return found
