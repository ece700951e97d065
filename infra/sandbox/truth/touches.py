"""Every marketing interaction that the company's systems tell of, and whose it was."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from infra.sandbox.company import Company, Person, Touch
from infra.sandbox.truth.events import BLANK, Event, Number, happened
from infra.sandbox.truth.people import is_forgotten, owner
from infra.sandbox.vendors.hubspot import email_event_id, submission_id
from infra.sandbox.vendors.salesforce_records import member_id
from infra.sandbox.vocabulary import MARKETING_CHANNELS

SHARED_INBOX = "info@"  # an address that several people read is nobody's
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, eq=False)  # a touch is itself, and nothing else is it
class TrueTouch:
    """A touch; `id` is the name under which its system keeps it, by which ties at one instant are broken.

    `person` is who it was after merges, None where nobody can tell. Campaign and content are keys.
    """

    id: str
    at: datetime
    person: Person | None
    channel: str
    campaign: str | None
    content: str | None
    is_tagged: bool  # source and medium are both known

    @property
    def is_marketing(self) -> bool:
        """Whether marketing reached the person: not where they came by themselves, nor where `unknown` was recorded."""
        return self.channel in MARKETING_CHANNELS or self.channel == BLANK


def touches(company: Company, now: datetime) -> list[TrueTouch]:
    """Forms, people's clicks on newsletters and answers to invitations, by `now`, in order of time and id.

    A mail that was only sent or opened, a scanner's click and an unanswered invitation are no touch.
    """
    newsletters = {campaign.key: f"Newsletter {campaign.name}" for campaign in company.campaigns}
    found = [
        touch
        for person in company.people
        if person.created_at <= now
        for touch in _of(person, None if is_forgotten(person, now) else owner(person, now), newsletters, now)
    ]
    return sorted(found, key=lambda touch: (touch.at, touch.id))


def _of(
    person: Person, who: Person | None, newsletters: dict[str, str], now: datetime
) -> Iterator[TrueTouch]:
    for touch in person.touches:
        if touch.at <= now:
            yield _form(touch, person, None if (touch.email or "").startswith(SHARED_INBOX) else who)
    for index, event in enumerate(person.emails):
        if event.at <= now and event.kind == "CLICK" and not event.is_bot:
            key, asset = f"hubspot:email:{email_event_id(person, index)}", newsletters[event.campaign]
            yield TrueTouch(key, event.at, who, "email", event.campaign, asset, is_tagged=True)
    for index, attendance in enumerate(person.attended):
        if attendance.is_response and (attendance.recorded_at or attendance.at) <= now:
            key = f"salesforce:member:{member_id(person, index)}"
            yield TrueTouch(key, attendance.at, who, "events", attendance.campaign, None, is_tagged=False)


def _form(touch: Touch, person: Person, who: Person | None) -> TrueTouch:
    known = {touch.source, touch.medium}.isdisjoint({None, UNKNOWN})
    channel = touch.channel if touch.medium not in (None, UNKNOWN) else touch.medium
    return TrueTouch(
        f"hubspot:form:{submission_id(person, touch)}",
        touch.at,
        who,
        channel or BLANK,
        touch.campaign,
        touch.content.key,
        known,
    )


def touch_events(told: list[TrueTouch]) -> Iterator[Event]:
    """How many touches there were, on an asset, tagged, and of known people."""
    for touch in told:
        counted: dict[str, Number] = {
            "touches": 1,
            "content_touches": touch.content is not None,
            "tagged_touches": touch.is_tagged,
            "identified_touches": touch.person is not None,
        }
        yield from (
            happened(metric, touch.at.date(), touch.channel) for metric, counts in counted.items() if counts
        )
