"""What people are told: what happened, since when, what is still served, what it touches, what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from infra.incidents.advice import advice
from infra.incidents.facts import Facts, at
from infra.incidents.states import REFRESH
from infra.incidents.store import Incident
from infra.incidents.troubles import length
from infra.incidents.watch import CALM, FLAPS

OPENED, ENDED = "opened", "ended"
NAMED = 8  # metrics that a message names before it counts the rest
HEADER = ("source", "newest record served", "last good load", "now")


@dataclass(frozen=True)
class Part:
    """A titled part of a message: sentences, then steps to take, then rows of a table below HEADER."""

    title: str
    lines: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Message:
    """A message before it is drawn as text, HTML or a chat line."""

    subject: str
    good: bool
    parts: tuple[Part, ...]

    def part(self, title: str) -> Part:
        """The part of a title, empty where there is none."""
        return next((part for part in self.parts if part.title == title), Part(title))


def message(incident: Incident, event: str, facts: Facts) -> Message:
    """The message of an incident that was opened or is over."""
    if event == ENDED:
        return Message(f"Recovered: {_named(incident)}", True, tuple(_ended(incident, facts)))
    return Message(_subject(incident), False, tuple(_opened(incident, facts)))


def _opened(incident: Incident, facts: Facts) -> Iterator[Part]:
    yield Part("What happened", tuple(_happened(incident, facts)))
    yield Part("Since when", tuple(_since(incident, facts)))
    yield _served(incident, facts)
    yield Part("What it touches", tuple(_touched(incident, facts)))
    yield Part("What to do", steps=advice(incident, facts))
    yield Part("What comes next", tuple(_next(incident)))


def _ended(incident: Incident, facts: Facts) -> Iterator[Part]:
    over = incident.ended_at or facts.now
    yield Part("What happened", (f"It is over: {incident.ending}, on {_moment(over)}.",))
    yield Part(
        "What it was", (_sentence(facts.cleaned(incident.what)), f"It began on {_moment(incident.since)}.")
    )
    yield _served(incident, facts)
    if facts.others:
        yield Part(
            "Still open", (f"{', '.join(facts.others)}: nothing newer is published until that is over.",)
        )
    else:
        yield Part("What to do", ("Nothing.",))


SUBJECTS: Mapping[str, Callable[[Incident], str]] = {
    "failed": lambda one: "Refresh stopped" if one.subject == REFRESH else f"Source {one.subject} failed",
    "late": lambda one: "No refresh in time" if one.subject == REFRESH else f"Source {one.subject} is late",
    "stale": lambda one: f"Source {one.subject} brings no new records",
}


def _subject(incident: Incident) -> str:
    return SUBJECTS[incident.kind](incident)


def _named(incident: Incident) -> str:
    return "the refresh" if incident.subject == REFRESH else f"source {incident.subject}"


def _happened(incident: Incident, facts: Facts) -> Iterator[str]:
    what = facts.cleaned(incident.what)
    if incident.subject == REFRESH:
        yield _sentence(f"The refresh published nothing: {what}" if incident.kind == "failed" else what)
    elif incident.kind == "failed":
        yield _sentence(f"Source {incident.subject} could not be loaded: {what}")
        yield "The other sources were read nevertheless."
    else:
        yield _sentence(f"Source {incident.subject}: {what}")


def _since(incident: Incident, facts: Facts) -> Iterator[str]:
    yield f"{_moment(incident.since)}, {length(facts.now - incident.since)} ago."
    state = facts.known.source(incident.subject)
    if state and state.succeeded_at:
        age = length(facts.now - state.succeeded_at)
        yield f"The last good load ended on {_moment(state.succeeded_at)}, {age} ago."
    elif state:
        yield "It has never been loaded."


def _served(incident: Incident, facts: Facts) -> Part:
    published = facts.published
    if published is None:
        return Part("What is still served", ("Nothing: no version has been published yet.",))
    told = at(published)
    lines = [f"Version {published.version}, published on {_moment(told)}, {length(facts.now - told)} ago."]
    if incident.ended_at is None:
        lines.append(
            "It stays whole and unchanged on every dashboard and at every door: a version is published with all"
            " sources or not at all."
        )
    return Part("What is still served", tuple(lines), rows=tuple(_rows(facts, published.watermark)))


def _rows(facts: Facts, watermark: Mapping[str, str | None]) -> Iterator[tuple[str, ...]]:
    for name in sorted({*watermark, *(one.name for one in facts.known.sources)}):
        state = facts.known.source(name)
        newest = watermark.get(name)
        record = "no clock" if newest is None else _moment(datetime.fromisoformat(newest))
        loaded = _moment(state.succeeded_at) if state and state.succeeded_at else "never"
        yield name, record if name in watermark else "not served", loaded, _status(name, facts)


def _status(name: str, facts: Facts) -> str:
    state = facts.known.source(name)
    if state is None:
        return "off"
    if state.failed:
        return "failed"
    return "late" if state.is_late(facts.now) or state.is_stale(facts.now) else "good"


def _touched(incident: Incident, facts: Facts) -> Iterator[str]:
    if incident.subject == REFRESH:
        yield "Every metric and every dashboard: all show the version above."
        return
    if facts.affected is None:
        yield "What is counted from it could not be read from the glossary: see `touchstone check`."
        return
    names, boards = facts.affected.metrics, facts.affected.dashboards
    if not names:
        yield "No metric is counted from this source."
        return
    rest = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    yield f"{len(names)} metrics are counted from it: {', '.join(names[:NAMED])}{rest}."
    if boards:
        yield f"Dashboards: {'; '.join(f'{title} ({hit} of {all_} panels)' for title, hit, all_ in boards)}."


def _next(incident: Incident) -> Iterator[str]:
    yield f"One more message when it is over; none for further errors of {_named(incident)} until then."
    if incident.flapping:
        yield f"It comes and goes ({FLAPS} times or more within a day): it counts as over only when it has been well"
        yield f"for {length(CALM)}, and nothing more is sent before."


def _sentence(text: str) -> str:
    whole = text[:1].upper() + text[1:]
    return whole if whole.endswith((".", "?", "!", "...")) else f"{whole}."


def _moment(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M} UTC"
