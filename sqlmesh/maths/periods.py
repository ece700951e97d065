"""The periods that a forecast is made for, and the day that each of them is looked at from."""

import typing as t
from dataclasses import dataclass
from datetime import date, timedelta

MONTHS = (("month", 1), ("quarter", 3))


@dataclass(frozen=True)
class Period:
    """A month or quarter, and the last evening that its forecast knows."""

    horizon: str
    start: date
    end: date
    as_of: date
    is_current: bool


def periods(as_of: date, first_month: int, backtests: dict[str, int]) -> list[Period]:
    """The month and the quarter that the day after `as_of` lies in, and as many before as `backtests` says.

    Each of them is looked at when as many of its days had passed. `first_month` is the first of the fiscal year.

    >>> [(p.start.isoformat(), p.as_of.isoformat()) for p in periods(date(2026, 3, 30), 1, {"month": 1, "quarter": 0})]
    [('2026-03-01', '2026-03-30'), ('2026-02-01', '2026-02-27'), ('2026-01-01', '2026-03-30')]
    """
    return [one for horizon, months in MONTHS for one in of_length(horizon, months, as_of, first_month, backtests[horizon])]


def of_length(horizon: str, months: int, as_of: date, first_month: int, count: int) -> t.Iterator[Period]:
    """The running period and the `count` before it, backwards."""
    tomorrow = as_of + timedelta(days=1)
    number = tomorrow.year * 12 + tomorrow.month - 1
    number -= (number - (first_month - 1)) % months
    passed = (tomorrow - month(number)).days
    for back in range(count + 1):
        start, end = month(number - months * back), month(number - months * (back - 1)) - timedelta(days=1)
        # A shorter month has at least one day left.
        yield Period(horizon, start, end, min(start + timedelta(days=passed - 1), end - timedelta(days=1)), back == 0)


def month(number: int) -> date:
    """The first day of the month that is `number` months after the year 0."""
    return date(number // 12, number % 12 + 1, 1)
