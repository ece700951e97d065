"""Markov chain and Shapley value over the journeys of the training window: what each channel, campaign and asset is worth."""

import typing as t
from datetime import timedelta

import pandas as pd
from maths.frames import named_for, read
from maths.paths import Path, markov, shapley
from sqlglot import exp
from sqlmesh import ExecutionContext, model
from sqlmesh.core.model.kind import ModelKindName

COLUMNS = {
    "attribution_model": "varchar",
    "credit_kind": "varchar",
    "level": "varchar",
    "name": "varchar",
    "conversions": "double",
    "value": "double",
    "share": "double",
    "error": "double",
    "status": "varchar",
    "training_from": "date",
    "training_to": "date",
    "training_conversions": "bigint",
}
KINDS = ("mql", "pipeline", "revenue")
LEVELS = ("channel", "campaign", "content")


def answers(paths: pd.DataFrame, minimum: int) -> t.Iterator[dict[str, t.Any]]:
    """A row per model, kind, level and name; one row with a refusal where the conversions are too few."""
    for kind in KINDS:
        for level in LEVELS:
            chosen = paths[(paths["credit_kind"] == kind) & (paths["level"] == level)]
            walked = [
                Path(tuple(row.path.split(" > ")), float(row.conversions), float(row.value), float(row.nulls))
                for row in chosen.itertuples()
            ]
            count = int(chosen["conversions"].sum())
            for name, give in (("markov", markov), ("shapley", shapley)):
                told = {"attribution_model": name, "credit_kind": kind, "level": level, "training_conversions": count}
                if count < minimum:
                    yield told | {"status": f"refused: {count} conversions, {minimum} needed"}
                    continue
                for credit in give(walked):
                    yield told | {
                        "status": "ok",
                        "name": credit.channel,
                        "conversions": credit.conversions,
                        "value": credit.value,
                        "share": credit.conversions / count,
                        "error": credit.error,
                    }


@model(
    "attribution.data_driven",
    kind={"name": ModelKindName.FULL},
    owner="marketing_ops",
    grains=["(attribution_model, credit_kind, level, name)"],
    description="What the data-driven models give to each channel, campaign and asset, or why they refuse.",
    columns=COLUMNS,
    column_descriptions={
        "attribution_model": "markov (removal effects, solved exactly) or shapley (closed form)",
        "credit_kind": "mql, pipeline or revenue",
        "level": "channel, campaign or content",
        "name": "the channel, campaign or asset; NULL in a refusal",
        "conversions": "credited conversions; they sum to training_conversions",
        "value": "credited money, reporting currency",
        "share": "of the conversions",
        "error": "95 % bound on conversions; 0: exact",
        "status": "ok, or refused and why",
        "training_from": "first day learnt from",
        "training_to": "last day learnt from",
        "training_conversions": "conversions learnt from",
    },
    depends_on=["attribution.path"],
    audits=[
        ("not_null", {"columns": exp.tuple_("attribution_model", "credit_kind", "level", "status")}),
        (
            "unique_combination_of_columns",
            {"columns": exp.tuple_("attribution_model", "credit_kind", "level", "name")},
        ),
    ],
)
def execute(context: ExecutionContext, execution_time: t.Any, **kwargs: t.Any) -> t.Iterator[pd.DataFrame]:
    settings = context.var("attribution")["data_driven"]
    table = context.resolve_table("attribution.path")
    # In one order: sums of doubles depend on it, and a journey is credited again when what was learned differs at all.
    paths = read(
        context,
        f"SELECT credit_kind, level, path, conversions, value, nulls FROM {table} ORDER BY credit_kind, level, path",
    )
    rows = pd.DataFrame(list(answers(paths, settings["minimum_conversions"])), columns=list(COLUMNS))
    today = pd.Timestamp(execution_time).date()
    rows["training_from"] = today - timedelta(days=settings["training_days"])
    rows["training_to"] = today
    yield named_for(context.engine_adapter, rows)
