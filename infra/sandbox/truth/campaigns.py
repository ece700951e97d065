"""True answers about campaigns and assets: sourced, influenced, time to revenue, cohorts."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime

from infra.sandbox.company import Company, Person, SpendDay
from infra.sandbox.truth.deals import DealStory
from infra.sandbox.truth.events import Event, happened
from infra.sandbox.truth.touches import TrueTouch

MONTHS_OF_A_COHORT = 12
Chosen = Callable[[TrueTouch], bool]


def sourcing_touches(story: DealStory) -> list[TrueTouch]:
    """The first touch of a deal and the one that created the lead; what came after the deal did not source it."""
    at_lead = [touch for touch in story.touches if touch.at <= story.lead_at]
    sourced = [*story.touches[:1], *at_lead[-1:]]
    return [touch for touch in sourced if touch.at <= story.deal.created_at]


def campaign_events(stories: Iterable[DealStory], chosen: Chosen = lambda touch: True) -> Iterator[Event]:
    """A deal counts once under each channel of the campaigns (or assets) that touched it, and once in the total."""
    for story in stories:
        created_on, closed_on = story.deal.created_at.date(), story.deal.closed_on
        sourced = [touch for touch in sourcing_touches(story) if touch.campaign and chosen(touch)]
        engaged = [touch for touch in story.touches if touch.campaign and chosen(touch)]
        consumed = [touch for touch in story.touches if touch.content and chosen(touch)]
        if sourced:
            yield Event("campaign_sourced_pipeline", created_on, channels(sourced), story.money)
        if engaged and not story.is_closed:
            yield Event("campaign_influenced_pipeline", created_on, channels(engaged), story.money)
        if consumed and story.is_won:
            yield Event("content_influenced_revenue", closed_on, channels(consumed), story.money)
        if story.is_won:
            for touch in filter(chosen, first_of_each_campaign(story)):
                days = (closed_on - touch.at.date()).days
                yield happened("days_to_revenue", closed_on, touch.channel, days)
                yield happened("campaigns_of_wins", closed_on, touch.channel)


def channels(told: list[TrueTouch]) -> tuple[str, ...]:
    """The channels of some touches, each once."""
    return tuple(sorted({touch.channel for touch in told}))


def first_of_each_campaign(story: DealStory) -> list[TrueTouch]:
    """The first touch of each campaign that touched the deal."""
    found: dict[str, TrueTouch] = {}
    for touch in story.touches:
        if touch.campaign is not None:
            found.setdefault(touch.campaign, touch)
    return list(found.values())


def programs(company: Company) -> dict[str, set[str]]:
    """The keys of each program and of everything below it, by its name."""
    by_key = {campaign.key: campaign for campaign in company.campaigns}
    found: dict[str, set[str]] = defaultdict(set)
    for campaign in company.campaigns:
        way = [campaign]
        while way[-1].parent in by_key and by_key[way[-1].parent] not in way:
            way.append(by_key[way[-1].parent])
        found[way[-1].name].add(campaign.key)
    return found


def cohort_events(
    people: Iterable[Person], paid: Iterable[SpendDay], stories: Iterable[DealStory], now: datetime
) -> Iterator[Event]:
    """Of each month whose people have all had twelve months: what was spent, and what the people brought in theirs.

    Events of 0 say that a cell is mature and known.
    """
    for person in people:
        on = person.created_at.date()
        yield happened("cohort_leads", on, person.channel)
        if is_mature(on, now):
            yield happened("mature_cohort_leads", on, person.channel)
            yield from _known(on, person.channel)
    for spend in paid:
        if is_mature(spend.day, now):
            yield from _known(spend.day, spend.campaign.channel or "")
            yield happened("cohort_spend", spend.day, spend.campaign.channel, spend.amount)
    for story in stories:
        on = story.champion.created_at.date()
        in_time = on <= story.deal.closed_on <= months_after(on, MONTHS_OF_A_COHORT)
        if story.is_won and in_time and is_mature(on, now):
            yield happened("cohort_revenue", on, story.champion.channel, story.money)


def _known(on: date, channel: str) -> Iterator[Event]:
    yield happened("cohort_spend", on, channel, 0)
    yield happened("cohort_revenue", on, channel, 0)


def is_mature(day: date, now: datetime) -> bool:
    """Whether everybody created in the day's month has had twelve months by `now`."""
    first = day.replace(day=1)
    return now.date() >= months_after(first, MONTHS_OF_A_COHORT + 1)


def months_after(day: date, months: int) -> date:
    """The same day of the month so many months later, or that month's last day where it is shorter."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
