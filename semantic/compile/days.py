"""The SQL of a time spine: at a grain, and with the first day of an own period."""

from __future__ import annotations

from sqlglot import exp

from semantic.compile.expressions import alias, column, relation, selected, truncated
from semantic.definitions import TimeSpine
from semantic.plan import OwnPeriod

DAY, FIRST = "day", "first_day"


def spine_table(spine: TimeSpine, grain: str, name: str) -> exp.Expr:
    """The spine, made coarser where it is finer than the grain."""
    if spine.grain == grain:
        return relation(spine.relation, name)
    cut = alias(truncated(column(spine.column, spine.name), grain), spine.column)
    return (
        selected(cut)
        .from_(relation(spine.relation, spine.name), copy=False)
        .distinct(copy=False)
        .subquery(alias=name, copy=False)
    )


def first_days(period: OwnPeriod, name: str) -> exp.Subquery:
    """Each day, and the first day of the own period that it is in."""
    day = truncated(column(period.spine.column, period.spine.name), "day")
    own = column(period.column, period.spine.name)
    first = exp.Window(this=exp.Min(this=day.copy()), partition_by=[own.copy()])
    select = selected(alias(day, DAY), alias(first, FIRST))
    select = select.from_(relation(period.spine.relation, period.spine.name), copy=False)
    select = select.where(exp.Not(this=exp.Is(this=own, expression=exp.Null())), copy=False)
    if period.spine.grain != "day":
        select = select.distinct(copy=False)
    return select.subquery(alias=name, copy=False)
