"""What people do besides filling in forms: invitations and events, newsletters, visits, joining a deal."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from infra.sandbox.company import Attendance, Campaign, EmailEvent, Person, Visit

INVITED = 0.35  # of the MQLs
STATUSES = (("Sent", 0.55), ("Registered", 0.2), ("Attended", 0.25))
BOT_SHARE = 0.15  # of the people whose mail server opens and clicks everything


def engage(rng: random.Random, people: list[Person], campaigns: tuple[Campaign, ...]) -> None:
    """Give people their invitations and newsletters, and let accepted colleagues join their account's deal."""
    events = [campaign for campaign in campaigns if campaign.channel == "events"]
    mails = [campaign for campaign in campaigns if campaign.channel == "email"]
    champions = {person.account.number: person for person in people if person.deal is not None}
    for person in people:
        person.attended = tuple(_attended(rng, person, events))
        person.emails = tuple(_emails(rng, person, mails))
        _join(person, champions.get(person.account.number))


def visits(rng: random.Random, people: list[Person]) -> Iterator[Visit]:
    """Each form was filled in during a visit; about as many visits again led to nothing."""
    for person in people:
        for index, touch in enumerate(person.touches):
            if touch.channel is None or touch.source is None or touch.medium is None:
                continue
            for seconds, is_conversion in (
                (90, True),
                *([(86_400 * rng.randint(1, 9), False)] * (rng.random() < 0.6)),
            ):
                yield Visit(
                    at=touch.at - timedelta(seconds=seconds),
                    user=f"GA1.{person.number}.{index // 4}",
                    channel=touch.channel,
                    source=touch.source,
                    medium=touch.medium,
                    campaign=touch.campaign,
                    landing_page=f"/{touch.content.key}",
                    is_conversion=is_conversion,
                )


def _attended(rng: random.Random, person: Person, events: list[Campaign]) -> Iterator[Attendance]:
    qualified_at = person.reached.get("mql")
    if qualified_at is None or rng.random() > INVITED:
        return
    at = qualified_at.replace(hour=0, minute=0, second=0) + timedelta(days=rng.randint(3, 25))
    running = _running(events, person, at)
    if running:
        status = rng.choices([name for name, _ in STATUSES], [weight for _, weight in STATUSES])[0]
        yield Attendance(at, rng.choice(running).key, status)


def _emails(rng: random.Random, person: Person, mails: list[Campaign]) -> Iterator[EmailEvent]:
    """A newsletter a month for three months after the first form; scanners open and click at once."""
    is_scanned = rng.random() < BOT_SHARE
    for month in range(3):
        sent = person.created_at + timedelta(days=10 + 30 * month, minutes=rng.randint(0, 600))
        running = _running(mails, person, sent)
        if not running:
            return
        campaign = rng.choice(running).key
        yield EmailEvent(sent, "SENT", campaign)
        if is_scanned:
            yield EmailEvent(sent + timedelta(seconds=2), "OPEN", campaign, is_bot=True)
            yield EmailEvent(sent + timedelta(seconds=3), "CLICK", campaign, is_bot=True)
        if rng.random() < 0.4:
            opened = sent + timedelta(minutes=rng.randint(5, 3_000))
            yield EmailEvent(opened, "OPEN", campaign)
            if rng.random() < 0.3:
                yield EmailEvent(opened + timedelta(seconds=rng.randint(5, 90)), "CLICK", campaign)


def _running(campaigns: list[Campaign], person: Person, at: datetime) -> list[Campaign]:
    day = at.date()
    return [c for c in campaigns if c.region == person.account.region and c.starts <= day <= c.ends]


def _join(person: Person, champion: Person | None) -> None:
    """Whom sales accepted while a colleague's deal was open joins that deal."""
    accepted_at = person.reached.get("sql")
    if champion is None or champion is person or accepted_at is None:
        return
    assert champion.deal is not None
    at = max(accepted_at, champion.deal.created_at + timedelta(minutes=5))
    if at < champion.deal.closed_at:
        person.joined = (champion, at)
