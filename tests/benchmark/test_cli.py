"""The commands as a user types them."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from benchmark.cli import COMMANDS

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><title>a title</title><rect width="8" height="8"/></svg>'
)


def line(number: int, **changes: object) -> str:
    return json.dumps({"id": f"s{number}", "svg": SVG, "references": [f"square {number}", "thing"], **changes}) + "\n"


LINES = [line(i) for i in range(9)]
GOOD = "".join(LINES).encode()
RUN = ("run", "--captioners", "svg-metadata", "--metrics", "rouge_l,cider", "--output-dir", "out")


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_needs_no_heavy_package_and_shows_examples(command: str) -> None:
    """In a process of its own; what is timed elsewhere is held here by what is imported."""
    code = (
        "import sys; from benchmark.cli import _exit_code\n"
        f"code = _exit_code([{repr(command) + ', ' if command else ''}'--help'])\n"
        "heavy = {'torch', 'pandas', 'numpy', 'rich', 'lxml', 'PIL', 'pyarrow'} & set(sys.modules)\n"
        "assert code == 0 and not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Examples:" in done.stdout if command else "Commands:" in done.stdout


def test_run_prints_the_table_and_where_everything_is(cli: Callable) -> None:
    Path("mine.jsonl").write_bytes(GOOD)
    code, out, err = cli(*RUN, "--dataset", "mine.jsonl")
    assert code == 0
    assert "mine, test split, 9 samples" in out
    assert "svg-metadata" in out
    assert "written: out/leaderboard.csv .md .tex .json .pairs.csv; runs: out/runs/mine-test-9-" in out
    assert "mine.jsonl: drawings from 'svg'; captions from 'references'; ids from 'id'" in err
    assert Path("out/leaderboard.csv").exists()


def test_run_as_json_is_one_document(cli: Callable) -> None:
    Path("mine.jsonl").write_bytes(GOOD)
    code, out, _ = cli(*RUN, "--dataset", "mine.jsonl", "--json")
    document = json.loads(out)
    assert (code, document["rows"][0]["captioner"], document["rows"][0]["n"]) == (0, "svg-metadata", 9)
    assert {"ROUGE-L", "ROUGE-L_low", "CIDEr_high", "signatures"} <= set(document["rows"][0])


def test_flags_take_underscores_too(cli: Callable) -> None:
    Path("mine.jsonl").write_bytes(GOOD)
    arguments = [a.replace("output-dir", "output_dir") for a in RUN]
    assert cli(*arguments, "--dataset", "mine.jsonl", "--svg_field", "svg", "--max_errors", 2).code == 0


def test_a_manifest_repeats_its_run(cli: Callable) -> None:
    Path("mine.jsonl").write_bytes(GOOD)
    fields = ("--caption-field", "references", "--id-field", "id")
    assert cli(*RUN, "--dataset", "mine.jsonl", *fields, "--limit", 4, "--seed", 3).code == 0
    (manifest,) = Path("out").rglob("manifest.json")
    code, out, _ = cli("run", "--config", manifest, "--output-dir", "again", "--json")
    assert (code, json.loads(out)["rows"][0]["n"]) == (0, 4)
    first, second = (next(Path(folder).rglob("predictions.jsonl")) for folder in ("out", "again"))
    captions = [
        [(row["id"], row["caption"]) for row in map(json.loads, f.read_text().splitlines())] for f in (first, second)
    ]
    assert captions[0] == captions[1]


def test_options_come_from_toml_and_flags_win(cli: Callable) -> None:
    Path("mine.jsonl").write_bytes(GOOD)
    Path("run.toml").write_text(
        'captioners = ["svg-metadata"]\ndataset = "mine.jsonl"\nmetrics = "rouge_l"\nlimit = 3\noutput_dir = "out"\n'
        'caption-field = ["references"]\n'
    )
    code, out, _ = cli("run", "--config", "run.toml", "--limit", 5, "--json")
    row = json.loads(out)["rows"][0]
    assert (code, row["n"], "CIDEr" in row) == (0, 5, False)


def test_leaderboard_rebuilds_the_same_files(cli: Callable) -> None:
    Path("mine.jsonl").write_bytes(GOOD)
    cli(*RUN, "--dataset", "mine.jsonl")
    files = [Path(f"out/leaderboard.{kind}") for kind in ("csv", "md", "tex", "json", "pairs.csv")]
    before = [file.read_text() for file in files]
    for file in files:
        file.unlink()
    assert cli("leaderboard", "out").code == 0
    assert [file.read_text() for file in files] == before


@pytest.mark.parametrize("kind", ["captioners", "renderers", "metrics", "datasets"])
def test_list_shows_what_is_registered(kind: str, cli: Callable) -> None:
    code, out, _ = cli("list", kind, "--json")
    rows = json.loads(out)
    assert code == 0
    assert {next(iter(row.values())) for row in rows} >= {
        "captioners": {"constant", "human", "cogvlm-chat"},
        "renderers": {"resvg", "cairosvg"},
        "metrics": {"bleu", "rouge_l", "meteor", "cider"},
        "datasets": {"openmoji", "shapes"},
    }[kind]
    assert cli("list", kind).out.splitlines()[0].split("┃")[0].strip() == kind[:-1]


def test_the_list_of_metrics_says_what_each_is_and_lines_up(cli: Callable) -> None:
    rows = json.loads(cli("list", "metrics", "--json").out)
    assert list(rows[0]) == [
        "metric", "columns", "range", "what it is", "signature", "availability", "documentation",
    ]  # fmt: skip
    for row in rows:
        assert row["documentation"].startswith(row["what it is"])
        text = " ".join(row["documentation"].split())
        assert "0 to 1" in text
        assert "higher is better" in text
        assert re.search(r" (et al\.|Lin|and \w+) (19|20)\d\d", text), "no paper"
        assert all(row.values())
    lines = cli("list", "metrics").out.splitlines()
    assert {tuple(i for i, c in enumerate(line) if c in "┃│╇") for line in lines} == {
        tuple(i for i, c in enumerate(lines[0]) if c == "┃")
    }
    assert "documentation" not in lines[0]


@pytest.mark.java
def test_score_reproduces_the_official_scores(shared: Path, cli: Callable) -> None:
    data = json.loads((shared / "flickr8k_subset.json").read_text())
    Path("hypotheses.json").write_text(json.dumps({id: captions[0] for id, captions in data["captions"].items()}))
    Path("references.json").write_text(json.dumps({id: captions[1:] for id, captions in data["captions"].items()}))
    code, out, _ = cli(
        "score", "hypotheses.json", "--references", "references.json", "--json", "--per-sample", "each.csv"
    )
    scores = {column: score["score"] for column, score in json.loads(out)["scores"].items()}
    official = data["official"]
    assert code == 0
    assert [scores[f"BLEU-{n}"] for n in (1, 2, 3, 4)] == pytest.approx(official["BLEU"], abs=1e-9)
    assert [scores["ROUGE-L"], scores["METEOR"], scores["CIDEr"]] == pytest.approx(
        [official["ROUGE_L"], official["METEOR"], official["CIDEr"]], abs=1e-9
    )
    assert pd.read_csv("each.csv")["METEOR"].tolist() == pytest.approx(official["METEOR_per"], abs=1e-6)


def test_score_counts_missing_captions_as_empty(cli: Callable) -> None:
    Path("gold.jsonl").write_text("".join(LINES))
    Path("said.csv").write_text("id,caption\n" + "".join(f"s{i},square {i}\n" for i in range(6)))
    code, out, _ = cli("score", "said.csv", "--references", "gold.jsonl", "--metrics", "rouge_l", "--json")
    document = json.loads(out)
    assert (code, document["n"], document["coverage"]) == (0, 9, pytest.approx(6 / 9))
    assert document["invalid"] == {"failed": 3}
    assert document["scores"]["ROUGE-L"]["score"] == pytest.approx(6 / 9)


def test_score_and_run_agree_on_the_same_captions(cli: Callable, own_data: Path) -> None:
    """Training samples of the references' file are no missing captions."""
    run = cli("run", "--captioners", "constant", "--dataset", own_data, "--metrics", "bleu,cider", "--json")
    (said,) = Path("results").rglob("predictions.jsonl")
    score = cli("score", said, "--references", own_data, "--metrics", "bleu,cider", "--json")
    (row,) = (row for row in json.loads(run.out)["rows"] if row["captioner"] == "constant")
    document = json.loads(score.out)
    assert (document["n"], document["coverage"]) == (row["n"], 1)
    assert document["scores"]["CIDEr"]["score"] == row["CIDEr"]
    assert "scenes.jsonl: captions from 'references'" in score.err
    whole = json.loads(
        cli("score", said, "--references", own_data, "--split", "all", "--metrics", "bleu", "--json").out
    )
    assert whole["n"] == 30
    assert cli("score", said, "--references", own_data, "--split", "none", "--metrics", "bleu").code == 2


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    command = f"{sys.executable} -m benchmark list captioners | head -c 1; exit ${{PIPESTATUS[0]}}"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_looks_like_an_emoji_code_or_markup_is_printed_as_it_is(cli: Callable) -> None:
    Path("x:car:.jsonl").write_bytes(GOOD)
    assert "[bold]out:smile:/leaderboard" in cli(*RUN[:-1], "[bold]out:smile:", "--dataset", "x:car:.jsonl").out


# What a user can do wrong: arguments, the data file, exit code, and what the message must say.
BAD = {
    "unknown option": (("run", "--captioner", "all"), b"", 2, ["No such option '--captioner'", "--captioners"]),
    "no captioners": (("run",), b"", 2, ["nobody captions: give --captioners all"]),
    "unknown captioner": (("run", "--captioners", "contsant"), b"", 2, ["Did you mean 'constant'?"]),
    "unknown captioner beside all": (("run", "--captioners", "all,contsant"), b"", 2, ["'constant'"]),
    "no name at all": (("run", "--captioners", ","), b"", 2, ["--captioners", "names nothing"]),
    "no metric": ((*RUN, "--metrics", ""), b"", 2, ["--metrics", "names nothing"]),
    "fields of a registered dataset": ((*RUN, "--svg-field", "x"), b"", 2, ["--svg-field is for your own data"]),
    "overwriting a shard": (
        (*RUN, "--dataset", "data.jsonl", "--overwrite", "--shard", "1/2"), GOOD, 2, ["--overwrite and --shard"],
    ),
    "unknown metric": ((*RUN, "--metrics", "blue"), b"", 2, ["no metric 'blue'", "Did you mean 'bleu'?"]),
    "unknown renderer": (
        (*RUN, "--renderer", "resvgg"),
        b"",
        2,
        ["no renderer 'resvgg'", "Did you mean 'resvg'?"],
    ),
    "unknown background": ((*RUN, "--background", "notacolour"), b"", 2, ["notacolour", "CSS colour"]),
    "unknown dataset": ((*RUN, "--dataset", "opemoji"), b"", 2, ["'opemoji': no such file", "openmoji"]),
    "unknown split": ((*RUN, "--dataset", "shapes", "--split", "dev"), b"", 2, ["'dev'; its splits: test, train"]),
    "limit of zero": ((*RUN, "--limit", "0"), b"", 2, ["'--limit': 0 is not in the range x>=1"]),
    "impossible shard": ((*RUN, "--shard", "3/2"), b"", 2, ["--shard '3/2'", "1 <= I <= N"]),
    "only captioners that cannot run": (
        ("run", "--captioners", "blip", "--weights", "blip=./nowhere", "--dataset", "shapes"),
        b"",
        3,
        ["blip: nowhere: no such folder of weights"],
    ),
    "broken JSON": ((), GOOD.replace(LINES[6].encode(), b'{"id": \n'), 2, ["data.jsonl, line 7", "broken JSON"]),
    "missing field": ((), GOOD + b'{"id": "x", "references": ["y"]}\n', 2, ["data.jsonl, line 10", "field 'svg'"]),
    "no drawing anywhere": ((), b'{"id": "x", "caption": "y"}\n', 2, ["no field holds drawings", "--svg-field"]),
    "empty drawing": ((), GOOD + line(10, svg=" ").encode(), 2, ["line 10", "field 'svg'", "empty"]),
    "no reference": ((), GOOD + line(10, references=[]).encode(), 2, ["line 10", "field 'references'"]),
    "duplicate id": ((), GOOD + LINES[2].encode(), 2, ["line 10", "'s2'", "line 3"]),
    "empty file": ((), b"", 2, ["data.jsonl: the file is empty"]),
    "not UTF-8": ((), GOOD.replace(b"square 4", b"caf\xe9"), 2, ["line 5", "not UTF-8", "iconv"]),
    "binary": ((), bytes(range(256)), 2, ["data.jsonl, line 1"]),
    "one line of 50 MB": (
        (),
        GOOD + line(10, svg=SVG.replace("<rect", "<g/>" * 12_500_000 + "<rect")).encode(),
        2,
        ["line 10", "longer than 10,485,760 bytes"],
    ),
    "unknown split in the data": ((), line(0, split="tst").encode(), 2, ["line 1", "'tst'", "train, validation"]),
    "named field that is not there": (
        (*RUN, "--dataset", "data.jsonl", "--svg-field", "xml"), GOOD, 2, ["no field 'xml'", "id, svg, references"],
    ),
    "output inside a file": (
        (*RUN[:-1], "data.jsonl/out", "--dataset", "data.jsonl"), GOOD, 2, ["cannot write data.jsonl/out", "is a file"],
    ),
    "output where nobody can write": (
        (*RUN[:-1], "/proc/out", "--dataset", "data.jsonl"), GOOD, 2, ["cannot write /proc/out", "another folder"],
    ),
    "unknown key in the configuration": (
        ("run", "--config", "data.jsonl"), b'captioner = "all"\n', 2, ["no option 'captioner'", "'captioners'"],
    ),
    "broken configuration": (("run", "--config", "data.jsonl"), b"captioners = [\n", 2, ["cannot be read as conf"]),
    "captions of unknown samples": (
        ("score", "data.jsonl", "--references", "gold.json"), b'{"id": "zz", "caption": "x"}\n', 2, ["'zz'", "'s0'"],
    ),
    "two captions for a sample": (
        ("score", "data.jsonl", "--references", "gold.json"), b'{"id":"s0","caption":"x"}\n' * 2, 2, ["2 captions"],
    ),
    "a configuration that is a list": (("run", "--config", "gold.json"), b"", 2, ["gold.json has no 'options'"]),
    "no runs": (("leaderboard", "nowhere"), b"", 2, ["nowhere holds no runs", "python -m benchmark run"]),
}  # fmt: skip


@pytest.mark.parametrize(("arguments", "data", "code", "says"), BAD.values(), ids=BAD)
def test_bad_input_is_one_clear_message(
    arguments: tuple[str, ...],
    data: bytes,
    code: int,
    says: list[str],
    cli: Callable,
) -> None:
    Path("data.jsonl").write_bytes(data)
    Path("gold.json").write_text(json.dumps({"s0": ["square"]}))
    outcome = cli(*(arguments or (*RUN, "--dataset", "data.jsonl")))
    assert outcome.code == code, outcome.err
    assert all(text in outcome.err for text in says), outcome.err
    assert "Traceback" not in outcome.err
    assert outcome.out == ""


ODD = {
    "ids with slashes and dots": line(0, id="/../x") + line(1, id="a/b") + line(2, id="..\\c"),
    "a byte order mark and CRLF": "\ufeff" + "".join(LINES).replace("\n", "\r\n"),
    "a drawing that is not well-formed": line(0) + line(1, svg="<svg><g></svg>") + line(2),
    "captions with line separators": line(0, references=["a\rb", "c\u2028d"]) + line(1),
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_odd_data_runs_and_stays_in_its_folder(text: str, cli: Callable) -> None:
    Path("data.jsonl").write_text(text, newline="")
    outcome = cli("run", "--captioners", "svg-metadata,human", "--dataset", "data.jsonl", "--output-dir", "out")
    assert outcome.code == 0, outcome.err
    assert {path.name for path in Path().iterdir()} == {"data.jsonl", "out"}


def test_a_truncated_archive_is_an_error(cli: Callable) -> None:
    Path("data.jsonl.gz").write_bytes(gzip.compress(GOOD)[:-20])
    outcome = cli(*RUN, "--dataset", "data.jsonl.gz")
    assert (outcome.code, "the gzip file is cut off" in outcome.err) == (2, True)


def test_several_faults_are_listed_when_asked_for(cli: Callable) -> None:
    Path("data.jsonl").write_text(line(0) + line(1, svg="") + line(2, references=[]) + line(0))
    outcome = cli(*RUN, "--dataset", "data.jsonl", "--max-errors", 5)
    assert outcome.code == 2
    assert all(f"line {number}" in outcome.err for number in (2, 3, 4))


def test_a_second_run_at_once_is_refused_and_harms_nothing() -> None:
    """Two real processes: the second comes while the first has the lock."""
    Path("data.jsonl").write_bytes(GOOD)
    holder = (
        "import sys, time; from benchmark.store import Run, Shard; from pathlib import Path\n"
        "with Run(Path(sys.argv[1])).lock(Shard()):\n    print('locked', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-m", "benchmark", *RUN, "--dataset", "data.jsonl"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    assert subprocess.run(command, env=environment, capture_output=True, check=False).returncode == 0
    (run,) = Path("out").glob("runs/*/svg-metadata")
    with subprocess.Popen([sys.executable, "-c", holder, str(run)], env=environment, stdout=subprocess.PIPE) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"locked\n"
        second = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        first.kill()
    assert second.returncode == 2
    assert "another process is writing" in second.stderr
    assert subprocess.run(command, env=environment, capture_output=True, check=False).returncode == 0


def test_score_tells_what_is_wrong_with_captions_and_references(cli: Callable) -> None:
    answers = ["", "Error: CUDA error", "a cat and the", "a cat", "a dog"]
    Path("said.jsonl").write_text(
        "".join(
            json.dumps({"id": str(i), "caption": text, "finish_reason": "length" if i == 4 else "stop"}) + "\n"
            for i, text in enumerate(answers)
        )
    )
    Path("gold.jsonl").write_text(
        "".join(json.dumps({"id": str(i), "references": ["a drawing of a drawing of a cat"]}) + "\n" for i in range(5))
    )
    arguments = (
        "score",
        "said.jsonl",
        "--references",
        "gold.jsonl",
        "--metrics",
        "rouge_l",
        "--per-sample",
        "each.csv",
    )
    code, out, err = cli(*arguments)
    assert code == 0
    assert "cut at end │        2 │ 2, 4" in out
    assert "gold.jsonl: 5 of 5 references begin twice: 0, 1, 2, …" in err
    problems = ["empty", "error text", "cut at end", "", "cut at end"]
    assert pd.read_csv("each.csv", keep_default_na=False)["problems"].tolist() == problems
    document = json.loads(cli(*arguments, "--json").out)
    assert document["invalid"] == {"empty": 1, "error text": 1, "cut at end": 2}
    assert document["invalid_captions"] == 4
    assert document["problems"] == {str(i): [kind] for i, kind in enumerate(problems) if kind}
    assert document["data_problems"][0]["count"] == 5


def test_score_finds_echoes_of_the_prompt_it_is_given(cli: Callable) -> None:
    Path("said.jsonl").write_text('{"id": "1", "caption": "in one plain word of English a cat"}\n')
    Path("gold.jsonl").write_text('{"id": "1", "references": ["a cat"]}\n')
    arguments = ("score", "said.jsonl", "--references", "gold.jsonl", "--metrics", "rouge_l", "--json")
    assert json.loads(cli(*arguments).out)["invalid"] == {}
    asked = json.loads(cli(*arguments, "--prompt", "Say it in one plain word of English!").out)
    assert asked["invalid"] == {"prompt echo": 1}


def test_run_shows_problems_of_captions_and_doubts_about_drawings(cli: Callable) -> None:
    Path("mine.jsonl").write_bytes(GOOD.replace(b"a title", b"a title,"))
    code, out, err = cli(*RUN, "--dataset", "mine.jsonl")
    assert code == 0
    assert "mine: 8 of 9 drawings are the same as another one: s1 = s0, s2 = s0, s3 = s0, …" in err
    assert "problems of captions (which samples: per_sample.csv)" in out
    assert "svg-metadata │          9 │                 9" in out
    document = json.loads(cli(*RUN, "--dataset", "mine.jsonl", "--json").out)
    assert document["problems"] == {"svg-metadata": {"cut at end": 9, "one text for many": 9}}
    assert document["rows"][0]["flags"].split("; ") == [
        "9 cut at end (100.0%)",
        "9 one text for many (100.0%)",
        "1 references stand for several samples",
        "8 drawings are the same as another one",
    ]
    assert document["data_problems"][1]["examples"] == ["s1 = s0", "s2 = s0", "s3 = s0"]
