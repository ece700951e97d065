"""Won deals in the parts of those who share them."""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from infra.sandbox.splits import splits_of
from infra.sandbox.truth.deals import CENT, DealStory
from infra.sandbox.truth.events import Event, happened


def shared_events(stories: list[DealStory], owner: str | None = None) -> Iterator[Event]:
    """The revenue of each part on the close date; of one `owner`, or of all."""
    for story in stories:
        for name, amount in parts(story).items() if story.is_won else ():
            if owner in (None, name):
                yield happened("shared_revenue", story.deal.closed_on, story.channel, amount)


def parts(story: DealStory) -> dict[str, Decimal]:
    """Who has what of a deal, to the cent: the largest part first, so that the last one takes what rounding left."""
    shares = {one.owner: one.percent for one in splits_of(story.deal) if not one.is_overlay}
    shares = shares or {story.deal.owner: Decimal(100)}
    told: dict[str, Decimal] = {}
    given = up_to = Decimal(0)
    for name, percent in sorted(shares.items(), key=lambda share: (-share[1], share[0])):
        up_to += percent
        reached = (story.money * up_to / 100).quantize(CENT, ROUND_HALF_UP)
        told[name], given = reached - given, reached
    return told
