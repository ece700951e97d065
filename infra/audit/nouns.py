"""What a check says: tables with documented columns, and findings with what to do about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

Severity = Literal["high", "medium", "low", "info"]
SEVERITIES: tuple[Severity, ...] = ("high", "medium", "low", "info")
Light = Literal["green", "amber", "red"]
Kind = Literal["text", "count", "share", "percent", "score", "number", "light", "severity", "moment"]
MOST_EXAMPLES = 5


@dataclass(frozen=True)
class Column:
    """A column of a table: what it holds, and how a page shows it, where it does.

    `share` and `percent` are 0 to 1, a share with a bar; `score` is 0 to 100.
    """

    name: str
    meaning: str
    kind: Kind = "text"
    is_on_page: bool = True


@dataclass(frozen=True)
class Table:
    """A table of the report; written whole to a file, shown up to `shown` rows on the page."""

    name: str
    title: str
    meaning: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...] = ()
    shown: int = 15

    def filled(self, rows: Sequence[Sequence[Any]]) -> Table:
        """The same table with these rows."""
        return replace(self, rows=tuple(tuple(row) for row in rows))

    def showing(self, rows: int) -> Table:
        """The same table with at most this many rows on the page, and no more than before."""
        return replace(self, shown=min(rows, self.shown))

    def page_columns(self) -> tuple[tuple[int, Column], ...]:
        """The columns of the page with their places: those that have something to say in the rows shown."""
        return tuple(
            (place, column)
            for place, column in enumerate(self.columns)
            if column.is_on_page and any(row[place] not in (None, "") for row in self.rows[: self.shown])
        )

    def records(self) -> list[dict[str, Any]]:
        """The rows as {column: value}."""
        names = [column.name for column in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]


@dataclass(frozen=True)
class Example:
    """One row behind a finding: what kind of thing, which one, and what is odd about it."""

    entity: str
    entity_id: str
    detail: str = ""


@dataclass(frozen=True)
class Finding:
    """Something found: how much of it, why it matters, what to do."""

    code: str
    title: str
    severity: Severity
    count: int
    matters: str
    to_do: str
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True)
class Section:
    """A chapter of the report."""

    key: str
    title: str
    intro: str
    tables: tuple[Table, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()  # (label, value) shown large above the tables
    ok: str = ""  # said where there is no finding


@dataclass(frozen=True)
class Audit:
    """The whole report."""

    sections: tuple[Section, ...]
    as_of: datetime | None
    loaded_at: datetime | None
    sources: tuple[str, ...]

    def section(self, key: str) -> Section:
        """The chapter of this key; KeyError where there is none."""
        for section in self.sections:
            if section.key == key:
                return section
        raise KeyError(key)

    def table(self, name: str) -> Table:
        """The table of this name; KeyError where there is none."""
        for table in self.tables():
            if table.name == name:
                return table
        raise KeyError(name)

    def tables(self) -> tuple[Table, ...]:
        """Every table, in the order of the report."""
        return tuple(table for section in self.sections for table in section.tables)

    def findings(self) -> tuple[Finding, ...]:
        """Every finding, gravest first; those of one severity in the order of the report."""
        listed = [finding for section in self.sections for finding in section.findings]
        return tuple(sorted(listed, key=lambda one: SEVERITIES.index(one.severity)))

    def count(self, severity: Severity) -> int:
        """How many findings of a severity."""
        return sum(finding.severity == severity for finding in self.findings())


def light(score: float | None) -> Light:
    """Green from 95, amber from 80, red below; a score that nobody could give is amber."""
    if score is None:
        return "amber"
    return "green" if score >= 95 else "amber" if score >= 80 else "red"
