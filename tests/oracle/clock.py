"""Calendar arithmetic of the oracle, in plain Python."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.oracle.world import FactTable, Grain, Row, World

Length = tuple[int, str]
"""A number of days or months: (1, "month")."""
OF_GRAIN: dict[str, Length] = {
    "day": (1, "day"), "week": (7, "day"), "month": (1, "month"), "quarter": (3, "month"), "year": (12, "month"),
}  # fmt: skip


def day_of(instant: datetime) -> datetime:
    """Midnight of the instant's day."""
    return instant.replace(hour=0, minute=0, second=0, microsecond=0)


def start_of(instant: datetime, grain: Grain) -> datetime:
    """The first midnight of the period; weeks start on Monday (ISO)."""
    day = day_of(instant)
    if grain == "day":
        return day
    if grain == "week":
        return day - timedelta(days=day.weekday())
    if grain == "month":
        return day.replace(day=1)
    if grain == "quarter":
        return day.replace(month=day.month - (day.month - 1) % 3, day=1)
    return day.replace(month=1, day=1)


def later(instant: datetime, length: Length, sign: int = 1) -> datetime:
    """An instant, a length later; a month's last day stands for the days that the other month lacks."""
    count, unit = length[0] * sign, length[1]
    if unit == "day":
        return instant + timedelta(days=count)
    months = instant.year * 12 + instant.month - 1 + count
    year, month = divmod(months, 12)
    day = min(instant.day, monthrange(year, month + 1)[1])
    return instant.replace(year=year, month=month + 1, day=day)


def months_between(first: datetime, last: datetime) -> Length:
    """How long a range of whole days is: in months where it is made of whole ones, else in days."""
    after = last + timedelta(days=1)
    if first.day == after.day == 1:
        return (after.year - first.year) * 12 + after.month - first.month, "month"
    return (after - first).days, "day"


def changed(world: World, change: Callable[[FactTable], list[Row]]) -> World:
    """The world with other fact rows."""
    return replace(world, facts=tuple(replace(fact, rows=tuple(change(fact))) for fact in world.facts))


def moved(world: World, length: Length, by_day: bool = False) -> World:
    """The world as it looks a while later: every row is shown that much later, each once.

    by_day: every day is shown with the rows of the day that lies that much before it, so that a month's last
    days may show one day's rows several times.
    """

    def rows(fact: FactTable) -> list[Row]:
        if not by_day:
            return [row | {"ds": later(row["ds"], length), "own": row["ds"]} for row in fact.rows]
        return [
            row | {"ds": day + (row["ds"] - day_of(row["ds"])), "own": row["ds"]}
            for row in fact.rows
            for day in world.days
            if later(day, length, -1) == day_of(row["ds"])
        ]

    return changed(world, rows)


def local(world: World, zone: str) -> World:
    """The world with the clocks of a zone on its walls; the rows' own clocks show UTC."""

    def rows(fact: FactTable) -> list[Row]:
        return [
            row | {"ds": row["ds"].replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)}
            for row in fact.rows
        ]

    return changed(world, rows)
