"""Ranges of days, for vendors that are asked for one range at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class DayRange:
    """From `first` to `last`, both included."""

    first: date
    last: date

    def halves(self) -> tuple["DayRange", "DayRange"]:
        """The earlier and the later half; the later one is empty where it is one day.

        >>> DayRange(date(2026, 1, 1), date(2026, 1, 3)).halves()[1].first
        datetime.date(2026, 1, 3)
        """
        middle = self.first + (self.last - self.first) // 2
        return DayRange(self.first, middle), DayRange(middle + timedelta(days=1), self.last)


def day_ranges(first: date, last: date, days: int) -> Iterator[DayRange]:
    """`first` to `last` in ranges of at most `days` days; nothing when `last` lies before `first`.

    >>> list(day_ranges(date(2026, 1, 30), date(2026, 2, 1), 2))[1].first
    datetime.date(2026, 2, 1)
    """
    while first <= last:
        end = min(first + timedelta(days=days - 1), last)
        yield DayRange(first, end)
        first = end + timedelta(days=1)
