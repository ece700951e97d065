"""Cases 34 to 37: tags, products and campaigns under other names."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from infra.sandbox.cases.ground import Field, on_deal
from infra.sandbox.company import Person, Planted


def utm(ground: Field) -> Iterator[Planted]:
    """Case 34: UTM case, typo, missing, unknown."""
    spoilt = (
        {"source": "LinkedIn", "medium": "Paid_Social"},
        {"source": "lnkedin"},
        {"source": None, "medium": None, "campaign": None},
        {"source": "unknown", "medium": "unknown"},
    )
    for tags in spoilt:
        # What still says where it came from is spoilt where it came from there.
        was = "linkedin" if (tags["source"] or "").lower().endswith("nkedin") else None
        fits = _whose_last_form_is_from(was)
        for person in ground.people(fits, 1):
            person.touches = (*person.touches[:-1], replace(person.touches[-1], **tags))
            yield Planted(34, "person", person.number, str(tags))


def drifting_names(ground: Field) -> Iterator[Planted]:
    """Case 35: a product name that drifts."""
    for person in ground.people(lambda p: p.deal is not None and p.deal.product == "GTX Pro"):
        yield on_deal(35, person, product="GTXPro")


def campaign_knots(ground: Field) -> Iterator[Planted]:
    """Case 36: a campaign cycle or orphan."""
    yield Planted(36, "campaign", "legacy-a", "parent legacy-b, whose parent is legacy-a")
    yield Planted(36, "campaign", "legacy-orphan", "its parent is gone")


def renamed_ad(ground: Field) -> Iterator[Planted]:
    """Case 37: an ad campaign renamed."""
    first = next(c for c in ground.company.campaigns if c.platform == "linkedin_ads")
    yield Planted(37, "campaign", first.key, f"now called {renamed(first.key)!r}")


def renamed(key: str) -> str:
    """What the ad platform calls a renamed campaign now; its links still carry the old name."""
    return f"{key} (relaunch)"


def _whose_last_form_is_from(source: str | None) -> Callable[[Person], bool]:
    return lambda p: p.deal is None and len(p.touches) > 1 and source in (None, p.touches[-1].source)
