"""The SQL of one scan: joined many-to-one, filtered, grouped and aggregated at its own grain."""

from __future__ import annotations

from sqlglot import exp

from semantic.compile.aggregates import aggregate
from semantic.compile.expressions import (
    alias,
    base_time,
    bound,
    column,
    is_coarse,
    joined,
    qualified,
    reached,
    relation,
    value,
)
from semantic.plan import Join, Range, Reach, Scan


def scan_sql(scan: Scan, dialect: str) -> exp.Select:
    """One SELECT that yields the scan's keys and aggregates."""
    return distinct_facts(scan, dialect) if scan.fact_key else plain_scan(scan, dialect)


def plain_scan(scan: Scan, dialect: str) -> exp.Select:
    select = exp.Select().select(*key_columns(scan, dialect))
    for item in scan.aggregates:
        select = select.select(alias(aggregate(item, qualified(item.expr, scan.alias, dialect)), item.column))
    return grouped(rows(select, scan, dialect), len(scan.keys))


def distinct_facts(scan: Scan, dialect: str) -> exp.Select:
    """A join repeats the fact's rows: keep each of its rows once per group before anything is added up."""
    assert scan.fact_key is not None
    inner = exp.Select().select(*key_columns(scan, dialect), alias(_fact_key(scan, dialect), "fact_key"))
    inputs = {item.expr: f"input_{number}" for number, item in enumerate(scan.aggregates, 1)}
    for text, name in inputs.items():
        inner = inner.select(alias(qualified(text, scan.alias, dialect), name))
    inner = rows(inner, scan, dialect).distinct()
    outer = exp.Select().select(*(column(name, "facts") for name, _ in scan.keys))
    for item in scan.aggregates:
        outer = outer.select(alias(aggregate(item, column(inputs[item.expr], "facts")), item.column))
    return grouped(outer.from_(inner.subquery(alias="facts")), len(scan.keys))


def _fact_key(scan: Scan, dialect: str) -> exp.Expr:
    assert scan.fact_key is not None
    return qualified(scan.fact_key, scan.alias, dialect)


def key_columns(scan: Scan, dialect: str) -> list[exp.Expr]:
    return [alias(reached(reach, dialect), name) for name, reach in scan.keys]


def grouped(select: exp.Select, keys: int) -> exp.Select:
    return select.group_by(*(exp.Literal.number(number) for number in range(1, keys + 1))) if keys else select


def rows(select: exp.Select, scan: Scan, dialect: str) -> exp.Select:
    """Add FROM, the joins and WHERE."""
    select = select.from_(relation(scan.relation, scan.alias))
    for join in scan.joins:
        select = joined_to(select, join, scan, dialect)
    for calendar in scan.calendars:
        day = reached(
            Reach(calendar.of.alias, calendar.of.expr, "time", "day", zone=calendar.of.zone), dialect
        )
        on = exp.EQ(this=day, expression=column(calendar.spine.column, calendar.alias))
        table = relation(calendar.spine.relation, calendar.alias)
        select = select.join(table, on=on, join_type="left", copy=False)
    where = joined(wheres(scan, dialect))
    return select.where(where, copy=False) if where is not None else select


def wheres(scan: Scan, dialect: str) -> list[exp.Expr]:
    found = [bound(condition, dialect) for condition in scan.conditions]
    if scan.range is not None and scan.clock is not None:
        found.extend(in_range(base_time(scan.clock, dialect), scan.range, scan.clock))
    return found


def in_range(time: exp.Expr, range_: Range, clock: Reach) -> list[exp.Expr]:
    """start <= time < end."""
    kind = "DATE" if is_coarse(clock.data_grain) else "TIMESTAMP"
    found: list[exp.Expr] = []
    if range_.start is not None:
        found.append(exp.GTE(this=time.copy(), expression=value(range_.start, kind)))
    if range_.end is not None:
        found.append(exp.LT(this=time.copy(), expression=value(range_.end, kind)))
    return found


def joined_to(select: exp.Select, join: Join, scan: Scan, dialect: str) -> exp.Select:
    """A LEFT JOIN, so that a fact without a partner keeps its row."""
    pairs = [(join.left, join.right), *join.partitions]
    on: list[exp.Expr] = [
        exp.EQ(this=qualified(left, join.parent, dialect), expression=qualified(right, join.alias, dialect))
        for left, right in pairs
    ]
    if join.validity is not None:
        on.append(_valid(join, scan, dialect))
    return select.join(relation(join.relation, join.alias), on=joined(on), join_type="left", copy=False)


def _valid(join: Join, scan: Scan, dialect: str) -> exp.Expr:
    """The row that was valid at the fact's own time."""
    assert join.validity is not None
    assert scan.clock is not None
    start, end = (qualified(text, join.alias, dialect) for text in join.validity)
    time = qualified(scan.clock.expr, scan.clock.alias, dialect)
    open_end = exp.Or(
        this=exp.LT(this=time.copy(), expression=end),
        expression=exp.Is(this=end.copy(), expression=exp.Null()),
    )
    return exp.And(this=exp.GTE(this=time, expression=start), expression=exp.Paren(this=open_end))
