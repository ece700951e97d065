"""What becomes of deals, by stage: how many are won from there, and how long it takes."""

import typing as t
from datetime import date

import numpy as np
import pandas as pd
from maths.frames import named_for, read
from maths.reading import read_stays
from maths.stages import known, learn, win_chances
from sqlglot import exp
from sqlmesh import ExecutionContext, model
from sqlmesh.core.model.kind import ModelKindName

COLUMNS = {
    "stage": "varchar",
    "as_of_date": "date",
    "moves": "bigint",
    "open_deals": "bigint",
    "open_amount": "decimal(18, 2)",
    "win_chance": "double",
    "median_days_to_win": "bigint",
    "status": "varchar",
}
DAYS = 730  # a deal that is not won within two years is taken for not won


def outlook(stays: pd.DataFrame, day: int, given: dict[str, t.Any]) -> t.Iterator[dict[str, t.Any]]:
    """A row for each stage that deals were ever seen in."""
    seen = known(stays, day)
    chain = learn(seen, day, given["age_bands"], given["minimum_exits"])
    won = win_chances(chain, DAYS)[:, :, 0]
    now = seen[seen["until"].isna()]
    for place, stage in enumerate(chain.stages):
        here = now[(now["state"] == "open") & (now["stage"] == stage)]
        row: dict[str, t.Any] = {
            "stage": stage,
            "moves": int(chain.exits[place]),
            "open_deals": len(here),
            "open_amount": round(float(here["amount"].sum()), 2),
        }
        if chain.exits.sum() < given["minimum_exits"]:
            yield row | {"status": f"refused: {int(chain.exits.sum())} moves of all stages, {given['minimum_exits']} needed"}
            continue
        chance = float(won[-1, place])
        half = int(np.searchsorted(won[:, place], chance / 2)) if chance > 0 else None
        status = "ok" if not chain.pooled[place] else f"of all stages: {int(chain.exits[place])} moves are too few"
        yield row | {"win_chance": chance, "median_days_to_win": half, "status": status}


@model(
    "marts.stage_outlook",
    kind={"name": ModelKindName.FULL},
    owner="revops",
    grains=["stage"],
    description="A stage of the pipeline: how likely a deal that enters it is won, and in how many days. Open deals count as open.",
    columns=COLUMNS,
    column_descriptions={
        "stage": "as in its system",
        "as_of_date": "the last evening that is known",
        "moves": "deals that left the stage: what the chance is learnt from",
        "open_deals": "in it now",
        "open_amount": "of those, reporting currency",
        "win_chance": "that a deal is won, on the evening that it enters the stage; NULL in a refusal",
        "median_days_to_win": "days within which half of those that will be won are won",
        "status": "ok, of all stages (its own moves are too few), or refused and why",
    },
    depends_on=["prep.deal_stay", "prep.forecast"],
    audits=[
        ("not_null", {"columns": exp.tuple_("stage", "moves", "status")}),
        ("unique_values", {"columns": exp.tuple_("stage")}),
    ],
)
def execute(context: ExecutionContext, **kwargs: t.Any) -> t.Iterator[pd.DataFrame]:
    stays = read_stays(context)
    if stays.empty:
        yield from ()
        return
    made = context.resolve_table("prep.forecast")
    as_of = pd.Timestamp(read(context, f"SELECT MAX(as_of_date) AS day FROM {made}")["day"].iloc[0]).date()
    rows = list(outlook(stays, (as_of - date(1970, 1, 1)).days, context.var("forecast")))
    if not rows:  # deals whose open stages nobody recorded
        yield from ()
        return
    made_rows = pd.DataFrame(rows, columns=list(COLUMNS))
    made_rows["as_of_date"] = as_of
    yield named_for(context.engine_adapter, made_rows)
