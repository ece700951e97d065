"""Time as definitions speak of it: windows, spines, and the periods of own calendars."""

from __future__ import annotations

from dataclasses import dataclass, field

from semantic.definitions.place import Place

METRIC_TIME = "metric_time"


@dataclass(frozen=True)
class Window:
    """A length of time: `7 days`, `2 months`, `1 fiscal_month`."""

    count: int
    grain: str

    def __str__(self) -> str:
        return f"{self.count} {self.grain}{'s' if self.count != 1 else ''}"


@dataclass(frozen=True)
class CustomGrain:
    """A period of an own calendar: the spine's column that holds, for each day, the period it is in."""

    name: str
    column: str
    label: str = ""


@dataclass(frozen=True)
class TimeSpine:
    """A table with one row for each instant of a grain, and the own periods each instant lies in."""

    name: str
    relation: str
    column: str
    grain: str
    custom_grains: tuple[CustomGrain, ...] = ()
    place: Place | None = field(default=None, compare=False)
