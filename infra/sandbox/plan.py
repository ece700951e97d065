"""The growth model: what the company planned, by month, in total and by channel for MQLs."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from infra.sandbox.company import Target
from infra.sandbox.vocabulary import CHANNELS

# Planned yields, a little braver than what the company does: some months meet the plan, some miss it.
MQL_PER_LEAD = 0.5
SQL_PER_MQL = 0.44
OPPORTUNITY_PER_SQL = 0.48
WON_PER_OPPORTUNITY = 0.36
DEAL = 24_000
VERSION = "plan-1"


def growth_model(leads_by_day: dict[date, int], months: list[date]) -> Iterator[Target]:
    """The targets of every month, from the number of leads that was planned: to the ten, as plans are made."""
    for month in months:
        leads = sum(count for day, count in leads_by_day.items() if day.replace(day=1) == month)
        yield from _targets(month, round(leads, -1) or leads)


def _targets(month: date, leads: int) -> Iterator[Target]:
    mqls = round(leads * MQL_PER_LEAD)
    sqls = round(mqls * SQL_PER_MQL)
    opportunities = round(sqls * OPPORTUNITY_PER_SQL)
    won = round(opportunities * WON_PER_OPPORTUNITY)
    spend = round(leads * sum(traits.weight * traits.cost_per_lead for traits in CHANNELS.values()))
    planned = {
        "leads": leads,
        "mqls": mqls,
        "sqls": sqls,
        "opportunities": opportunities,
        "closed_won": won,
        "closed_won_revenue": won * DEAL,
        "pipeline_created": opportunities * DEAL,
        "marketing_spend": spend,
        "cost_per_mql": Decimal(spend) / mqls if mqls else 0,
    }
    for metric, value in planned.items():
        yield Target(metric, month, None, Decimal(value).quantize(Decimal("0.01")))
    for channel, traits in CHANNELS.items():
        yield Target("mqls", month, channel, Decimal(round(mqls * traits.weight)))
