"""True answers that need a deal's people and their touches: sourced and influenced, and how long deals take."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal

from infra.sandbox.company import Company, Deal, Person
from infra.sandbox.truth_events import Event, is_past, reporting_amount
from infra.sandbox.vocabulary import MARKETING_CHANNELS


class DealPeople:
    """Who is on a deal: by contact role, else everybody of the account."""

    def __init__(self, company: Company, now: datetime) -> None:
        self._now = now
        self._by_account: dict[int, list[Person]] = defaultdict(list)
        self._joined: dict[int, list[Person]] = defaultdict(list)
        for person in company.people:
            if person.created_at > now:
                continue
            self._by_account[person.account.number].append(person)
            if person.joined is not None and person.joined[1] <= now:
                self._joined[person.joined[0].number].append(person)

    def of(self, champion: Person, deal: Deal) -> list[Person]:
        """The champion, and who is on the deal besides."""
        others = (
            self._joined[champion.number] if deal.has_roles else self._by_account[champion.account.number]
        )
        return [champion, *(person for person in others if person is not champion)]


def deal_events(company: Company, now: datetime) -> Iterator[Event]:
    """What counts of each deal that is not deleted by `now`."""
    people = DealPeople(company, now)
    for champion in company.people:
        deal = champion.deal
        if deal is None or max(deal.created_at, champion.created_at) > now or is_past(deal.deleted_at, now):
            continue
        amount = reporting_amount(company, deal, now)
        created_on, channel = deal.created_at.date(), champion.channel
        is_won = deal.closed_at <= now and deal.is_won
        # A deal's first touch is its champion's: the first person of the account to come.
        kinds = {
            "sourced": channel in MARKETING_CHANNELS,
            "influenced": any(_is_touched(person, deal, now) for person in people.of(champion, deal)),
        }
        for kind, counts in kinds.items():
            if counts:
                yield Event(f"marketing_{kind}_pipeline", created_on, channel, amount)
            if counts and is_won:
                yield Event(f"marketing_{kind}_revenue", deal.closed_on, channel, amount)
        if deal.closed_at <= now:
            days = (deal.closed_on - created_on).days
            yield Event("days_to_close", deal.closed_on, channel, days)
            if is_won:
                yield Event("days_to_win", deal.closed_on, channel, days)


def person_day_events(person: Person, now: datetime) -> Iterator[Event]:
    """The days between two stages, on the day of the later one."""
    reached = {stage: at for stage, at in person.reached.items() if at <= now}
    for earlier, later in (("lead", "mql"), ("mql", "sql"), ("sql", "opportunity")):
        if earlier in reached and later in reached:
            days = Decimal((reached[later] - reached[earlier]).total_seconds()) / 86_400
            yield Event(f"days_{earlier}_{later}", reached[later].date(), person.channel, days)
            yield Event(f"count_{earlier}_{later}", reached[later].date(), person.channel)


def visit_events(company: Company, now: datetime) -> Iterator[Event]:
    """Visits to the web site."""
    for visit in company.visits:
        if visit.at <= now:
            yield Event("sessions", visit.at.date(), visit.channel)
            if visit.is_conversion:
                yield Event("web_conversions", visit.at.date(), visit.channel)


def _is_touched(person: Person, deal: Deal, now: datetime) -> bool:
    """Whether marketing reached the person before the deal closed, on the day of its close at the latest."""
    end = now
    if deal.closed_at <= now:
        end = min(now, datetime.combine(deal.closed_on, time()) + timedelta(days=1) - timedelta(seconds=1))
    # An address that several people read is nobody's.
    forms = (t for t in person.touches if not (t.email or "").startswith("info@"))
    return (
        any(touch.at <= end and touch.channel in MARKETING_CHANNELS for touch in forms)
        or any(e.at <= end and e.kind == "CLICK" and not e.is_bot for e in person.emails)
        or any(a.at <= end and a.is_response and (a.recorded_at or a.at) <= now for a in person.attended)
    )
