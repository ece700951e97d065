"""Who shares a deal: decided by its number, so that a company is the same with and without."""

from dataclasses import dataclass
from decimal import Decimal

from infra.sandbox.company import Deal
from infra.sandbox.vocabulary import OWNERS

SHARES = (
    (Decimal(60), Decimal(40)),
    (Decimal("33.34"), Decimal("33.33"), Decimal("33.33")),
)


@dataclass(frozen=True, slots=True)
class Split:
    """A share of a deal in percent; those of a deal sum to 100, and overlays come on top."""

    owner: str
    percent: Decimal
    is_overlay: bool = False


def splits_of(deal: Deal) -> tuple[Split, ...]:
    """Each seventh deal is shared, each third of those has an overlay of the whole amount too.

    Its owner comes first.
    """
    if deal.number % 7 != 3:
        return ()
    first = OWNERS.index(deal.owner)
    shares = SHARES[deal.number // 7 % 2]
    split = tuple(
        Split(OWNERS[(first + place) % len(OWNERS)], percent) for place, percent in enumerate(shares)
    )
    overlay = Split(OWNERS[(first + len(shares)) % len(OWNERS)], Decimal(100), is_overlay=True)
    return (*split, overlay) if deal.number % 21 == 3 else split
