"""A WHERE clause -> the question's time range and conditions.

Bounds on the bare `metric_time` become the range, so that windows that look back still can. What the engine's
own condition language says is handed over as it is. A condition that only the door understands (CASE ...),
over dimensions that can be listed, is turned into the list of the members that meet it (`members.py`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from api.sql_door.catalog import Catalog
from api.sql_door.constants import constant_value, fold, is_constant
from api.sql_door.instants import DAY, TICK, Span, is_midnight, span_of, spelled_out
from api.sql_door.refused import Refused
from api.sql_door.view import is_measure
from semantic.definitions import METRIC_TIME
from semantic.predicates import DATE_PARTS, Predicate, parse_predicate
from semantic.query import TimeRange


@dataclass(frozen=True)
class Conditions:
    """time_range and predicates go into the question; `by_member` must be met by listed members.

    `nothing` says that no row can meet them: `1 = 0`, or a range that ends before it starts.
    """

    time_range: TimeRange | None = None
    predicates: tuple[Predicate, ...] = ()
    by_member: tuple[exp.Expr, ...] = ()
    nothing: bool = False


def read_where(where: exp.Expr | None, catalog: Catalog, now: dt.datetime) -> Conditions:
    """Read a WHERE clause (its condition, checked and without view columns)."""
    span, predicates, by_member, nothing = Span(), [], [], False
    for part in _conjuncts(where):
        if any(is_measure(n) for n in part.walk()):
            raise Refused(f"A condition on a metric belongs in HAVING: {part.sql(dialect='postgres')[:80]}")
        found = None if is_constant(part) else span_of(part, now)
        if is_constant(part):
            nothing = nothing or not constant_value(part, now)
        elif found:
            span = span.meet(found)
        elif part.find(exp.Case, exp.If):
            by_member.append(part)
        else:
            predicates.append(_predicate(part, catalog, now))
    return Conditions(_range(span), tuple(predicates), tuple(by_member), nothing or span.empty)


def _conjuncts(where: exp.Expr | None) -> Iterator[exp.Expr]:
    if where is None:
        return
    where = where.unnest()
    if isinstance(where, exp.And):
        yield from _conjuncts(where.this)
        yield from _conjuncts(where.expression)
    else:
        yield where


def _range(span: Span) -> TimeRange | None:
    """A half-open span as the question's closed range: whole days as dates, else the last instant before."""
    if span.start is None and span.stop is None:
        return None
    start: dt.date | None = span.start
    if span.start and is_midnight(span.start):
        start = span.start.date()
    end: dt.date | None = None
    if span.stop:
        end = span.stop.date() - DAY if is_midnight(span.stop) else span.stop - TICK
    return TimeRange(start, end)


def _predicate(part: exp.Expr, catalog: Catalog, now: dt.datetime) -> Predicate:
    tree = fold(spelled_out(part, now), now).transform(lambda node: _grain_column(node, catalog))
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
