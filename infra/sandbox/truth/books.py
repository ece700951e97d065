"""What the company books besides people and deals: spend, visits, the growth model, what is reconciled."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from infra.sandbox.company import REPORTING_CURRENCY, Company, SpendDay
from infra.sandbox.truth.deals import CENT, DealStory, rate_on
from infra.sandbox.truth.events import Event, Number, happened
from infra.sandbox.truth.recipes import TARGETED

RECONCILED = ("linkedin_ads",)  # the platforms whose spend is compared with what they say themselves


def spend_events(paid: Iterable[SpendDay]) -> Iterator[Event]:
    """What was paid, shown and clicked; all spend of this company is on campaigns."""
    for spend in paid:
        counted: dict[str, Number] = {
            "marketing_spend": spend.amount,
            "campaign_spend": spend.amount,
            "impressions": spend.impressions,
            "clicks": spend.clicks,
        }
        for metric, value in counted.items():
            yield happened(metric, spend.day, spend.campaign.channel, value)


def flat_days(company: Company, now: datetime) -> Iterator[SpendDay]:
    """What was paid for a period, day by day: whole cents up to each day, what is over on the last.

    In another currency a day is the step of what the days up to it are worth together, to the cent.
    """
    for cost in company.costs:
        days = (cost.ends - cost.starts).days + 1
        cents, worth = int(cost.amount * 100), Decimal(0)
        for place in range(days if cost.counts else 0):
            day = cost.starts + timedelta(days=place)
            share = cents * (place + 1) // days - cents * place // days
            before = worth.quantize(CENT, ROUND_HALF_UP)
            worth += Decimal(share) / 100 * rate_on(company, cost.currency, day)
            paid = worth.quantize(CENT, ROUND_HALF_UP) - before
            if day <= now.date():
                yield SpendDay(day, cost.campaign, cost.stated_in, paid, REPORTING_CURRENCY, 0, 0)


def visit_events(company: Company, now: datetime) -> Iterator[Event]:
    """Visits to the web site."""
    for visit in company.visits:
        if visit.at <= now:
            yield happened("sessions", visit.at.date(), visit.channel)
            if visit.is_conversion:
                yield happened("web_conversions", visit.at.date(), visit.channel)


def target_events(company: Company) -> Iterator[Event]:
    """The targets of the whole company; they have no channel."""
    for target in company.targets:
        if target.channel is None and target.metric in TARGETED:
            yield Event(f"{target.metric}_target", target.month, (), target.value)
        if target.channel is None and target.metric == "cost_per_mql":
            yield Event("cost_per_mql_target_sum", target.month, (), target.value)
            yield Event("cost_per_mql_target_months", target.month, ())


def reconciled_events(paid: Iterable[SpendDay], stories: list[DealStory]) -> Iterator[Event]:
    """What sources say of themselves, in sum; that the warehouse says anything else is never the truth."""
    for spend in paid:
        if spend.platform in RECONCILED:
            yield Event("source_total", spend.day, (), spend.amount)
            yield Event("source_difference", spend.day, (), Decimal(0))
    for story in stories:
        if story.is_won:
            yield Event("source_total", story.deal.closed_on, ())
            yield Event("source_difference", story.deal.closed_on, (), Decimal(0))
