"""Ranges of days, for vendors that are asked for one range at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class DayRange:
    """From `first` to `last`, both included."""

    first: date
    last: date


def day_ranges(first: date, last: date, days: int) -> Iterator[DayRange]:
    """`first` to `last` in ranges of at most `days` days; nothing when `last` lies before `first`.

    >>> list(day_ranges(date(2026, 1, 30), date(2026, 2, 1), 2))[1].first
    datetime.date(2026, 2, 1)
    """
    while first <= last:
        end = min(first + timedelta(days=days - 1), last)
        yield DayRange(first, end)
        first = end + timedelta(days=1)
