"""The channel mapping: the seed that staging reads, checked; and rows that are proposed to be added to it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.errors import MistakeError

FIELDS = ("field", "value", "channel")
KINDS = ("hubspot_source", "lead_source", "medium", "source_medium")


@dataclass(frozen=True)
class Rules:
    """Which channel a value of a vendor's field means; values are in lower case."""

    channels: tuple[str, ...]
    rows: tuple[tuple[str, str, str], ...]

    def of(self, field: str) -> dict[str, str]:
        """{value: channel} of one field."""
        return {value: channel for kind, value, channel in self.rows if kind == field}

    def text(self, more: Iterable[tuple[str, str, str]] = ()) -> str:
        """The seed file with further rows at its end, as CSV."""
        lines = [",".join(FIELDS)]
        lines += [",".join(_cell(part) for part in row) for row in (*self.rows, *more)]
        return "\n".join(lines) + "\n"


def read_rules(seeds: Path) -> Rules:
    """The channels and channel rules of the seeds folder.

    Raises MistakeError with every problem of the file, each with its line: a missing column, a blank, an unknown
    field or channel, a value that comes twice.
    """
    channels = tuple(row["channel"] for _, row in _rows(seeds / "channel.csv", ("channel",)))
    file = seeds / "channel_rule.csv"
    problems: list[str] = []
    rows: list[tuple[str, str, str]] = []
    seen: dict[tuple[str, str], int] = {}
    for line, row in _rows(file, FIELDS):
        field, value, channel = ((row[name] or "").strip() for name in FIELDS)
        problem = _problem(field, value, channel, channels, seen)
        if problem:
            problems.append(f"{file}:{line}: {problem}")
        seen[field, value] = line
        rows.append((field, value, channel))
    if problems:
        raise MistakeError("the channel mapping cannot be read:\n" + "\n".join(problems))
    return Rules(channels, tuple(rows))


def _problem(
    field: str, value: str, channel: str, channels: tuple[str, ...], seen: Mapping[tuple[str, str], int]
) -> str:
    if not (field and value and channel):
        return "field, value and channel must all be filled"
    if field not in KINDS:
        return f"unknown field {field!r}; one of {', '.join(KINDS)}"
    if channel not in channels:
        return f"unknown channel {channel!r}: add it to channel.csv, or take one of {', '.join(channels)}"
    if value != value.lower():
        return f"the value {value!r} must be in lower case: that is how it is looked up"
    if (field, value) in seen:
        return f"{field} {value!r} is already mapped in line {seen[field, value]}"
    return ""


def _rows(file: Path, needed: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    try:
        with file.open(newline="", encoding="utf-8") as opened:
            reader = csv.DictReader(opened)
            missing = [name for name in needed if name not in (reader.fieldnames or ())]
            if missing:
                raise MistakeError(
                    f"{file}:1: no column {missing[0]!r}; the first line must name {', '.join(needed)}"
                )
            return [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError) as error:
        raise MistakeError(f"{file} cannot be read: {error}") from error


def _cell(text: str) -> str:
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if any(mark in text for mark in ',"\n\r') else text
