"""The true answers: the glossary's metrics counted from the company's own objects, in plain Python.

Nothing here reads a table or a vendor's answer, so an error of ingestion, of a model or of the compiler
cannot hide in it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from infra.sandbox.company import Company, Deal, Person

Number = int | Decimal
Cell = tuple[date | None, str | None]  # (first of month or None, channel or None)


@dataclass(frozen=True, slots=True)
class TrueAnswer:
    """One number; month or channel None means over all of them. A ratio over nothing has value None."""

    metric: str
    month: date | None
    channel: str | None
    value: Number | float | None

    def to_document(self) -> dict:
        """The answer as JSON: exact decimals are strings, months are their first day."""
        return {
            "metric": self.metric,
            "month": self.month.isoformat() if self.month else None,
            "channel": self.channel,
            "value": str(self.value) if isinstance(self.value, Decimal) else self.value,
        }


@dataclass(frozen=True, slots=True)
class Event:
    """Something that counts towards a metric: when, where, how much."""

    metric: str
    on: date
    channel: str | None
    value: Number = 1


# metric: (numerator, denominator)
RATIOS = {
    "lead_to_mql_rate": ("mqls", "leads"),
    "mql_to_sql_rate": ("sqls", "mqls"),
    "sql_to_opportunity_rate": ("opportunities", "sqls"),
    "win_rate": ("closed_won", "closed"),
    "mql_to_won_rate": ("closed_won", "mqls"),
    "lead_to_customer_rate": ("closed_won", "leads"),
    "lead_to_mql_rate_cohort": ("cohort_mqls", "leads"),
    "mql_to_sql_rate_cohort": ("cohort_sqls_of_mqls", "cohort_mqls"),
    "mql_to_won_rate_cohort": ("cohort_won_of_mqls", "cohort_mqls"),
    "lead_to_customer_rate_cohort": ("cohort_won", "leads"),
    "ctr": ("clicks", "impressions"),
    "cpc": ("marketing_spend", "clicks"),
    "cost_per_lead": ("marketing_spend", "leads"),
    "cost_per_mql": ("marketing_spend", "mqls"),
    "cost_per_sql": ("marketing_spend", "sqls"),
    "cost_per_opportunity": ("marketing_spend", "opportunities"),
    "customer_acquisition_cost": ("marketing_spend", "closed_won"),
    "average_deal_size": ("closed_won_revenue", "closed_won"),
}
SIMPLE = (
    "leads",
    "mqls",
    "recycled_mqls",
    "sqls",
    "opportunities",
    "closed_won",
    "closed_lost",
    "closed_won_revenue",
    "pipeline_created",
    "marketing_spend",
    "impressions",
    "clicks",
)


def true_answers(company: Company, now: datetime) -> list[TrueAnswer]:
    """Every metric by month and channel, by month, by channel and in total, as known at `now`."""
    sums: dict[str, dict[Cell, Number]] = defaultdict(lambda: defaultdict(int))
    for event in events(company, now):
        month = event.on.replace(day=1)
        for cell in {(month, event.channel), (month, None), (None, event.channel), (None, None)}:
            sums[event.metric][cell] += event.value
    cells = sorted({cell for by_cell in sums.values() for cell in by_cell}, key=_cell_order)
    answers = [
        TrueAnswer(metric, *cell, sums[metric].get(cell, 0))
        for metric in SIMPLE
        for cell in cells
        if cell in sums[metric] or None in cell
    ]
    for metric, (over, under) in RATIOS.items():
        answers += [
            TrueAnswer(metric, *cell, _ratio(sums[over].get(cell, 0), sums[under].get(cell, 0)))
            for cell in cells
            if cell in sums[over] or cell in sums[under]
        ]
    return answers


def events(company: Company, now: datetime) -> Iterator[Event]:
    """Everything that has happened by `now` and counts."""
    for person in company.people:
        if person.created_at > now:
            continue
        yield from _second_qualifications(person, now)
        if not _is_gone(person, now):
            yield from _person_events(person, now)
            yield from _cohort_events(person, now)
        deal = person.deal
        if deal is not None and deal.created_at <= now and not _is_past(deal.deleted_at, now):
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
    if keeper is not None and _is_past(person.merged_at, now) and _reached(person, "mql", now):
        yield Event("recycled_mqls", person.reached["mql"].date(), keeper.channel)


def _cohort_events(person: Person, now: datetime) -> Iterator[Event]:
    """What a lead has become, counted on the day it was created."""
    on = person.created_at.date()
    is_mql = _reached(person, "mql", now)
    is_won = _reached(person, "customer", now)
    counted = {
        "cohort_mqls": is_mql,
        "cohort_sqls_of_mqls": is_mql and _reached(person, "sql", now),
        "cohort_won_of_mqls": is_mql and is_won,
        "cohort_won": is_won,
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


def _is_gone(person: Person, now: datetime) -> bool:
    return _is_past(person.merged_at, now) or _is_past(person.deleted_at, now)


def _is_past(at: datetime | None, now: datetime) -> bool:
    return at is not None and at <= now


def _reached(person: Person, stage: str, now: datetime) -> bool:
    return stage in person.reached and person.reached[stage] <= now


def _ratio(over: Number, under: Number) -> float | None:
    return float(over / under) if under else None


def _cell_order(cell: Cell) -> tuple:
    month, channel = cell
    return (month is not None, month or date.min, channel is not None, channel or "")


def lookup(answers: Iterable[TrueAnswer]) -> Callable[..., Number | float | None]:
    """A function (metric, month=None, channel=None) -> value over `answers`, for tests."""
    by_key = {(a.metric, a.month, a.channel): a.value for a in answers}
    return lambda metric, month=None, channel=None: by_key[metric, month, channel]
