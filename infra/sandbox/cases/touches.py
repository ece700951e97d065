"""Cases 25 to 33: touches at odd times, missing ones, and those that are none."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from infra.sandbox.cases.ground import Field, has_won_deal, is_only_mql
from infra.sandbox.company import Attendance, Planted


def same_instant(ground: Field) -> Iterator[Planted]:
    """Case 25: touches at the same instant."""
    for person in ground.people(lambda p: len(p.touches) > 1):
        first, second = person.touches[-2:]
        contents = ground.company.contents
        other = contents[(contents.index(first.content) + 1) % len(contents)]
        person.touches = (*person.touches[:-1], replace(second, at=first.at, content=other))
        yield Planted(25, "person", person.number)


def after_close(ground: Field) -> Iterator[Planted]:
    """Case 26: a touch after close."""
    for person in ground.people(has_won_deal):
        assert person.deal is not None
        late = replace(person.touches[0], at=person.deal.closed_at + timedelta(days=5))
        person.touches = tuple(sorted((*person.touches, late), key=lambda touch: touch.at))
        yield Planted(26, "deal", person.number)


def untouched(ground: Field) -> Iterator[Planted]:
    """Case 27: a deal without any touch."""
    for person in ground.people(has_won_deal):
        person.origin, person.touches, person.emails, person.attended = person.touches[0], (), (), ()
        yield Planted(27, "deal", person.number)


def single_touch(ground: Field) -> Iterator[Planted]:
    """Case 28: one touch in every position."""
    for person in ground.people(has_won_deal):
        person.touches, person.emails, person.attended = person.touches[:1], (), ()
        yield Planted(28, "deal", person.number)


def long_before(ground: Field) -> Iterator[Planted]:
    """Case 29: a touch long before the close."""
    for person in ground.people(
        lambda p: has_won_deal(p) and p.touches[0].at > ground.first_day + timedelta(days=420)
    ):
        early = replace(person.touches[0], at=person.touches[0].at - timedelta(days=400))
        person.origin = person.touches[0]
        person.touches = (early, *person.touches)
        yield Planted(29, "deal", person.number)


def back_dated(ground: Field) -> Iterator[Planted]:
    """Case 31: a back-dated offline touch."""
    events = [campaign for campaign in ground.company.campaigns if campaign.channel == "events"]
    for person in ground.people(is_only_mql):
        at = person.reached["mql"].replace(hour=0, minute=0, second=0) + timedelta(days=1)
        running = next((c.key for c in events if c.starts <= at.date() <= c.ends), events[0].key)
        person.attended = (Attendance(at, running, "Attended", recorded_at=at + timedelta(days=60)),)
        yield Planted(31, "person", person.number)


def deleted_members(ground: Field) -> Iterator[Planted]:
    """Case 32: a campaign member whose lead was deleted."""
    for person in ground.people(lambda p: is_only_mql(p) and len(p.attended) > 0):
        person.deleted_at = ground.end - timedelta(days=15)
        yield Planted(32, "person", person.number)


def counted(ground: Field) -> Iterator[Planted]:
    """Cases that are there without planting: known by looking."""
    for person in ground.company.people:
        if person.created_at > ground.end:
            continue
        if person.deal is not None:
            yield Planted(1, "person", person.number)
        if any(event.is_bot and event.kind == "CLICK" for event in person.emails):
            yield Planted(30, "person", person.number)
        if any(not attendance.is_response for attendance in person.attended):
            yield Planted(33, "person", person.number)
