"""A broken glossary: every problem at once, with file, line and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from semantic.errors import GlossaryError
from semantic.loader import load_glossary

BROKEN = """\
models:
  - name: person
    relation: core.person
    default_time_dimension: createdat
    dimensions:
      - {name: created_at, type: time, grain: fortnight}
      - {name: channel, colour: red}
    measures:
      - {name: leads, agg: cout}
      - {name: late, agg: sum, expr: "amount +", filter: "channel = (select 1)"}
metrics:
  - {name: leads, type: simple, model: person, measure: lead}
  - {name: rate, type: ratio, numerator: leeds, denominator: leads}
  - {name: a, type: derived, expr: b + c, metrics: [b]}
  - {name: b, type: derived, expr: a, metrics: [a]}
  - {name: a, type: simple, model: person, measure: leads, filter: "chanel = 'x'"}
"""


@pytest.fixture
def problems(tmp_path: Path) -> list[str]:
    file = tmp_path / "broken.yml"
    file.write_text(BROKEN)
    with pytest.raises(GlossaryError) as caught:
        load_glossary(file)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (6, "'grain' is 'fortnight'; it should be one of nanosecond"),
        (7, "has no key 'colour'"),
        (9, "'agg' is 'cout'; it should be one of sum, count"),
        (10, "is not an SQL expression: 'amount +'"),
        (10, "which conditions may not contain"),
    ],
)
def test_what_cannot_be_read_is_reported_where_it_stands(problems: list[str], line: int, words: str) -> None:
    assert any(f"broken.yml:{line}:" in problem and words in problem for problem in problems), problems


@pytest.mark.parametrize(
    "words",
    [
        "'createdat', which is no time dimension of it. Did you mean 'created_at'?",
        "has no measure 'lead'. Did you mean 'leads'?",
        "uses 'leeds', which is no metric. Did you mean 'leads'?",
        "There are several metrics named 'a'.",
        "its filter uses 'chanel'",
    ],
)
def test_what_does_not_fit_together_is_reported_with_the_nearest_name(
    problems: list[str], words: str
) -> None:
    assert any(words in problem for problem in problems), problems


def test_words_are_text_and_days_stay_as_written(tmp_path: Path) -> None:
    """YAML 1.1 would read `on` as true and 2026-01-31 as a date."""
    file = tmp_path / "metric.yml"
    file.write_text(
        "models: [{name: m, relation: t, measures: [{name: n, agg: count}]}]\n"
        "metrics:\n"
        "  - {name: n, type: simple, model: m, measure: n,\n"
        "     approvals: [{role: revops, by: no, on: 2026-01-31, fingerprint: 0123}]}\n"
    )
    approval = load_glossary(file).metrics["n"].approvals[0]
    assert (approval.by, approval.on, approval.fingerprint) == ("no", "2026-01-31", "0123")


@pytest.mark.parametrize(
    "window", ["0 days", "{count: 0, grain: day}", "{count: 2.5}", "-3 days", "week", "7"]
)
def test_a_length_of_time_is_one_or_more_whole_periods(tmp_path: Path, window: str) -> None:
    file = tmp_path / "broken.yml"
    running = f"  - {{name: running, type: cumulative, metric: b, window: {window}}}\n"
    file.write_text(BROKEN + running)
    with pytest.raises(GlossaryError) as caught:
        load_glossary(file)
    line = BROKEN.count("\n") + 1
    assert any(f"{line}: [window] 'window' is" in str(one) for one in caught.value.problems), caught.value
