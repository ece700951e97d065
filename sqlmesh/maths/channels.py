"""From what was spent and credited month by month to a row for each channel: its response, and what is proposed for it."""

import typing as t
from datetime import date, timedelta

import numpy as np
import pandas as pd

from maths.budget import Plan, divide
from maths.response import Months, Response, Rules, quantile, respond


def month_number(day: t.Any) -> int:
    """Months since the year 0."""
    stamp = pd.Timestamp(day)
    return int(stamp.year) * 12 + int(stamp.month) - 1


def numbered(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """The columns as month numbers, also where there are no rows: a column of dates cannot be compared with a number."""
    return frame.assign(**{name: frame[name].map(month_number).astype("int64") for name in columns})


def first_day(number: int) -> date:
    """The first day of a month by its number."""
    return date(number // 12, number % 12 + 1, 1)


def months_to_mature(credit: pd.DataFrame, last: int, share: float) -> int:
    """After how many months `share` of the pipeline of a month's touches is there, by touches that had a year."""
    old = credit[credit["touched"] <= last - 12]
    known = old if len(old) else credit
    money = known["pipeline"].clip(lower=0.0).groupby(known["credited"] - known["touched"]).sum().sort_index().cumsum()
    reached = money[money >= share * money.iloc[-1]] if len(money) else money
    return int(reached.index[0]) if len(reached) else 0


def months_of(channel: str, spend: pd.DataFrame, credit: pd.DataFrame, first: int, last: int, grown: int, recent: int) -> Months:
    """Whole months of a channel from `first` to `grown`; its spend now is that of the `recent` months up to `last`."""
    numbers = np.arange(first, last + 1)
    table = spend.pivot_table(index="month", columns="channel", values="spend", aggfunc="sum").reindex(numbers).fillna(0.0)
    own = table[channel].to_numpy(dtype=float)
    others = table.drop(columns=channel).sum(axis=1).to_numpy(dtype=float)
    brought = credit[credit["channel"] == channel].groupby("touched")["pipeline"].sum()
    pipeline = brought.reindex(numbers).fillna(0.0).to_numpy(dtype=float)
    count = grown - first + 1
    return Months(numbers[:count], own[:count], others[:count], pipeline[:count], round(float(own[-recent:].mean()), 2))


def row_of(channel: str, months: Months, found: Response, plan: Plan, level: float) -> dict[str, t.Any]:
    """What is told of a channel; where its response is not known, its spend stays."""
    count = max(len(months.spend), 1)
    row: dict[str, t.Any] = {
        "channel": channel,
        "is_whole": False,
        "status": found.status,
        "plan_status": plan.status,
        "months": found.months,
        "spend_now": found.spend,
        "mean_spend": float(months.spend.sum()) / count,
        "mean_pipeline": float(months.pipeline.sum()) / count,
        "pipeline_now": found.pipeline,
        "elasticity": found.elasticity,
        "elasticity_low": found.elasticity_low,
        "elasticity_high": found.elasticity_high,
        "marginal_return": found.marginal,
        "marginal_return_low": found.marginal_low,
        "marginal_return_high": found.marginal_high,
    }
    if plan.status != "ok":
        return row
    for shift in plan.shifts:
        if shift.channel == channel:
            width = quantile(level, found.freedom) * shift.error
            moved = {"pipeline_change": shift.gain, "pipeline_change_low": shift.gain - width}
            return row | moved | {"pipeline_change_high": shift.gain + width, "spend_proposed": shift.proposed}
    still = {"spend_proposed": found.spend, "pipeline_change": 0.0, "pipeline_change_low": 0.0, "pipeline_change_high": 0.0}
    return row | still


def responses(spend: pd.DataFrame, credit: pd.DataFrame, last: int, given: dict[str, t.Any]) -> t.Iterator[dict[str, t.Any]]:
    """A row for each channel that money was spent on, and one for all of them; `last` is the last whole month."""
    spend, credit = spend[spend["month"] <= last], credit[credit["credited"] <= last]
    if spend.empty:
        return
    names = ("minimum_months", "minimum_variation", "maximum_correlation", "maximum_change", "interval")
    rules = Rules(*(given[name] for name in names))
    # Before the first touch that led to a deal, pipeline is not known to be nothing.
    first = min(max(int(spend["month"].min()), int(credit["touched"].min()) if len(credit) else 0), last)
    grown = max(last - months_to_mature(credit, last, given["matured"]), first - 1)
    channels = {
        name: months_of(name, spend, credit, first, last, grown, given["present_months"])
        for name in sorted(spend["channel"].unique())
    }
    found = {name: respond(months, rules) for name, months in channels.items()}
    plan = divide(found, rules)
    told = {
        "attribution_model": given["attribution_model"],
        "month_from": first_day(first),
        "month_to": first_day(grown),
        "present_month": first_day(last),
    }
    spent = 0.0
    for name, months in channels.items():
        row = row_of(name, months, found[name], plan, rules.interval)
        spent += row["spend_now"]
        yield told | row
    whole: dict[str, t.Any] = {"channel": None, "is_whole": True, "status": plan.status, "plan_status": plan.status}
    whole |= {"months": max(grown - first + 1, 0), "spend_now": spent}
    if plan.status == "ok":
        whole |= {"spend_proposed": spent, "pipeline_change": plan.gain}
        whole |= {"pipeline_change_low": plan.low, "pipeline_change_high": plan.high}
    yield told | whole


def last_whole_month(spent_until: t.Any, known_until: t.Any) -> int:
    """The last month that both the spend and the deals are known of to its end."""
    tomorrow = min(pd.Timestamp(spent_until), pd.Timestamp(known_until)) + timedelta(days=1)
    return month_number(tomorrow) - 1
