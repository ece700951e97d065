"""The history of deals, read for the arithmetic."""

import typing as t

import pandas as pd

from maths.frames import read


def read_stays(context: t.Any) -> pd.DataFrame:
    """prep.deal_stay as maths.stages.known wants it: days since 1970, a missing one NaN."""
    table = context.resolve_table("prep.deal_stay")
    columns = "opportunity_id AS deal, from_date AS since, to_date AS until, entered_date AS entered, stage, state, amount"
    stays = read(
        context, f"SELECT {columns}, booked_date AS booked, segment FROM {table} ORDER BY opportunity_id, from_date"
    )
    for name in ("since", "until", "entered", "booked"):
        stays[name] = (pd.to_datetime(stays[name]) - pd.Timestamp("1970-01-01")).dt.total_seconds() / 86400  # also of the year 9999
    return stays.astype({"amount": float})
