"""What the tests of the report share: one sample set and its report, written once per test process."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from benchmark import report
from benchmark.report import Written
from benchmark.statistics import bootstrap_intervals
from benchmark.store import SampleSet
from tests.benchmark.report import made_up


@pytest.fixture(scope="session")
def sample_set(tmp_path_factory: pytest.TempPathFactory) -> SampleSet:
    """The runs; intervals are of few resamples, which is all the same to a report."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("benchmark.scoring.bootstrap_intervals", partial(bootstrap_intervals, resamples=100))
        return made_up.results(tmp_path_factory.mktemp("results"))


@pytest.fixture(scope="session")
def written(sample_set: SampleSet, tmp_path_factory: pytest.TempPathFactory) -> Written:
    """The page, drawn with a cache of renderings of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SVG_CAPTION_BENCH_CACHE", str(tmp_path_factory.mktemp("renders")))
        return report.write(sample_set, tmp_path_factory.mktemp("written") / "report.html", plots=False)


@pytest.fixture(scope="session")
def html(written: Written) -> str:
    return written.page.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def output_dir(sample_set: SampleSet) -> Path:
    return sample_set.path.parent.parent
