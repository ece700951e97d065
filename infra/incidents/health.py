"""How fresh each source is, for /health and `touchstone health`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from api.settings import SourceHealth
from infra.incidents.config import channels, problems
from infra.incidents.note import utc_now
from infra.incidents.states import REFRESH, SourceState
from infra.incidents.store import Incident, readable
from infra.settings import Settings

HOUR = timedelta(hours=1)


def source_health(file: Path, now: datetime | None = None) -> tuple[SourceHealth, ...]:
    """Each source that is on, from what was noted; empty where nothing was."""
    with readable(file) as opened:
        if opened is None:
            return ()
        incidents = {one.subject: one for one in opened.open_incidents()}
        at = now or utc_now()
        return tuple(_health(one, incidents.get(one.name), at) for one in opened.known().sources)


def _health(source: SourceState, incident: Incident | None, now: datetime) -> SourceHealth:
    age = source.age(now)
    return SourceHealth(
        name=source.name,
        status=_status(source, incident, now),
        age_hours=None if age is None else round(age / HOUR, 2),
        limit_hours=round(source.expected_every / HOUR, 2),
        loaded_at=source.succeeded_at,
        incident=incident.kind if incident else None,
        incident_since=incident.since if incident else None,
    )


def _status(source: SourceState, incident: Incident | None, now: datetime) -> str:
    """As for the published data: beyond the limit it warns, beyond twice the limit it fails."""
    age = source.age(now)
    if age is None:
        return "fail" if source.failed else "pass"
    if age > 2 * source.expected_every:
        return "fail"
    wrong = source.failed or source.is_late(now) or source.is_stale(now) or incident is not None
    return "warn" if wrong else "pass"


def checks(here: Settings, file: Path, now: datetime | None = None) -> Iterator[tuple[str, str, str]]:
    """The rows of `touchstone health` about sources, the refresh, and telling people: (check, status, value)."""
    for one in source_health(file, now):
        yield f"source {one.name}", one.status, _told(one)
    with readable(file) as opened:
        if opened is not None:
            for incident in opened.open_incidents():
                if incident.subject == REFRESH:
                    yield "refresh", "warn", f"{incident.what}, since {incident.since:%Y-%m-%d %H:%M}"
            for waiting in opened.undelivered():
                value = f"not told by {waiting.channel}: {waiting.error or 'waits for the next run'}"
                yield f"incident {waiting.incident.subject} {waiting.event}", "warn", value
    for problem in problems(here):
        yield "alerts", "warn", problem
    if not channels(here) and not problems(here):
        yield "alerts", "pass", "nobody is told: see docs/alerts.md"


def _told(one: SourceHealth) -> str:
    loaded = f"loaded {one.age_hours or 0:.1f} h ago, limit {one.limit_hours:g} h"
    told = "never loaded" if one.age_hours is None else loaded
    return f"{told}; {one.incident} since {one.incident_since:%Y-%m-%d %H:%M}" if one.incident_since else told
