"""What each metric is, counted from the raw rows by plain loops, under any dimensions and conditions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.campaigns.told import Deal, Person, Touch, World

Member = dict[str, Any]
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Fact:
    """A value at an instant, once under each of its members and once in the whole."""

    at: date | datetime
    value: Any
    members: list[Member]


class Shown:
    """How campaigns and assets are shown."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.parents = set(world.above.values())

    def campaign(self, key: str | None) -> Member:
        if key is None:
            return dict.fromkeys(("campaign", "parent_campaign", "program", "campaign_type"))
        above = self.world.above.get(key)
        return {
            "campaign": self.name(key),
            "parent_campaign": self.name(above) if above else self.name(key) if key in self.parents else None,
            "program": self.name(self.top(key)),
            "campaign_type": self.world.types.get(key),
        }

    def asset(self, key: str | None) -> Member:
        if key is None:
            return {"content": None, "content_type": None}
        return {"content": self.world.titles[key], "content_type": self.world.kinds[key]}

    def name(self, key: str) -> str:
        return self.world.names.get(key, key)

    def top(self, key: str) -> str:
        """The top of the hierarchy; of a circle, which has none, the smallest in it."""
        way = [key]
        while (above := self.world.above.get(way[-1])) is not None:
            if above in way:
                return min(way[way.index(above) :])
            way.append(above)
        return way[-1]


def facts(world: World) -> dict[str, list[Fact]]:
    """Every metric that is a sum, a count or a mean of something."""
    found: dict[str, list[Fact]] = defaultdict(list)
    shown = Shown(world)
    for person in world.people:
        if person.counts:
            _of_person(found, person, shown)
    for deal in world.deals:
        _of_deal(found, deal, shown)
    for day, channel, campaign, region, money in world.spend:
        member = {"channel": channel, "region": region} | shown.campaign(campaign)
        found["marketing_spend"].append(Fact(day, money, [member]))
        if campaign is not None:
            found["campaign_spend"].append(Fact(day, money, [member]))
    for touch in world.touches:
        if touch.content is not None:
            found["content_touches"].append(Fact(touch.at, 1, [_of_touch(touch, shown)]))
    return found


def _of_person(found: dict[str, list[Fact]], person: Person, shown: Shown) -> None:
    origin = {"channel": person.channel, "region": person.row["region"]}
    members = [origin | shown.asset(person.content) | shown.campaign(person.campaign)]
    mql, sql = person.first("mql"), person.first("sql")
    found["leads"].append(Fact(person.created, 1, members))
    for name, at in (("mqls", mql), ("sqls", sql)):
        if at is not None:
            found[name].append(Fact(at, 1, members))
    for at in person.stages["mql"][1:]:
        found["recycled_mqls"].append(Fact(at, 1, members))
    if mql is not None:
        found["days_lead_to_mql"].append(Fact(mql, _days(person.created, mql), members))
    if mql is not None and sql is not None:
        found["days_mql_to_sql"].append(Fact(sql, _days(mql, sql), members))
    deal = min((deal.created for deal in person.deals), default=None)
    if sql is not None and deal is not None:
        found["days_sql_to_opportunity"].append(Fact(deal, _days(sql, deal), members))
    won = any(deal.won for deal in person.deals)
    reached = {
        "cohort_mqls": mql,
        "cohort_sqls": sql,
        "cohort_opportunities": deal,
        "cohort_customers": won,
        "cohort_mqls_to_sql": mql and sql,
        "cohort_sqls_to_opportunity": sql and deal,
        "cohort_mqls_to_won": mql and won,
        "cohort_opportunities_to_won": deal and won,
    }
    for name, so in reached.items():
        if so:
            found[name].append(Fact(person.created, 1, members))


def _days(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds() / 86400


def _of_touch(touch: Touch, shown: Shown) -> Member:
    return {"channel": touch.channel} | shown.asset(touch.content) | shown.campaign(touch.campaign)


def _of_deal(found: dict[str, list[Fact]], deal: Deal, shown: Shown) -> None:
    def members(touches: list[Touch]) -> list[Member]:
        return [_of_touch(touch, shown) | {"region": deal.region} for touch in touches]

    sourced = [touch for touch in deal.sourcing if touch.campaign]
    engaged = [touch for touch in deal.touches if touch.campaign]
    consumed = [touch for touch in deal.touches if touch.content]
    if sourced:
        found["campaign_sourced_pipeline"].append(Fact(deal.created.date(), deal.amount, members(sourced)))
    if engaged and not deal.closed:
        found["campaign_influenced_pipeline"].append(Fact(deal.created.date(), deal.amount, members(engaged)))
    if consumed and deal.won:
        found["content_influenced_revenue"].append(Fact(deal.on, deal.amount, members(consumed)))
    if deal.won:
        first: dict[str, Touch] = {}
        for touch in engaged:
            first.setdefault(touch.campaign, touch)
        for touch in first.values():
            days = (deal.on - touch.at.date()).days
            found["time_to_revenue"].append(Fact(deal.on, days, members([touch])))
        _credit(found, deal, members)


def _credit(found: dict[str, list[Fact]], deal: Deal, members: Callable[[list[Touch]], list[Member]]) -> None:
    """The model `first`: the earliest touch has all of it."""
    for touch in deal.touches[:1]:
        for name, has in (
            ("campaign_attributed_revenue", touch.campaign),
            ("content_attributed_revenue", touch.content),
        ):
            if has:
                found[name].append(Fact(deal.on, deal.amount, members([touch])))


ROI = {"campaign_roi"}
MEANS = {"days_lead_to_mql", "days_mql_to_sql", "days_sql_to_opportunity", "time_to_revenue"}
RATIOS = {
    "lead_to_mql_rate": ("mqls", "leads"),
    "mql_to_sql_rate": ("sqls", "mqls"),
    "lead_to_mql_rate_cohort": ("cohort_mqls", "leads"),
    "mql_to_sql_rate_cohort": ("cohort_mqls_to_sql", "cohort_mqls"),
    "sql_to_opportunity_rate_cohort": ("cohort_sqls_to_opportunity", "cohort_sqls"),
    "win_rate_cohort": ("cohort_opportunities_to_won", "cohort_opportunities"),
    "mql_to_won_rate_cohort": ("cohort_mqls_to_won", "cohort_mqls"),
    "lead_to_customer_rate_cohort": ("cohort_customers", "leads"),
}


def month(at: date | datetime, zone: str = "UTC") -> date:
    if isinstance(at, datetime) and zone != "UTC":
        at = at.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(zone))
    return date(at.year, at.month, 1)


def cells(
    all_facts: list[Fact], by: tuple[str, ...], where: Callable[[Member], bool], zone: str = "UTC"
) -> dict[Key, list[Any]]:
    """Key -> the values that count there; `metric_time` is the month."""
    found: dict[Key, list[Any]] = defaultdict(list)
    for fact in all_facts:
        keys = {
            tuple(month(fact.at, zone) if name == "metric_time" else member[name] for name in by)
            for member in fact.members
            if where(member)
        }
        for key in keys:
            found[key].append(fact.value)
    return found


def answer(
    found: dict[str, list[Fact]],
    metric: str,
    by: tuple[str, ...] = (),
    where: Callable[[Member], bool] = lambda member: True,
    zone: str = "UTC",
) -> dict[Key, Any]:
    """Key -> number; what is missing or 0 by default is left out."""

    def summed(name: str) -> dict[Key, Any]:
        made = {}
        for key, values in cells(found[name], by, where, zone).items():
            known = [value for value in values if value is not None]
            if name in MEANS:
                made[key] = float(sum(known)) / len(known)
            else:
                made[key] = sum(known)
        return made

    if metric in RATIOS:
        over, under = (summed(name) for name in RATIOS[metric])
        return {key: over.get(key, 0) / count for key, count in under.items() if count}
    if metric == "campaign_roi":
        made, paid = summed("campaign_attributed_revenue"), summed("campaign_spend")
        return {key: (made.get(key, 0) - spend) / spend for key, spend in paid.items() if spend > 0}
    return summed(metric)
