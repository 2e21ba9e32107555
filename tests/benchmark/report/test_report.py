"""What the report holds, what the command says, and what the plots for papers look like."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from benchmark import report
from benchmark.errors import UserError
from benchmark.metrics import evaluate, validity
from benchmark.ranking import Row
from benchmark.report import Written, charts, explanations, page, pictures
from benchmark.report.content import Content, gather
from benchmark.report.groups import groups
from benchmark.report.pictures import Picture
from benchmark.samples import Dataset, Sample
from benchmark.store import SampleSet
from renderers import render
from tests.benchmark.report.made_up import CAPTIONERS, HOSTILE_CAPTION, SCENES

Cli = Callable[..., Any]


@pytest.fixture(scope="module")
def content(sample_set: SampleSet) -> Content:
    return gather(sample_set, gallery=1000)


def data(html: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def row(name: str, **scores: float) -> Row:
    return Row(name, "ok", scores={column: {"score": value, "signature": "s"} for column, value in scores.items()})


def with_rows(content: Content, *tables: Sequence[Row]) -> Content:
    apart = ["", *(f"tokenizer: {number}" for number in range(1, len(tables)))]
    first = content.tables[0]
    made = [replace(first, rows=rows, apart=what) for rows, what in zip(tables, apart, strict=True)]
    return replace(content, tables=made)


def test_the_gallery_holds_every_caption_with_its_scores(html: str, content: Content) -> None:
    document = data(html)
    assert document["captioners"] == list(CAPTIONERS)
    assert len(document["samples"]) == SCENES + 4
    for captioner, place in ((0, 3), (1, 7), (11, SCENES)):
        sample, scored = document["samples"][place], content.captioners[captioner]
        assert sample["answers"][captioner]["caption"] == scored.predictions[sample["id"]].caption
        expected = scored.evaluation.per_sample.loc[sample["id"], document["columns"]].tolist()
        assert sample["answers"][captioner]["scores"] == pytest.approx(expected, abs=5e-5)
    answer = document["samples"][5]["answers"][2]
    assert (answer["error"], answer["flags"]) == ("RuntimeError: out of <memory>", ["failed"])
    assert "raw" not in document["samples"][0]["answers"][0]
    assert document["samples"][SCENES]["answers"][0]["raw"].startswith("user </script>")


def test_nothing_of_strangers_is_markup(html: str) -> None:
    assert html.count("<script") == html.count("</script>") == 2
    assert html.count("<b>") == html.count("<i>") == html.count('onerror="') == html.count("<svg xmlns") == 0
    assert "MIT &lt;/script&gt;&lt;b&gt;not bold&lt;/b&gt;" in html
    assert data(html)["samples"][SCENES]["references"][1] == HOSTILE_CAPTION


def test_the_page_names_no_address_to_load_from(html: str) -> None:
    without_data = re.sub(r'<script type="application/json".*?</script>', "", html, flags=re.DOTALL)
    assert re.findall(r"(?:src|href|action)=[\"']?(?!#)[^\"'\s>]+|url\([^)]*\)|@import", without_data) == []
    policy = re.search(r'http-equiv="Content-Security-Policy" content="(.*?)"', html)
    assert policy is not None
    assert unescape(policy[1]).startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert "unsafe" not in policy[1]


def test_the_same_runs_give_the_same_bytes(sample_set: SampleSet, written: Written, tmp_path: Path) -> None:
    again = report.write(sample_set, tmp_path / "again.html", plots=False)
    assert again.page.read_bytes() == written.page.read_bytes()


def test_software_of_runs_that_differ_is_all_named(html: str) -> None:
    assert "<dt>python</dt><dd>3.10, 3.11</dd>" in html
    assert "<dt>captioned</dt><dd>2026-01-01, 2026-01-12</dd>" in html


def test_rows_without_captions_stand_below_the_table_with_their_reason(html: str) -> None:
    assert "<dt>absent</dt><dd>unavailable: no &lt;i&gt;weights&lt;/i&gt;</dd>" in html


def test_scores_that_could_not_be_computed_or_come_from_elsewhere_have_their_place(content: Content) -> None:
    unavailable = {"unavailable": "no <WordNet>", "signature": "METEOR|v1"}
    first = replace(content.rows[0], scores={**content.rows[0].scores, "METEOR": unavailable})
    elsewhere = row("told", CIDEr=9.5, METEOR=0.25)
    rows = [first, *content.rows[1:], replace(elsewhere, status="reported", reason="from a thesis")]
    drawn = [Picture("", "resvg", {})] * len(content.shown)
    html = page.html(with_rows(content, rows), drawn)
    assert '<span class="none" title="no &lt;WordNet&gt;">n/a</span>' in html
    assert '<span class="none" title="not asked for">n/a</span>' in html
    assert 'data-value="9.5">9.500</td>' in html  # without an interval
    assert "<summary>Not in the table: absent</summary>" in html


def test_a_large_gallery_is_a_draw_and_says_so(sample_set: SampleSet, tmp_path: Path) -> None:
    few = report.write(sample_set, tmp_path / "few.html", gallery=7, plots=False).page.read_text(encoding="utf-8")
    assert len(data(few)["samples"]) == 7
    assert f"7 of {SCENES + 4} samples, drawn by a hash of their ids" in few


def test_groups_are_scored_as_corpora_of_their_own(content: Content) -> None:
    found = groups(content)
    assert [(group.name, group.n) for group in found] == [("most", 40), ("few", 10), ("many", 10), ("<b>odd</b>", 4)]
    many = [sample for sample in content.samples if sample.group == "many"]
    captioner = content.captioners[4]
    alone = evaluate(
        {sample.id: captioner.predictions[sample.id].caption for sample in many},
        {sample.id: sample.references for sample in many},
        ["bleu", "rouge_l"],
    )
    scores = found[2].scores[captioner.name]
    assert {column: scores[column] for column in alone.columns} == pytest.approx(alone.corpus)
    assert found[2].best("ROUGE-L") == max(one["ROUGE-L"] for one in found[2].scores.values())
    assert replace(found[2], scores={"a": {"M": 1.0}, "b": {"M": 1.0}}).best("M") is None


def test_rows_that_are_not_comparable_stand_in_a_table_and_a_chart_apart(content: Content) -> None:
    apart = with_rows(content, content.rows, [row("other", CIDEr=9.0)])
    html = page.html(apart, [Picture("", "resvg", {})] * len(content.shown))
    assert "Not to be compared with the table above: tokenizer: 1. Ranked by CIDEr." in html
    assert html.count('<table class="sortable">') == 2
    assert "other" not in [bar.captioner for bar in charts.bars(apart, "CIDEr")]


def test_without_groups_there_is_no_table_of_them(content: Content) -> None:
    assert groups(replace(content, samples=[replace(s, group="") for s in content.samples])) == []


def test_the_radar_shows_shares_of_the_best_score(content: Content) -> None:
    rows = [row("a", X=0.5, Y=3.0, Z=0.0), row("b", X=0.25, Y=6.0, Z=0.0), row("c", X=0.9, Y=1.0)]
    shares, best = charts.normalised(with_rows(content, rows), ["X", "Y", "Z"])
    assert shares == {"a": [1.0, 0.5, 0.0], "b": [0.5, 1.0, 0.0]}  # c lacks a number
    assert best == {"X": 0.5, "Y": 6.0, "Z": 0.0}
    radar = charts.radar(with_rows(content, rows))
    assert radar is not None
    assert radar.left_out == ["c"]
    # Clockwise from the top, at thirds of a turn: b is half way up, then all the way to the lower right.
    assert radar.shapes["b"] == "0,-60 103.92,60 0,0"
    assert charts.radar(with_rows(content, [row("a", X=1.0, Y=2.0)])) is None


def test_bars_end_where_the_longest_interval_ends(content: Content) -> None:
    long = {"score": 0.4, "low": 0.3, "high": 0.8, "signature": "s"}
    bars = charts.bars(with_rows(content, [Row("a", "ok", scores={"X": long}), row("b", X=0.2)]), "X")
    assert [(bar.length, bar.interval, bar.text) for bar in bars] == [(50, (37.5, 100), "0.400"), (25, None, "0.200")]


def test_every_problem_and_every_flag_of_a_row_is_explained(content: Content) -> None:
    assert set(explanations.PROBLEMS) == set(validity.KINDS)
    flags = {flag for one in content.rows for flag in one.flags} | {
        "2 blank renders", "1 repaired drawings", "7 doubtful drawings", "3 drawn by resvg", "one reference fewer",
        "same captions as a, b", "not ranked: tokenizer nltk, others ptb", "4 captions over 77 tokens",
        "same CIDEr, METEOR as a to four digits", "CIDEr 117 is off the scale, 0 to 10", "references begin twice",
        "3 captions cleaned of role-tag", "1 drawings shortened for the model",
        "5 drawings have the outline of another one", "12 drawings are the same as one to learn from",
    }  # fmt: skip
    assert [flag for flag in flags if not explanations.explain(explanations.split(flag)[1])] == []
    assert explanations.split("352 empty (88.0%)") == ("352 (88.0%)", "empty")
    assert explanations.split("352 blank renders") == ("352", "blank renders")
    assert explanations.split("coverage 98.4%: 63 of 64 samples") == ("98.4%", "coverage")
    assert explanations.split("same captions as 2 b") == ("", "same captions as 2 b")


def test_pictures_are_pixels_of_the_renderers() -> None:
    import base64
    import io

    from PIL import Image

    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="4" height="8" fill="#123456"/></svg>'
    picture = pictures._picture(render(svg, pictures.SIDE))
    kind, _, content = picture.source.partition(",")
    assert kind == "data:image/webp;base64"
    image = Image.open(io.BytesIO(base64.b64decode(content))).convert("RGB")
    assert (image.size, image.getpixel((10, 10)), image.getpixel((200, 10))) == (
        (224, 224),
        (0x12, 0x34, 0x56),
        (255, 255, 255),
    )


# -- the command ----------------------------------------------------------------------------------------------------


@pytest.fixture
def results(output_dir: Path, tmp_path: Path) -> Path:
    """A copy of the results that a test may change."""
    return Path(shutil.copytree(output_dir, tmp_path / "results"))


def test_the_command_writes_a_page_and_plots_for_each_sample_set(cli: Cli, results: Path) -> None:
    outcome = cli("report", results, "--json", "--samples", 3)
    assert outcome.code == 0, outcome.err
    (written,) = json.loads(outcome.out)["reports"]
    (name,) = (path.name for path in (results / "runs").iterdir())
    assert written["report"] == str(results / f"report-{name}.html")
    plots = [Path(plot) for plot in written["plots"]]
    assert [plot.relative_to(results / "plots" / name).name for plot in plots] == [
        "bars.png", "bars.svg", "radar.png", "radar.svg", "scatter.png", "scatter.svg",
    ]  # fmt: skip
    for plot in plots:
        content = plot.read_bytes()
        assert content.startswith(b"\x89PNG" if plot.suffix == ".png" else b"<?xml")
        assert b"dc:date" not in content


def test_out_is_for_one_sample_set(cli: Cli, results: Path) -> None:
    SampleSet.create(results, Dataset("other", (Sample("x", "<svg/>", ("c",)),)), "test")
    outcome = cli("report", results, "--out", "x.html")
    assert outcome.code == 2
    assert "--out is for one sample set" in outcome.err


def test_what_cannot_be_reported_says_why(cli: Cli, results: Path, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    assert "holds no runs" in cli("report", tmp_path / "nothing").err
    empty = SampleSet.create(tmp_path / "empty", Dataset("d", (Sample("x", "<svg/>", ("c",)),)), "test")
    with pytest.raises(UserError, match="no scored captions yet"):
        gather(empty, 10)
    (folder,) = (results / "runs").iterdir()
    (folder / CAPTIONERS[0] / "per_sample.csv").unlink()
    outcome = cli("report", results)
    assert outcome.code == 2
    assert "per_sample.csv" in outcome.err
    assert "run the same command again" in outcome.err


def test_run_writes_the_report_unless_told_not_to(
    cli: Cli, own_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ("run", "--dataset", own_data, "--captioners", "svg-metadata", "--metrics", "bleu")
    told_not_to = cli(*command, "--output-dir", tmp_path, "--no-report", "--json")
    assert told_not_to.code == 0, told_not_to.err
    assert json.loads(told_not_to.out)["report"] is None
    assert list(tmp_path.glob("report-*.html")) == []
    outcome = cli(*command, "--output-dir", tmp_path)
    (page,) = tmp_path.glob("report-*.html")
    assert f"report: {page}" in outcome.out.replace("\n", "")
    assert data(page.read_text(encoding="utf-8"))["captioners"] == ["svg-metadata"]
    # The same by its own command, which opens it when asked to.
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    (folder,) = (tmp_path / "runs").iterdir()
    out = tmp_path / "new" / "one.html"
    outcome = cli("report", folder, "--out", out, "--open")
    assert outcome.code == 0, outcome.err
    assert out.read_bytes() == page.read_bytes()
    assert opened == [out.as_uri()]


# -- plots ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def figures(content: Content) -> dict[str, Any]:
    from benchmark.report import plots

    return plots.figures(content)


def texts(figure: Any) -> Iterator[tuple[str, Any]]:
    """What is written on a figure, and where."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.text import Text

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    # Axes keep labels of ticks that lie beyond their ends, and do not draw them.
    beyond = {
        tick.label1
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in axis.get_major_ticks()
        if not min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval())
    }
    for text in set(figure.findobj(Text)) - beyond:
        shown = text.get_visible() and (text.axes is None or text.axes.get_visible())
        if shown and text.get_text().strip():
            yield text.get_text(), text.get_window_extent(renderer)


@pytest.mark.parametrize("name", ["bars", "radar", "scatter"])
def test_nothing_is_written_over_something_else_with_twelve_captioners(figures: dict[str, Any], name: str) -> None:
    found = list(texts(figures[name]))
    written = {text for text, _ in found}
    assert set(CAPTIONERS) <= written
    overlapping = [
        (one, other)
        for i, (one, place) in enumerate(found)
        for other, elsewhere in found[:i]
        if place.width and elsewhere.width and place.padded(-1).overlaps(elsewhere.padded(-1))
    ]
    assert overlapping == []


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_plots_of_the_same_scores_are_the_same_bytes(content: Content, suffix: str) -> None:
    from benchmark.report import plots

    one, other = (plots.encoded(plots._radar(content), suffix) for _ in range(2))
    assert one == other
    assert b"matplotlib v" not in one
