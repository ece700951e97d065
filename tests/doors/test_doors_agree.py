"""The same five questions through every door: every cell the same, as by hand, and as it truly was."""

from __future__ import annotations

import pytest

from tests.doors.ask import DOORS
from tests.doors.cells import differences, rows_of
from tests.doors.charts import chart_data
from tests.doors.questions import QUESTIONS


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_every_door_gives_the_rows_of_the_hand_written_sql(service, question):
    expected = rows_of(question, service.company.by_hand(question.hand))
    assert expected
    told = {name: differences(question, expected, ask(service, question)) for name, ask in DOORS.items()}
    assert {name: found for name, found in told.items() if found} == {}


@pytest.mark.superset
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_a_chart_of_superset_gives_the_same_rows(service, superset, question):
    expected = rows_of(question, service.company.by_hand(question.hand))
    assert differences(question, expected, chart_data(superset, service.company, question)) == []


@pytest.mark.parametrize("question", QUESTIONS[:3], ids=lambda question: question.name)
def test_the_sandbox_gives_its_true_answers(service, question):
    if not service.company.truth:
        pytest.skip("a real company: its truth is in its own figures")
    found = DOORS["REST"](service, question)
    true = {
        metric: {
            _key(question, answer): answer["value"]
            for answer in service.company.truth
            if answer["metric"] == metric and _is_asked(question, answer)
        }
        for metric in question.metrics
    }
    wrong = [
        f"{metric} of {key}: {row[place]!r}, truly {true[metric].get(key)!r}"
        for key, row in found.items()
        for place, metric in enumerate(question.metrics)
        if not _close(row[place], true[metric].get(key))
    ]
    assert wrong == []
    for metric, answers in true.items():
        assert {key for key, value in answers.items() if value} <= set(found), metric


def _is_asked(question, answer):
    """Whether a true answer is at the grain of the question."""
    grain = {"channel": answer["channel"] is not None, "metric_time": answer["month"] is not None}
    return all(grain[name] == (name in question.keys) for name in grain)


def _key(question, answer):
    values = {"channel": answer["channel"], "metric_time": answer["month"]}
    return tuple(values[name] for name in question.keys)


def _close(found, true):
    if true is None or found is None:
        return not found and not true
    return abs(found - float(true)) <= 1e-9 * max(1, abs(found))


def test_olist_has_the_figures_that_are_known_of_it(service):
    if service.company.name != "olist":
        pytest.skip("figures of the real funnel")
    by_channel = DOORS["command line"](service, QUESTIONS[0])
    assert sum(row[0] for row in by_channel.values()) == 8000
    assert sum(row[1] for row in by_channel.values()) == 842
    assert by_channel[("paid_search",)][:2] == (1586, 195)
    assert by_channel[("organic_search",)][:2] == (2296, 271)
    assert by_channel[("social",)][:2] == (1350, 75)
    assert by_channel[("unknown",)][0] == 1099
    assert by_channel[(None,)][0] == 60
    found = service.company.by_hand(
        "SELECT count(*) FROM ops.audit_finding WHERE rule = 'won_before_first_contact'"
    )
    assert found == [(1,)]
    asked = {
        "metrics": ["mql_to_won_rate", "mql_to_won_rate_cohort"],
        "time_range": {"from": "2018-01-01", "to": "2018-01-31"},
    }
    [row] = service.client.post("/v1/query", json=asked).json()["rows"]
    assert round(row["mql_to_won_rate"], 4) == 0.0640
    assert round(row["mql_to_won_rate_cohort"], 4) == 0.1332
