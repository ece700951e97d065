"""Invariant 6 where clocks change: summer time, starts of periods, and what an approval of a calendar covers.

In Oslo 29 March 2026 has 23 hours (02:00 is skipped at 01:00 UTC) and 25 October has 25 (02:00 comes twice, at
00:00 and 01:00 UTC).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from semantic.ask import ask
from semantic.definitions import (
    Cumulative,
    CustomGrain,
    Derived,
    Dimension,
    Glossary,
    Metric,
    MetricInput,
    SemanticModel,
)
from semantic.errors import Refusal
from semantic.fingerprint import fingerprint
from semantic.query import query_from_document
from tests.semantic.conftest import Rows, Shop, table_rows

OSLO = {"time_zone": "Europe/Oslo"}


def moved(model: SemanticModel, name: str) -> SemanticModel:
    """The model with a clock in UTC, by the second."""
    clock = Dimension(name, "time", name, "second", time_zone="UTC")
    return replace(model, dimensions=tuple(clock if d.name == name else d for d in model.dimensions))


class Clocks:
    """A shop whose every clock is in UTC, without any rows yet."""

    def __init__(self) -> None:
        self.shop = Shop()
        models = dict(self.shop.glossary.models)
        models["visits"] = moved(models["visits"], "visited_at")
        models["stock"] = moved(models["stock"], "stock_date")
        began = Derived("began", (MetricInput("order_total", "began", offset_to_grain="month"),))
        metrics = {**self.shop.glossary.metrics, "began": Metric("began", began)}
        self.glossary: Glossary = replace(self.shop.glossary, models=models, metrics=metrics)
        self.shop.connection.execute(
            "DELETE FROM shop.orders; DELETE FROM shop.visits; DELETE FROM shop.stock;"
            "ALTER TABLE shop.stock ALTER stock_date TYPE TIMESTAMP"
        )

    def order(self, *times: str, customer: int = 1) -> None:
        for number, time in enumerate(times, 1):
            self.shop.run(
                "INSERT INTO shop.orders VALUES (?, ?, ?, 'web', TRUE, ?)", (number, customer, time, number)
            )

    def rows(self, **document: Any) -> Rows:
        return table_rows(ask(query_from_document(document), self.glossary, self.shop).table)


@pytest.fixture
def clocks() -> Iterator[Clocks]:
    found = Clocks()
    yield found
    found.shop.connection.close()


@pytest.mark.parametrize(
    ("day", "times"),
    [
        (
            "2026-03-29",
            ("2026-03-28 22:59:59", "2026-03-28 23:00", "2026-03-29 21:59:59", "2026-03-29 22:00"),
        ),
        (
            "2026-10-25",
            ("2026-10-24 21:59:59", "2026-10-24 22:00", "2026-10-25 22:59:59", "2026-10-25 23:00"),
        ),
    ],
)
def test_a_day_of_23_or_25_hours_has_all_its_hours(clocks: Clocks, day: str, times: tuple[str, ...]) -> None:
    """One order just before the day, two in its first and last second, one just after."""
    clocks.order(*times)
    by_day = clocks.rows(metrics=["orders"], group_by=["metric_time:day"], **OSLO)
    assert [row[1] for row in by_day] == [1, 2, 1]
    assert by_day[1][0] == day
    assert clocks.rows(metrics=["orders"], time_range={"from": day, "to": day}, **OSLO) == [(2,)]
    assert clocks.rows(metrics=["orders"], where=[f"metric_time = '{day}'"], **OSLO) == [(2,)]


def test_an_hour_that_comes_twice_has_the_rows_of_both(clocks: Clocks) -> None:
    clocks.order("2026-10-25 00:30", "2026-10-25 01:30", "2026-03-29 00:59", "2026-03-29 01:00")
    assert clocks.rows(metrics=["orders"], group_by=["metric_time:hour"], **OSLO) == [
        ("2026-03-29T01:00:00", 1), ("2026-03-29T03:00:00", 1), ("2026-10-25T02:00:00", 2),
    ]  # fmt: skip


@pytest.mark.parametrize("zone", ["UTC", "Europe/Oslo", "America/New_York", "Asia/Kolkata"])
def test_a_conversion_follows_its_visit_whatever_the_clock_on_the_wall_says(
    clocks: Clocks, zone: str
) -> None:
    """Visited at 02:30 in Oslo, ordered 40 minutes later at 02:10: the clock was put back between them."""
    clocks.shop.run("INSERT INTO shop.visits VALUES (1, '2026-10-25 00:30', 'ad')")
    clocks.order("2026-10-25 01:10")
    assert clocks.rows(metrics=["buyers_by_visit"], time_zone=zone) == [(1,)]


def test_a_window_is_as_long_over_summer_time(clocks: Clocks) -> None:
    """7 days are 168 hours: half an hour less is inside, half an hour more is not, in any zone."""
    clocks.shop.run(
        "INSERT INTO shop.visits VALUES (1, '2026-03-22 12:00', 'ad'), (2, '2026-03-22 11:00', 'ad'),"
        " (1, '2026-10-18 12:00', 'ad'), (2, '2026-10-18 11:00', 'ad')"
    )
    clocks.order("2026-03-29 11:30", "2026-10-25 11:30")
    clocks.shop.run("INSERT INTO shop.orders VALUES (8, 2, '2026-03-29 11:30', 'web', TRUE, 1)")
    clocks.shop.run("INSERT INTO shop.orders VALUES (9, 2, '2026-10-25 11:30', 'web', TRUE, 1)")
    for zone in ("UTC", "Europe/Oslo"):
        found = clocks.rows(metrics=["buyers_by_visit"], group_by=["metric_time:month"], time_zone=zone)
        assert found == [("2026-03-01", 1), ("2026-10-01", 1)]


def test_the_last_balance_of_the_day_is_the_last_that_was_counted(clocks: Clocks) -> None:
    """5 were counted at 02:50, and 3 at 02:10, which came 20 minutes later."""
    clocks.shop.run(
        "INSERT INTO shop.stock VALUES ('2026-10-25 00:50', 'a', 'web', 5), ('2026-10-25 01:10', 'a', 'web', 3)"
    )
    assert clocks.rows(metrics=["stock"], group_by=["metric_time:day"], **OSLO) == [("2026-10-25", 3)]


def test_a_start_is_looked_at_once(clocks: Clocks) -> None:
    """The 1 of 1 February, not 28 times the 1, for a range of the month; a part of dates has no start."""
    clocks.order("2026-02-01 12:00", "2026-02-10 12:00", "2026-03-01 12:00")
    february = {"from": "2026-02-01", "to": "2026-02-28"}
    assert clocks.rows(metrics=["began"], time_range=february) == [(1.0,)]
    assert clocks.rows(metrics=["began"], time_range={"from": "2026-02-08", "to": "2026-03-08"}) == [(1.0,)]
    assert clocks.rows(metrics=["began"], group_by=["channel"], time_range=february) == [("web", 1.0)]
    with pytest.raises(Refusal, match="part of many dates"):
        clocks.rows(metrics=["began"], group_by=[{"name": "metric_time", "date_part": "month"}])
    for question in ({"where": ["metric_time >= '2026-02-01'"]}, {"time_range": {"to": "2026-02-28"}}, {}):
        with pytest.raises(Refusal, match="which period is shown"):
            clocks.rows(metrics=["began"], **question)


def test_an_approval_is_of_the_calendar_too(clocks: Clocks) -> None:
    """4-4-5 become 5-4-4 under the same name: what runs by them is another number."""
    to_date = Metric("to_date", Cumulative(MetricInput("order_total"), grain_to_date="fiscal_month"))
    began = Derived("b", (MetricInput("order_total", "b", offset_to_grain="fiscal_month"),))
    signed = replace(
        clocks.glossary,
        metrics={**clocks.glossary.metrics, "to_date": to_date, "began": Metric("began", began)},
    )
    spine = signed.time_spines[0]
    other = replace(
        spine, custom_grains=(CustomGrain("fiscal_month", "another_column"), spine.custom_grains[1])
    )
    changed = replace(signed, time_spines=(other,))
    assert fingerprint("to_date", signed) != fingerprint("to_date", changed)
    assert fingerprint("began", signed) != fingerprint("began", changed)
    assert fingerprint("order_total", signed) == fingerprint("order_total", changed)
