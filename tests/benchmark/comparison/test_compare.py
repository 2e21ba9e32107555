"""Comparisons of made-up runs, whose differences, counts and exact p-values are worked out by hand."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmark.comparison import compare, find
from benchmark.errors import UserError
from tests.benchmark.comparison.made_up import SIGNATURES, dataset, put

A = {"rouge_l": [0.1, 0.2, 0.3, 0.4], "cider": [1.0, 2.0, 3.0, 4.0]}
B = {"rouge_l": [0.2, 0.3, 0.4, 0.5], "cider": [1.0, 5.0, 2.0, 4.5]}


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def results() -> Path:
    put(Path("results"), "a", A)
    put(Path("results"), "b", B)
    return Path("results")


def test_differences_wins_and_samples_are_those_of_hand(results: Path) -> None:
    comparison = compare(*find("a", "b", results))
    rouge, cider = comparison.columns
    assert (rouge.column, cider.column) == ("ROUGE-L", "CIDEr")
    assert rouge.scores == pytest.approx((0.25, 0.35))
    assert cider.scores == pytest.approx((2.5, 3.125))
    assert rouge.test.difference == pytest.approx(0.1)
    assert cider.test.difference == pytest.approx(0.625)
    # Every sample is 0.1 better, so every resample is.
    assert (rouge.test.low, rouge.test.high) == pytest.approx((0.1, 0.1))
    assert (rouge.outcomes.wins, rouge.outcomes.ties, rouge.outcomes.losses) == (4, 0, 0)
    assert (cider.outcomes.wins, cider.outcomes.ties, cider.outcomes.losses) == (2, 1, 1)
    assert comparison.sort_by == "CIDEr"
    assert [(one.id, one.difference) for one in comparison.samples] == [("s1", 3.0), ("s2", -1.0), ("s3", 0.5)]
    first = comparison.samples[0]
    assert first.captions == ("a s1", "b s1")
    assert first.scores == pytest.approx((2.0, 5.0))
    assert first.references == ("thing 1", "a thing, number 1")


def test_p_values_are_those_of_all_exchanges_and_holm_is_over_the_columns(results: Path) -> None:
    """Of the 16 exchanges of four pairs two give ROUGE-L's difference: none and all. Of CIDEr's differences
    0, 3, -1, 0.5 the sum 2.5 is met or passed in size by ±3 ±1 ±0.5 in 12 of 16."""
    rouge, cider = (one.test for one in compare(*find("a", "b", results)).columns)
    error = 4 * math.sqrt(0.25 / 10_000)
    assert rouge.randomization == pytest.approx(2 / 16, abs=error)
    assert cider.randomization == pytest.approx(12 / 16, abs=error)
    assert rouge.bootstrap == pytest.approx(1 / 10_001)
    assert rouge.bootstrap_holm == pytest.approx(2 / 10_001)
    assert rouge.randomization_holm == pytest.approx(2 * rouge.randomization)
    assert cider.randomization_holm == cider.randomization
    alone = compare(*find("a", "b", results), metrics=["rouge_l"]).columns
    assert [one.column for one in alone] == ["ROUGE-L"]
    assert alone[0].test.randomization_holm == rouge.randomization


def test_exchanging_the_sides_turns_every_sign(results: Path) -> None:
    forth, back = compare(*find("a", "b", results)), compare(*find("b", "a", results))
    for one, other in zip(forth.columns, back.columns, strict=True):
        assert one.scores == other.scores[::-1]
        assert one.test.difference == -other.test.difference
        assert (one.test.low, one.test.high) == pytest.approx((-other.test.high, -other.test.low), abs=1e-12)
        assert (one.test.bootstrap, one.test.randomization) == (other.test.bootstrap, other.test.randomization)
        assert (one.outcomes.wins, one.outcomes.losses) == (other.outcomes.losses, other.outcomes.wins)
    assert [(one.id, one.captions) for one in forth.samples] == [(one.id, one.captions[::-1]) for one in back.samples]


def test_a_run_does_not_differ_from_itself(results: Path, cli: Callable) -> None:
    code, out, _ = cli("compare", "a", "a", "--fail-if-worse", "--json")
    document = json.loads(out)
    assert code == 0
    assert document["most_different"] == []
    assert {(one["difference"], one["bootstrap"], one["ties"]) for one in document["scores"].values()} == {(0, 1, 4)}
    assert any("exactly the same" in remark for remark in document["remarks"])


def test_the_order_of_samples_does_not_matter(results: Path) -> None:
    turned = dataset(4)
    turned = type(turned)(turned.name, turned.samples[::-1])
    path = put(Path("other"), "b", {name: each[::-1] for name, each in B.items()}, data=turned).path
    straight, aligned = compare(*find("a", "b", results)), compare(*find("a", str(path), results))
    assert aligned.columns == straight.columns
    assert aligned.samples == straight.samples


def test_only_so_many_samples_are_listed_and_the_column_can_be_chosen(results: Path) -> None:
    comparison = compare(*find("a", "b", results), sort_by="rouge-l", top=2)
    assert [one.id for one in comparison.samples] == ["s0", "s1"]  # all differ by as much: as they stand
    assert compare(*find("a", "b", results), top=0).samples == ()


N = 30
BAD, GOOD = [0.1] * N, [0.2] * (N - 1) + [0.1]


@pytest.mark.parametrize(
    ("first", "second", "options", "code"),
    [
        (GOOD, BAD, ["--fail-if-worse"], 1),
        (GOOD, BAD, ["--fail-if-worse=ROUGE-L"], 1),
        (GOOD, BAD, ["--fail-if-worse=rouge_l,cider"], 1),
        (GOOD, BAD, ["--fail-if-worse=CIDEr"], 0),
        (GOOD, BAD, [], 0),
        (BAD, GOOD, ["--fail-if-worse"], 0),
        (GOOD, BAD, ["--fail-if-worse", "--alpha", "0.00001"], 0),
        (GOOD, [0.1, *GOOD[1:]], ["--fail-if-worse"], 0),  # worse, by one sample: not significantly
    ],
)
def test_fail_if_worse(first: list, second: list, options: list, code: int, cli: Callable) -> None:
    put(Path("results"), "one", {"rouge_l": first, "cider": [1.0] * N})
    put(Path("results"), "two", {"rouge_l": second, "cider": [1.0] * N})
    outcome = cli("compare", "one", "two", *options)
    assert outcome.code == code
    assert outcome.out.startswith("two against one: scenes, test split, 30 samples (")
    assert outcome.err == ("Error: two is significantly worse than one in ROUGE-L.\n" if code else "")


def test_the_table_says_what_was_found(results: Path, cli: Callable) -> None:
    code, out, _ = cli("compare", "a", "b", "--top", 1)
    assert code == 0
    assert re.search(r"CIDEr +│ +2\.5000 │ +3\.1250 │ \+0\.6250 +│ .* │ +2/1/1 │", out)
    assert "corrected after Holm over 2 scores: ROUGE-L, CIDEr" in out
    assert out.endswith(
        "s1  +3.0000\n  a: 2.0000  a s1\n  b: 5.0000  b s1\n  references: thing 1 | a thing, number 1\n"
    )


def test_markdown_and_json_hold_the_same_numbers(results: Path, cli: Callable) -> None:
    code, out, _ = cli("compare", "a", "b", "--markdown", "c.md", "--json")
    document, text = json.loads(out), Path("c.md").read_text()
    assert code == 0
    assert document["corrected_over"] == ["ROUGE-L", "CIDEr"]
    cider = document["scores"]["CIDEr"]
    assert (cider["a"], cider["b"], cider["wins"], cider["ties"], cider["losses"]) == (2.5, 3.125, 2, 1, 1)
    assert document["most_different"][1] == {
        "id": "s2",
        "references": ["thing 2", "a thing, number 2"],
        "captions": ["a s2", "b s2"],
        "scores": [3.0, 2.0],
        "difference": -1.0,
    }
    assert "| CIDEr | 2.5000 | 3.1250 | +0.6250 |" in text
    assert "| `s2` | -1.0000 | 3.0000 `a s2` | 2.0000 `b s2` | `thing 2`<br>`a thing, number 2` |" in text
    assert f"- `{SIGNATURES['cider'].replace('|refs:2', '')}`" in text


def test_captions_cannot_break_the_markdown(cli: Callable) -> None:
    hostile = "| `x` ``y\n# <script>alert(1)</script> @all ![](http://example.org/x.png)"
    put(Path("results"), "a", {"cider": [1.0, 1.0]})
    put(Path("results"), "b", {"cider": [2.0, 1.0]}, captions={"s0": hostile})
    assert cli("compare", "a", "b", "--markdown", "c.md").code == 0
    (line,) = (line for line in Path("c.md").read_text().splitlines() if "script" in line)
    (span,) = re.findall(r"```(.*)```", line)
    assert span == "\\| `x` ``y # <script>alert(1)</script> @all ![](http://example.org/x.png)"
    assert len(re.findall(r"(?<!\\)\|", line)) == 6


@pytest.mark.parametrize(("kind", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_the_plot_is_a_picture_and_the_same_each_time(kind: str, start: bytes, results: Path, cli: Callable) -> None:
    pytest.importorskip("matplotlib")
    contents = []
    for name in ("one", "two"):
        assert cli("compare", "a", "b", "--plot", f"{name}.{kind}").code == 0
        contents.append(Path(f"{name}.{kind}").read_bytes())
    assert contents[0].startswith(start)
    assert contents[0] == contents[1]


def test_the_plot_shows_every_sample_in_order(results: Path) -> None:
    """The bars of the SVG are as high as the differences: -1, 0, 0.5, 3."""
    pytest.importorskip("matplotlib")
    from benchmark.comparison import plot

    plot.write(Path("x.svg"), compare(*find("a", "b", results)))
    text = Path("x.svg").read_text()
    better, worse = (
        re.search(rf'<path d="([^"]+)"[^>]*style="fill: {colour.lower()}', text) for colour in ("#0072B2", "#D55E00")
    )
    assert better and worse
    heights = [
        sorted({round(float(y), 3) for y in re.findall(r"L [\d.]+ ([\d.]+)", match[1])}) for match in (better, worse)
    ]
    top, middle, zero = heights[0][0], heights[0][1], heights[0][-1]
    assert (zero - top) / (zero - middle) == pytest.approx(6, rel=1e-3)  # 3 and 0.5
    assert (zero - top) / (heights[1][-1] - zero) == pytest.approx(3, rel=1e-3)  # 3 and -1


def test_a_missing_matplotlib_is_said(results: Path, cli: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "matplotlib", None)
    code, _, err = cli("compare", "a", "b", "--plot", "x.svg")
    assert code == 2
    assert "--plot needs matplotlib: pip install matplotlib" in err


def test_what_must_be_known_is_said(cli: Callable) -> None:
    signature = SIGNATURES["cider"].replace("refs:2", "refs:1")
    put(Path("results"), "a", A, failed=["s3"])
    put(
        Path("results"),
        "human",
        {"cider": B["cider"]},
        held_out=4,
        signatures={"CIDEr": signature, "METEOR": "METEOR|v1"},
        unavailable={"METEOR": "its jar is missing"},
    )
    code, out, _ = cli("compare", "a", "human")
    assert code == 0
    for remark in (
        "a answered 75.0% of the samples; the others count as empty.",
        "human is scored against one reference fewer on 4 samples.",
        "Left out: ROUGE-L (human: not asked for).",
        "Left out: METEOR (a: not asked for; human: its jar is missing).",
    ):
        assert remark in out.splitlines()


def test_runs_are_found_by_name_by_dataset_and_by_path(results: Path) -> None:
    put(results, "a", A, data=dataset(4, "others"))
    path = put(results, "b", B, data=dataset(4, "others")).path
    with pytest.raises(UserError, match=r"several sample sets hold both a and b: others-test-4-\w+, scenes-test-4"):
        find("a", "b", results)
    assert find("a", "b", results, "others")[1].run.path == path
    assert find("a", "b", results, path.parent.name)[1].run.path == path
    old, new = find(str(path), str(put(Path("new"), "b", B, data=dataset(4, "others")).path), results)
    assert (old.name, new.name) == (str(path), "new/runs/" + str(path).split("runs/")[1])
    with pytest.raises(UserError, match=r"holds no runs on the dataset 'x'. Sample sets there: others-test"):
        find("a", "b", results, "x")


def spoil(path: Path) -> None:
    path.write_bytes(b"PK" if path.suffix == ".npz" else b"{}")


OTHER_WAY = {"CIDEr": "CIDEr|D|df:5000@1a2b|tok:ptb|refs:2|v1"}
REFUSED = {
    "other samples": (
        lambda: put(Path("results"), "c", {"cider": [1.0] * 9}, data=dataset(9)),
        [r"a and c did not caption the same samples.* a: scenes, test split, 4 samples \(.* c: scenes, .*, 9 samples"],
    ),
    "other profile": (
        lambda: put(Path("results"), "c", {"rouge_l_nltk": [0.1] * 4}),
        [r"no score in common.* different profiles.* a: ROUGE-L, CIDEr; c: ROUGE-L \(nltk\)\. Score"],
    ),
    "other signature": (
        lambda: put(Path("results"), "c", B, signatures=OTHER_WAY),
        ["computed in different ways", r"CIDEr: CIDEr\|D\|df:references\|tok:ptb\|v1 of a, .*df:5000@1a2b.* of c"],
    ),
    "not scored": (
        lambda: spoil(put(Path("results"), "c", B).path / "scores.json"),
        ["results/.*/c has no scores of the captions on disk", "Run the same command again"],
    ),
    "spoiled statistics": (
        lambda: spoil(put(Path("results"), "c", B).path / "statistics.npz"),
        ["cannot read .*statistics.npz: it is not the file"],
    ),
    "no such captioner": (lambda: None, ["'c' is neither a run directory nor a captioner", "There are: a, b"]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_comparable_is_refused_and_said(case: str, results: Path, cli: Callable) -> None:
    make, messages = REFUSED[case]
    make()
    code, out, err = cli("compare", "a", "c", "--fail-if-worse")
    assert (code, out) == (2, "")
    assert err.startswith("Error: ")
    for message in messages:
        assert re.search(message, err), err


def test_other_signatures_do_not_hinder_the_metrics_that_are_alike(results: Path) -> None:
    put(results, "c", B, signatures=OTHER_WAY)
    assert [one.column for one in compare(*find("a", "c", results), metrics=["ROUGE-L"]).columns] == ["ROUGE-L"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--sort-by", "CIDRe"], "there is no score 'CIDRe' to compare. Did you mean 'cider'?"),
        (["--metrics", "meteor"], "there is no score 'meteor' to compare. There are: ROUGE-L, CIDEr."),
        (["--metrics", "cider", "--sort-by", "ROUGE-L"], "There are: CIDEr."),
        (["--fail-if-worse=BLEU-4"], "there is no score 'BLEU-4'"),
        (["--plot", "x.gif"], "--plot x.gif: the name ends in .png, .svg or .pdf."),
        (["--plot", "absent/x.png"], "/absent/x.png: No such file or directory; choose another folder"),
        (["--markdown", "/proc/x.md"], "cannot write /proc/x.md"),
        (["--alpha", "1"], "1.0 is not in the range 0<x<1"),
        (["--top", "-1"], "-1 is not in the range x>=0"),
    ],
)
def test_wrong_usage_says_what_to_do(options: list, message: str, results: Path, cli: Callable) -> None:
    pytest.importorskip("matplotlib")
    code, _, err = cli("compare", "a", "b", *options)
    assert code == 2
    assert message in " ".join(err.split())


def test_a_column_of_a_metric_that_has_several_must_be_named(cli: Callable, own_data: Path) -> None:
    for name in ("constant", "svg-metadata"):
        cli("run", "--captioners", name, "--dataset", own_data, "--metrics", "bleu")
    code, _, err = cli("compare", "constant", "svg-metadata", "--sort-by", "bleu")
    assert code == 2
    assert "'bleu' is several columns: BLEU-1, BLEU-2, BLEU-3, BLEU-4; name one." in err
    code, out, _ = cli("compare", "constant", "svg-metadata", "--metrics", "BLEU-2", "--json")
    assert (code, json.loads(out)["corrected_over"], json.loads(out)["sort_by"]) == (0, ["BLEU-2"], "BLEU-2")
