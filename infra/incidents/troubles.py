"""What is wrong now: a pure function of what was written down and the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from infra.incidents.states import REFRESH, Known, SourceState


@dataclass(frozen=True)
class Trouble:
    """One thing that is wrong. `subject` is a source's name or `refresh`; a subject has one trouble at a time.

    `kind`: failed (it ran and did not work), late (it did not run well in time), stale (it runs, but its newest
    record is too old). A `covered` trouble follows from another one and is not told by itself.
    """

    subject: str
    kind: str
    what: str
    since: datetime
    covered: bool = False


def troubles(known: Known, now: datetime) -> tuple[Trouble, ...]:
    """Everything that is wrong, at most one trouble a subject.

    Sources of which nothing was even tried in time are late because nothing runs. When that holds for all of
    them it is one trouble, the refresh's, and theirs are covered by it: nobody needs nine mails that cron died.
    """
    stopped = _stopped(known) or _idle(known, now)
    found = [trouble for source in known.sources if (trouble := _of_source(source, now, stopped))]
    return tuple([stopped, *found] if stopped else found)


def _stopped(known: Known) -> Trouble | None:
    refresh = known.refresh
    if refresh.failing_since is None:
        return None
    return Trouble(REFRESH, "failed", refresh.error, refresh.failing_since)


def _idle(known: Known, now: datetime) -> Trouble | None:
    if not known.sources or not all(_untried(source, now) for source in known.sources):
        return None
    last = max(source.attempted_at for source in known.sources if source.attempted_at)
    limit = min(source.expected_every for source in known.sources)
    what = f"no source was read for {length(now - last)}; the limit is {length(limit)}"
    return Trouble(REFRESH, "late", what, last + limit)


def _untried(source: SourceState, now: datetime) -> bool:
    return source.attempted_at is not None and now - source.attempted_at > source.expected_every


def _of_source(source: SourceState, now: datetime, stopped: Trouble | None) -> Trouble | None:
    if source.failing_since is not None:
        return Trouble(source.name, "failed", source.error, source.failing_since)
    if source.is_late(now) and source.succeeded_at:
        age = length(now - source.succeeded_at)
        what = f"its last good load ended {age} ago; the limit is {length(source.expected_every)}"
        covered = stopped is not None and stopped.kind == "late"
        return Trouble(source.name, "late", what, source.succeeded_at + source.expected_every, covered)
    if source.is_stale(now) and source.watermark and source.newest_within:
        age = length(now - source.watermark)
        what = f"it is read, but its newest record is {age} old; the limit is {length(source.newest_within)}"
        return Trouble(source.name, "stale", what, source.watermark + source.newest_within)
    return None


def length(span: timedelta) -> str:
    """A length of time as people say it.

    >>> length(timedelta(minutes=95)), length(timedelta(hours=26)), length(timedelta(days=3, hours=5))
    ('95 minutes', '26 hours', '3 days')
    """
    minutes = int(span.total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} minute{'' if minutes == 1 else 's'}"
    return f"{minutes // 60} hours" if minutes < 3 * 1440 else f"{minutes // 1440} days"
