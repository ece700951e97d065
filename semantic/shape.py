"""Split a question into its shape and its values, so that a plan made once serves every value."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from semantic.definitions import Window
from semantic.plan import Range, Slot
from semantic.predicates import GRAINS, Literal, transform
from semantic.query import Query, TimeRange

_BEGINS: dict[str, Callable[[dt.date], bool]] = {
    "year": lambda day: (day.month, day.day) == (1, 1),
    "quarter": lambda day: day.month % 3 == 1 and day.day == 1,
    "month": lambda day: day.day == 1,
    "week": lambda day: day.weekday() == 0,
}


@dataclass(frozen=True)
class Shaped:
    """A question with slots where its values were, its time range as a half-open one, and the values."""

    query: Query
    range: Range | None
    values: tuple[Any, ...]


def shaped(query: Query) -> Shaped:
    """Take the values out of the conditions and the time range."""
    values: list[Any] = []

    def slot(value: Any) -> Slot:
        values.append(value)
        return Slot(len(values) - 1, kind_of(value), value)

    def take(node: Any) -> Any:
        if isinstance(node, Literal) and node.value in GRAINS:
            return node  # it may say how long a period is, and then decides about the plan
        if isinstance(node, Literal) and node.value is not None and not isinstance(node.value, bool | Slot):
            return Literal(slot(node.value))  # type: ignore[arg-type]
        return node

    where = tuple(transform(predicate, take) for predicate in query.where)
    having = tuple(transform(predicate, take) for predicate in query.having)
    range_ = _range(query.time_range, slot)
    if range_ is not None and query.compare == "previous_period" and query.time_range is not None:
        range_ = replace(range_, length=_length(query.time_range))
    return Shaped(replace(query, where=where, having=having, time_range=None), range_, tuple(values))


def kind_of(value: Any) -> str:
    """What a value is, as far as the SQL depends on it."""
    if isinstance(value, dt.datetime):
        return "datetime"
    if isinstance(value, dt.date):
        return "date"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float | Decimal):
        return "number"
    text = str(value).strip()
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        return "text"
    return "text_date" if len(text) <= 10 else "text_datetime"


def _range(range_: TimeRange | None, slot: Any) -> Range | None:
    if range_ is None:
        return None
    start = slot(_start(range_.start)) if range_.start is not None else None
    end = slot(_after(range_.end)) if range_.end is not None else None
    bounds = [_start(range_.start) if range_.start else None, _after(range_.end) if range_.end else None]
    return Range(start, end, _alignment([bound for bound in bounds if bound is not None]))


def _alignment(bounds: list[dt.date | dt.datetime]) -> str:
    """The coarsest grain that all bounds begin a period of."""
    if any(isinstance(bound, dt.datetime) for bound in bounds):
        return "microsecond"
    for grain, begins in _BEGINS.items():
        if all(begins(bound) for bound in bounds):
            return grain
    return "day"


def _length(range_: TimeRange) -> Window | None:
    """How long a range is: in months where it is made of whole ones, else in days, else in seconds."""
    if range_.start is None or range_.end is None:
        return None
    start, end = _start(range_.start), _after(range_.end)
    if isinstance(start, dt.datetime) or isinstance(end, dt.datetime):
        return Window(round((_instant(end) - _instant(start)).total_seconds()), "second")
    if start.day == end.day == 1:
        return Window((end.year - start.year) * 12 + end.month - start.month, "month")
    return Window((end - start).days, "day")


def _instant(value: dt.date | dt.datetime) -> dt.datetime:
    return value if isinstance(value, dt.datetime) else dt.datetime.combine(value, dt.time())


def _start(value: dt.date | dt.datetime) -> dt.date | dt.datetime:
    midnight = isinstance(value, dt.datetime) and value.time() == dt.time() and value.tzinfo is None
    return value.date() if midnight and isinstance(value, dt.datetime) else value


def _after(value: dt.date | dt.datetime) -> dt.date | dt.datetime:
    """The first instant after the range: the next day for a date, the next microsecond for an instant."""
    if isinstance(value, dt.datetime):
        return value + dt.timedelta(microseconds=1)
    return value + dt.timedelta(days=1)
