"""What was reported: a closing keeps the numbers of a month as they were told, with what they meant.

Values are text beside an SQL type, so that what is read back is exactly what was kept. Closings are only ever
added: a month that is closed again has the older closing, its reopening and the reason as history.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from semantic.errors import BadValue, Refusal


@dataclass(frozen=True)
class ClosedSet:
    """One metric by one grouping set: a row is the dimensions' members and the value, as text.

    `types` are the SQL types of the columns. additive: rows may be added up over any of the dimensions.
    """

    dimensions: tuple[str, ...]
    types: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    additive: bool
    sql: str


@dataclass(frozen=True)
class ClosedMetric:
    """One metric of a closing.

    fill: what stands for nothing in a group. empty: its number over no rows at all. required: dimensions that must
    be fixed, and the member that was.
    runs: it looks at other times than the month, so that it is only known for the month as shown by month.
    by_rows: the number of one member is the number over that member's rows alone.
    """

    name: str
    label: str
    format: str
    unit: str
    status: str
    fingerprint: str
    fill: int | float | None
    empty: int | float | None
    required: tuple[tuple[str, str | None], ...]
    runs: bool
    by_rows: bool
    sets: tuple[ClosedSet, ...]


@dataclass(frozen=True)
class Reopening:
    """Why a closing does not hold any more."""

    at: str
    by: str
    reason: str


@dataclass(frozen=True)
class Closing:
    """The head of a closing: which month, the how-manieth time, who, when, and over which data.

    `digest` is the hash of all that was kept. `left_out` are the metrics that have no number by month.
    """

    month: str
    number: int
    closed_at: str
    by: str
    note: str
    version: str
    published_at: str
    currency: str
    time_zone: str
    metrics: tuple[str, ...]
    watermark: Mapping[str, str | None] = field(default_factory=dict, hash=False)
    left_out: Mapping[str, str] = field(default_factory=dict, hash=False)
    reopened: Reopening | None = None
    digest: str = ""

    @property
    def words(self) -> str:
        """`2026-10 (closed 2026-11-05 by ann)`."""
        again = f", closing {self.number}" if self.number > 1 else ""
        return f"{self.month} (closed {self.closed_at[:10]} by {self.by}{again})"


class Closings(Protocol):
    """Where closings are kept; the semantic core only reads them."""

    def heads(self) -> tuple[Closing, ...]:
        """Every closing ever made, by month and number."""
        ...

    def metric(self, closing: Closing, name: str) -> ClosedMetric | None:
        """What a closing keeps of a metric; None where it keeps nothing."""
        ...


class NoClosings:
    """Nothing has been closed."""

    def heads(self) -> tuple[Closing, ...]:
        return ()

    def metric(self, closing: Closing, name: str) -> ClosedMetric | None:
        return None


NO_CLOSINGS = NoClosings()


def in_force(heads: Iterable[Closing]) -> dict[str, Closing]:
    """The closing that holds for each month: the newest, unless it was reopened."""
    newest = {head.month: head for head in sorted(heads, key=lambda head: (head.month, head.number))}
    return {month: head for month, head in newest.items() if head.reopened is None}


def known_at(heads: Iterable[Closing], month: str) -> dict[str, Closing]:
    """The closings of a month and of those before it, as they stood when that month was last closed."""
    heads = tuple(heads)
    held = in_force(heads)
    if month not in held:
        raise not_closed(month, heads)
    moment = held[month].closed_at
    found: dict[str, Closing] = {}
    for head in sorted(heads, key=lambda head: (head.month, head.number)):
        if head.month < month and head.closed_at <= moment:
            if head.reopened is not None and head.reopened.at <= moment:
                found.pop(head.month, None)
            else:
                found[head.month] = head
    return found | {month: held[month]}


def not_closed(month: str, heads: Iterable[Closing]) -> Refusal:
    """Why there is nothing reported for a month."""
    heads = tuple(heads)
    known = sorted(in_force(heads))
    of_month = [head for head in heads if head.month == month and head.reopened is not None]
    if of_month:
        last = max(of_month, key=lambda head: head.number)
        assert last.reopened is not None
        return Refusal(
            f"{month} was reopened on {last.reopened.at[:10]} by {last.reopened.by} ({last.reopened.reason}) and has "
            f"not been closed again.",
            known,
        )
    told = f"Closed are {', '.join(known)}." if known else "No month is."
    return Refusal(f"{month} has not been closed. {told} `touchstone close {month}` closes it.", known)


def first_day(month: str) -> dt.date:
    """The first day of a month written `2026-10`; raises BadValue."""
    try:
        if len(month) != 7:
            raise ValueError(month)
        return dt.date.fromisoformat(f"{month}-01")
    except ValueError:
        raise BadValue(f"{month!r} is not a month. Write it like 2026-10.") from None


def next_month(day: dt.date) -> dt.date:
    """The first day of the month after."""
    return (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
