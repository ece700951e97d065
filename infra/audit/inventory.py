"""What is connected: objects, rows, how far back they go, when they last changed, and where history has holes."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import exp
from typing import Any

from infra.audit.ground import Ground, promised_sources
from infra.audit.nouns import Column, Example, Finding, Section, Table
from ingest.contract import Table as Promise

DAILY = 0.5  # of the days of its history: from here on an object is expected every day
EVERY_DAY = 0.995  # from here on a single day without a row is a hole; below, a long weekend is none
LONG_WEEKEND = 3
AROUND, BUSY = 7, 3  # days on each side of a hole, and rows on each of them
MONTHLY = 0.5  # of the months of its history: from here on an object is expected every month
BY_CHANCE = (
    0.5  # holes of such a length that are to be expected of quiet days; fewer, and it is none of those
)
MOSTLY = 0.9  # of the rows are dated the first of a month: it comes once a month, whatever else comes
STALE_DAYS = 3  # behind the freshest source

OBJECTS = Table(
    "inventory",
    "Objects",
    "One row an object of a source that was loaded or could have been.",
    (
        Column("source", "The source system"),
        Column("object", "The object in it"),
        Column("rows", "How many rows were loaded", "count"),
        Column("state", "`filled`, `empty` (loaded without a row) or `not loaded`"),
        Column("first", "The day of the oldest row", "moment"),
        Column("last", "The day of the newest row that lies before the load", "moment"),
        Column("months", "Months from the oldest to the newest row, both counted", "count"),
        Column("last_change", "When a row last changed, by the source's clock", "moment"),
        Column("gaps", "How many days (of daily objects) or months (of others) between are without a row", "count"),
        Column("longest_gap", "The longest hole: from and to"),
    ),
    shown=60,
)  # fmt: skip
SOURCES = Table(
    "sources",
    "Sources",
    "One row a source system.",
    (
        Column("source", "The source system"),
        Column("objects", "Objects with rows", "count"),
        Column("rows", "Rows of all of them", "count"),
        Column("months", "The longest history of an object, in months", "count"),
        Column("last_change", "The newest change of any object", "moment"),
        Column("last_load", "When it was last loaded, UTC", "moment"),
        Column("status", "How the last load ended: `ok`, `failed`, `off`; empty where there is no run log"),
    ),
    shown=30,
)


@dataclass(frozen=True)
class Hole:
    """Days or months without a row, both ends included."""

    first: date
    last: date
    length: int


def inventory(ground: Ground) -> Section:
    """The chapter on sources and objects."""
    listed = sorted(promised_sources(), key=lambda one: (one.source, one.object))
    rows = [_object_row(ground, one) for one in listed]
    shown = [row for row in rows if row[3] != "not loaded"] or rows
    findings = [*_holes(ground), *_failed(ground), *_stale(ground), *_empty(ground, rows)]
    return Section(
        "inventory",
        "What is connected",
        "Every object that was loaded: how much of it there is, how far back it goes, and where it has holes. "
        "Months without rows between the first and the last are gaps; objects that have a row on most days are held "
        "to every day.",
        (SOURCES.filled(list(_source_rows(ground))), OBJECTS.filled(shown)),
        tuple(findings),
        facts=(
            ("sources with data", str(len(ground.sources))),
            ("objects with data", str(len(ground.filled))),
            ("rows", f"{sum(ground.counts.values()):,}"),
        ),
        ok="Every loaded object is there without a hole in its history.",
    )


def _object_row(ground: Ground, one: Promise) -> tuple[Any, ...]:
    rows = ground.counts[one.name]
    if not rows:
        state = "empty" if one.name in ground.loaded and _was_loaded(ground, one) else "not loaded"
        return (one.source, one.object, 0, state, None, None, 0, None, None, "")
    clock = ground.clock(one)
    first = last = change = None
    if clock.began:
        first, last = ground.ask(
            f"SELECT MIN({clock.began})::DATE, MAX({clock.began}) FILTER (WHERE {clock.began} <= _loaded_at)::DATE "
            f"FROM raw.{one.name}"
        )[0]
    if clock.changed:
        change = ground.value(
            f"SELECT MAX({clock.changed})::TIMESTAMP FROM raw.{one.name} WHERE {clock.changed} <= _loaded_at"
        )
    listed = holes(ground, one)
    longest = max(listed, key=lambda hole: hole.length, default=None)
    months = (last.year - first.year) * 12 + last.month - first.month + 1 if first and last else None
    is_dated = clock.is_event and clock.began
    return (
        one.source, one.object, rows, "filled", first, last, months, change,
        sum(hole.length for hole in listed) if is_dated else None,
        f"{longest.first} to {longest.last}" if longest else "",
    )  # fmt: skip


def _was_loaded(ground: Ground, one: Promise) -> bool:
    return bool(
        ground.value(
            "SELECT COUNT(*) FROM raw.source_run WHERE source = ? AND object = ? AND status = 'ok'",
            one.source,
            one.object,
        )
    )


def holes(ground: Ground, one: Promise) -> list[Hole]:
    """The days (where the object has rows on most of them) or else the months without a row, joined up.

    Rows that are plans or look-ups have no holes; neither has what is dated after the load.
    """
    clock = ground.clock(one)
    if not clock.is_event or not clock.began:
        return []
    counts: dict[date, int] = dict(
        ground.ask(
            f"SELECT {clock.began}::DATE, COUNT(*) FROM raw.{one.name} "
            f"WHERE {clock.began} IS NOT NULL AND {clock.began} <= _loaded_at GROUP BY 1 ORDER BY 1"
        )
    )
    days = list(counts)
    if len(days) < 2:
        return []
    if not _is_daily(one, clock.began, days):
        return _surprising_months(days, sum(counts.values()))
    if len(days) < EVERY_DAY * _span(days):
        return [hole for hole in _missing_days(days) if _is_surprising(hole, days)]
    return [hole for hole in _missing_days(days) if hole.length > LONG_WEEKEND or _is_regular(hole, counts)]


def _is_surprising(hole: Hole, days: list[date]) -> bool:
    """More than a long weekend, and more than the share of empty days leaves to chance."""
    span = _span(days)
    empty = 1 - len(days) / span
    return hole.length > LONG_WEEKEND and span * empty**hole.length < BY_CHANCE


def _is_regular(hole: Hole, counts: dict[date, int]) -> bool:
    """Whether the days around have so many rows, or always as many, that none at all is no quiet day."""
    around = [
        counts.get(side, 0)
        for number in range(1, AROUND + 1)
        for side in (hole.first - timedelta(days=number), hole.last + timedelta(days=number))
    ]
    return min(around) >= BUSY or (min(around) > 0 and len(set(around)) == 1)


def _surprising_months(days: list[date], rows: int) -> list[Hole]:
    """The months without a row of an object that has some in most months, where so few rows do not explain them."""
    months = {(day.year, day.month) for day in days}
    span = (days[-1].year - days[0].year) * 12 + days[-1].month - days[0].month + 1
    if len(months) < MONTHLY * span:
        return []
    usual = rows / len(months)
    return [hole for hole in _missing_months(days) if span * exp(-usual * hole.length) < BY_CHANCE]


def _is_daily(one: Promise, column: str, days: list[date]) -> bool:
    is_date = any(c.name == column and c.type.upper() == "DATE" for c in one.columns)
    return is_date and len(days) >= DAILY * _span(days)


def _span(days: list[date]) -> int:
    return (days[-1] - days[0]).days + 1


def _missing_days(days: list[date]) -> Iterator[Hole]:
    for before, after in pairwise(days):
        length = (after - before).days - 1
        if length:
            yield Hole(before + timedelta(days=1), after - timedelta(days=1), length)


def _missing_months(days: list[date]) -> Iterator[Hole]:
    months = sorted({day.year * 12 + day.month - 1 for day in days})
    for before, after in pairwise(months):
        if after - before > 1:
            yield Hole(_month(before + 1), _month(after - 1), after - before - 1)


def _month(index: int) -> date:
    return date(index // 12, index % 12 + 1, 1)


def _source_rows(ground: Ground) -> Iterator[tuple[object, ...]]:
    for source in ground.sources:
        rows = [_object_row(ground, one) for one in ground.filled if one.source == source]
        loaded, status = ground.ask(
            "SELECT MAX(finished_at), ARG_MAX(status, finished_at) FROM raw.source_run WHERE source = ?",
            source,
        )[0]
        months = max((row[6] for row in rows if row[6]), default=None)
        changed = max((row[7] for row in rows if row[7]), default=None)
        yield (source, len(rows), sum(row[2] for row in rows), months, changed, loaded, status or "")


def _holes(ground: Ground) -> Iterator[Finding]:
    found = [(one, hole) for one in ground.filled for hole in holes(ground, one)]
    if found:
        worst = sorted(found, key=lambda pair: -pair[1].length)
        yield Finding(
            "history_gaps",
            "History has holes",
            "medium",
            len(found),
            "Sums over these days are too low, and nobody sees it in a total.",
            "Load the stretch again: `touchstone ingest backfill --since ... --until ...`.",
            tuple(
                Example("object", one.name, f"nothing from {hole.first} to {hole.last}")
                for one, hole in worst
            ),
        )


def _failed(ground: Ground) -> Iterator[Finding]:
    failed = ground.ask("""
        SELECT source, object, error FROM raw.source_run WHERE status = 'failed'
        AND (source, started_at) IN (SELECT source, MAX(started_at) FROM raw.source_run GROUP BY source) ORDER BY 1, 2
    """)
    if failed:
        yield Finding(
            "load_failed",
            "The last load failed",
            "high",
            len(failed),
            "Numbers stand still since the last load that worked.",
            "`touchstone ingest check SOURCE` says what is wrong.",
            tuple(
                Example("object", f"{source}.{name}", str(error or "")[:200])
                for source, name, error in failed
            ),
        )


def _stale(ground: Ground) -> Iterator[Finding]:
    if ground.as_of and ground.loaded_at and (ground.loaded_at - ground.as_of).days > STALE_DAYS:
        yield Finding(
            "data_old",
            "The newest record is older than the load",
            "medium",
            (ground.loaded_at - ground.as_of).days,
            "Reports of the present period show nothing; the count is in days.",
            "Ask whether the systems are still in use, or the exports are old.",
            (Example("load", f"{ground.loaded_at:%Y-%m-%d}", f"newest record of any source {ground.as_of:%Y-%m-%d}"),),
        )  # fmt: skip
    late = []
    for source in ground.sources:
        behind = days_behind(ground, source)
        if behind is not None and behind > STALE_DAYS:
            late.append(Example("source", source, f"{behind} days behind the freshest source"))
    if late:
        yield Finding(
            "source_behind",
            "Sources that are behind",
            "medium",
            len(late),
            "Ratios over two sources compare different days.",
            "Check the schedule of their export or sync.",
            tuple(late),
        )


def _empty(ground: Ground, rows: list[tuple[object, ...]]) -> Iterator[Finding]:
    empty = [row for row in rows if row[3] == "empty" and str(row[0]) in ground.sources]
    if empty:
        yield Finding(
            "object_empty",
            "Objects that were loaded without a row",
            "low",
            len(empty),
            "Either there is nothing in the system, or the key may not read it.",
            "`touchstone ingest check SOURCE` tells which permission is missing.",
            tuple(Example("object", f"{row[0]}.{row[1]}", "no rows") for row in empty),
        )


def days_behind(ground: Ground, source: str) -> int | None:
    """Days between the newest event of the source and the newest of all; None for a source without events.

    By calendar days: a day's spend is dated midnight and says nothing of the hour. What comes once a month counts to
    the end of its month.
    """
    newest = [
        day
        for one in ground.filled
        if one.source == source and ground.clock(one).is_event
        for day in [_newest_day(ground, one)]
        if day is not None
    ]
    if not newest or ground.as_of is None:
        return None
    return max((ground.as_of.date() - max(newest)).days, 0)


def _newest_day(ground: Ground, one: Promise) -> date | None:
    column = ground.clock(one).changed
    if column is None:
        return None
    newest, monthly = ground.ask(
        f"SELECT MAX({column})::DATE, AVG((day({column}) = 1)::INT) FROM raw.{one.name} WHERE {column} <= _loaded_at"
    )[0]
    if newest and newest.day == 1 and monthly >= MOSTLY:
        return newest.replace(day=monthrange(newest.year, newest.month)[1])
    return newest
