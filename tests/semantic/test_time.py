"""Invariant 6: time is applied to the right clock."""

from __future__ import annotations

import pytest

from semantic.errors import Refusal, UnknownName
from tests.semantic.conftest import Shop

JANUARY = {"from": "2026-01-01", "to": "2026-01-31"}
FEBRUARY = {"from": "2026-02-01", "to": "2026-02-28"}


def test_a_range_of_whole_days_has_the_last_days_hours(shop: Shop) -> None:
    """Order 2 came on 31 January at 23:30."""
    assert shop.rows(metrics=["orders"], time_range=JANUARY) == [(2,)]


def test_the_question_may_be_in_another_zone(shop: Shop) -> None:
    """In Berlin it was 1 February, 00:30; a business date stays where it is."""
    question = {"metrics": ["orders", "spend"], "time_range": JANUARY, "time_zone": "Europe/Berlin"}
    assert shop.rows(**question) == [(1, 45.0)]
    assert shop.rows(metrics=["orders"], group_by=["metric_time:month"], time_zone="Europe/Berlin")[:2] == [
        ("2026-01-01", 1), ("2026-02-01", 3),
    ]  # fmt: skip


def test_an_offset_shows_the_asked_period_with_the_data_of_another(shop: Shop) -> None:
    """February (50) less January (150): the range bounds what is shown."""
    assert shop.rows(metrics=["growth"], group_by=["metric_time:month"], time_range=FEBRUARY) == [
        ("2026-02-01", -100.0)
    ]
    assert shop.rows(metrics=["growth"], time_range=FEBRUARY) == [(-100.0,)]


def test_a_month_back_is_the_whole_month_before(shop: Shop) -> None:
    """Day by day, 29 to 31 January would be lost and 28 February met three times."""
    rows = shop.rows(metrics=["order_total"], group_by=["metric_time:month"], compare="previous_period")
    assert [(row[0], row[2], row[3], row[4]) for row in rows] == [
        ("2026-01-01", "2025-12-01", None, None),
        ("2026-02-01", "2026-01-01", 150.0, -100.0),
        ("2026-03-01", "2026-02-01", 50.0, -32.0),
    ]


def test_the_period_before_a_range_has_its_length(shop: Shop) -> None:
    rows = shop.rows(
        metrics=["orders"], time_range={"from": "2026-02-01", "to": "2026-03-31"}, compare="previous_period"
    )
    assert rows[0][:2] == (4, 2)


def test_a_fiscal_period_is_compared_with_a_fiscal_period(shop: Shop) -> None:
    rows = shop.rows(metrics=["orders"], group_by=["metric_time:fiscal_month"], compare="previous_period")
    assert [row[:3] for row in rows] == [
        ("2025-12-26", 1, None), ("2026-01-26", 2, 1), ("2026-02-26", 2, 2), ("2026-03-26", 1, 2),
    ]  # fmt: skip


def test_a_running_number_reaches_back_before_the_range(shop: Shop) -> None:
    """7 days up to 1 February hold order 2 of 31 January; month to date does not."""
    day = {"from": "2026-02-01", "to": "2026-02-01"}
    question = {"group_by": ["metric_time:day"], "time_range": day}
    assert shop.rows(metrics=["total_7_days"], **question) == [("2026-02-01", 50.0)]
    assert shop.rows(metrics=["total_to_date"], **question) == []
    assert shop.rows(metrics=["total_ever"], **question) == [("2026-02-01", 150.0)]


def test_a_running_number_without_time_is_that_at_the_end_of_the_range(shop: Shop) -> None:
    assert shop.rows(metrics=["total_ever", "total_to_date"], time_range=FEBRUARY) == [(200.0, 50.0)]
    with pytest.raises(Refusal, match=r"total_to_date.*metric_time"):
        shop.rows(metrics=["total_to_date"])


def test_a_balance_is_that_of_the_periods_last_instant(shop: Shop) -> None:
    """The web's 9 of 30 January are gone on the 31st."""
    assert shop.rows(metrics=["stock"], group_by=["metric_time:month"]) == [
        ("2026-01-01", 6),
        ("2026-02-01", 2),
    ]
    assert shop.rows(metrics=["stock"], time_range=JANUARY, group_by=["channel"]) == [("shop", 6)]


def test_a_grain_finer_than_the_data_is_refused(shop: Shop) -> None:
    with pytest.raises(Refusal, match=r"'spend' cannot be shown by hour.*day, week, month"):
        shop.rows(metrics=["spend"], group_by=["metric_time:hour"])


def test_every_day_has_a_row_where_the_metric_wants_one(shop: Shop) -> None:
    rows = shop.rows(metrics=["orders_every_day"], group_by=["metric_time:day"], time_range=JANUARY)
    assert len(rows) == 31
    assert sum(row[1] for row in rows) == 2


def test_targets_are_met_at_the_level_they_were_set_at(shop: Shop) -> None:
    """120 for January, 100 of it for the web: never 220."""
    question = {"metrics": ["order_total"], "compare": "target"}
    rows = shop.rows(**question, group_by=["metric_time:month"])
    assert [(row[0], row[2], row[5]) for row in rows] == [
        ("2026-01-01", 120.0, "green"), ("2026-02-01", 100.0, "red"), ("2026-03-01", None, None),
    ]  # fmt: skip
    by_channel = shop.rows(**question, group_by=["channel"], time_range=JANUARY)
    assert [row[:3] for row in by_channel] == [("web", 150.0, 100.0)]
    with pytest.raises(Refusal, match="set by month"):
        shop.rows(**question, group_by=["metric_time:week"])
    with pytest.raises(Refusal, match="No target of 'order_total' is set by region"):
        shop.rows(**question, group_by=["metric_time:month", "region"])


def test_targets_of_months_add_up_to_longer_periods(shop: Shop) -> None:
    """120 and 100: 220 for a range of both months. March has none: neither have the quarter and the year.

    The web has 100 in January alone, and so none for both.
    """
    question = {"metrics": ["order_total"], "compare": "target"}
    both = {"from": "2026-01-01", "to": "2026-02-28"}
    for grain in ("quarter", "year"):
        by_grain = {"group_by": [f"metric_time:{grain}"]}
        assert shop.rows(**question, **by_grain)[0][:3] == ("2026-01-01", 218.0, None)
        assert shop.rows(**question, **by_grain, time_range=both)[0][:3] == ("2026-01-01", 200.0, 220.0)
    assert shop.rows(**question, time_range=both)[0][:2] == (200.0, 220.0)
    assert shop.rows(**question, time_range=both, group_by=["channel"])[1][:3] == ("web", 170.0, None)


def test_targets_of_a_ratio_are_not_added_up(shop: Shop) -> None:
    question = {"metrics": ["cost_per_order"], "compare": "target"}
    rows = shop.rows(**question, group_by=["metric_time:month"])
    assert [row[2] for row in rows] == [20.0, 8.0, None]
    assert shop.rows(**question, time_range={"from": "2026-01-01", "to": "2026-02-28"})[0][1] is None


def test_an_own_calendars_period_can_be_a_condition(shop: Shop) -> None:
    rows = shop.rows(metrics=["orders"], where=["metric_time__fiscal_month = '2026-01-26'"])
    assert rows == [(2,)]
    with pytest.raises(UnknownName, match="fiscal_month"):
        shop.rows(metrics=["orders"], group_by=["metric_time:fiscal_moth"])
