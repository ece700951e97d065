"""Targets shown by less than the month they were set for: spread evenly over days where that is declared.

| target      | month    | channel | value |       a day |
| order_total | January  |         |   120 | 120 / 31    |
| order_total | February |         |   100 | 100 / 28    |
| order_total | January  | web     |   100 | 100 / 31    |
| cost_per_order | January |       |    20 | 20: a rate  |
| cost_per_order | February |      |     8 |  8          |
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from semantic.answer import Answer
from semantic.ask import ask, compile_query
from semantic.definitions import Glossary
from semantic.errors import Refusal
from semantic.query import query_from_document
from tests.semantic.conftest import Shop, table_rows

TARGET = {"metrics": ["order_total"], "compare": "target"}
JANUARY = {"from": "2026-01-01", "to": "2026-01-31"}
BOTH = {"from": "2026-01-01", "to": "2026-02-28"}


@pytest.fixture(scope="module")
def even(shop: Shop) -> Glossary:
    """The shop's glossary, with the allocation declared."""
    assert shop.glossary.targets is not None
    return replace(shop.glossary, targets=replace(shop.glossary.targets, allocation="even_by_day"))


@pytest.fixture
def answer(shop: Shop, even: Glossary) -> Any:
    def asked(**document: Any) -> Answer:
        return ask(query_from_document(document), even, shop)

    return asked


def shares(answer: Answer, name: str = "order_total__target") -> list[Decimal]:
    return [value for value in answer.table.column(name).to_pylist() if value is not None]


def test_a_week_over_two_months_has_days_of_both(answer: Any) -> None:
    """26 January to 1 February: 6 days of 120 / 31 and one of 100 / 28."""
    weeks = {row[0]: row[2] for row in table_rows(answer(**TARGET, group_by=["metric_time:week"]).table)}
    assert weeks["2026-01-26"] == pytest.approx(6 * 120 / 31 + 100 / 28, abs=1e-4)
    assert weeks["2025-12-29"] == pytest.approx(4 * 120 / 31, abs=1e-4)
    assert weeks["2026-02-23"] == pytest.approx(6 * 100 / 28, abs=1e-4)
    assert weeks["2026-03-30"] is None


@pytest.mark.parametrize("grain", ["day", "week", "fiscal_month", "month", "quarter", "fiscal_year"])
def test_the_parts_add_up_to_the_whole_exactly(answer: Any, grain: str) -> None:
    parts = shares(answer(**TARGET, group_by=[f"metric_time:{grain}"], time_range=BOTH))
    assert sum(parts) == Decimal(220)
    of_january = shares(answer(**TARGET, group_by=[f"metric_time:{grain}"], time_range=JANUARY))
    assert sum(of_january) == Decimal(120)


def test_days_differ_by_no_more_than_rounding(answer: Any) -> None:
    days = shares(answer(**TARGET, group_by=["metric_time:day"], time_range=JANUARY))
    assert len(days) == 31
    assert {str(day) for day in days} == {"3.8709", "3.8710"}


def test_a_range_cuts_the_months_at_its_ends(answer: Any) -> None:
    """10 January to 14 February: 22 of 31 days, and 14 of 28."""
    cut = {"from": "2026-01-10", "to": "2026-02-14"}
    whole = answer(**TARGET, time_range=cut)
    assert float(shares(whole)[0]) == pytest.approx(120 * 22 / 31 + 50, abs=1e-4)
    by_month = answer(**TARGET, time_range=cut, group_by=["metric_time:month"])
    assert [float(part) for part in shares(by_month)] == pytest.approx([120 * 22 / 31, 50], abs=1e-4)
    assert sum(shares(by_month)) == shares(whole)[0]
    by_condition = answer(
        **TARGET,
        group_by=["metric_time:month"],
        where=["metric_time >= '2026-01-10'", "metric_time <= '2026-02-14'"],
    )
    assert shares(by_condition) == shares(by_month)


def test_a_level_keeps_its_own_target(answer: Any) -> None:
    """The web's 100, not the company's 120 nor both."""
    found = answer(**TARGET, group_by=["channel"], time_range={"from": "2026-01-01", "to": "2026-01-10"})
    assert float(shares(found)[0]) == pytest.approx(1000 / 31, abs=1e-4)


def test_a_rate_is_not_divided_by_days(answer: Any) -> None:
    """20 in each week of January, 8 in each of February, and none in the week that has both."""
    question = {"metrics": ["cost_per_order"], "compare": "target", "group_by": ["metric_time:week"]}
    weeks = {row[0]: row[2] for row in table_rows(answer(**question).table)}
    assert (weeks["2026-01-05"], weeks["2026-01-26"], weeks["2026-02-02"]) == (20.0, None, 8.0)


def test_a_metric_of_the_targets_is_spread_too(answer: Any) -> None:
    parts = shares(
        answer(metrics=["order_total_target"], group_by=["metric_time:week"]), "order_total_target"
    )
    assert sum(parts) == Decimal(220)
    first = answer(metrics=["order_total_target"], time_range={"from": "2026-01-01", "to": "2026-01-03"})
    assert float(shares(first, "order_total_target")[0]) == pytest.approx(360 / 31, abs=1e-4)


def test_it_is_explained_and_written_for_every_dialect(even: Glossary) -> None:
    query = query_from_document({**TARGET, "group_by": ["metric_time:week"]})
    assert "the value of each month is spread evenly over its days" in compile_query(query, even).explain()
    for dialect in ("snowflake", "postgres", "bigquery", "redshift"):
        assert "spread_value" in compile_query(query, even, dialect).sql


@pytest.mark.parametrize(
    "question",
    [
        {"group_by": ["metric_time:week"]},
        {"group_by": ["metric_time:fiscal_month"]},
        {"time_range": {"from": "2026-01-10", "to": "2026-01-31"}},
        {"group_by": ["metric_time:month"], "where": ["metric_time >= '2026-01-10'"]},
    ],
    ids=str,
)
def test_without_a_declaration_it_is_refused(shop: Shop, question: dict[str, Any]) -> None:
    with pytest.raises(Refusal, match=r"set by month.*allocation: even_by_day"):
        shop.rows(**TARGET, **question)


def test_months_cut_weeks(shop: Shop) -> None:
    """Targets of the weeks of 29 December and 26 January: 120 and 100, of which February has one day's."""
    shop.connection.execute(
        "CREATE TABLE shop.weekly AS SELECT metric, CAST(date_trunc('week', target_month) AS DATE) AS target_month,"
        " channel, value FROM shop.target"
    )
    model, table = shop.glossary.models["target"], shop.glossary.targets
    assert table is not None
    clock = replace(model.dimension_by_name["target_month"], grain="week")
    weekly = replace(model, relation="shop.weekly", dimensions=(clock, *model.dimensions[1:]))
    glossary = replace(
        shop.glossary, models={**shop.glossary.models, "target": weekly}, targets=replace(table, grain="week")
    )

    def asked(grain: str, allocation: Any) -> list[tuple[str, float]]:
        spread = replace(glossary, targets=replace(table, grain="week", allocation=allocation))
        query = query_from_document({**TARGET, "group_by": [f"metric_time:{grain}"]})
        return [(row[0], row[2]) for row in table_rows(ask(query, spread, shop).table) if row[2] is not None]

    assert asked("week", "none") == [("2025-12-29", 120.0), ("2026-01-26", 100.0)]
    with pytest.raises(Refusal, match="set by week; there is none by month"):
        asked("month", "none")
    assert asked("month", "even_by_day") == [
        ("2025-12-01", pytest.approx(120 * 3 / 7, abs=1e-4)),
        ("2026-01-01", pytest.approx(120 * 4 / 7 + 100 * 6 / 7, abs=1e-4)),
        ("2026-02-01", pytest.approx(100 / 7, abs=1e-4)),
    ]


def test_days_have_no_parts(answer: Any, shop: Shop) -> None:
    with pytest.raises(Refusal, match="over days, which have no parts"):
        answer(**TARGET, group_by=["metric_time:hour"])
    with pytest.raises(Refusal, match="kept by month"):
        shop.rows(metrics=["order_total_target"], group_by=["metric_time:week"])
