"""True answers about people: who they are after their records were merged, and the stages that they reached."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from infra.sandbox.company import Company, Person
from infra.sandbox.truth.events import Event, happened, is_past


def is_gone(person: Person, now: datetime) -> bool:
    """Whether the person's record has been merged away or deleted by `now`."""
    return is_past(person.merged_at, now) or is_past(person.deleted_at, now)


def is_forgotten(person: Person, now: datetime) -> bool:
    """Whether nothing is left by `now` that says who the person was."""
    return person.is_forgotten and is_past(person.deleted_at, now)


def owner(person: Person, now: datetime) -> Person:
    """Who the person is by `now`: the record that theirs was merged into, over any number of merges."""
    while person.merged_into is not None and is_past(person.merged_at, now):
        person = person.merged_into
    return person


def people_events(company: Company, now: datetime) -> Iterator[Event]:
    """Leads, MQLs, SQLs, what became of each cohort, and the days between two stages."""
    for person in company.people:
        if person.created_at > now:
            continue
        yield from _second_qualifications(person, now)
        if not is_gone(person, now):
            yield from _stages(person, now)
            yield from _cohort(person, now)
            yield from _days_between(person, now)


def _stages(person: Person, now: datetime) -> Iterator[Event]:
    for metric, stage in (("leads", "lead"), ("mqls", "mql"), ("sqls", "sql")):
        if has_reached(person, stage, now):
            yield happened(metric, person.reached[stage].date(), person.channel)
    for at in person.recycled:
        if at <= now:
            yield happened("recycled_mqls", at.date(), person.channel)


def _second_qualifications(person: Person, now: datetime) -> Iterator[Event]:
    """A record that was merged away after it had become MQL: its person qualified twice."""
    keeper = person.merged_into
    if keeper is not None and is_past(person.merged_at, now) and has_reached(person, "mql", now):
        yield happened("recycled_mqls", person.reached["mql"].date(), keeper.channel)


def _cohort(person: Person, now: datetime) -> Iterator[Event]:
    """What a lead has become, counted on the day it was created."""
    is_mql, is_sql, is_opportunity, is_won = (
        has_reached(person, stage, now) for stage in ("mql", "sql", "opportunity", "customer")
    )
    counted = {
        "cohort_mqls": is_mql,
        "cohort_sqls": is_sql,
        "cohort_opportunities": is_opportunity,
        "cohort_customers": is_won,
        "cohort_mqls_to_sql": is_mql and is_sql,
        "cohort_mqls_to_won": is_mql and is_won,
        "cohort_sqls_to_opportunity": is_sql and is_opportunity,
        "cohort_opportunities_to_won": is_opportunity and is_won,
    }
    on = person.created_at.date()
    yield from (happened(metric, on, person.channel) for metric, counts in counted.items() if counts)


def _days_between(person: Person, now: datetime) -> Iterator[Event]:
    """The days between two stages, on the day of the later one."""
    reached = {stage: at for stage, at in person.reached.items() if at <= now}
    for earlier, later in (("lead", "mql"), ("mql", "sql"), ("sql", "opportunity")):
        if earlier in reached and later in reached:
            days = Decimal((reached[later] - reached[earlier]).total_seconds()) / 86_400
            yield happened(f"days_{earlier}_{later}", reached[later].date(), person.channel, days)
            yield happened(f"count_{earlier}_{later}", reached[later].date(), person.channel)


def has_reached(person: Person, stage: str, now: datetime) -> bool:
    """Whether the person has reached the stage by `now`."""
    return stage in person.reached and person.reached[stage] <= now
