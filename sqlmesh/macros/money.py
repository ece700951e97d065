"""How money of one currency becomes money of another."""

from sqlglot import exp
from sqlmesh import macro
from sqlmesh.core.macros import MacroEvaluator

LAST_DAY = "2039-11-01"  # core.calendar goes on for a few days more


@macro()
def converted(evaluator: MacroEvaluator, amount: exp.Expression, rate: exp.Expression) -> exp.Expression:
    """An amount at a rate, unrounded.

    DuckDB keeps the product of two decimals of 18 digits in 18 digits: one of them has to be wider, or a day's spend of
    100,000 or a deal of 1,000,000,000 rupiah stops the build.
    """
    return evaluator.parse_one(f"CAST({amount.sql('snowflake')} AS DECIMAL(26, 6)) * {rate.sql('snowflake')}")


@macro()
def rate_date(evaluator: MacroEvaluator, deal: exp.Expression) -> exp.Expression:
    """The day whose exchange rate a deal is converted at: of its close; while it is open, of its creation.

    A day that the calendar does not go to, as 2099-12-31, has the rate of the calendar's end.
    """
    alias = deal.sql("snowflake")
    day = (
        f"CASE WHEN {alias}.is_closed THEN COALESCE({alias}.close_date, {alias}.closed_at::DATE)"
        f" ELSE COALESCE({alias}.created_at::DATE, {alias}.close_date) END"
    )
    return evaluator.parse_one(f"CASE WHEN {day} > '{LAST_DAY}'::DATE THEN '{LAST_DAY}'::DATE ELSE {day} END")
