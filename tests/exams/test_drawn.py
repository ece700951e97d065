"""New questions, drawn and answered by MetricFlow beside us, where its environment has been built."""

from __future__ import annotations

import random

import pytest

from tests.exams.draw_answers import answered
from tests.exams.draw_questions import asked_of, draws
from tests.exams.metricflow.cases import case_of
from tests.exams.metricflow.run import run
from tests.shared import ROOT, shared_path

PEER = ROOT / ".venv-bench" / "bin" / "python"
DIFFERENT = 2
"""Of the drawn questions, at most as many as meet one of docs/differences-from-metricflow.md."""


@pytest.mark.skipif(
    not PEER.exists(), reason="MetricFlow's environment is not built: make .venv-bench/.ready"
)
def test_drawn_questions_have_metricflows_answers() -> None:
    exam = shared_path("exams", "metricflow")
    cases = [
        case_of(each) for each in answered(exam, PEER, asked_of(draws(exam, PEER), 24, random.Random(40)))
    ]
    misses = [f"{found.case.id}: {found.fault}" for found in run(exam, cases) if found.fault]
    assert len(cases) >= 12
    assert len(misses) <= DIFFERENT, "\n".join(misses)
