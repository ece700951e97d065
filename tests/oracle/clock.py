"""Calendar arithmetic of the oracle, in plain Python."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.oracle.world import Grain


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
