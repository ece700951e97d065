"""The true answers: the glossary's metrics counted from the company's own objects, in plain Python.

Nothing here reads a table or a vendor's answer, so an error of ingestion, of a model or of the compiler
cannot hide in it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import chain

from infra.sandbox.company import Company
from infra.sandbox.truth_deals import deal_events, person_day_events, visit_events
from infra.sandbox.truth_events import Event, Number, events, is_gone

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
    "sql_to_opportunity_rate_cohort": ("cohort_opportunities_of_sqls", "cohort_sqls"),
    "win_rate_cohort": ("cohort_won_of_opportunities", "cohort_opportunities"),
    "days_lead_to_mql": ("days_lead_mql", "count_lead_mql"),
    "days_mql_to_sql": ("days_mql_sql", "count_mql_sql"),
    "days_sql_to_opportunity": ("days_sql_opportunity", "count_sql_opportunity"),
    "pipeline_velocity": ("days_to_close", "closed"),
    "pipeline_velocity_won": ("days_to_win", "closed_won"),
    "marketing_sourced_pipeline_share": ("marketing_sourced_pipeline", "pipeline_created"),
    "marketing_influenced_pipeline_share": ("marketing_influenced_pipeline", "pipeline_created"),
    "marketing_sourced_revenue_share": ("marketing_sourced_revenue", "closed_won_revenue"),
    "marketing_influenced_revenue_share": ("marketing_influenced_revenue", "closed_won_revenue"),
    "marketing_efficiency_ratio": ("closed_won_revenue", "marketing_spend"),
    "web_conversion_rate": ("web_conversions", "sessions"),
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
    "marketing_sourced_pipeline",
    "marketing_influenced_pipeline",
    "marketing_sourced_revenue",
    "marketing_influenced_revenue",
    "marketing_spend",
    "impressions",
    "clicks",
    "sessions",
    "web_conversions",
)


def true_answers(company: Company, now: datetime) -> list[TrueAnswer]:
    """Every metric by month and channel, by month, by channel and in total, as known at `now`."""
    sums: dict[str, dict[Cell, Number]] = defaultdict(lambda: defaultdict(int))
    for event in _all_events(company, now):
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


def _all_events(company: Company, now: datetime) -> Iterator[Event]:
    people = (p for p in company.people if p.created_at <= now and not is_gone(p, now))
    days = chain.from_iterable(person_day_events(person, now) for person in people)
    return chain(events(company, now), deal_events(company, now), days, visit_events(company, now))


def _ratio(over: Number, under: Number) -> float | None:
    return float(over / under) if under else None


def _cell_order(cell: Cell) -> tuple:
    month, channel = cell
    return (month is not None, month or date.min, channel is not None, channel or "")


def lookup(answers: Iterable[TrueAnswer]) -> Callable[..., Number | float | None]:
    """A function (metric, month=None, channel=None) -> value over `answers`, for tests."""
    by_key = {(a.metric, a.month, a.channel): a.value for a in answers}
    return lambda metric, month=None, channel=None: by_key[metric, month, channel]
