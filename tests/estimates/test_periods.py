"""Which periods are forecast, and from which day."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.estimates.maths import load

periods = load("periods")


@pytest.mark.parametrize(
    ("as_of", "first_month", "month", "quarter"),
    [
        # On the last evening of a month the next one is forecast.
        (dt.date(2026, 10, 31), 1, ("2026-11-01", "2026-11-30"), ("2026-10-01", "2026-12-31")),
        (dt.date(2026, 12, 31), 1, ("2027-01-01", "2027-01-31"), ("2027-01-01", "2027-03-31")),
        (dt.date(2026, 11, 14), 1, ("2026-11-01", "2026-11-30"), ("2026-10-01", "2026-12-31")),
        # A fiscal year that starts in February.
        (dt.date(2026, 1, 15), 2, ("2026-01-01", "2026-01-31"), ("2025-11-01", "2026-01-31")),
        (dt.date(2026, 2, 1), 2, ("2026-02-01", "2026-02-28"), ("2026-02-01", "2026-04-30")),
    ],
)
def test_the_running_month_and_quarter(
    as_of: dt.date, first_month: int, month: tuple, quarter: tuple
) -> None:
    made = periods.periods(as_of, first_month, {"month": 0, "quarter": 0})
    assert [(str(one.start), str(one.end)) for one in made] == [month, quarter]
    assert all(one.is_current and one.as_of == as_of for one in made)


def test_past_periods_are_looked_at_on_the_same_day_of_them() -> None:
    made = periods.periods(dt.date(2026, 3, 30), 1, {"month": 2, "quarter": 1})
    assert [(one.horizon, str(one.start), str(one.as_of)) for one in made] == [
        ("month", "2026-03-01", "2026-03-30"),
        ("month", "2026-02-01", "2026-02-27"),  # it has no 30th: one day is left
        ("month", "2026-01-01", "2026-01-30"),
        ("quarter", "2026-01-01", "2026-03-30"),
        ("quarter", "2025-10-01", "2025-12-28"),
    ]
