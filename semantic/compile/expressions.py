"""From reaches, predicates and values to sqlglot trees. Nothing here writes SQL text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

import sqlglot
from sqlglot import exp

from semantic.definitions import WRITTEN_IN, Window
from semantic.errors import BadValue
from semantic.functions import call_sql
from semantic.plan import Condition, Reach, Slot
from semantic.predicates import (
    GRAINS,
    And,
    Between,
    Call,
    Cast,
    Compare,
    DimensionRef,
    In,
    IsNull,
    Like,
    Literal,
    MetricRef,
    Not,
    Or,
    Predicate,
    Truth,
)

MASK = "***"
_RESERVED = {
    "all", "and", "as", "asc", "by", "case", "check", "column", "create", "current_user", "default", "desc",
    "distinct", "end", "except", "false", "from", "group", "having", "in", "into", "join", "limit", "not", "null",
    "offset", "on", "or", "order", "select", "session_user", "table", "then", "to", "true", "union", "user",
    "using", "values", "when", "where", "window", "with",
}  # fmt: skip
_COMPARE: dict[str, type[exp.Binary]] = {
    "=": exp.EQ, "<>": exp.NEQ, "<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE,
}  # fmt: skip
_CASTS = {
    "timestamp": "TIMESTAMP", "date": "DATE", "text": "TEXT", "bigint": "BIGINT", "int": "INT",
    "double": "DOUBLE", "decimal": "DECIMAL", "boolean": "BOOLEAN",
}  # fmt: skip
Resolve = Callable[[Any], exp.Expr]


def identifier(name: str) -> exp.Identifier:
    """A name, quoted only where it has to be."""
    plain = name.replace("_", "a").isalnum() and not name[:1].isdigit() and name.isascii()
    return exp.to_identifier(name, quoted=not plain or name.lower() in _RESERVED)


def column(name: str, table: str) -> exp.Column:
    return exp.column(identifier(name), table=identifier(table))


def alias(node: exp.Expr, name: str) -> exp.Alias:
    return exp.Alias(this=node, alias=identifier(name))


def relation(name: str, as_name: str) -> exp.Table:
    """A physical table: `schema.name` or `catalog.schema.name`."""
    table = _table(name).copy()
    table.set("alias", exp.TableAlias(this=identifier(as_name)))
    return table


def selected(*columns: exp.Expr) -> exp.Select:
    """SELECT these; nothing is copied."""
    return exp.Select(expressions=list(columns))


@lru_cache(maxsize=8192)
def _table(name: str) -> exp.Table:
    return exp.to_table(name)


@lru_cache(maxsize=8192)
def _parsed(text: str) -> exp.Expr:
    return sqlglot.parse_one(text, dialect=WRITTEN_IN)


def qualified(text: str, table: str, dialect: str) -> exp.Expr:
    """An expression of the glossary with its bare columns bound to one table."""
    tree = _parsed(text).copy()
    for node in list(tree.find_all(exp.Column)):
        if not node.table:
            node.set("table", identifier(table))
    return exp.Paren(this=tree) if isinstance(tree, exp.Binary | exp.Connector) else tree


def value(item: Any, as_type: str | None = None) -> exp.Expr:
    """A typed literal; a slot becomes a marker that is filled in when the question is asked."""
    if isinstance(item, Slot):
        return _slot(item, as_type)
    if item is None:
        return exp.Null()
    if isinstance(item, bool):
        return exp.Boolean(this=item)
    if isinstance(item, dt.datetime):
        return cast(exp.Literal.string(item.isoformat(sep=" ")), "TIMESTAMP")
    if isinstance(item, dt.date):
        return cast(exp.Literal.string(item.isoformat()), "DATE")
    if isinstance(item, int | float | Decimal):
        return exp.Literal.number(str(item)) if item >= 0 else exp.Neg(this=exp.Literal.number(str(-item)))
    literal = exp.Literal.string(str(item))
    return cast(literal, _time_type(item, as_type)) if as_type else literal


def _slot(slot: Slot, as_type: str | None) -> exp.Expr:
    marker: exp.Expr = exp.Placeholder(this=f"touchstone_slot_{slot.index}")
    if slot.kind == "text":
        if as_type:
            raise BadValue(
                f"{slot.sample!r} is compared with a time, but is not a date. Write it like 2026-01-31."
            )
        return marker
    if slot.kind in ("text_date", "text_datetime") and not as_type:
        return marker
    if slot.kind in ("date", "text_date"):
        return cast(marker, as_type or "DATE")
    return cast(marker, "TIMESTAMP") if slot.kind in ("datetime", "text_datetime") else marker


def _time_type(text: Any, as_type: str) -> str:
    try:
        dt.datetime.fromisoformat(str(text).strip())
    except ValueError:
        raise BadValue(
            f"{text!r} is compared with a time, but is not a date. Write it like 2026-01-31."
        ) from None
    return as_type if len(str(text).strip()) <= 10 else "TIMESTAMP"


def cast(node: exp.Expr, kind: str) -> exp.Expr:
    """The node as this type; what is cast to it already stays as it is."""
    wanted = exp.DType[kind]
    if isinstance(node, exp.Cast) and node.to.this == wanted:
        return node
    return exp.Cast(this=node, to=exp.DataType(this=wanted))


def is_coarse(grain: str | None) -> bool:
    """Day and coarser periods are dates; finer ones are timestamps."""
    return grain is None or grain not in GRAINS or GRAINS.index(grain) >= GRAINS.index("day")


def truncated(node: exp.Expr, grain: str) -> exp.Expr:
    """The start of the period that an instant is in: a date for day and coarser."""
    if grain == "day":
        return cast(node, "DATE")
    cut = exp.TimestampTrunc(this=cast(node, "TIMESTAMP"), unit=exp.var(grain.upper()))
    return cast(cut, "DATE") if is_coarse(grain) else cut


def in_zone(node: exp.Expr, zone: str) -> exp.Expr:
    """A UTC timestamp as the wall clock of a zone shows it."""
    return exp.ConvertTimezone(
        source_tz=exp.Literal.string("UTC"),
        target_tz=exp.Literal.string(zone),
        timestamp=cast(node, "TIMESTAMP"),
    )


def _interval(window: Window) -> exp.Interval:
    unit, count = window.grain.upper(), window.count
    if unit == "QUARTER":
        unit, count = "MONTH", count * 3
    return exp.Interval(this=exp.Literal.string(str(count)), unit=exp.var(unit))


def minus(node: exp.Expr, window: Window) -> exp.Expr:
    """An instant, a window earlier."""
    return exp.Sub(this=cast(node, "TIMESTAMP"), expression=_interval(window))


def plus(node: exp.Expr, window: Window) -> exp.Expr:
    """An instant, a window later."""
    return exp.Add(this=cast(node, "TIMESTAMP"), expression=_interval(window))


def base_time(reach: Reach, dialect: str) -> exp.Expr:
    """The time of the data itself, in the question's zone, not truncated."""
    node = qualified(reach.expr, reach.alias, dialect)
    return in_zone(node, reach.zone) if reach.zone else node


def real_time(reach: Reach, grain: str, dialect: str) -> exp.Expr:
    """The time of the data for telling what came first: a wall clock shows an hour twice when summer time ends."""
    return base_time(reach if is_coarse(grain) else replace(reach, zone=None), dialect)


def reached(reach: Reach, dialect: str, shown: exp.Expr | None = None) -> exp.Expr:
    """The SQL of a dimension. `shown` replaces the clock where a time spine shows another period."""
    if reach.masked:
        return exp.Literal.string(MASK)
    if reach.top is not None:
        return _folded(reach, dialect)
    if reach.kind != "time":
        return qualified(reach.expr, reach.alias, dialect)
    if reach.calendar:
        spine_column = reach.calendar.split(".")
        return column(spine_column[1], spine_column[0])
    time = shown.copy() if shown is not None and reach.is_clock else base_time(reach, dialect)
    if reach.date_part:
        part = "ISODOW" if reach.date_part == "dow" else reach.date_part.upper()
        return exp.Extract(this=exp.var(part), expression=cast(time, "TIMESTAMP"))
    return truncated(time, reach.grain or "day")


def _folded(reach: Reach, dialect: str) -> exp.Expr:
    """A top member by its own name, the others by one name."""
    assert reach.top is not None
    table, other = reach.top
    member = reached(replace(reach, top=None), dialect)
    kept = exp.EQ(this=column("is_kept", table), expression=exp.Literal.number(1))
    return exp.Case().when(kept, cast(member, "TEXT")).else_(exp.Literal.string(other))


def bound(condition: Condition, dialect: str, shown: exp.Expr | None = None) -> exp.Expr:
    """The SQL of a condition in its scan."""
    reaches: Mapping[Any, Reach] = dict(condition.reaches)
    metrics = {ref: (table, name) for ref, table, name in condition.metrics}

    def resolve(node: Any) -> exp.Expr:
        if isinstance(node, MetricRef):
            table, name = metrics[node]
            return column(name, table)
        return reached(reaches[node.dimension], dialect, None if condition.on_data else shown)

    def time_type(node: Any) -> str | None:
        reach = reaches.get(node.dimension) if isinstance(node, DimensionRef) else None
        if reach is None or reach.kind != "time" or reach.date_part or reach.calendar:
            return None  # an own calendar's period may be a date, a number or a name: its column decides
        return "DATE" if is_coarse(reach.grain) else "TIMESTAMP"

    return predicate_sql(condition.predicate, resolve, time_type)


def predicate_sql(
    item: Predicate, resolve: Resolve, time_type: Callable[[Any], str | None] = lambda node: None
) -> exp.Expr:
    """The SQL of a predicate; `time_type` says which type a value must have to be compared with a dimension."""

    def operand(node: Any, like: str | None = None) -> exp.Expr:
        if isinstance(node, Literal):
            return value(node.value, like)
        if isinstance(node, Cast):
            kind = _CASTS.get(node.type)
            return cast(operand(node.operand), kind) if kind else exp.cast(operand(node.operand), node.type)
        if isinstance(node, Call):
            return call_sql(node.function, [part(argument) for argument in node.arguments])
        return resolve(node)

    def part(node: Any) -> exp.Expr:
        return sql(node) if isinstance(node, Predicate) else operand(node)

    def against(*nodes: Any) -> str | None:
        return next((kind for node in nodes if (kind := time_type(node))), None)

    def sql(node: Any) -> exp.Expr:
        if isinstance(node, And | Or):
            parts = [exp.Paren(this=sql(i)) if isinstance(i, And | Or) else sql(i) for i in node.items]
            return exp.and_(*parts, copy=False) if isinstance(node, And) else exp.or_(*parts, copy=False)
        if isinstance(node, Not):
            return exp.Not(this=exp.Paren(this=sql(node.item)))
        if isinstance(node, Compare):
            kind = against(node.left, node.right)
            return _COMPARE[node.op](this=operand(node.left, kind), expression=operand(node.right, kind))
        if isinstance(node, In):
            kind = against(node.operand)
            if not node.values:
                return exp.Boolean(this=False)
            return exp.In(this=operand(node.operand), expressions=[operand(v, kind) for v in node.values])
        if isinstance(node, Between):
            kind = against(node.operand)
            low, high = operand(node.low, kind), operand(node.high, kind)
            return exp.Between(this=operand(node.operand), low=low, high=high)
        if isinstance(node, Like):
            like = exp.ILike if node.insensitive else exp.Like
            return like(this=operand(node.operand), expression=operand(node.pattern))
        if isinstance(node, IsNull):
            return exp.Is(this=operand(node.operand), expression=exp.Null())
        assert isinstance(node, Truth)
        return operand(node.operand)

    return sql(item)


def joined(conditions: list[exp.Expr]) -> exp.Expr | None:
    """All conditions together; each or/and keeps its own brackets."""
    if not conditions:
        return None
    wrapped = [exp.Paren(this=c) if isinstance(c, exp.Or) else c for c in conditions]
    return exp.and_(*wrapped, copy=False)
