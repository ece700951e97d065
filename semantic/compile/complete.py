"""The SQL of a number that counts only where every period of its row's time has a part of it."""

from __future__ import annotations

from sqlglot import exp

from semantic.compile.expressions import cast, column, minus, plus, truncated, value
from semantic.definitions import Window
from semantic.expand import Complete


def complete_sql(formula: Complete, number: exp.Expr, count: exp.Expr, base: str) -> exp.Expr:
    """The number where as many periods were counted as there are, else nothing."""
    wanted = _periods(formula, base)
    if formula.members > 1:
        wanted = exp.Mul(this=exp.Paren(this=wanted), expression=exp.Literal.number(formula.members))
    return exp.Case().when(exp.GTE(this=count, expression=wanted), number)


def _periods(formula: Complete, base: str) -> exp.Expr:
    """How many periods begin in the row's time: from the one of the day before it to the one of its last day."""
    starts: list[exp.Expr] = []
    ends: list[exp.Expr] = []
    if formula.key is not None and formula.window is not None:
        key = column(formula.key, base)
        starts.append(cast(key, "DATE"))
        ends.append(cast(plus(key.copy(), formula.window), "DATE"))
    if formula.range is not None and formula.range.start is not None:
        starts.append(cast(value(formula.range.start, "DATE"), "DATE"))
    if formula.range is not None and formula.range.end is not None:
        ends.append(cast(value(formula.range.end, "DATE"), "DATE"))
    start = exp.Greatest(this=starts[0], expressions=starts[1:]) if len(starts) > 1 else starts[0]
    end = exp.Least(this=ends[0], expressions=ends[1:]) if len(ends) > 1 else ends[0]
    return exp.DateDiff(
        this=_before(end, formula.grain),
        expression=_before(start, formula.grain),
        unit=exp.var(formula.grain.upper()),
    )


def _before(day: exp.Expr, grain: str) -> exp.Expr:
    """The period that the day before lies in."""
    return truncated(minus(day, Window(1, "day")), grain)
