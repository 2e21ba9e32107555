"""The check against a baseline: what is done to the results, and what it says of that."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmark.files import sha256_of
from benchmark.metrics.base import METRICS
from tests.benchmark.comparison.made_up import SIGNATURES, dataset, put

N = 40
ROUGE = [0.2 + 0.01 * (i % 10) for i in range(N)]  # mean 0.245
CIDER = [1.0 + 0.1 * (i % 5) for i in range(N)]  # mean 1.2
BOTH = {"rouge_l": ROUGE, "cider": CIDER}
BASELINE, RESULTS = Path("baseline.json"), Path("results")
CHECK = ("check", RESULTS, "--baseline", BASELINE)


@pytest.fixture(autouse=True)
def baseline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cli: Callable) -> None:
    """Two captioners, and a baseline of them."""
    monkeypatch.chdir(tmp_path)
    put(RESULTS, "alpha", BOTH)
    put(RESULTS, "beta", BOTH)
    assert cli(*CHECK, "--update").code == 0


def lower(scores: list[float], by: float, samples: int = N) -> list[float]:
    return [score - by if i < samples else score for i, score in enumerate(scores)]


def alpha(**changes: object) -> None:
    """Another run of the captioner alpha in the place of the one in the baseline."""
    scores = {"rouge_l": changes.pop("rouge_l", ROUGE), "cider": changes.pop("cider", CIDER)}
    put(RESULTS, "alpha", changes.pop("scores", scores), **changes)


def rewrite(**changes: object) -> None:
    document = json.loads(BASELINE.read_text())
    BASELINE.write_text(json.dumps({**document, **changes}))


def move_away() -> None:
    (folder,) = RESULTS.glob("runs/*")
    folder.rename("elsewhere")


def remove(name: str) -> None:
    """Delete a file of the run of alpha."""
    (file,) = RESULTS.glob(f"runs/*/alpha/{name}")
    file.unlink()


def other_data() -> None:
    move_away()
    changed = dataset(N)
    changed = type(changed)(changed.name, (*changed.samples[:-1], type(changed.samples[0])("s39", "<svg/>", ("new",))))
    for name in ("alpha", "beta"):
        put(RESULTS, name, BOTH, data=changed)


def one_sample_fewer() -> None:
    move_away()
    for name in ("alpha", "beta"):
        put(RESULTS, name, {metric: each[:-1] for metric, each in BOTH.items()}, data=dataset(N - 1))


def other_formula() -> None:
    """A baseline whose score is not that of its statistics, as after a change of the metric's own code."""
    document = json.loads(BASELINE.read_text())
    (one,) = document["sample_sets"].values()
    record = one["captioners"]["alpha"]
    record["scores"]["CIDEr"]["score"] = 1.15
    del record["sha256"]
    samples = {key: value for key, value in one.items() if key != "captioners"}
    record["sha256"] = sha256_of([samples, record])
    BASELINE.write_text(json.dumps(document))


def hand_edited() -> None:
    BASELINE.write_text(BASELINE.read_text().replace('"score": 1.2', '"score": 0.2', 1))


SET = r"scenes-test-40-\w{8}"
ALPHA = f"{SET}/alpha"
NOW = r"scenes, test split, has 40 samples \(\w{12}\) in the baseline"
OTHER_WAY = {"CIDEr": SIGNATURES["cider"].replace("references", "5000@1a2b")}
# What happened; the options; the exit code; the first line, of stdout or else of stderr.
CASES: dict[str, tuple[Callable[[], object], list[str], int, str]] = {
    "equal": (lambda: None, [], 0, r"passed: 4 scores of 2 runs"),
    "equal, by significance": (lambda: None, ["--alpha", "0.05"], 0, r"passed: 4 scores of 2 runs"),
    "better": (lambda: alpha(cider=lower(CIDER, -0.5)), [], 0, r"passed: 4 scores of 2 runs"),
    "significantly better": (
        lambda: alpha(cider=lower(CIDER, -0.5)),
        ["--alpha", "0.05"],
        0,
        r"passed: 4 scores of 2 runs$",
    ),
    "worse within the default tolerance": (
        lambda: alpha(cider=lower(CIDER, 0.009)),
        [],
        0,
        r"passed: 4 scores of 2 runs; 1 fell, by no more than is allowed",
    ),
    "worse by exactly the tolerance": (
        lambda: alpha(cider=lower(CIDER, 0.25)),
        ["--tolerance", "cider=0.25"],
        0,
        r"passed: 4 scores of 2 runs; 1 fell",
    ),
    "worse beyond the default tolerance": (
        lambda: alpha(cider=lower(CIDER, 0.011)),
        [],
        1,
        rf"failed: {ALPHA}: CIDEr fell from 1\.2000 to 1\.1890, by 0\.0110; allowed is 0\.0100\.",
    ),
    "the default tolerance is of each metric's range": (
        lambda: alpha(rouge_l=lower(ROUGE, 0.009)),
        [],
        1,
        rf"failed: {ALPHA}: ROUGE-L fell from 0\.2450 to 0\.2360, by 0\.0090; allowed is 0\.0010\.",
    ),
    "worse beyond a tolerance for all": (
        lambda: alpha(cider=lower(CIDER, 0.2), rouge_l=lower(ROUGE, 0.1)),
        ["--tolerance", "0.15"],
        1,
        rf"failed: {ALPHA}: CIDEr fell from 1\.2000 to 1\.0000, by 0\.2000; allowed is 0\.1500\.",
    ),
    "significantly worse": (
        lambda: alpha(cider=lower(CIDER, 0.001)),
        ["--alpha", "0.05"],
        1,
        rf"failed: {ALPHA}: CIDEr fell from 1\.2000 to 1\.1990, by 0\.0010, which is significant at 0\.05 "
        r"\(p = 0\.0001, corrected for 1 tests\)\.",
    ),
    "worse, not significantly": (
        lambda: alpha(cider=lower(CIDER, 0.9, samples=2)),
        ["--alpha", "0.05"],
        0,
        r"passed: 4 scores of 2 runs; 1 fell",
    ),
    "significantly worse, within a tolerance of its own": (
        lambda: alpha(cider=lower(CIDER, 0.001)),
        ["--alpha", "0.05", "--tolerance", "CIDEr=0.01"],
        0,
        r"passed: 4 scores of 2 runs; 1 fell",
    ),
    "one sample lost its caption": (
        lambda: alpha(failed=["s7"]),
        [],
        1,
        rf"failed: {ALPHA}: 1 samples that had a caption have none: s7\.",
    ),
    "one sample lost": (
        one_sample_fewer,
        [],
        2,
        rf"not comparable: {SET}: the samples are others: {NOW}, 39 samples .* now",
    ),
    "new captioner": (lambda: put(RESULTS, "gamma", BOTH), [], 0, r"passed: 4 scores of 2 runs"),
    "missing captioner": (
        lambda: remove("manifest.json"),
        [],
        1,
        rf"failed: {ALPHA}: it is in the baseline and not in the results: there is no run of it\.",
    ),
    "unfinished captioner": (
        lambda: remove("scores.json"),
        [],
        1,
        rf"failed: {ALPHA}: it is in the baseline and not in the results: no scores of the captions on disk",
    ),
    "other dataset": (other_data, [], 2, rf"not comparable: {SET}: the samples are others: {NOW}, 40 samples .* now"),
    "new dataset": (
        lambda: put(RESULTS, "alpha", BOTH, data=dataset(N, "icons")),
        [],
        0,
        r"passed: 4 scores of 2 runs",
    ),
    "missing dataset": (
        lambda: (move_away(), put(RESULTS, "alpha", {"cider": [1.0, 1.0]}, data=dataset(2, "icons"))),
        [],
        1,
        rf"failed: {SET}: no run on these samples is here: scenes, test split, 40 samples",
    ),
    "other profile": (
        lambda: alpha(scores={"rouge_l_nltk": ROUGE}),
        [],
        2,
        rf"not comparable: {ALPHA}: it is scored by another profile or other metrics: ROUGE-L, CIDEr in the baseline, "
        r"ROUGE-L \(nltk\) now",
    ),
    "a metric fewer": (
        lambda: alpha(scores={"cider": CIDER}, signatures={"ROUGE-L": "x"}, unavailable={"ROUGE-L": "no words"}),
        [],
        2,
        rf"not comparable: {ALPHA}: ROUGE-L has no score now: no words\.",
    ),
    "a metric more": (lambda: alpha(scores={**BOTH, "rouge_l_nltk": ROUGE}), [], 0, r"passed: 4 scores of 2 runs"),
    "other signature": (
        lambda: alpha(signatures=OTHER_WAY),
        [],
        2,
        rf"not comparable: {ALPHA}: CIDEr is computed in another way: CIDEr\|D\|df:references.* baseline, .*5000",
    ),
    "other signature, and something fell": (
        lambda: alpha(signatures=OTHER_WAY, rouge_l=lower(ROUGE, 0.1)),
        [],
        1,
        rf"failed: {ALPHA}: ROUGE-L fell",
    ),
    "other formula": (
        other_formula,
        [],
        1,
        rf"failed: {ALPHA}: CIDEr is computed in another way under the same signature: .* 1\.1500, and give 1\.2000",
    ),
    "other settings of a captioner": (lambda: alpha(fingerprint="0" * 12), [], 0, r"passed: 4 scores of 2 runs"),
    "no baseline": (BASELINE.unlink, [], 2, r"Error: there is no baseline baseline\.json; make one with: .* --update"),
    "corrupt baseline": (
        lambda: BASELINE.write_text(BASELINE.read_text()[:-99]),
        [],
        2,
        r"Error: baseline\.json is no baseline, or is damaged: .*Restore it from version control, or make one with: .*",
    ),
    "baseline changed by hand": (
        hand_edited,
        [],
        2,
        r"Error: baseline\.json is no baseline, or is damaged: what it says of alpha is not what was written\.",
    ),
    "empty baseline": (lambda: rewrite(sample_sets={}), [], 2, r"Error: .*is damaged: it holds no sample set\."),
    "older schema": (
        lambda: rewrite(schema=0),
        [],
        2,
        r"Error: baseline\.json was written by an older version of svg-caption-bench \(schema 0\); make one with",
    ),
    "newer schema": (
        lambda: rewrite(schema=2, sample_sets="in another form"),
        [],
        2,
        r"Error: baseline\.json was written by a newer version of svg-caption-bench \(schema 2; this one reads 1\)\.",
    ),
    "no results": (move_away, [], 2, r"Error: results holds no runs\. Make some first"),
    "unknown metric": (lambda: None, ["--tolerance", "CIDRe=1"], 2, r"Error: there is no score 'CIDRe' to compare\."),
    "no number": (lambda: None, ["--tolerance", "CIDEr=-1"], 2, r"Error: --tolerance 'CIDEr=-1': give NAME=NUMBER"),
    "two rules for all": (lambda: None, ["--tolerance", "1", "--alpha", "0.1"], 2, r"Error: .* both say how to judge"),
    "unwritable": (lambda: None, ["--markdown", "/proc/x"], 2, r"Error: cannot write /proc/x"),
    "unwritable too": (lambda: None, ["--junit", "absent/x.xml"], 2, r"Error: cannot write .*absent/x.xml"),
    "no job summary": (lambda: None, ["--github-summary"], 2, r"Error: .*\$GITHUB_STEP_SUMMARY is not set"),
    "update with output": (lambda: None, ["--update", "--junit", "x"], 2, r"Error: --update writes the baseline and"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_each_case_has_its_exit_code_and_first_line(case: str, cli: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    happen, options, code, first = CASES[case]
    happen()
    outcome = cli(*CHECK, *options)
    lines = (outcome.out or outcome.err).splitlines()
    assert re.match(first, lines[0]), lines[0]
    assert outcome.code == code
    assert outcome.err.startswith("Error: ") == bool(code)


NOTES = {
    "new captioner": rf"note: {SET}/gamma: it is not in the baseline; --update adds it\.",
    "new dataset": r"note: icons-test-40-\w{8}: it is not in the baseline; --update adds it\.",
    "a metric more": rf"note: {ALPHA}: ROUGE-L \(nltk\): not in the baseline; --update adds it\.",
    "other settings of a captioner": rf"note: {ALPHA}: it is another one than .*: fingerprint f+ then, 0+ now\.",
}


@pytest.mark.parametrize("case", NOTES)
def test_what_does_not_fail_is_noted(case: str, cli: Callable) -> None:
    CASES[case][0]()
    outcome = cli(*CHECK)
    assert outcome.code == 0
    assert [line for line in outcome.out.splitlines() if re.fullmatch(NOTES[case], line)]


def test_significance_is_corrected_over_all_tests_that_are_made(cli: Callable) -> None:
    """Every sample of two captioners is worse in both metrics: four tests whose p-values are 1 / 10001 at least."""
    for name in ("alpha", "beta"):
        put(RESULTS, name, {"rouge_l": lower(ROUGE, 0.01), "cider": lower(CIDER, 0.01)})
    document = json.loads(cli(*CHECK, "--alpha", "0.05", "--json").out)
    assert [score["failed"] for score in document["scores"]] == [True] * 4
    for score in document["scores"]:
        test = score["test"]
        assert test["bootstrap"] == pytest.approx(1 / 10_001)
        assert test["bootstrap_holm"] == pytest.approx(4 / 10_001)
    assert cli(*CHECK, "--alpha", "0.0003").code == 0


def test_samples_that_fell_are_listed_worst_first_with_both_captions(cli: Callable) -> None:
    cider = [0.2, 1.6, 0.7, *CIDER[3:]]  # by -0.8, +0.5 and -0.5
    alpha(cider=cider, captions={"s0": "a\tnew <b>thing</b>", "s1": "better", "s2": "worse", "s3": "only other words"})
    code, out, _ = cli(*CHECK, "--json", "--tolerance", "1", "--markdown", "summary.md")
    (change,) = json.loads(out)["changes"]
    assert code == 0
    assert (change["captions"], change["column"]) == (4, "CIDEr")
    assert change["outcomes"] == {"wins": 1, "ties": N - 3, "losses": 2}
    assert [one["id"] for one in change["worst"]] == ["s0", "s2"]
    assert change["worst"][0]["captions"] == ["alpha s0", "a\tnew <b>thing</b>"]
    assert change["worst"][0]["scores"] == pytest.approx([1.0, 0.2])
    assert change["worst"][1]["references"] == ["thing 2", "a thing, number 2"]
    text = Path("summary.md").read_text()
    assert "| `s0` | -0.8000 | 1.0000 `alpha s0` | 0.2000 `a new <b>thing</b>` | `thing 0`" in text
    table = cli(*CHECK, "--tolerance", "1", "--top", 1).out
    assert "4 captions changed; CIDEr of samples: 1 rose, 37 stayed, 2 fell" in table
    assert "  now:      0.2000  a new <b>thing</b>" in table
    assert "s2  -0.5000" not in table
    (sorted_by,) = json.loads(cli(*CHECK, "--tolerance", "1", "--sort-by", "rouge-l", "--json").out)["changes"]
    assert (sorted_by["column"], sorted_by["worst"]) == ("ROUGE-L", [])


def test_the_order_of_samples_does_not_matter(cli: Callable) -> None:
    move_away()
    turned = dataset(N)
    turned = type(turned)(turned.name, turned.samples[::-1])
    for name in ("alpha", "beta"):
        put(RESULTS, name, {metric: each[::-1] for metric, each in BOTH.items()}, data=turned)
    outcome = cli(*CHECK, "--json")
    document = json.loads(outcome.out)
    assert (outcome.code, document["changes"], document["findings"]) == (0, [], [])


def test_a_changed_metric_is_found_by_the_statistics_in_the_baseline(
    cli: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever breaks the formula breaks it for the baseline's statistics too, which then contradict its scores."""
    monkeypatch.setattr(type(METRICS["cider"]), "score", lambda self, sums: sums[..., :-1] / (sums[..., -1:] + 1))
    outcome = cli(*CHECK)
    assert outcome.code == 1
    assert "CIDEr is computed in another way under the same signature" in outcome.out


def test_options_can_stand_in_a_file(cli: Callable) -> None:
    alpha(cider=lower(CIDER, 0.25))
    Path("check.toml").write_text('baseline = "baseline.json"\ntolerance = ["CIDEr=0.3", "ROUGE-L=0"]\n')
    assert cli("check", RESULTS, "--config", "check.toml").code == 0
    assert cli("check", RESULTS, "--config", "check.toml", "--tolerance", "CIDEr=0.1").code == 1


def test_runs_on_other_samples_may_be_damaged(cli: Callable) -> None:
    other = put(RESULTS, "alpha", {"cider": [1.0, 2.0]}, data=dataset(2, "more"))
    (other.path.parent / "samples.jsonl.gz").unlink()
    (other.path / "statistics.npz").write_bytes(b"")
    outcome = cli(*CHECK)
    assert outcome.code == 0
    assert re.search(r"^note: more-test-2-\w+: it is not in the baseline; --update adds it\.$", outcome.out, re.M)
