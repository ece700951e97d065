"""A question, frozen, and the one document form that every door writes it in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal
from zoneinfo import ZoneInfo

from semantic.errors import BadValue, QueryError, UnknownName
from semantic.predicates import GroupBy, Predicate, Scalar, parse_group_by, predicate_from_document

Comparison = Literal["previous_period", "previous_year", "target", "as_reported"]
YEARS = (1000, 9900)
"""Years that a time range may lie in: room on both sides for windows and comparisons."""
COMPARISONS = ("previous_period", "previous_year", "target", "as_reported")


@dataclass(frozen=True)
class TimeRange:
    """From the start of `start` to the end of `end`: a whole last day includes its last hour.

    Either end may be open (None). A date means the whole day; a datetime means that instant, inclusive.
    """

    start: dt.date | dt.datetime | None = None
    end: dt.date | dt.datetime | None = None


@dataclass(frozen=True)
class OrderBy:
    """A column of the answer, by its name; missing values come last."""

    name: str
    descending: bool = False


@dataclass(frozen=True)
class Top:
    """Keep the `count` members of `dimension` that have the highest `metric`; the rest become `other`."""

    dimension: GroupBy
    metric: str
    count: int
    other: str | None = "Other"


@dataclass(frozen=True)
class Query:
    """A question to the semantic layer; without metrics it asks for the members of its dimensions.

    where: conditions on dimensions, before aggregation. having: conditions on the answer's metrics.
    time_range bounds `metric_time`. totals: grand total (True) or every level of subtotals ('subtotals').
    share_of_total: metrics that get a column with their share of the grand total.
    as_of: a closed period's name, to get the numbers as they were reported.
    """

    metrics: tuple[str, ...] = ()
    group_by: tuple[GroupBy, ...] = ()
    where: tuple[Predicate, ...] = ()
    having: tuple[Predicate, ...] = ()
    time_range: TimeRange | None = None
    time_zone: str | None = None
    compare: Comparison | None = None
    totals: bool | Literal["subtotals"] = False
    share_of_total: tuple[str, ...] = ()
    top: Top | None = None
    order_by: tuple[OrderBy, ...] = ()
    limit: int | None = None
    offset: int = 0
    attribution_model: str | None = None
    currency: str | None = None
    as_of: str | None = None
    min_max_only: bool = False
    distinct: bool = True


def ranking(query: Query, top: Top) -> Query:
    """The question whose rows are the members that `top` keeps: the highest number over everything asked."""
    return replace(
        query, metrics=(top.metric,), group_by=(top.dimension,), having=(), compare=None, totals=False,
        share_of_total=(), top=None, order_by=(OrderBy(top.metric, True),), limit=top.count, offset=0,
    )  # fmt: skip


@dataclass(frozen=True)
class Principal:
    """Who asks. `see_all` is for the system itself and for tests; a real person's rights come from roles.

    `row_filters` are added to those of the roles. `attributes` fill ATTRIBUTE('name') in row filters.
    """

    name: str = "system"
    roles: tuple[str, ...] = ()
    row_filters: tuple[Predicate, ...] = ()
    attributes: tuple[tuple[str, Scalar], ...] = ()
    see_all: bool = False


SYSTEM = Principal(see_all=True)

_KEYS = {field.name for field in fields(Query)}


def query_from_document(document: Mapping[str, Any]) -> Query:
    """Read a question from JSON-like data.

    >>> query_from_document({"metrics": ["mqls"], "group_by": ["metric_time:month"]}).group_by[0].grain
    'month'
    """
    if not isinstance(document, Mapping):
        raise BadValue(f"A question is an object with 'metrics' and 'group_by', not {document!r}.")
    for key in document:
        if key not in _KEYS:
            raise UnknownName.of("key", str(key), _KEYS, " in a question")
    return Query(
        metrics=tuple(str(name).strip() for name in _list(document, "metrics")),
        group_by=tuple(_group_by(item) for item in _list(document, "group_by")),
        where=tuple(predicate_from_document(item) for item in _list(document, "where")),
        having=tuple(predicate_from_document(item) for item in _list(document, "having")),
        time_range=_time_range(document.get("time_range")),
        time_zone=_zone(document),
        compare=_choice(document, "compare", COMPARISONS),  # type: ignore[arg-type]
        totals=_totals(document.get("totals", False)),
        share_of_total=tuple(str(name) for name in _list(document, "share_of_total")),
        top=_top(document.get("top")),
        order_by=tuple(_order_by(item) for item in _list(document, "order_by")),
        limit=_count(document, "limit"),
        offset=_count(document, "offset") or 0,
        attribution_model=_text(document, "attribution_model"),
        currency=_text(document, "currency"),
        as_of=_text(document, "as_of"),
        min_max_only=bool(document.get("min_max_only", False)),
        distinct=bool(document.get("distinct", True)),
    )


def parse_time(value: Any, key: str) -> dt.date | dt.datetime | None:
    """Read an ISO date (a whole day) or an ISO datetime (an instant)."""
    if value is None or isinstance(value, dt.date):
        return value
    try:
        text = str(value).strip()
        read = dt.date.fromisoformat(text) if len(text) <= 10 else dt.datetime.fromisoformat(text)
    except ValueError:
        raise BadValue(f"{key} {value!r} is not a date. Write it like 2026-01-31.") from None
    if not YEARS[0] <= read.year <= YEARS[1]:
        raise BadValue(f"{key} {value!r} is out of bounds: the years are {YEARS[0]} to {YEARS[1]}.")
    return read


def _zone(document: Mapping[str, Any]) -> str | None:
    name = _text(document, "time_zone")
    try:
        return name and ZoneInfo(name).key
    except (ValueError, OSError, KeyError):
        raise BadValue(f"There is no time zone {name!r}. Write it like Europe/Oslo.") from None


def _list(document: Mapping[str, Any], key: str) -> list[Any]:
    value = document.get(key)
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _text(document: Mapping[str, Any], key: str) -> str | None:
    value = document.get(key)
    if value is not None and not isinstance(value, str):
        raise BadValue(f"{key!r} is {value!r}; it should be text.")
    return value or None


def _choice(document: Mapping[str, Any], key: str, known: tuple[str, ...]) -> str | None:
    value = _text(document, key)
    if value is not None and value not in known:
        raise BadValue(f"{key!r} is {value!r}; it should be one of {', '.join(known)}.", known)
    return value


def _count(document: Mapping[str, Any], key: str) -> int | None:
    value = document.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadValue(f"{key!r} is {value!r}; it should be a whole number, 0 or more.")
    return value


def _group_by(item: Any) -> GroupBy:
    if isinstance(item, GroupBy):
        return item
    if not isinstance(item, Mapping):
        return parse_group_by(str(item))
    name, grain, part = item.get("name"), item.get("grain"), item.get("date_part")
    if not name:
        raise BadValue(f"{dict(item)!r} does not name a dimension.")
    if grain and part:
        raise BadValue(f"{name!r} asks for the grain {grain!r} and the date part {part!r}; choose one.")
    parsed = parse_group_by(str(name))
    if part:
        return GroupBy(parsed.name, date_part=str(part).lower())
    return GroupBy(parsed.name, str(grain).lower()) if grain else parsed


def _time_range(value: Any) -> TimeRange | None:
    if value is None or isinstance(value, TimeRange):
        return value
    if isinstance(value, Mapping):
        for key in value:
            if key not in ("from", "to"):
                raise UnknownName.of("key", str(key), ("from", "to"), " in time_range")
        start, end = value.get("from"), value.get("to")
    elif isinstance(value, list | tuple) and len(value) == 2:
        start, end = value
    else:
        raise BadValue(f"time_range is {value!r}; write {{'from': '2026-01-01', 'to': '2026-03-31'}}.")
    read = TimeRange(parse_time(start, "time_range.from"), parse_time(end, "time_range.to"))
    if read.start and read.end and _instant(read.start) > _instant(read.end):
        raise QueryError(f"The time range starts on {read.start}, after its end on {read.end}.")
    return read if read.start or read.end else None


def _instant(value: dt.date | dt.datetime) -> dt.datetime:
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None)
    return dt.datetime.combine(value, dt.time())


def _totals(value: Any) -> bool | Literal["subtotals"]:
    if value in (True, False, "subtotals"):
        return value
    raise BadValue(f"'totals' is {value!r}; it should be true, false or 'subtotals'.")


def _top(value: Any) -> Top | None:
    if value is None or isinstance(value, Top):
        return value
    if not isinstance(value, Mapping) or not {"dimension", "metric", "count"} <= set(value):
        raise BadValue(f"'top' is {value!r}; write {{'dimension': 'channel', 'metric': 'mqls', 'count': 5}}.")
    count = _count(value, "count")
    if not count:
        raise BadValue("'top.count' should be 1 or more.")
    return Top(
        parse_group_by(str(value["dimension"])), str(value["metric"]), count, value.get("other", "Other")
    )


def _order_by(item: Any) -> OrderBy:
    if isinstance(item, OrderBy):
        return item
    text = str(item).strip()
    name = text.removeprefix("-").strip()
    if not name:
        raise BadValue(
            f"{item!r} does not name a column to order by. Write `name`, or `-name` for descending."
        )
    return OrderBy(name.replace(":", "__"), text.startswith("-"))
