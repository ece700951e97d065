"""The ways to the events that credit is given for: the touches of each, until it happened."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from infra.sandbox.company import Company
from infra.sandbox.truth.deals import DealStory
from infra.sandbox.truth.people import has_reached, is_gone
from infra.sandbox.truth.touches import TrueTouch

KINDS = ("mql", "pipeline", "revenue")


@dataclass(frozen=True, slots=True)
class Journey:
    """`touches` in order; `kind` is mql, pipeline or revenue; `amount` is None where it is no money."""

    kind: str
    credited_at: datetime
    touches: tuple[TrueTouch, ...]
    lead_at: datetime
    opportunity_at: datetime | None = None
    amount: Decimal | None = None

    @property
    def on(self) -> date:
        """The day of the event."""
        return self.credited_at.date()

    def latest(self, until: datetime | None) -> TrueTouch | None:
        """The milestone touch of a stage change: the latest one at or before it."""
        before = [touch for touch in self.touches if until is not None and touch.at <= until]
        return before[-1] if before else None


def journeys(
    company: Company, now: datetime, told: list[TrueTouch], stories: list[DealStory]
) -> list[Journey]:
    """To each first MQL of a person who is still there, to each deal's creation, to each win."""
    by_person: dict[int, list[TrueTouch]] = defaultdict(list)
    for touch in told:
        if touch.person is not None:
            by_person[touch.person.number].append(touch)
    found = []
    for person in company.people:
        if person.created_at <= now and not is_gone(person, now) and has_reached(person, "mql", now):
            at = person.reached["mql"]
            walked = tuple(touch for touch in by_person[person.number] if touch.at <= at)
            found.append(Journey("mql", at, walked, person.created_at))
    for story in stories:
        found.append(_to_creation(story))
        if story.is_won:
            found.append(_to_win(story))
    return found


def _to_creation(story: DealStory) -> Journey:
    at = story.deal.created_at
    return Journey("pipeline", at, story.before_creation, story.lead_at, at, story.money)


def _to_win(story: DealStory) -> Journey:
    created_at = story.deal.created_at
    return Journey("revenue", story.closed_at, story.touches, story.lead_at, created_at, story.money)


def window_start(built_on: date, days: int) -> datetime:
    """The first instant of a window of `days` days before the day of the build."""
    return datetime.combine(built_on - timedelta(days=days), time())
