"""Deals as they truly are: who was on them, what touched them, what they are worth; and what counts of them."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from infra.sandbox.company import Company, Deal, Person
from infra.sandbox.truth.events import Event, happened, is_past
from infra.sandbox.truth.people import is_forgotten, owner
from infra.sandbox.truth.touches import TrueTouch
from infra.sandbox.vocabulary import MARKETING_CHANNELS

CENT = Decimal("0.01")
FREE_MAIL = "@gmail.com"  # an address that does not say where somebody works


@dataclass(frozen=True, slots=True)
class DealStory:
    """A deal that is not deleted; `touches` are those of its people until it was closed, in order, and
    `before_creation` those until it was created, whatever close date somebody typed in."""

    champion: Person
    deal: Deal
    amount: Decimal | None
    people: tuple[Person, ...]
    touches: tuple[TrueTouch, ...]
    before_creation: tuple[TrueTouch, ...]
    is_closed: bool

    @property
    def is_won(self) -> bool:
        """Whether it has been won."""
        return self.is_closed and self.deal.is_won

    @property
    def channel(self) -> str:
        """The channel of its first touch, which is its champion's: the first person of the account to come."""
        return self.champion.channel

    @property
    def money(self) -> Decimal:
        """What it is worth; a deal without an amount adds nothing."""
        return self.amount if self.amount is not None else Decimal(0)

    @property
    def closed_at(self) -> datetime:
        """The first instant of the close date, which is all that the CRM keeps."""
        return datetime.combine(self.deal.closed_on, time())

    @property
    def lead_at(self) -> datetime:
        """The lead creation of a deal: the earliest among its people."""
        return min(person.created_at for person in self.people)


def deal_stories(company: Company, now: datetime, told: list[TrueTouch]) -> list[DealStory]:
    """Every deal that has been opened and not deleted by `now`."""
    by_person: dict[int, list[TrueTouch]] = defaultdict(list)
    for touch in told:
        if touch.person is not None:
            by_person[touch.person.number].append(touch)
    people = _DealPeople(company, now)
    stories = []
    for champion in company.people:
        deal = champion.deal
        if deal is None or max(deal.created_at, champion.created_at) > now or is_past(deal.deleted_at, now):
            continue
        is_closed, on_it = deal.closed_at <= now, people.of(champion, deal)
        seen = sorted((t for p in on_it for t in by_person[p.number]), key=lambda t: (t.at, t.id))
        until_close = [touch for touch in seen if not is_closed or touch.at < end_of_close(deal)]
        until_creation = [touch for touch in seen if touch.at <= deal.created_at]
        amount = reporting_amount(company, deal, is_closed)
        stories.append(
            DealStory(champion, deal, amount, on_it, tuple(until_close), tuple(until_creation), is_closed)
        )
    return stories


def end_of_close(deal: Deal) -> datetime:
    """The first instant after the close: the CRM keeps the day, so all of that day is before it."""
    return datetime.combine(deal.closed_on, time()) + timedelta(days=1)


def reporting_amount(company: Company, deal: Deal, is_closed: bool) -> Decimal | None:
    """The deal in the reporting currency, to the cent; None where no amount was entered.

    A closed deal is converted at the rate of its close date, an open one at the rate of its creation.
    """
    if deal.amount is None:
        return None
    day = deal.closed_on if is_closed else deal.created_at.date()
    return in_reporting_currency(company, deal.amount, deal.currency, day)


def in_reporting_currency(company: Company, amount: Decimal, currency: str, day: date) -> Decimal:
    """An amount at the rate that held on a day, to the cent."""
    return (amount * rate_on(company, currency, day)).quantize(CENT, ROUND_HALF_UP)


def rate_on(company: Company, currency: str, day: date) -> Decimal:
    """The rate that held on a day; 1 for the reporting currency."""
    rates = [rate for rate in company.rates if rate.currency == currency and rate.day <= day]
    return max(rates, key=lambda rate: rate.day).value if rates else Decimal(1)


class _DealPeople:
    """Who is on a deal: by contact role, else everybody who is known to be of the account."""

    def __init__(self, company: Company, now: datetime) -> None:
        self._now = now
        self._by_account: dict[int, list[Person]] = defaultdict(list)
        self._joined: dict[int, list[Person]] = defaultdict(list)
        for person in company.people:
            if person.created_at > now or is_forgotten(person, now):
                continue
            if not person.email.endswith(FREE_MAIL):
                self._by_account[owner(person, now).account.number].append(person)
            if person.joined is not None and person.joined[1] <= now:
                self._joined[person.joined[0].number].append(person)

    def of(self, champion: Person, deal: Deal) -> tuple[Person, ...]:
        """The champion, and who is on the deal besides; each once, as whom they are after merges."""
        by_role, by_account = self._joined[champion.number], self._by_account[champion.account.number]
        others = by_role if deal.has_roles else by_account
        found = {who.number: who for who in (owner(p, self._now) for p in (champion, *others))}
        return tuple(found.values())


def deal_events(stories: list[DealStory]) -> Iterator[Event]:
    """Pipeline on the day a deal was created; wins, losses and revenue on its close date."""
    for story in stories:
        created_on, closed_on = story.deal.created_at.date(), story.deal.closed_on
        yield happened("opportunities", created_on, story.channel)
        kinds = {
            "pipeline_created": True,
            "marketing_sourced_pipeline": story.channel in MARKETING_CHANNELS,
            "marketing_influenced_pipeline": any(touch.is_marketing for touch in story.touches),
        }
        for metric, counts in kinds.items():
            if counts:
                yield happened(metric, created_on, story.channel, story.money)
            if counts and story.is_won:
                revenue = {"pipeline_created": "closed_won_revenue"}.get(metric)
                revenue = revenue or metric.replace("pipeline", "revenue")
                yield happened(revenue, closed_on, story.channel, story.money)
        if story.is_closed:
            yield from _close_events(story)


def _close_events(story: DealStory) -> Iterator[Event]:
    on = story.deal.closed_on
    days = (on - story.deal.created_at.date()).days
    yield happened("closed_deals", on, story.channel)
    yield happened("days_to_close", on, story.channel, days)
    yield happened("closed_won" if story.is_won else "closed_lost", on, story.channel)
    if story.is_won:
        yield happened("days_to_win", on, story.channel, days)


def balance_events(company: Company, stories: list[DealStory], now: datetime) -> Iterator[Event]:
    """Open pipeline at the end of each month and of the last day: a balance, so each cell has one event."""
    for story in stories:
        amount = reporting_amount(company, story.deal, is_closed=False)
        opened = story.deal.created_at.date()
        for month_end in month_ends(company, now):
            stage = [name for name, at in story.deal.stages if at.date() <= month_end and at <= now]
            if opened <= month_end and stage and not stage[-1].startswith("Closed"):
                yield happened("open_pipeline", month_end, story.channel, amount or Decimal(0))


def month_ends(company: Company, now: datetime) -> Iterator[date]:
    """The last day of every month up to `now`, which may be the last day of its own."""
    day = company.first_month
    while day <= now.date():
        following = (day + timedelta(days=32)).replace(day=1)
        yield min(following - timedelta(days=1), now.date())
        day = following
