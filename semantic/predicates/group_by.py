"""A dimension as asked, with its grain."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from semantic.errors import BadValue

GRAINS = (
    "nanosecond",
    "microsecond",
    "millisecond",
    "second",
    "minute",
    "hour",
    "day",
    "week",
    "month",
    "quarter",
    "year",
)
DATE_PARTS = ("year", "quarter", "month", "day", "dow", "doy")


@dataclass(frozen=True)
class GroupBy:
    """A dimension as asked: its name, and for a time dimension a grain or a part of the date.

    `metric_time:month`, `metric_time__month` and `metric_time__extract_year` are the text forms.
    A custom grain (`metric_time__fiscal_month`) is told from a name by the resolver,
    who knows the glossary; until then it is part of `name`.
    """

    name: str
    grain: str | None = None
    date_part: str | None = None

    @property
    def text(self) -> str:
        if self.date_part:
            return f"{self.name}__extract_{self.date_part}"
        return f"{self.name}__{self.grain}" if self.grain else self.name


@lru_cache(maxsize=4096)
def parse_group_by(text: str) -> GroupBy:
    """Read one text form of a grouped dimension.

    >>> parse_group_by("metric_time:month")
    GroupBy(name='metric_time', grain='month', date_part=None)
    >>> parse_group_by("booking__ds__extract_dow").date_part
    'dow'
    """
    name, colon, grain = (part.strip() for part in text.strip().lower().partition(":"))
    if not name or (colon and not grain):
        raise BadValue(
            f"{text!r} is not a dimension. Write `name` or `name:grain`, as in `metric_time:month`."
        )
    if colon:
        part = grain.removeprefix("extract_")
        return GroupBy(name, date_part=part) if grain.startswith("extract_") else GroupBy(name, grain)
    stem, _, last = name.rpartition("__")
    if stem and last in GRAINS:
        return GroupBy(stem, last)
    if stem and last.startswith("extract_") and last.removeprefix("extract_") in DATE_PARTS:
        return GroupBy(stem, date_part=last.removeprefix("extract_"))
    return GroupBy(name)
