"""Credit as events: what each touch is given, on the day of the event, under the channel of the touch."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from infra.sandbox.truth.credit import Credit, Points, credits
from infra.sandbox.truth.events import Event, happened
from infra.sandbox.truth.journeys import Journey

UNATTRIBUTED = "unattributed"
Giver = Callable[[Journey], Points]
Given = list[tuple[Journey, Credit]]


def given_credit(journeys: Iterable[Journey], givers: Mapping[str, Giver]) -> Given:
    """The credit of each journey whose kind has a giver: a model that refuses a kind gives it nothing."""
    return [
        (journey, credit)
        for journey in journeys
        if journey.kind in givers
        for credit in credits(journey, givers[journey.kind](journey) if journey.touches else [])
    ]


def credit_events(given: Given) -> Iterator[Event]:
    """Credit as events."""
    for journey, credit in given:
        yield from _events(journey, credit)


def _events(journey: Journey, credit: Credit) -> Iterator[Event]:
    touch = credit.touch
    channel = UNATTRIBUTED if touch is None else touch.channel
    if credit.money is None:
        yield happened("attributed_mqls", journey.on, channel, credit.weight)
        return
    yield happened(f"attributed_{journey.kind}", journey.on, channel, credit.money)
    if journey.kind == "revenue":
        counted = {
            "unattributed_revenue": touch is None,
            "marketing_attributed_revenue": touch is not None,
            "campaign_attributed_revenue": touch is not None and touch.campaign is not None,
            "content_attributed_revenue": touch is not None and touch.content is not None,
        }
        for metric, counts in counted.items():
            if counts:
                yield happened(metric, journey.on, channel, credit.money)
