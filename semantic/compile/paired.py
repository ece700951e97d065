"""The SQL of conversions: each conversion once, with the latest base event in the window before it."""

from __future__ import annotations

from sqlglot import exp

from semantic.compile.aggregates import aggregate
from semantic.compile.expressions import (
    alias,
    base_time,
    column,
    joined,
    minus,
    qualified,
    reached,
    real_time,
    selected,
    truncated,
)
from semantic.compile.scan import AnswerSql, grouped, key_columns, rows
from semantic.plan import Paired, Scan
from semantic.predicates import GRAINS


def paired_sql(paired: Paired, dialect: str, answer_sql: AnswerSql) -> exp.Select:
    """Match, keep the latest base event of each conversion, then aggregate by the base event's keys."""
    names = [name for name, _ in paired.base.keys]
    inputs = _inputs(paired.conversion)
    matched = _matched(paired, names, list(inputs.values()), dialect, answer_sql)
    outer = selected(*(column(name, "matched") for name in names))
    for item in paired.conversion.aggregates:
        outer = outer.select(
            alias(aggregate(item, column(inputs[item.expr], "matched")), item.column), copy=False
        )
    latest = exp.EQ(this=column("place", "matched"), expression=exp.Literal.number(1))
    outer = outer.from_(matched.subquery(alias="matched", copy=False), copy=False).where(latest, copy=False)
    return grouped(outer, len(names))


def _inputs(scan: Scan) -> dict[str, str]:
    """A column for each expression that is aggregated."""
    texts = dict.fromkeys(item.expr for item in scan.aggregates)
    return {text: f"input_{number}" for number, text in enumerate(texts, 1)}


def _matched(
    paired: Paired, names: list[str], inputs: list[str], dialect: str, answer_sql: AnswerSql
) -> exp.Select:
    base = _base(paired, dialect, answer_sql).subquery(alias="base", copy=False)
    conversion = _conversion(paired, dialect, answer_sql).subquery(alias="conversion", copy=False)
    latest = [exp.Ordered(this=column("event_time", "base"), desc=True)]
    latest += [exp.Ordered(this=column(name, "base"), nulls_first=False) for name in ["tie", *names]]
    place = exp.Window(
        this=exp.RowNumber(),
        partition_by=[column("event_id", "conversion")],
        order=exp.Order(expressions=latest),
    )
    select = selected(*(column(name, "base") for name in names))
    select = select.select(
        *(column(name, "conversion") for name in inputs), alias(place, "place"), copy=False
    )
    return select.from_(conversion, copy=False).join(base, on=_within(paired), join_type="inner", copy=False)


def _within(paired: Paired) -> exp.Expr:
    """The same entity and properties, the base event not after the conversion and inside the window."""
    before = exp.LTE(this=column("event_time", "base"), expression=column("event_time", "conversion"))
    same = ["entity", *(f"same_{number}" for number in range(len(paired.same)))]
    on: list[exp.Expr] = [exp.EQ(this=column(n, "base"), expression=column(n, "conversion")) for n in same]
    on.append(before)
    if paired.window is not None:
        start = minus(column("event_time", "conversion"), paired.window)
        on.append(exp.GT(this=column("event_time", "base"), expression=start))
    found = joined(on)
    assert found is not None
    return found


def _base(paired: Paired, dialect: str, answer_sql: AnswerSql) -> exp.Select:
    scan = paired.base
    event = _event(scan, paired.base_entity, grain_of(paired), dialect)
    select = selected(*key_columns(scan, dialect), *event)
    tie = qualified(paired.tie, scan.alias, dialect) if paired.tie else exp.Literal.number(1)
    select = select.select(alias(tie, "tie"), copy=False)
    for number, (reach, _) in enumerate(paired.same):
        select = select.select(alias(reached(reach, dialect), f"same_{number}"), copy=False)
    return rows(select, scan, dialect, answer_sql)


def _conversion(paired: Paired, dialect: str, answer_sql: AnswerSql) -> exp.Select:
    scan = paired.conversion
    select = selected(*_event(scan, paired.conversion_entity, grain_of(paired), dialect))
    select = select.select(alias(_event_id(paired, dialect), "event_id"), copy=False)
    for number, (_, reach) in enumerate(paired.same):
        select = select.select(alias(reached(reach, dialect), f"same_{number}"), copy=False)
    for text, name in _inputs(scan).items():
        select = select.select(alias(qualified(text, scan.alias, dialect), name), copy=False)
    return rows(select, scan, dialect, answer_sql)


def grain_of(paired: Paired) -> str:
    """The coarser clock of the two: a day cannot be told to be before an hour of it."""
    clocks = [scan.clock for scan in (paired.base, paired.conversion)]
    return max((clock.data_grain or "day" for clock in clocks if clock), key=GRAINS.index)


def _event(scan: Scan, entity: str, grain: str, dialect: str) -> list[exp.Expr]:
    assert scan.clock is not None
    time = truncated(real_time(scan.clock, grain, dialect), grain)
    return [alias(qualified(entity, scan.alias, dialect), "entity"), alias(time, "event_time")]


def _event_id(paired: Paired, dialect: str) -> exp.Expr:
    """The conversion's own key; rows without one are numbered, and equal rows are interchangeable."""
    scan = paired.conversion
    if paired.conversion_id is not None:
        return qualified(paired.conversion_id, scan.alias, dialect)
    assert scan.clock is not None
    order = [qualified(paired.conversion_entity, scan.alias, dialect), base_time(scan.clock, dialect)]
    order += [reached(reach, dialect) for _, reach in paired.same]
    order += [qualified(item.expr, scan.alias, dialect) for item in scan.aggregates]
    ordered = [exp.Ordered(this=node) for node in order if not isinstance(node, exp.Literal)]
    return exp.Window(this=exp.RowNumber(), order=exp.Order(expressions=ordered))
