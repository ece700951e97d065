"""What happened in the company and counts towards a metric: when, where, how much."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from infra.sandbox.company import Company, Deal, Person

Number = int | Decimal


@dataclass(frozen=True, slots=True)
class Event:
    """Something that counts towards a metric: when, where, how much."""

    metric: str
    on: date
    channel: str | None
    value: Number = 1


def events(company: Company, now: datetime) -> Iterator[Event]:
    """Everything that has happened by `now` and counts."""
    for person in company.people:
        if person.created_at > now:
            continue
        yield from _second_qualifications(person, now)
        if not is_gone(person, now):
            yield from _person_events(person, now)
            yield from _cohort_events(person, now)
        deal = person.deal
        if deal is not None and deal.created_at <= now and not is_past(deal.deleted_at, now):
            yield from _deal_events(company, person, deal, now)
    for spend in company.spend:
        if spend.day <= now.date():
            channel = spend.campaign.channel
            yield Event("marketing_spend", spend.day, channel, spend.amount)
            yield Event("impressions", spend.day, channel, spend.impressions)
            yield Event("clicks", spend.day, channel, spend.clicks)


def _person_events(person: Person, now: datetime) -> Iterator[Event]:
    for metric, stage in (("leads", "lead"), ("mqls", "mql"), ("sqls", "sql")):
        if _reached(person, stage, now):
            yield Event(metric, person.reached[stage].date(), person.channel)
    for at in person.recycled:
        if at <= now:
            yield Event("recycled_mqls", at.date(), person.channel)


def _second_qualifications(person: Person, now: datetime) -> Iterator[Event]:
    """A record that was merged away after it had become MQL: its person qualified twice."""
    keeper = person.merged_into
    if keeper is not None and is_past(person.merged_at, now) and _reached(person, "mql", now):
        yield Event("recycled_mqls", person.reached["mql"].date(), keeper.channel)


def _cohort_events(person: Person, now: datetime) -> Iterator[Event]:
    """What a lead has become, counted on the day it was created."""
    on = person.created_at.date()
    is_mql = _reached(person, "mql", now)
    is_won = _reached(person, "customer", now)
    is_sql = _reached(person, "sql", now)
    is_opportunity = _reached(person, "opportunity", now)
    counted = {
        "cohort_mqls": is_mql,
        "cohort_sqls_of_mqls": is_mql and is_sql,
        "cohort_won_of_mqls": is_mql and is_won,
        "cohort_won": is_won,
        "cohort_sqls": is_sql,
        "cohort_opportunities": is_opportunity,
        "cohort_opportunities_of_sqls": is_sql and is_opportunity,
        "cohort_won_of_opportunities": is_opportunity and is_won,
    }
    yield from (Event(metric, on, person.channel) for metric, counts in counted.items() if counts)


def _deal_events(company: Company, person: Person, deal: Deal, now: datetime) -> Iterator[Event]:
    amount = reporting_amount(company, deal, now)
    yield Event("opportunities", deal.created_at.date(), person.channel)
    yield Event("pipeline_created", deal.created_at.date(), person.channel, amount)
    if deal.closed_at > now:
        return
    yield Event("closed", deal.closed_on, person.channel)
    yield Event("closed_won" if deal.is_won else "closed_lost", deal.closed_on, person.channel)
    if deal.is_won:
        yield Event("closed_won_revenue", deal.closed_on, person.channel, amount)


def reporting_amount(company: Company, deal: Deal, now: datetime) -> Decimal:
    """The deal in the reporting currency, to the cent; nothing where no amount was entered.

    A closed deal is converted at the rate of its close date, an open one at the rate of its creation.
    """
    if deal.amount is None:
        return Decimal(0)
    day = deal.closed_on if deal.closed_at <= now else deal.created_at.date()
    rates = [rate for rate in company.rates if rate.currency == deal.currency and rate.day <= day]
    value = max(rates, key=lambda rate: rate.day).value if rates else Decimal(1)
    return (deal.amount * value).quantize(Decimal("0.01"), ROUND_HALF_UP)


def is_gone(person: Person, now: datetime) -> bool:
    """Whether the person's record has been merged away or deleted by `now`."""
    return is_past(person.merged_at, now) or is_past(person.deleted_at, now)


def is_past(at: datetime | None, now: datetime) -> bool:
    """Whether something has happened by `now`."""
    return at is not None and at <= now


def _reached(person: Person, stage: str, now: datetime) -> bool:
    return stage in person.reached and person.reached[stage] <= now
