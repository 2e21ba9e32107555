"""The baseline file: small, the same for the same results, and safe to read."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmark.errors import UserError
from benchmark.files import sha256_of
from benchmark.regression import baseline
from benchmark.regression.snapshot import take
from tests.benchmark.comparison.made_up import dataset, put

SCORES = {"rouge_l": [1 / 3, 0.5], "cider": [0.0, 1.25]}


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def written() -> Path:
    put(Path("results"), "b", SCORES, captions={"s0": "an \udc80 ‘odd’ one"}, failed=["s1"])
    put(Path("results"), "a", SCORES)
    baseline.write(Path("baseline.json"), take(Path("results")))
    return Path("baseline.json")


def unpack(text: str) -> bytes:
    return zlib.decompress(base64.b64decode(text))


def test_the_file_is_what_its_documentation_says(written: Path) -> None:
    document = json.loads(written.read_text())
    assert document["schema"] == 1
    ((name, one),) = document["sample_sets"].items()
    assert name == f"scenes-test-2-{dataset(2).fingerprint()[:8]}"
    assert (one["dataset"], one["split"], one["n"]) == ("scenes", "test", 2)
    assert one["fingerprint"] == dataset(2).fingerprint()
    assert json.loads(unpack(one["ids"])) == ["s0", "s1"]
    assert list(one["captioners"]) == ["a", "b"]
    b = one["captioners"]["b"]
    assert b["failed"] == ["s1"]
    assert json.loads(unpack(b["captions"])) == ["an \udc80 ‘odd’ one", ""]
    assert b["scores"]["ROUGE-L"] == {"score": 0.4166666667, "signature": "ROUGE-L|tok:ptb|refs:2|v1"}
    numbers = np.frombuffer(unpack(b["statistics"]["rouge_l"]["rows"]), "<f8")
    assert (b["statistics"]["rouge_l"]["columns"], numbers.tolist()) == (2, [0.3333333333, 0.5, 1.0, 1.0])


def test_what_is_read_is_what_was_written(written: Path) -> None:
    (now,), (read,) = take(Path("results")), baseline.read(written)
    assert (read.name, read.ids, read.fingerprint) == (now.name, now.ids, now.fingerprint)
    for name, entry in now.entries.items():
        other = read.entries[name]
        assert (other.captions, other.failed, other.scores) == (entry.captions, entry.failed, entry.scores)
        assert other.evaluation.signatures == entry.evaluation.signatures
        for metric, rows in entry.evaluation.statistics.items():
            assert other.evaluation.statistics[metric].tolist() == rows.tolist()


def test_the_same_results_give_the_same_bytes(written: Path) -> None:
    first = written.read_bytes()
    baseline.write(written, take(Path("results")))
    assert written.read_bytes() == first
    put(Path("again"), "a", SCORES)
    put(Path("again"), "b", SCORES, captions={"s0": "an \udc80 ‘odd’ one"}, failed=["s1"])
    baseline.write(Path("other.json"), take(Path("again")))
    assert Path("other.json").read_bytes() == first


def test_a_real_run_is_what_its_baseline_says(cli: Callable, own_data: Path) -> None:
    cli("run", "--captioners", "all", "--dataset", own_data, "--metrics", "bleu,rouge_l,cider")
    assert cli("check", "--baseline", "b.json", "--update").code == 0
    assert cli("check", "--baseline", "b.json").out.startswith("passed: 24 scores of 4 runs\n")


def test_a_baseline_takes_less_room_than_what_it_is_made_of() -> None:
    scores = np.random.default_rng(0).uniform(size=(2, 500))
    run = put(Path("results"), "a", dict(zip(SCORES, scores.tolist(), strict=True)))
    baseline.write(Path("b.json"), take(Path("results")))
    kept = sum((run.path / name).stat().st_size for name in ("predictions.jsonl", "statistics.npz"))
    assert Path("b.json").stat().st_size < kept / 3


def test_an_update_says_what_is_another_and_who_is_not_in_it(cli: Callable, written: Path) -> None:
    arguments = ("check", "--baseline", written, "--update")
    put(Path("results"), "a", {"rouge_l": [0.1, 0.1], "cider": [0.0, 1.25]})
    (put(Path("results"), "half", SCORES).path / "scores.json").unlink()
    put(Path("results"), "new", SCORES)
    code, out, _ = cli(*arguments)
    assert code == 0
    assert out.startswith("written: baseline.json\nnot in it: scenes-test-2-")
    assert "/half: no scores of the captions on disk" in out
    assert "/a: ROUGE-L fell from 0.4167 to 0.1000, by 0.3167" in out
    assert "/new: it is not in the baseline; --update adds it." in out
    assert cli("check", "--baseline", written).code == 0
    written.write_text("<<<<<<< ours")
    code, out, _ = cli(*arguments)
    assert (code, "is no baseline, or is damaged" in out) == (0, True)
    assert cli("check", "--baseline", written).code == 0


def test_an_unwritable_baseline_is_an_error_and_the_old_one_stays(cli: Callable, written: Path) -> None:
    code, _, err = cli("check", "--baseline", "absent/b.json", "--update")
    assert code == 2
    assert "absent/b.json: No such file or directory; choose another folder" in err
    assert cli("check", "--baseline", "/proc/b.json", "--update").code == 2


def sealed(change: Callable[[dict, dict], None], path: Path) -> None:
    """What somebody who can compute a hash makes of a baseline."""
    document = json.loads(path.read_text())
    ((_, one),) = document["sample_sets"].items()
    change(one, one["captioners"]["a"])
    samples = {key: value for key, value in one.items() if key != "captioners"}
    for record in one["captioners"].values():
        record.pop("sha256", None)
        record["sha256"] = sha256_of([samples, record])
    path.write_text(json.dumps(document))


def pack(content: bytes) -> str:
    return base64.b64encode(zlib.compress(content)).decode()


HOSTILE = {
    "numbers without end": (lambda s, a: a["statistics"]["cider"].update(rows=pack(bytes(1 << 26))), "more than 32"),
    "columns without end": (lambda s, a: a["statistics"]["cider"].update(columns=1 << 40), "more than 268435456"),
    "columns that are none": (lambda s, a: a["statistics"]["cider"].update(columns=-1), "max_length"),
    "too few numbers": (lambda s, a: a["statistics"]["cider"].update(rows=pack(bytes(8))), "8 bytes where"),
    "no numbers": (
        lambda s, a: a["statistics"]["cider"].update(rows=pack(np.full(4, np.nan).tobytes())), "that are no numbers",
    ),
    "rows of another width": (
        lambda s, a: a["statistics"].update(bleu={"columns": 1, "rows": pack(bytes(16))}), "index",
    ),
    "cut off": (lambda s, a: a.update(captions=a["captions"][:8]), "is cut off"),
    "no base64": (lambda s, a: a.update(captions="ä"), "ASCII"),
    "captions of others": (lambda s, a: a.update(captions=pack(b'["one"]')), "zip"),
    "captions that are none": (lambda s, a: a.update(captions=pack(b'[1, 2]')), "is no text"),
    "ids twice": (lambda s, a: s.update(ids=pack(b'["s0", "s0"]')), "are not 2 different texts"),
    "other scores": (lambda s, a: a["scores"].pop("CIDEr"), "scores and statistics of different metrics"),
    "unknown metric": (
        lambda s, a: a["statistics"].update(spice=a["statistics"].pop("cider")), "'spice' is not installed here",
    ),
    "a field fewer": (lambda s, a: a.pop("fingerprint"), "there is no 'fingerprint'"),
    "no samples": (lambda s, a: s.update(captioners=[]), "items"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_baseline_is_refused(case: str, written: Path) -> None:
    change, message = HOSTILE[case]
    if case == "no samples":
        document = json.loads(written.read_text())
        change(next(iter(document["sample_sets"].values())), {})
        written.write_text(json.dumps(document))
    else:
        sealed(change, written)
    with pytest.raises(UserError, match=r"baseline.json is no baseline, or is damaged: .*Restore it") as caught:
        baseline.read(written)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "content", ["", "[]", "null", "7", '{"schema": "1"}', "[" * 100_000, '{"schema": 1}', "\udcff"]
)
def test_other_files_are_no_baselines(content: str, written: Path) -> None:
    written.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(UserError, match=r"baseline.json is no baseline, or is damaged: .+\. Restore it"):
        baseline.read(written)
