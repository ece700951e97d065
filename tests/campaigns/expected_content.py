"""Content beside outcomes, counted by trying everything; and cohorts."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import combinations
from math import sqrt
from typing import Any

from tests.campaigns.expected import Shown, month
from tests.campaigns.told import Deal, World

MINIMUM, MOST_ASSETS, MOST_LISTED = 5, 20, 100
Z = 1.959963984540054


def share(count: int, total: int) -> float | None:
    return count / total if total else None


def wilson(count: int, total: int) -> tuple[float, float]:
    """Wilson's score interval, by solving its quadratic equation."""
    a, b, c = total + Z * Z, 2 * count + Z * Z, count * count / total
    root = sqrt(max(b * b - 4 * a * c, 0.0))
    return (b - root) / (2 * a), (b + root) / (2 * a)


def newcombe(x: int, n: int, y: int, m: int) -> tuple[float, float] | tuple[None, None]:
    """Newcombe's method 10 for x of n less y of m."""
    if not n or not m:
        return None, None
    p, q, (l1, u1), (l2, u2) = x / n, y / m, wilson(x, n), wilson(y, m)
    return p - q - sqrt((p - l1) ** 2 + (u2 - q) ** 2), p - q + sqrt((u1 - p) ** 2 + (q - l2) ** 2)


def prevalence(asset: str, deals: list[Deal]) -> dict[str, float | None]:
    """The metrics of one asset over some closed deals."""
    met = [any(touch.content == asset for touch in deal.touches) for deal in deals]
    won = sum(deal.won for deal in deals)
    won_with = sum(deal.won for deal, has in zip(deals, met, strict=True) if has)
    lost, lost_with = len(deals) - won, sum(met) - won_with
    low, high = newcombe(won_with, won, lost_with, lost)
    p, q = share(won_with, won), share(lost_with, lost)
    rate = share(won_with, sum(met))
    return {
        "content_prevalence_won": p,
        "content_prevalence_lost": q,
        "content_prevalence_difference": None if p is None or q is None else p - q,
        "content_prevalence_difference_low": low,
        "content_prevalence_difference_high": high,
        "content_win_rate_lift": None if rate is None else rate - won / len(deals),
    }


def first_met(world: World, deal: Deal) -> dict[str, list[str]]:
    """The assets of a deal and their kinds, each once, in the order of their first consumption."""
    assets = list(dict.fromkeys(touch.content for touch in deal.touches if touch.content))
    kinds = dict.fromkeys(world.kinds[asset] for asset in assets if world.kinds[asset])
    return {"asset": assets, "content_type": list(kinds)}


def sequences(world: World) -> dict[tuple[str, int], dict[tuple[str, ...], set[int]]]:
    """(of, length) -> the steps of each frequent sequence -> the closed deals that met it."""
    found: dict[tuple[str, int], dict[tuple[str, ...], set[int]]] = defaultdict(lambda: defaultdict(set))
    for number, deal in enumerate(world.deals):
        if deal.closed:
            for of, items in first_met(world, deal).items():
                for length in (2, 3):
                    for steps in combinations(items[:MOST_ASSETS], length):
                        found[of, length][steps].add(number)
    return {
        key: dict(
            sorted(
                ((s, d) for s, d in of.items() if len(d) >= MINIMUM), key=lambda one: (-len(one[1]), one[0])
            )[:MOST_LISTED]
        )
        for key, of in found.items()
    }


def sequence_metrics(met: set[int], deals: list[tuple[int, Deal]]) -> dict[str, Any]:
    """The metrics of one sequence over some closed deals."""
    those = [deal for number, deal in deals if number in met]
    won = [deal for deal in those if deal.won]
    overall = share(sum(deal.won for _, deal in deals), len(deals))
    rate = share(len(won), len(those))
    money = sum((deal.amount or Decimal(0) for deal in won), Decimal(0))
    return {
        "content_sequence_deals": len(those),
        "content_sequence_support": share(len(those), len(deals)),
        "content_sequence_win_rate": rate,
        "content_sequence_lift": rate / overall if rate is not None and overall else None,
        "content_sequence_deal_size": money / len(won) if won else None,
    }


def stages(deal: Deal) -> dict[str, set[str]]:
    """The stages that a deal was in, and the assets that it met in each."""
    steps = open_steps(deal)
    opened = min((at for _, at in steps), default=datetime.max)
    mql, sql = (
        min((at for p in deal.people for at in p.stages[stage][:1]), default=datetime.max)
        for stage in ("mql", "sql")
    )
    met: dict[str, set[str]] = {"lead": set()}
    if mql < min(sql, opened):
        met["mql"] = set()
    if sql < opened:
        met["sql"] = set()
    met |= {stage: set() for stage, _ in steps}
    for touch in deal.touches:
        if touch.content:
            stage = "lead"
            if touch.at >= mql:
                stage = "mql"
            if touch.at >= sql:
                stage = "sql"
            for name, at in steps:
                if touch.at >= at:
                    stage = name
            met[stage].add(touch.content)
    return met


def open_steps(deal: Deal) -> list[tuple[str, datetime]]:
    """The open stages in order; without a history a deal was open from its creation to its close."""
    if deal.stays:
        return [(stage, at) for stage, at in deal.stays if not stage.startswith("Closed")]
    return [("open", deal.created)] if deal.closed_at and deal.created < deal.closed_at else []


def gaps(world: World, deals: list[Deal], stage: str, kind: str | None) -> dict[str, float | None]:
    """The metrics of a stage, for content of a kind or (None) of any."""
    counts = {(won, has): 0 for won in (True, False) for has in (True, False)}
    for deal in deals:
        was = stages(deal)
        if stage in was:
            has = any(kind is None or world.kinds[asset] == kind for asset in was[stage])
            counts[deal.won, has] += 1
    x, y = counts[True, True], counts[False, True]
    n, m = x + counts[True, False], y + counts[False, False]
    low, high = newcombe(x, n, y, m)
    p, q = share(x, n), share(y, m)
    return {
        "stage_content_won": p,
        "stage_content_lost": q,
        "content_gap": None if p is None or q is None else p - q,
        "content_gap_low": low,
        "content_gap_high": high,
    }


def curve(world: World, until: date, model: str) -> list[tuple[str, Decimal]]:
    """The assets known by the end of a month by what was attributed to them in its twelve months, most first."""
    since = until.replace(year=until.year - 1)
    made = {
        touch.content: Decimal(0) for touch in world.touches if touch.content and month(touch.at) <= until
    }
    for deal in world.deals:
        if deal.won and deal.amount is not None and deal.touches and since < month(deal.on) <= until:
            shares = {"first": deal.touches[:1], "last": deal.touches[-1:]}[model]
            for touch in shares:
                if touch.content:
                    made[touch.content] += deal.amount
    return sorted(made.items(), key=lambda one: (-one[1], one[0]))


def concentration(points: list[tuple[str, Decimal]]) -> dict[str, Any]:
    """The metrics of a curve."""
    total = sum((money for _, money in points), Decimal(0))
    key, so_far, shares = 0, Decimal(0), []
    for _, money in points:
        if total > 0 and so_far < total * Decimal("0.8"):
            key += 1
        so_far += money
        shares.append(so_far / total if total > 0 else None)
    known = total > 0
    return {
        "content_assets": len(points),
        "content_key_assets": key if known else None,
        "content_concentration": key / len(points) if known else None,
        "content_cumulative_share": max(shares) if known else None,
        "content_year_revenue": total,
    }


def cohorts(world: World, now: date) -> dict[str, dict[tuple[Any, ...], Decimal]]:
    """Metric -> (month, channel, region, campaign) -> people, and of mature months also money.

    A month is mature when all its people have had twelve months.
    """
    until = max(day for day in world.days if day <= now)
    shown = Shown(world)
    found: dict[str, dict[tuple[Any, ...], Decimal]] = {
        name: defaultdict(Decimal)
        for name in ("cohort_revenue", "cohort_spend", "cohort_leads", "mature_cohort_leads")
    }

    def is_mature(at: date) -> bool:
        first = month(at)
        passed = first.replace(year=first.year + 1) + timedelta(days=32)
        return until >= passed.replace(day=1)

    def cell(at: date, channel: str | None, region: str | None, campaign: str | None) -> tuple[Any, ...]:
        return (month(at), channel, region, shown.campaign(campaign)["campaign"])

    for person in world.people:
        if not person.counts:
            continue
        key = cell(person.created.date(), person.channel, person.row["region"], person.campaign)
        found["cohort_leads"][key] += 1
        if is_mature(person.created.date()):
            found["mature_cohort_leads"][key] += 1
            for name in ("cohort_revenue", "cohort_spend"):
                found[name][key] += 0
            for deal in person.deals:
                born = person.created.date()
                last = (
                    born.replace(year=born.year + 1)
                    if (born.month, born.day) != (2, 29)
                    else date(born.year + 1, 2, 28)
                )
                if deal.won and deal.amount is not None and born <= deal.on <= last:
                    found["cohort_revenue"][key] += deal.amount
    for day, channel, campaign, region, money in world.spend:
        if is_mature(day):
            key = cell(day, channel, region, campaign)
            found["cohort_spend"][key] += money
            found["cohort_revenue"][key] += 0
    return found
