"""Running numbers and starts of periods by an own calendar: 4-4-5 retail months, quarters and years.

A retail year begins on Sunday 28 December 2025; its months have 4, 4 and 5 weeks: they begin on 28 December,
25 January, 22 February and 29 March. A period may be told by its first day or by a name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from semantic.ask import ask, compile_query
from semantic.definitions import Cumulative, CustomGrain, Derived, Glossary, Metric, MetricInput, Window
from semantic.errors import Refusal
from semantic.query import SYSTEM, Principal, query_from_document
from tests.semantic.conftest import Rows, Shop, table_rows

CALENDAR = """
CREATE TABLE shop.retail AS
WITH weeks AS (SELECT day, (day - DATE '2024-12-29') // 7 AS week FROM shop.days WHERE day >= DATE '2024-12-29'),
  named AS (
    SELECT day, week // 52 AS year, week // 13 AS quarter,
      CASE WHEN week % 13 < 4 THEN 0 WHEN week % 13 < 8 THEN 1 ELSE 2 END AS part
    FROM weeks)
SELECT day, DATE '2024-12-29' + CAST(quarter * 91 + part * 28 AS INT) AS retail_month,
  DATE '2024-12-29' + CAST(quarter * 91 AS INT) AS retail_quarter,
  DATE '2024-12-29' + CAST(year * 364 AS INT) AS retail_year,
  'P' || lpad(CAST(quarter * 3 + part AS TEXT), 3, '0') AS period_name
FROM named;
DROP TABLE shop.days;
ALTER TABLE shop.retail RENAME TO days;
DELETE FROM shop.orders;
INSERT INTO shop.orders
SELECT i, 1 + i % 3, TIMESTAMP '2025-12-20 23:30' + INTERVAL 1 DAY * (i * 2),
  CASE i % 3 WHEN 0 THEN 'web' WHEN 1 THEN 'shop' END, TRUE, i * i + 1
FROM range(60) AS n(i);
"""
PERIODS = ("retail_month", "retail_quarter", "retail_year", "period_name")
RANGE = {"from": "2026-01-10", "to": "2026-03-31"}
DAYS = "SELECT day FROM shop.days WHERE day BETWEEN DATE '2026-01-10' AND DATE '2026-03-31'"


class Retail:
    """A shop with a 4-4-5 calendar, whose metrics run by its periods."""

    def __init__(self) -> None:
        self.shop = Shop()
        self.shop.connection.execute(CALENDAR)
        metrics: dict[str, Metric] = {}
        for name in PERIODS:
            to_date = Cumulative(MetricInput("order_total"), grain_to_date=name, period_agg="last")
            began = Derived("began", (MetricInput("order_total", "began", offset_to_grain=name),))
            metrics[f"total_by_{name}"] = Metric(f"total_by_{name}", to_date)
            metrics[f"start_of_{name}"] = Metric(f"start_of_{name}", began)
        buyers = Cumulative(MetricInput("buyers"), grain_to_date="retail_month")
        metrics["buyers_to_date"] = Metric("buyers_to_date", buyers)
        window = Cumulative(MetricInput("order_total"), window=Window(2, "retail_month"))
        metrics["two_retail_months"] = Metric("two_retail_months", window)
        before = MetricInput("total_by_retail_month", "before", offset_window=Window(28, "day"))
        metrics["four_weeks_ago"] = Metric("four_weeks_ago", Derived("before", (before,)))
        monthly = Cumulative(MetricInput("order_total_target"), grain_to_date="retail_month")
        metrics["targets_to_date"] = Metric("targets_to_date", monthly)
        spine = self.shop.glossary.time_spines[0]
        grains = tuple(CustomGrain(name, name) for name in PERIODS)
        self.glossary: Glossary = replace(
            self.shop.glossary,
            metrics={**self.shop.glossary.metrics, **metrics},
            time_spines=(replace(spine, custom_grains=grains),),
        )

    def rows(self, principal: Principal = SYSTEM, **document: Any) -> Rows:
        return table_rows(ask(query_from_document(document), self.glossary, self.shop, principal).table)

    def running(self, period: str, of: str = "SUM(o.total)") -> str:
        """By hand: for each day, the orders of the days of its period up to it."""
        return f"""
            SELECT d.day, d.{period}, (
              SELECT {of} FROM shop.orders AS o JOIN shop.days AS e ON CAST(o.ordered_at AS DATE) = e.day
              WHERE e.{period} = d.{period} AND e.day <= d.day) AS running
            FROM shop.days AS d WHERE d.day IN ({DAYS})"""


@pytest.fixture(scope="module")
def retail() -> Iterator[Retail]:
    found = Retail()
    yield found
    found.shop.connection.close()


@pytest.mark.parametrize("period", PERIODS)
def test_a_running_number_begins_with_each_period(retail: Retail, period: str) -> None:
    found = retail.rows(metrics=[f"total_by_{period}"], group_by=["metric_time:day"], time_range=RANGE)
    by_hand = f"SELECT day, running FROM ({retail.running(period)}) WHERE running IS NOT NULL ORDER BY 1"
    assert found == retail.shop.sql(by_hand)


@pytest.mark.parametrize("grain", ["week", "month", "retail_month", "retail_quarter", "period_name"])
def test_a_coarser_period_shows_its_last_day(retail: Retail, grain: str) -> None:
    """`period_agg: last`: the running number of the last day that has one."""
    cut = f"CAST(date_trunc('{grain}', day) AS DATE)" if grain in ("week", "month") else f"c.{grain}"
    by_hand = f"""
        SELECT {cut}, arg_max(running, day)
        FROM ({retail.running("retail_month")}) AS r JOIN shop.days AS c USING (day)
        WHERE running IS NOT NULL GROUP BY 1 ORDER BY 1"""
    found = retail.rows(
        metrics=["total_by_retail_month"], group_by=[f"metric_time:{grain}"], time_range=RANGE
    )
    assert found == retail.shop.sql(by_hand)


def test_members_have_their_own_running_number(retail: Retail) -> None:
    question = {
        "metrics": ["total_by_retail_month"],
        "group_by": ["metric_time:day", "channel"],
        "time_range": RANGE,
    }
    parts = retail.rows(**question)
    whole = dict(
        retail.rows(metrics=["total_by_retail_month"], group_by=["metric_time:day"], time_range=RANGE)
    )
    sums: dict[Any, float] = {}
    for day, _, value in parts:
        sums[day] = sums.get(day, 0) + value
    assert sums == whole
    assert {channel for _, channel, _ in parts} == {"web", "shop", None}


def test_a_distinct_count_is_counted_anew(retail: Retail) -> None:
    found = retail.rows(metrics=["buyers_to_date"], group_by=["metric_time:day"], time_range=RANGE)
    by_hand = retail.running("retail_month", "COUNT(DISTINCT o.customer_id)")
    assert found == retail.shop.sql(f"SELECT day, running FROM ({by_hand}) WHERE running > 0 ORDER BY 1")


ENDS = [
    ("2026-02-10", "retail_month"),
    ("2026-02-21", "retail_month"),
    ("2026-03-29", "retail_quarter"),
    ("2026-03-10", "period_name"),
]


@pytest.mark.parametrize(("end", "period"), ENDS)
def test_without_time_it_is_that_at_the_end_of_the_range(retail: Retail, end: str, period: str) -> None:
    """Up to 21 February it is all of the second month; 29 March begins another quarter."""
    found = retail.rows(metrics=[f"total_by_{period}"], time_range={"from": "2026-01-01", "to": end})
    by_hand = f"""SELECT SUM(o.total) FROM shop.orders AS o JOIN shop.days AS e ON CAST(o.ordered_at AS DATE) = e.day
        WHERE e.day <= DATE '{end}' AND e.{period} = (SELECT {period} FROM shop.days WHERE day = DATE '{end}')"""
    assert found == retail.shop.sql(by_hand)


def test_the_zone_of_the_question_decides_the_day(retail: Retail) -> None:
    """Orders come at 23:30 UTC: in Oslo each is of the next day."""
    found = retail.rows(
        metrics=["total_by_retail_month"],
        group_by=["metric_time:day"],
        time_range=RANGE,
        time_zone="Europe/Oslo",
    )
    moved = retail.running("retail_month").replace("o.ordered_at AS", "o.ordered_at + INTERVAL 1 HOUR AS")
    # summer time begins on 29 March, after which it is two hours
    by_hand = (
        f"SELECT day, running FROM ({moved}) WHERE running IS NOT NULL AND day < DATE '2026-03-29' ORDER BY 1"
    )
    assert [row for row in found if row[0] < "2026-03-29"] == retail.shop.sql(by_hand)


@pytest.mark.parametrize("period", PERIODS)
def test_the_start_of_a_period_is_shown_through_it(retail: Retail, period: str) -> None:
    """Each day shows the number of its period's first day."""
    found = retail.rows(metrics=[f"start_of_{period}"], group_by=["metric_time:day"], time_range=RANGE)
    by_hand = f"""
        SELECT d.day, SUM(o.total) FROM shop.days AS d
        JOIN (SELECT {period}, MIN(day) AS first_day FROM shop.days GROUP BY 1) AS p ON p.{period} = d.{period}
        JOIN shop.orders AS o ON CAST(o.ordered_at AS DATE) = p.first_day
        WHERE d.day IN ({DAYS}) GROUP BY 1 ORDER BY 1"""
    assert found == retail.shop.sql(by_hand)


@pytest.mark.parametrize("grain", ["retail_month", "week", "month"])
def test_a_start_is_counted_once_in_each_shown_period(retail: Retail, grain: str) -> None:
    """Shown by period it is that of the period's first day, never the sum over its days."""
    cut = grain if grain == "retail_month" else f"CAST(date_trunc('{grain}', day) AS DATE)"
    by_hand = f"""
        WITH shown AS (SELECT {cut} AS period, MIN(day) AS day FROM shop.days GROUP BY 1)
        SELECT s.period, SUM(o.total) FROM shown AS s JOIN shop.days AS d ON d.day = s.day
        JOIN shop.orders AS o ON CAST(o.ordered_at AS DATE) = d.retail_year
        WHERE s.day IN ({DAYS}) GROUP BY 1 ORDER BY 1"""
    found = retail.rows(metrics=["start_of_retail_year"], group_by=[f"metric_time:{grain}"], time_range=RANGE)
    assert found == retail.shop.sql(by_hand)
    assert found


def test_an_offset_looks_at_the_period_of_the_day_it_leads_to(retail: Retail) -> None:
    """28 days before 10 March is 10 February: the running number of the second month."""
    found = dict(retail.rows(metrics=["four_weeks_ago"], group_by=["metric_time:day"], time_range=RANGE))
    by_hand = dict(retail.shop.sql(f"SELECT day + 28, running FROM ({retail.running('retail_month')})"))
    assert found["2026-03-10"] == by_hand["2026-03-10"]
    assert all(by_hand[day] == value for day, value in found.items() if day in by_hand)


@pytest.mark.parametrize("period", ["retail_month", "period_name", "retail_quarter"])
def test_an_earlier_period_shows_the_number_that_it_shows_itself(retail: Retail, period: str) -> None:
    asked: dict[str, Any] = {"metrics": ["total_by_retail_year"], "group_by": [f"metric_time:{period}"]}
    alone = [row[1] for row in retail.rows(**asked)]
    beside = retail.rows(**asked, compare="previous_period")
    assert [row[2] for row in beside[1:]] == alone[: len(beside) - 1]
    assert len(alone) > 1


def test_what_cannot_be_told_is_refused(retail: Retail) -> None:
    with pytest.raises(Refusal, match="its data is kept by month"):
        retail.rows(metrics=["targets_to_date"], group_by=["metric_time:month"])
    with pytest.raises(Refusal, match=r"reach back by standard grains.*start of a retail_month"):
        retail.rows(metrics=["two_retail_months"], group_by=["metric_time:retail_month"])
    with pytest.raises(Refusal, match="Group by metric_time"):
        retail.rows(metrics=["total_by_retail_month"], time_range=RANGE, compare="previous_period")
    with pytest.raises(Refusal, match="metric_time, or give a time range"):
        retail.rows(metrics=["total_by_retail_month"])


def test_it_is_written_for_every_dialect(retail: Retail) -> None:
    query = query_from_document(
        {"metrics": ["total_by_retail_month", "start_of_retail_year"], "group_by": ["metric_time:week"]}
    )
    before = query_from_document(
        {
            "metrics": ["total_by_retail_year"],
            "group_by": ["metric_time:retail_month"],
            "compare": "previous_year",
        }
    )
    for dialect in ("snowflake", "postgres", "bigquery", "redshift"):
        assert "OVER (PARTITION BY" in compile_query(query, retail.glossary, dialect).sql
        assert "LEAD(" in compile_query(before, retail.glossary, dialect).sql
