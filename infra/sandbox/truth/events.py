"""What happened in the company and counts towards a metric: when, where, how much."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

Number = int | Decimal
Cell = tuple[date | None, str | None]  # (first of month or None, channel or None): None is all of them
BLANK = ""  # the channel of what nobody recorded a channel for


@dataclass(frozen=True, slots=True)
class Event:
    """Something that counts towards a metric: on which day, under which channels, how much.

    It counts once in the total and once under each of its channels; without channels, in the total only.
    """

    metric: str
    on: date
    channels: tuple[str, ...]
    value: Number = 1

    def cells(self) -> Iterator[Cell]:
        """The cells that it counts in."""
        month = self.on.replace(day=1)
        for channel in (None, *self.channels):
            yield month, channel
            yield None, channel


class OfMonth(Event):
    """What cannot be added over months: it counts in its month alone."""

    __slots__ = ()

    def cells(self) -> Iterator[Cell]:
        """Its month."""
        yield first_of_month(self.on), None


class Whole(Event):
    """What cannot be added over months: it is told for all of them."""

    __slots__ = ()

    def cells(self) -> Iterator[Cell]:
        """The total."""
        yield None, None


def first_of_month(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def happened(metric: str, on: date, channel: str | None, value: Number = 1) -> Event:
    """An event of one channel."""
    return Event(metric, on, (channel or BLANK,), value)


def is_past(at: datetime | None, now: datetime) -> bool:
    """Whether something has happened by `now`."""
    return at is not None and at <= now


def by_month(events: Iterable[Event]) -> list[Event]:
    """The same in fewer events: one a metric, month and channels, on the first of the month."""
    sums: dict[tuple[str, date, tuple[str, ...]], Number] = defaultdict(int)
    for event in events:
        sums[event.metric, event.on.replace(day=1), event.channels] += event.value
    return [Event(*key, value) for key, value in sums.items()]
