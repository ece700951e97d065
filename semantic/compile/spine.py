"""The SQL of a row for each period: the spine's periods, with a fact's rows joined to them."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from semantic.compile.expressions import (
    alias,
    bound,
    column,
    joined,
    predicate_sql,
    reached,
    relation,
    selected,
    truncated,
    value,
)
from semantic.compile.scan import in_range, on_calendar
from semantic.plan import SpineFill


def spine_fill_sql(fill: SpineFill, inner: exp.Select, dialect: str) -> exp.Select:
    """Every period of the spine, LEFT JOIN the fact's rows."""
    periods = _periods(fill, dialect).subquery(alias="periods", copy=False)
    clocks = [name for name, _ in fill.clocks]
    instant = ("instant",) if fill.instants else ()
    clocks += instant
    select = exp.Select()
    for name in (*fill.keys, *instant):
        select = select.select(column(name, "periods" if name in clocks else "found"), copy=False)
    select = select.select(*(_number(fill, name) for name in fill.columns), copy=False).from_(
        periods, copy=False
    )
    on = joined([exp.NullSafeEQ(this=column(n, "periods"), expression=column(n, "found")) for n in clocks])
    select = select.join(inner.subquery(alias="found", copy=False), on=on, join_type="left", copy=False)
    again = [_again(fill, predicate, dict(columns)) for predicate, columns in fill.again]
    where = joined(again)
    return select.where(where, copy=False) if where is not None else select


def _number(fill: SpineFill, name: str) -> exp.Expr:
    """A number; at an instant without rows it is what it is filled with, so that a mean counts it."""
    number = column(name, "found")
    fills = dict(fill.fills)
    if not fill.instants or name not in fills:
        return number
    return alias(exp.Coalesce(this=number, expressions=[value(fills[name])]), name)


def _periods(fill: SpineFill, dialect: str) -> exp.Select:
    """The distinct periods of the asked grains within the range."""
    spine = fill.spine
    select = selected(*(alias(reached(reach, dialect), name) for name, reach in fill.clocks))
    if fill.instants:
        instant = truncated(column(spine.column, "spine"), fill.instants)
        select = select.select(alias(instant, "instant"), copy=False)
    select = select.from_(relation(spine.relation, "spine"), copy=False)
    for calendar in fill.calendars:
        select = on_calendar(select, calendar, dialect)
    found = [bound(condition, dialect) for condition in fill.on_clock]
    if fill.range is not None:
        found.extend(in_range(column(spine.column, "spine"), fill.range, spine.grain))
    where = joined(found)
    return (select.where(where, copy=False) if where is not None else select).distinct(copy=False)


def _again(fill: SpineFill, predicate: Any, columns: dict[Any, str]) -> exp.Expr:
    clocks = {name for name, _ in fill.clocks}

    def resolve(node: Any) -> exp.Expr:
        name = columns[node.dimension]
        return column(name, "periods" if name in clocks else "found")

    return predicate_sql(predicate, resolve)
