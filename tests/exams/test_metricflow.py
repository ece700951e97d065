"""Every question of MetricFlow's own integration tests that DuckDB can answer, through our importer."""

from __future__ import annotations

from tests.exams.metricflow.cases import read_cases
from tests.exams.metricflow.run import run
from tests.shared import shared_path


def test_the_exam_is_passed_without_a_miss() -> None:
    folder = shared_path("exams", "metricflow")
    results = list(run(folder, read_cases(folder / "cases.json.gz")))
    misses = [f"{result.case.id}: {result.fault}" for result in results if result.fault]
    assert not misses, "\n".join(misses)
    assert len(results) == 265
