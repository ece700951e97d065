"""Cases 13 to 24: stages and deals whose dates, amounts or people are not what they should be."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from infra.sandbox.cases.ground import EACH, Field, has_closed_deal, has_won_deal, is_only_mql, on_deal
from infra.sandbox.company import LineItem, Planted
from infra.sandbox.vocabulary import PRODUCTS


def recycled(ground: Field) -> Iterator[Planted]:
    """Case 13: a recycled MQL."""
    for person in ground.people(is_only_mql):
        person.recycled = (person.reached["mql"] + timedelta(days=45),)
        yield Planted(13, "person", person.number)


def skipped(ground: Field) -> Iterator[Planted]:
    """Case 14: a skipped stage."""
    for person in ground.people(lambda p: list(p.reached) == ["lead", "mql", "sql"] and p.joined is None):
        del person.reached["mql"]
        person.attended = ()
        yield Planted(14, "person", person.number, "SQL without MQL")


def won_before_contact(ground: Field) -> Iterator[Planted]:
    """Case 15: won before first contact."""
    for person in ground.people(
        lambda p: has_won_deal(p) and (p.created_at - ground.first_day).days > 120, 1
    ):
        assert person.deal is not None
        shift = person.deal.closed_at - person.created_at + timedelta(days=2)
        stages = tuple((name, at - shift) for name, at in person.deal.stages)
        person.deal = replace(person.deal, created_at=stages[0][1], stages=stages)
        person.reached |= {"opportunity": stages[0][1], "customer": stages[-1][1]}
        yield Planted(15, "deal", person.number)


def reopened(ground: Field) -> Iterator[Planted]:
    """Case 16: a reopened deal."""
    for person in ground.people(has_won_deal):
        assert person.deal is not None
        *before, last = person.deal.stages
        lost = before[-1][1] + (last[1] - before[-1][1]) / 3
        again = before[-1][1] + (last[1] - before[-1][1]) / 2
        stages = (*before, ("Closed Lost", _second(lost)), ("Negotiation", _second(again)), last)
        yield on_deal(16, person, stages=stages)


def closed_before_created(ground: Field) -> Iterator[Planted]:
    """Case 17: close date before creation."""
    for person in ground.people(
        lambda p: has_closed_deal(p) and p.deal is not None and p.deal.created_at.day > 5
    ):
        assert person.deal is not None
        yield on_deal(17, person, recorded_close=person.deal.created_at.date() - timedelta(days=2))


def without_roles(ground: Field) -> Iterator[Planted]:
    """Case 18: a deal without contact role."""
    for person in ground.people(has_closed_deal):
        yield on_deal(18, person, has_roles=False)


def late_roles(ground: Field) -> Iterator[Planted]:
    """Case 19: a role added after close."""
    champions = {p.account.number: p for p in ground.company.people if has_closed_deal(p)}
    for person in ground.people(
        lambda p: p.deal is None and "sql" in p.reached and p.account.number in champions
    ):
        champion = champions[person.account.number]
        assert champion.deal is not None
        person.joined = (champion, max(person.reached["sql"], champion.deal.closed_at) + timedelta(days=3))
        yield Planted(19, "person", person.number, f"on the deal of {champion.number}")


def blank_amounts(ground: Field) -> Iterator[Planted]:
    """Case 20: a blank amount."""
    for person in ground.people(has_won_deal):
        yield on_deal(20, person, amount=None)


def refunds(ground: Field) -> Iterator[Planted]:
    """Case 21: a negative amount or a renewal."""
    for index, person in enumerate(ground.people(has_won_deal)):
        assert person.deal is not None
        assert person.deal.amount is not None
        if index % 2:
            yield on_deal(21, person, kind="Renewal")
        else:
            yield on_deal(21, person, kind="Refund", amount=-person.deal.amount / 10)


def line_items(ground: Field) -> Iterator[Planted]:
    """Three products on a deal: whoever joins them to it counts it three times."""
    for person in [*ground.people(has_won_deal, 1), *ground.people(has_closed_deal, EACH - 1)]:
        assert person.deal is not None
        assert person.deal.amount is not None
        pair = (person.deal.amount / 5).quantize(Decimal("0.01"))
        lines = (
            LineItem(PRODUCTS[0], 2, pair),
            LineItem(PRODUCTS[1], 1, pair),
            LineItem(PRODUCTS[2], 1, person.deal.amount - 3 * pair),
        )
        yield on_deal(22, person, lines=lines)


def deleted_deals(ground: Field) -> Iterator[Planted]:
    """Case 23: deleted after it was reported."""
    for person in ground.people(has_won_deal):
        yield on_deal(23, person, deleted_at=ground.end - timedelta(days=12))


def renamed_stages(ground: Field) -> Iterator[Planted]:
    """Case 24: a stage that was renamed."""
    for person in ground.people(has_closed_deal):
        yield on_deal(24, person, stage_names=(("Prospecting", "Discovery"),))


def _second(at: datetime) -> datetime:
    return at.replace(microsecond=0)
