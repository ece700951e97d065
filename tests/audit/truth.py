"""Where the forty cases are in a simulated company, counted from its people and deals: what the audit must find.

Planted cases come from the company's own list, as far as they have happened by the clock. Cases that occur without
planting (1, 26 to 30, 33, 40) are counted here from the objects, independently of any SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from infra.audit.cases.touches import LOOKBACK_DAYS
from infra.sandbox.cases.naming import renamed
from infra.sandbox.company import Deal, Person, Planted
from infra.sandbox.salesforce_ids import salesforce_id
from infra.sandbox.vendors.hubspot import contact_id, is_handed_over
from infra.sandbox.vendors.salesforce_records import KNOTTED, on_deals
from infra.sandbox.world import World

NOT_LOADED = ("google_ads", "meta_ads", "microsoft_ads")  # by the tests, which save their time
EVERY_YEAR = timedelta(days=LOOKBACK_DAYS)


def expected(world: World) -> dict[int, set[str]]:
    """{case: ids that must be found}; people as `hubspot:contact:...`. Case 34 gives one id an occurrence."""
    found: dict[int, set[str]] = {number: set() for number in range(1, 41)}
    people = {person.number: person for person in world.company.people}
    for one in world.company.planted:
        if one.case in SEEN:
            found[one.case] |= set(SEEN[one.case](world, one, people))
    found[1] = set(_in_all_three(world))
    for deal_id, deal, touches in _journeys(world):
        closed = deal.closed_at if deal.closed_at <= world.now else None
        if not touches:
            found[27].add(deal_id)
        if closed and any(at > closed for at in touches):
            found[26].add(deal_id)
        if closed and deal.is_won and sum(at <= closed for at in touches) == 1:
            found[28].add(deal_id)
        if closed and any(at < closed - EVERY_YEAR for at in touches):
            found[29].add(deal_id)
    found[30] = set(_scanned(world))
    found[33] = set(_unanswered(world))
    found[40] = set(_without_mqls(world))
    return found


def deal_id(number: int) -> str:
    return salesforce_id("006", number)


def _deal(world: World, one: Planted, people: dict[int, Person]) -> Iterator[str]:
    """The deal, once it is open and as long as it is not deleted."""
    deal = world.deal_of(people[int(one.number)])
    if deal is not None and not (deal.deleted_at and deal.deleted_at <= world.now):
        yield deal_id(deal.number)


def _closed_deal(world: World, one: Planted, people: dict[int, Person]) -> Iterator[str]:
    deal = world.deal_of(people[int(one.number)])
    if deal is not None and deal.closed_at <= world.now:
        yield deal_id(deal.number)


def _reopened(world: World, one: Planted, people: dict[int, Person]) -> Iterator[str]:
    deal = people[int(one.number)].deal
    assert deal is not None
    if deal.stages[-2][1] <= world.now:
        yield deal_id(deal.number)


def _deleted(world: World, one: Planted, people: dict[int, Person]) -> Iterator[str]:
    deal = world.deal_of(people[int(one.number)])
    if deal and deal.deleted_at and deal.created_at.strftime("%Y%m") < deal.deleted_at.strftime("%Y%m"):
        yield deal_id(deal.number)


def _node(world: World, one: Planted, people: dict[int, Person]) -> Iterator[str]:
    yield f"hubspot:contact:{contact_id(people[int(one.number)])}"


def _contact_of_deal(world: World, one: Planted, people: dict[int, Person]) -> Iterator[str]:
    person = people[int(one.number)]
    if world.deal_of(person) is not None or (person.joined and person.joined[1] <= world.now):
        yield salesforce_id("003", person.number)


def _late_role(world: World, one: Planted, people: dict[int, Person]) -> Iterator[str]:
    """A role that is there: the case may be planted on a deal that case 18 leaves without any."""
    joined = people[int(one.number)].joined
    assert joined is not None
    assert joined[0].deal is not None
    if joined[0].deal.has_roles:
        yield from _contact_of_deal(world, one, people)


def _members(world: World, one: Planted, people: dict[int, Person]) -> Iterator[str]:
    person = people[int(one.number)]
    for index, attendance in enumerate(person.attended):
        if (attendance.recorded_at or attendance.at) <= world.now:
            yield salesforce_id("00v", person.number * 10 + index)


def _knots(world: World, one: Planted, people: dict[int, Person]) -> Iterator[str]:
    ring = [salesforce_id("701", KNOTTED + number) for number in (0, 1)]
    yield min(ring) if one.number == "legacy-a" else salesforce_id("701", KNOTTED + 2)


Seen = Callable[[World, Planted, dict[int, Person]], Iterator[str]]


def _happened(test: Callable[[World, Person], bool], then: Seen) -> Seen:
    def seen(world: World, one: Planted, people: dict[int, Person]) -> Iterator[str]:
        if test(world, people[int(one.number)]):
            yield from then(world, one, people)

    return seen


def _money(world: World, one: Planted, people: dict[int, Person]) -> Iterator[str]:
    if one.entity == "deal":
        yield from _deal(world, one, people)
    else:
        yield str(one.number)


def _mistyped(world: World, person: Person) -> bool:
    typed = [t for t in person.touches if t.email and t.at <= world.now]
    return bool(person.former_email) or bool(typed)


def _tied(world: World, person: Person) -> bool:
    seen = [touch.at for touch in person.touches if touch.at <= world.now]
    return len(seen) > len(set(seen))


SEEN: dict[int, Seen] = {
    2: _node,
    3: lambda world, one, people: iter([f"salesforce:lead:{salesforce_id('00Q', int(one.number))}"]),
    4: _deal,
    5: _contact_of_deal,
    6: _happened(_mistyped, _node),
    7: lambda world, one, people: iter([people[int(one.number)].email]),
    8: lambda world, one, people: iter([one.detail]),
    9: _contact_of_deal,
    10: lambda world, one, people: iter([salesforce_id("001", int(one.number))]),
    11: lambda world, one, people: iter([one.detail]),
    12: lambda world, one, people: iter([contact_id(people[int(one.number)])]),
    13: _happened(lambda world, p: p.recycled[0] <= world.now,
                  lambda world, one, people: iter([contact_id(people[int(one.number)])])),
    14: _node,
    15: _closed_deal,
    16: _reopened,
    17: _closed_deal,
    18: _deal,
    19: _late_role,
    20: _deal,
    21: _deal,
    22: _deal,
    23: _deleted,
    24: _deal,
    25: _happened(_tied, _node),
    31: _members,
    32: _members,
    34: _happened(lambda world, p: p.touches[-1].at <= world.now, _node),
    35: _deal,
    36: _knots,
    37: lambda world, one, people: iter([renamed(str(one.number)).replace(" ", "-")]),
    38: _money,
    39: _happened(lambda world, p: p.reached["mql"] <= world.now, _node),
}  # fmt: skip


def _is_live(world: World, person: Person) -> bool:
    return not world.is_deleted(person) and not world.is_merged_in_crm(person)


def _in_all_three(world: World) -> Iterator[str]:
    for person, _, _ in on_deals(world, world.people()):
        if _is_live(world, person) and is_handed_over(dict(world.reached(person))):
            yield salesforce_id("003", person.number)


def _journeys(world: World) -> Iterator[tuple[str, Deal, list[datetime]]]:
    """Every live deal with the instants of all touches of its people, those of records merged into them too."""
    members: dict[int, list[Person]] = {}
    for person, champion, _ in on_deals(world, world.people()):
        assert champion.deal is not None
        if person is champion or champion.deal.has_roles:
            members.setdefault(champion.number, []).append(person)
    for champion in world.people():
        deal = world.deal_of(champion)
        if deal is None or (deal.deleted_at and deal.deleted_at <= world.now):
            continue
        people = [one for person in members[champion.number] for one in (person, *world.absorbed(person))]
        touches = [at for person in people for at in _touches(world, person)]
        yield deal_id(deal.number), deal, touches


def _touches(world: World, person: Person) -> Iterator[datetime]:
    for touch in person.touches:
        if touch.at <= world.now and not (touch.email or "").startswith("info@"):
            yield touch.at
    for event in person.emails:
        if event.kind == "CLICK" and not event.is_bot and event.at <= world.now:
            yield event.at
    for attendance in person.attended:
        if attendance.is_response and (attendance.recorded_at or attendance.at) <= world.now:
            yield attendance.at.replace(hour=0, minute=0, second=0, microsecond=0)


def _scanned(world: World) -> Iterator[str]:
    for person in world.people():
        if any(one.is_bot and one.kind == "CLICK" and one.at <= world.now for one in person.emails):
            yield person.email


def _unanswered(world: World) -> Iterator[str]:
    contacts = {person.number for person, _, _ in on_deals(world, world.people())}
    for person in world.people():
        if any(not one.is_response and one.at <= world.now for one in person.attended):
            yield salesforce_id("003" if person.number in contacts else "00Q", person.number)


def _without_mqls(world: World) -> Iterator[str]:
    mqls = {
        (p.reached["mql"].strftime("%Y-%m"), p.channel)
        for p in world.people()
        if "mql" in p.reached
        and p.reached["mql"] <= world.now
        and not world.is_deleted(p)
        and not world.is_merged_in_crm(p)  # one system's word is enough: the two are one person
    }
    first = min(month for month, _ in mqls)
    paid: dict[tuple[str, str | None], float] = {}
    for one in world.company.spend:
        if one.day <= world.now.date() and one.platform not in NOT_LOADED:
            key = (one.day.strftime("%Y-%m"), one.campaign.channel)
            paid[key] = paid.get(key, 0) + float(one.amount)
    for (month, channel), amount in paid.items():
        if amount > 0 and month >= first and (month, channel) not in mqls:
            yield f"{month} {channel}"
