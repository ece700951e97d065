"""What more spend on each channel would bring, and how the same budget is better divided; refused where that cannot be told."""

import typing as t

import pandas as pd
from maths.channels import last_whole_month, numbered, responses
from maths.frames import named_for, read
from sqlglot import exp
from sqlmesh import ExecutionContext, model
from sqlmesh.core.model.kind import ModelKindName

COLUMNS = {
    "channel": "varchar",
    "is_whole": "boolean",
    "attribution_model": "varchar",
    "status": "varchar",
    "plan_status": "varchar",
    "month_from": "date",
    "month_to": "date",
    "present_month": "date",
    "months": "bigint",
    "spend_now": "decimal(18, 2)",
    "mean_spend": "decimal(18, 2)",
    "mean_pipeline": "decimal(18, 2)",
    "pipeline_now": "decimal(18, 2)",
    "elasticity": "double",
    "elasticity_low": "double",
    "elasticity_high": "double",
    "marginal_return": "double",
    "marginal_return_low": "double",
    "marginal_return_high": "double",
    "spend_proposed": "decimal(18, 2)",
    "pipeline_change": "decimal(18, 2)",
    "pipeline_change_low": "decimal(18, 2)",
    "pipeline_change_high": "decimal(18, 2)",
}


@model(
    "prep.channel_response",
    kind={"name": ModelKindName.FULL},
    owner="marketing_ops",
    grains=["(channel, is_whole)"],
    description="How the pipeline of a channel answers to its spend, and the proposed division of the budget; a row for each and one for all.",
    columns=COLUMNS,
    column_descriptions={
        "channel": "that money was spent on; NULL: all of them",
        "is_whole": "all channels together",
        "attribution_model": "whose pipeline it is",
        "status": "ok, or refused and why: of the channel's response; of the plan where is_whole",
        "plan_status": "of the plan: ok, or refused and why",
        "month_from": "first month learnt from",
        "month_to": "last month learnt from; the pipeline of younger ones is still to come",
        "present_month": "the last whole month",
        "months": "learnt from: those with spend",
        "spend_now": "a month, mean of the last months; reporting currency",
        "mean_spend": "a month, of those learnt from",
        "mean_pipeline": "a month, of those learnt from, by the month of the touch",
        "pipeline_now": "of a month, by the curve at today's spend",
        "elasticity": "per cent of pipeline for a per cent of spend",
        "elasticity_low": "lower end of its interval",
        "elasticity_high": "upper end of its interval",
        "marginal_return": "pipeline that one more unit of spend brings, at today's spend",
        "marginal_return_low": "lower end of its interval",
        "marginal_return_high": "upper end of its interval",
        "spend_proposed": "a month; all channels together as now; NULL where the plan is refused",
        "pipeline_change": "of a month, by the proposed spend",
        "pipeline_change_low": "lower end of its interval",
        "pipeline_change_high": "upper end of its interval",
    },
    depends_on=["core.spend_day", "attribution.credit", "prep.forecast"],
    audits=[
        ("not_null", {"columns": exp.tuple_("is_whole", "status", "plan_status")}),
        ("unique_combination_of_columns", {"columns": exp.tuple_("channel", "is_whole")}),
    ],
)
def execute(context: ExecutionContext, **kwargs: t.Any) -> t.Iterator[pd.DataFrame]:
    given = t.cast(dict[str, t.Any], context.var("budget"))
    days, credits = context.resolve_table("core.spend_day"), context.resolve_table("attribution.credit")
    until = read(context, f"SELECT MAX(as_of_date) AS day FROM {context.resolve_table('prep.forecast')}")["day"].iloc[0]
    spend = read(
        context,
        "SELECT channel, DATE_TRUNC('month', spend_date) AS month, SUM(spend) AS spend, MAX(spend_date) AS latest"
        f" FROM {days} WHERE channel IS NOT NULL AND spend_date <= '{pd.Timestamp(until).date()}'"
        " GROUP BY channel, DATE_TRUNC('month', spend_date)",
    )
    if spend.empty:
        yield from ()
        return
    credit = read(
        context,
        "SELECT channel, DATE_TRUNC('month', touch_at) AS touched, DATE_TRUNC('month', credited_date) AS credited,"
        f" SUM(amount) AS pipeline FROM {credits} WHERE credit_kind = 'pipeline'"
        f" AND attribution_model = '{given['attribution_model']}' AND touch_at IS NOT NULL"
        " GROUP BY channel, DATE_TRUNC('month', touch_at), DATE_TRUNC('month', credited_date)",
    )
    last = last_whole_month(spend["latest"].max(), until)
    spend = numbered(spend, "month").assign(spend=spend["spend"].astype(float))
    credit = numbered(credit, "touched", "credited").assign(pipeline=credit["pipeline"].astype(float).fillna(0.0))
    rows = pd.DataFrame(list(responses(spend, credit, last, given)), columns=list(COLUMNS))
    if rows.empty:
        yield from ()
        return
    money = [name for name, kind in COLUMNS.items() if kind.startswith("decimal")]
    made = rows.assign(**{name: rows[name].astype(float).round(2) for name in money})
    yield named_for(context.engine_adapter, made)
