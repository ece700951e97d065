"""When things end, and how long they take."""

from sqlglot import exp
from sqlmesh import macro
from sqlmesh.core.macros import MacroEvaluator


@macro()
def end_of_closing(evaluator: MacroEvaluator, closed_at: exp.Expression) -> exp.Expression:
    """The first instant after a deal was closed. A CRM knows only the day of closing (midnight): the whole day counts."""
    text = closed_at.sql("snowflake")
    return evaluator.parse_one(
        f"CASE WHEN {text} = DATE_TRUNC('day', {text}) THEN DATEADD(DAY, 1, {text}) ELSE DATEADD(SECOND, 1, {text}) END"
    )


@macro()
def seconds_between(evaluator: MacroEvaluator, start: exp.Expression, end: exp.Expression) -> exp.Expression:
    """How often the clock's second changed on the way from one instant to the other."""
    first, last = start.sql("snowflake"), end.sql("snowflake")
    if evaluator.gateway == "postgres":
        # There a difference is the time that passed, rounded: between whole seconds both are the same.
        first, last = f"DATE_TRUNC('second', {first})", f"DATE_TRUNC('second', {last})"
    return evaluator.parse_one(f"DATEDIFF(SECOND, {first}, {last})")
