from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from benchmark import predictions
from benchmark.datasets.registry import load_dataset
from benchmark.errors import UserError
from benchmark.files import read_json, write_atomic
from benchmark.metrics import Evaluation, evaluate
from benchmark.predictions import Prediction
from benchmark.samples import Dataset, Sample
from benchmark.store import Run, SampleSet, Shard, safe_name

WHOLE = Shard()
SAID = [Prediction(f"s{i}", f"caption {i}", f"raw {i}", seconds=i / 7) for i in range(5)]
NOTHING = Evaluation((), {}, {}, {})
MANIFEST = {"schema": 1, "fingerprint": "f", "identity": {"dataset": "d1", "captioner": {"name": "c", "version": 1}}}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    one = Run(tmp_path / "run")
    one.begin(MANIFEST, WHOLE, overwrite=False)
    return one


def test_predictions_come_back_as_they_were(run: Run) -> None:
    odd = Prediction("id/with ünïcode\u2028", "line\nbreak \udc80", "", "failed", "why", 0.5, {"blank": ""}, 2)
    run.append(WHOLE, [*SAID, odd])
    assert list(run.predictions([p.id for p in [odd, *SAID]]).values()) == [odd, *SAID]


def test_a_torn_last_line_is_dropped_and_the_next_one_starts_anew(run: Run) -> None:
    run.append(WHOLE, SAID)
    file = run.path / "predictions.jsonl"
    os.truncate(file, file.stat().st_size - 9)
    assert list(run.predictions(["s3", "s4"])) == ["s3"]
    with run.lock(WHOLE):
        run.append(WHOLE, SAID[4:])
    assert list(run.predictions(["s3", "s4"]).values()) == SAID[3:]


def test_a_broken_line_in_the_middle_is_an_error_that_names_it(run: Run) -> None:
    run.append(WHOLE, SAID)
    file = run.path / "predictions.jsonl"
    file.write_text(file.read_text().replace('{"id": "s2"', '{"id" "s2"'))
    with pytest.raises(UserError, match=r"predictions.jsonl, line 3: not a prediction .*--overwrite"):
        run.predictions(["s0"])


def test_digest_ignores_timings_and_order_and_nothing_else() -> None:
    digest = predictions.digest(SAID)
    slower = [Prediction(p.id, p.caption, p.raw, seconds=p.seconds + 1) for p in SAID]
    assert predictions.digest(slower[::-1]) == digest
    assert predictions.digest([*SAID[:4], Prediction("s4", "caption 4", "other raw")]) != digest


def test_a_run_of_something_else_is_not_mixed_in(run: Run) -> None:
    run.append(WHOLE, SAID)
    other = {"schema": 1, "fingerprint": "f", "identity": {"dataset": "d1", "captioner": {"name": "c", "version": 2}}}
    with pytest.raises(UserError, match=r"another run; different: captioner.version: 1 -> 2. Use --overwrite"):
        run.begin(other, WHOLE, overwrite=False)
    assert len(run.predictions(["s0"])) == 1
    run.begin(other, WHOLE, overwrite=True)
    assert run.manifest == other
    assert run.predictions(["s0"]) == {}


def test_going_on_with_a_run_keeps_its_first_manifest(run: Run) -> None:
    run.begin({**MANIFEST, "created": "later"}, WHOLE, overwrite=False)
    assert run.manifest == MANIFEST


def test_a_second_process_is_told_that_the_file_is_taken(run: Run) -> None:
    second = Run(run.path).lock(WHOLE)
    with run.lock(WHOLE), pytest.raises(UserError, match=r"another process is writing .*predictions.jsonl"):
        second.__enter__()
    with run.lock(WHOLE):  # free again
        run.append(WHOLE, SAID)
    assert len(run.predictions(["s0"])) == 1


def test_shards_write_side_by_side_and_are_read_as_one(run: Run) -> None:
    first, second = Shard(1, 2), Shard.parse("2/2")
    with run.lock(first), run.lock(second):
        run.append(first, SAID[::2])
        run.append(second, SAID[1::2])
    assert list(run.predictions([p.id for p in SAID]).values()) == SAID


def test_captions_without_their_manifest_are_not_taken_for_new_ones(run: Run) -> None:
    run.append(WHOLE, SAID)
    (run.path / "manifest.json").unlink()
    with pytest.raises(UserError, match=r"holds captions and no manifest.json"):
        run.begin(MANIFEST, WHOLE, overwrite=False)


def test_a_kill_while_overwriting_leaves_no_old_captions_under_a_new_name(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever number of files were gone by then."""
    other = {"schema": 1, "fingerprint": "f", "identity": {"dataset": "d1", "captioner": {"name": "c", "version": 2}}}
    unlink = Path.unlink
    for survived in range(3):
        run.append(WHOLE, SAID)
        (run.path / "scores.json").write_text("{}")
        gone: list[Path] = []

        def dying(path: Path, missing_ok: bool = False, gone: list[Path] = gone, survived: int = survived) -> None:
            if len(gone) == survived:
                raise KeyboardInterrupt
            gone.append(path)
            unlink(path, missing_ok=missing_ok)

        monkeypatch.setattr(Path, "unlink", dying)
        with pytest.raises(KeyboardInterrupt):
            run.begin(other, WHOLE, overwrite=True)
        monkeypatch.setattr(Path, "unlink", unlink)
        if run.predictions(["s0"]):
            with pytest.raises(UserError):
                run.begin(other, WHOLE, overwrite=False)


def test_overwriting_waits_for_no_shard_and_destroys_none(run: Run) -> None:
    second = Shard(2, 2)
    with run.lock(second):
        run.append(second, SAID)
        with run.lock(WHOLE), pytest.raises(UserError, match="another process is writing"):
            run.begin(MANIFEST, WHOLE, overwrite=True)
        with pytest.raises(UserError, match="--overwrite and --shard do not go together"):
            run.begin(MANIFEST, second, overwrite=True)
    assert len(run.predictions([p.id for p in SAID])) == 5


def test_a_retry_that_succeeds_replaces_the_failure_and_no_other(run: Run) -> None:
    failed = Prediction("s0", "", "", "failed", "out of memory")
    run.append(WHOLE, [failed, SAID[0], failed])
    run.append(Shard(1, 2), [Prediction("s0", "another", "another")])
    assert run.predictions(["s0"]) == {"s0": Prediction("s0", "another", "another")}  # of several files the first
    assert predictions.read(run.path / "predictions.jsonl")[1] == SAID[0]


def test_what_a_newer_version_wrote_is_not_guessed_at(run: Run) -> None:
    for content in ('{"schema": 99, "identity": {}, "fingerprint": ""}', "{}", "[]", '"x"'):
        (run.path / "manifest.json").write_text(content)
        with pytest.raises(UserError, match=r"manifest.json is damaged, or was written by another version .* delete"):
            run.begin(MANIFEST, WHOLE, overwrite=False)


def test_scores_that_were_changed_or_are_of_other_captions_do_not_count(run: Run) -> None:
    run.append(WHOLE, SAID)
    scores = {"inputs": {"predictions": predictions.digest(SAID)}, "scores": {"CIDEr": {"score": 0.1234567890123}}}
    run.write_scores(scores, NOTHING)
    assert run.scores is not None
    assert run.scores["scores"] == scores["scores"]
    path = run.path / "scores.json"
    path.write_text(path.read_text().replace("0.1234567890123", "9.99"))
    assert run.scores is None
    run.write_scores(scores, NOTHING)
    run.append(WHOLE, [Prediction("s9", "another", "another")])
    assert run.scores is None
    path.write_text("{}")
    assert run.scores is None


def test_statistics_come_back_as_they_were_and_only_with_their_scores(run: Run) -> None:
    evaluation = evaluate({"a": "a red cat"}, {"a": ["a cat"], "b": ["a dog", "dogs"]}, ["bleu", "cider"])
    run.append(WHOLE, SAID)
    scores = {"inputs": {"predictions": predictions.digest(SAID)}}
    run.write_scores(scores, evaluation)
    kept = run.evaluation
    assert (kept.ids, kept.signatures, kept.unavailable) == (("a", "b"), evaluation.signatures, {})
    assert kept.corpus == evaluation.corpus
    first = (run.path / "statistics.npz").read_bytes()
    run.write_scores(scores, evaluation)
    assert (run.path / "statistics.npz").read_bytes() == first
    (run.path / "statistics.npz").write_bytes(first[:-1])
    with pytest.raises(UserError, match=r"statistics.npz: it is not the file that the scores were written with"):
        _ = run.evaluation


def test_the_samples_lie_beside_their_runs(tmp_path: Path) -> None:
    samples = (Sample("a", "<svg>ö</svg>", ("a cat", "cats"), "animals"), Sample("b", "<svg/>", ("é",)))
    sample_set = SampleSet.create(tmp_path, Dataset("d", samples), "test")
    assert sample_set.samples == samples
    path = sample_set.path / "samples.jsonl.gz"
    assert load_dataset(str(path)).samples[1] == samples[1]  # the file is a dataset
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(UserError, match=r"cannot read .*samples.jsonl.gz"):
        _ = sample_set.samples


def test_a_prediction_without_a_text_is_an_error_that_names_the_line(run: Run) -> None:
    run.append(WHOLE, SAID)
    file = run.path / "predictions.jsonl"
    file.write_text(file.read_text().replace('"caption": "caption 3"', '"caption": 5'))
    with pytest.raises(UserError, match=r"predictions.jsonl, line 4: not a prediction"):
        run.predictions(["s0"])


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "a/b", "1/0", "-1/2"])
def test_an_impossible_shard_is_an_error(text: str) -> None:
    with pytest.raises(UserError, match="give I/N with 1 <= I <= N"):
        Shard.parse(text)


def test_names_become_folder_names_that_do_not_collide() -> None:
    assert safe_name("nearest-neighbour") == "nearest-neighbour"
    assert safe_name("hf:/models/a").startswith("hf_models_a-")
    assert safe_name("hf:/models/a") != safe_name("hf:/models:a")
    assert "/" not in safe_name("../../etc/passwd")
    assert not safe_name("..").startswith(".")


def test_a_full_disk_leaves_the_old_file_whole_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "scores.json"
    write_atomic(path, "old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match=r"cannot write .*scores.json: the disk is full; what was finished is kept"):
        write_atomic(path, "new")
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["scores.json"]


def test_a_device_is_written_to_and_a_link_followed(tmp_path: Path) -> None:
    write_atomic(Path("/dev/null"), "text")
    assert not Path("/dev/null").is_file()
    (tmp_path / "link").symlink_to(tmp_path / "target")
    write_atomic(tmp_path / "link", "text \udc80")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "text \\udc80"


def test_a_real_full_device_is_the_same_error() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("/dev/full is a Linux device")
    with pytest.raises(UserError, match=r"cannot write /dev/full: the disk is full"):
        predictions.append(Path("/dev/full"), SAID)


def test_broken_json_names_the_file_and_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "scores.json").write_text("{")
    with pytest.raises(UserError, match=r"cannot read .*scores.json: .*Restore the file or delete it"):
        read_json(tmp_path / "scores.json")
    assert read_json(tmp_path / "absent.json") is None


def test_a_line_holds_everything_that_the_design_asks_for(run: Run) -> None:
    run.append(WHOLE, SAID[:1])
    line = json.loads((run.path / "predictions.jsonl").read_text())
    assert set(line) == {
        "id",
        "caption",
        "raw",
        "status",
        "error",
        "seconds",
        "rendering",
        "held_out",
        "cut",
        "details",
    }
