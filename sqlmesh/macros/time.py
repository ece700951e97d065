"""When things end."""

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
