"""A WHERE clause -> the question's time range and conditions.

Bounds on the bare `metric_time` become the range, so that windows that look back still can. What the engine's
own condition language says is handed over as it is. A condition that only the door understands (CASE ...),
over dimensions that can be listed, is turned into the list of the members that meet it (`labels.py`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from api.sql_door.catalog import Catalog
from api.sql_door.constants import constant_value, fold, is_constant
from api.sql_door.refused import Refused
from api.sql_door.view import is_measure
from semantic.definitions import METRIC_TIME
from semantic.predicates import DATE_PARTS, Predicate, parse_predicate
from semantic.query import TimeRange

_DAY = dt.timedelta(days=1)
_TICK = dt.timedelta(microseconds=1)
_FLIPPED = {exp.GT: exp.LT, exp.GTE: exp.LTE, exp.LT: exp.GT, exp.LTE: exp.GTE, exp.EQ: exp.EQ}


@dataclass(frozen=True)
class Conditions:
    """time_range and predicates go into the question; `by_member` must be met by listed members.

    `nothing` says that no row can meet them: `1 = 0`, or a range that ends before it starts.
    """

    time_range: TimeRange | None = None
    predicates: tuple[Predicate, ...] = ()
    by_member: tuple[exp.Expr, ...] = ()
    nothing: bool = False


@dataclass(frozen=True)
class _Bounds:
    """start <= time < stop."""

    start: dt.datetime | None = None
    stop: dt.datetime | None = None

    def meet(self, other: _Bounds) -> _Bounds:
        starts = [b.start for b in (self, other) if b.start]
        stops = [b.stop for b in (self, other) if b.stop]
        return _Bounds(max(starts, default=None), min(stops, default=None))


def read_where(where: exp.Expr | None, catalog: Catalog, now: dt.datetime) -> Conditions:
    """Read a WHERE clause (its condition, checked and without view columns)."""
    bounds, predicates, by_member, nothing = _Bounds(), [], [], False
    for part in _conjuncts(where):
        if any(is_measure(n) for n in part.walk()):
            raise Refused(f"A condition on a metric belongs in HAVING: {part.sql(dialect='postgres')[:80]}")
        found = None if is_constant(part) else _time_bounds(part, now)
        if is_constant(part):
            nothing = nothing or not constant_value(part, now)
        elif found:
            bounds = bounds.meet(found)
        elif part.find(exp.Case, exp.If):
            by_member.append(part)
        else:
            predicates.append(_predicate(part, catalog, now))
    empty = nothing or bool(bounds.start and bounds.stop and bounds.start >= bounds.stop)
    return Conditions(_range(bounds), tuple(predicates), tuple(by_member), empty)


def _conjuncts(where: exp.Expr | None) -> Iterator[exp.Expr]:
    if where is None:
        return
    where = where.unnest()
    if isinstance(where, exp.And):
        yield from _conjuncts(where.this)
        yield from _conjuncts(where.expression)
    else:
        yield where


def _time_bounds(part: exp.Expr, now: dt.datetime) -> _Bounds | None:
    """Bounds from `metric_time >= X`, `X > metric_time`, `metric_time BETWEEN X AND Y`; None for all else."""
    if isinstance(part, exp.Between) and _is_metric_time(part.this):
        low, high = part.args["low"], part.args["high"]
        if is_constant(low) and is_constant(high):
            return _Bounds(_instant(low, now), _instant(high, now) + _TICK)
    kind = type(part)
    if kind not in _FLIPPED:
        return None
    left, right = part.this, part.expression
    if _is_metric_time(right) and is_constant(left):
        left, right, kind = right, left, _FLIPPED[kind]
    if not (_is_metric_time(left) and is_constant(right)):
        return None
    at = _instant(right, now)
    return {
        exp.GTE: _Bounds(at, None),
        exp.GT: _Bounds(at + _TICK, None),
        exp.LT: _Bounds(None, at),
        exp.LTE: _Bounds(None, at + _TICK),
        exp.EQ: _Bounds(at, at + _TICK),
    }[kind]


def _is_metric_time(node: exp.Expr) -> bool:
    node = node.unnest()
    if isinstance(node, exp.Cast) and node.to.this.name == "TIMESTAMP":
        node = node.this
    return isinstance(node, exp.Column) and node.name == METRIC_TIME


def _instant(node: exp.Expr, now: dt.datetime) -> dt.datetime:
    value = constant_value(exp.cast(node.copy(), "TIMESTAMP"), now)
    if not isinstance(value, dt.datetime):
        raise Refused(
            f"{node.sql(dialect='postgres')[:80]} is not a time. Write TIMESTAMP '2026-01-31 00:00:00'."
        )
    return value


def _range(bounds: _Bounds) -> TimeRange | None:
    """Half-open bounds as the question's closed range: whole days as dates, else the last instant before."""
    if bounds.start is None and bounds.stop is None:
        return None
    start: dt.date | None = bounds.start
    if bounds.start and bounds.start == dt.datetime.combine(bounds.start.date(), dt.time()):
        start = bounds.start.date()
    end: dt.date | None = None
    if bounds.stop:
        midnight = bounds.stop == dt.datetime.combine(bounds.stop.date(), dt.time())
        end = bounds.stop.date() - _DAY if midnight else bounds.stop - _TICK
    return TimeRange(start, end)


def _predicate(part: exp.Expr, catalog: Catalog, now: dt.datetime) -> Predicate:
    tree = fold(part, now).transform(lambda node: _grain_column(node, catalog))
    for column in tree.find_all(exp.Column):
        catalog.check_column(column.name)
    return parse_predicate(tree.sql(dialect="duckdb"))


def _grain_column(node: exp.Expr, catalog: Catalog) -> exp.Expr:
    """DATE_TRUNC('month', metric_time) -> metric_time__month."""
    return exp.column(grain_name(node, catalog)) if isinstance(node, TIME_PARTS) else node


TIME_PARTS = (exp.TimestampTrunc, exp.DateTrunc, exp.Extract)
"""Nodes that take a grain or a part of a time: DATE_TRUNC('month', t), EXTRACT(YEAR FROM t)."""


def grain_name(node: exp.Expr, catalog: Catalog) -> str:
    """The question's name of a grain or part of a time dimension.

    >>> from sqlglot import parse_one
    >>> catalog = Catalog((("metric_time", "TIMESTAMP"),), frozenset(), frozenset({"month"}))
    >>> grain_name(parse_one("DATE_TRUNC('month', metric_time)", dialect="postgres"), catalog)
    'metric_time__month'
    >>> grain_name(parse_one("EXTRACT(YEAR FROM metric_time)", dialect="postgres"), catalog)
    'metric_time__extract_year'
    """
    extract = isinstance(node, exp.Extract)
    column = (node.expression if extract else node.this).unnest()
    grain = str(node.this.name if extract else node.args["unit"].name).lower()
    if isinstance(column, exp.Cast):
        column = column.this
    known = DATE_PARTS if extract else catalog.grains
    if grain not in known:
        word = "part of a date" if extract else "time grain"
        raise Refused(f"There is no {word} {grain!r}.", sorted(known), "unknown_grain")
    if not isinstance(column, exp.Column) or not catalog.is_time(column.name):
        raise Refused(f"{node.key.upper()} takes a time dimension, as in DATE_TRUNC('month', {METRIC_TIME}).")
    return f"{column.name}__extract_{grain}" if extract else f"{column.name}__{grain}"
