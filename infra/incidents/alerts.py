"""Tell people: after a refresh, after a look at what became late, or as a test. Never stops what it follows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex

from infra.home import Home
from infra.incidents.channels import DeliveryError, Envelope
from infra.incidents.config import channels, problems, secrets
from infra.incidents.deliver import Told, deliver
from infra.incidents.facts import Facts, affected, secrets_of, served
from infra.incidents.note import look, quietly, utc_now
from infra.incidents.states import Known
from infra.incidents.store import Incident, readable
from infra.incidents.words import Message, Part, message
from infra.settings import Settings


@contextmanager
def telling(here: Settings, sources: Path) -> Iterator[None]:
    """After the block, however it ends, tell whoever is to be told."""
    try:
        yield
    finally:
        quietly(lambda: tell(here, sources))


def check(here: Settings, sources: Path) -> tuple[Told, ...]:
    """Find what became late since the last refresh, and tell."""
    look(Home(here.home), sources, timedelta(hours=here.source_late_after_hours))
    return tell(here, sources)


def tell(here: Settings, sources: Path) -> tuple[Told, ...]:
    """Bring what is due on every channel that is set."""
    home, ways = Home(here.home), channels(here)
    if not ways:
        return ()

    def compose(incident: Incident, event: str) -> Message:
        return message(incident, event, _facts(here, sources, incident))

    return deliver(home, ways, compose)


def send_tests(here: Settings) -> tuple[tuple[str, str, str], ...]:
    """Check the settings and send a message on each channel that is set: (what, status, detail)."""
    found = [("settings", "fail", problem) for problem in problems(here)]
    sent_at = datetime.now(UTC)
    told = Message(
        "This is a test",
        True,
        (
            Part("What happened", (f"`touchstone alerts test` was run on {sent_at:%Y-%m-%d %H:%M} UTC.",)),
            Part("What to do", ("Nothing: messages about incidents will arrive like this one.",)),
        ),
    )
    for name, channel in channels(here).items():
        try:
            remark = channel.send(told, Envelope(f"{token_hex(8)}.test", None, sent_at))
            found.append((name, "warn" if remark else "pass", remark or "sent"))
        except DeliveryError as error:
            found.append((name, "fail", str(error)))
    return tuple(found)


def _facts(here: Settings, sources: Path, incident: Incident) -> Facts:
    home = Home(here.home)
    facts = Facts(
        now=utc_now(),
        known=Known(),
        published=served(home),
        affected=None if incident.ended_at else affected(incident.subject, here.glossary),
        secrets=secrets_of(sources, secrets(here)),
    )
    with readable(home.incidents_file) as opened:
        if opened is None:
            return facts
        others = tuple(one.subject for one in opened.open_incidents() if one.id != incident.id)
        return replace(facts, known=opened.known(), others=others)
