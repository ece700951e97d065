"""The forecast of closed-won revenue for the running month and quarter, and for past ones as it would have been then."""

import typing as t
from datetime import date, timedelta

import pandas as pd
from maths.forecast import Forecast, Settings, forecast, naive
from maths.frames import named_for, read
from maths.periods import Period, periods
from maths.reading import read_stays
from sqlglot import exp
from sqlmesh import ExecutionContext, model
from sqlmesh.core.model.kind import ModelKindName

COLUMNS = {
    "horizon": "varchar",
    "period_start": "date",
    "period_end": "date",
    "as_of_date": "date",
    "is_current": "boolean",
    "segment": "varchar",
    "is_whole": "boolean",
    "status": "varchar",
    "wins_learnt_from": "bigint",
    "open_deals": "bigint",
    "won_revenue": "decimal(18, 2)",
    "open_revenue": "decimal(18, 2)",
    "new_revenue": "decimal(18, 2)",
    "revenue_low": "decimal(18, 2)",
    "revenue_high": "decimal(18, 2)",
    "naive_revenue": "decimal(18, 2)",
}


def day_number(day: date) -> int:
    """Days since 1970."""
    return (day - date(1970, 1, 1)).days


def last_known(context: ExecutionContext, stays: pd.DataFrame, today: date) -> date:
    """The last day that deals or people were heard of, at most `today`: what came after is not known to be nothing."""
    table = context.resolve_table("core.lifecycle_event")
    heard = read(
        context, f"SELECT MAX(occurred_at) AS heard FROM {table} WHERE occurred_at < '{today + timedelta(days=1)}'"
    )["heard"].iloc[0]
    changes = pd.concat([stays["since"], stays["until"]])
    latest = changes[changes <= day_number(today)].max()
    if pd.isna(heard):
        return today if pd.isna(latest) else date(1970, 1, 1) + timedelta(days=int(latest))
    heard_on = pd.Timestamp(heard).date()
    return heard_on if pd.isna(latest) else max(heard_on, date(1970, 1, 1) + timedelta(days=int(latest)))


def rows_of(period: Period, made: Forecast, by_habit: float) -> t.Iterator[dict[str, t.Any]]:
    """A row for each segment and one for the whole company, whose parts are the sums of theirs to the cent."""
    told = {
        "horizon": period.horizon,
        "period_start": period.start,
        "period_end": period.end,
        "as_of_date": period.as_of,
        "is_current": period.is_current,
        "status": made.status,
        "wins_learnt_from": made.wins,
    }
    parts = {"won_revenue": made.won, "open_revenue": made.open, "new_revenue": made.new}
    names = sorted({name for part in parts.values() for name in part or ()})
    whole = dict.fromkeys(parts, 0.0)
    for segment in names:
        row = told | {"segment": segment or None, "is_whole": False}
        for column, by_segment in parts.items():
            value = None if by_segment is None else round(by_segment.get(segment, 0.0), 2)
            row[column] = value
            whole[column] += value or 0.0
        yield row
    total = told | {
        "segment": None,
        "is_whole": True,
        "open_deals": made.open_deals,
        "won_revenue": round(whole["won_revenue"], 2),
    }
    if made.open is not None and made.low is not None and made.high is not None:
        won = whole["won_revenue"]
        total |= {column: round(value, 2) for column, value in whole.items()}
        total |= {"revenue_low": round(won + made.low, 2), "revenue_high": round(won + made.high, 2)}
        total |= {"naive_revenue": round(by_habit, 2)}
    yield total


def forecasts(stays: pd.DataFrame, as_of: date, first_month: int, given: dict[str, t.Any]) -> t.Iterator[dict[str, t.Any]]:
    """The rows of every period that began after the first deal."""
    settings = Settings(
        tuple(given["age_bands"]),
        given["minimum_exits"],
        given["minimum_wins"],
        given["minimum_days"],
        given["new_deal_days"],
        given["interval"],
    )
    for period in periods(as_of, first_month, given["backtests"]):
        first, last, day = day_number(period.start), day_number(period.end), day_number(period.as_of)
        if not period.is_current and not (stays["since"] <= day).any():
            continue
        made = forecast(stays, day, first, last, settings)
        by_habit = naive(stays, day, first, last, settings.new_deal_days) if made.status == "ok" else 0.0
        yield from rows_of(period, made, by_habit)


@model(
    "prep.forecast",
    kind={"name": ModelKindName.FULL},
    owner="finance",
    grains=["(horizon, period_start, segment, is_whole)"],
    description="Closed-won revenue expected of a month or quarter, from what was known on a day of it: by segment, and of all.",
    columns=COLUMNS,
    column_descriptions={
        "horizon": "month or quarter (of the fiscal year)",
        "period_start": "first day of the period",
        "period_end": "last day of the period",
        "as_of_date": "the last evening that is known",
        "is_current": "the running period; the others are back-tests",
        "segment": "of the deals; NULL: unknown, or all of them",
        "is_whole": "all segments together",
        "status": "ok, or refused and why",
        "wins_learnt_from": "deals that were won until then",
        "open_deals": "open on that evening, of the whole company",
        "won_revenue": "won in the period until that evening, reporting currency",
        "open_revenue": "expected from the deals open that evening",
        "new_revenue": "expected from deals opened later",
        "revenue_low": "lower end of the interval, of the whole company",
        "revenue_high": "upper end of the interval, of the whole company",
        "naive_revenue": "won until then, and the mean daily revenue of the last year for the days left",
    },
    depends_on=["prep.deal_stay", "core.lifecycle_event"],
    audits=[
        (
            "not_null",
            {"columns": exp.tuple_("horizon", "period_start", "as_of_date", "is_current", "is_whole", "status")},
        ),
        (
            "unique_combination_of_columns",
            {"columns": exp.tuple_("horizon", "period_start", "segment", "is_whole")},
        ),
    ],
)
def execute(context: ExecutionContext, execution_time: t.Any, **kwargs: t.Any) -> t.Iterator[pd.DataFrame]:
    stays = read_stays(context)
    as_of = last_known(context, stays, pd.Timestamp(execution_time).date())
    given = t.cast(dict[str, t.Any], context.var("forecast"))
    first_month = t.cast(int, context.var("fiscal_year_start_month"))
    rows = list(forecasts(stays, as_of, first_month, given))
    yield named_for(context.engine_adapter, pd.DataFrame(rows, columns=list(COLUMNS)))
