"""The file of decisions: which value is read as which, who said so, when and why. SQLMesh applies the approved rows.

Problems are told all at once, each with its line. A value is looked up without regard to case, campaigns and assets
also without regard to blanks and underscores; the models do the same (`@value_key` in `sqlmesh/macros/text.py`).
"""

from __future__ import annotations

import csv
import fcntl
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields, replace
from datetime import date
from pathlib import Path

from infra.errors import MistakeError

KINDS = ("source", "medium", "campaign", "content", "product")
SLUGS = ("campaign", "content")
APPROVED, REJECTED = "approved", "rejected"


@dataclass(frozen=True)
class Decision:
    """One row of the file; `decided_on` is an ISO date, `evidence` what the audit had found."""

    kind: str
    from_value: str
    to_value: str
    status: str
    decided_by: str
    decided_on: str
    reason: str = ""
    evidence: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What the value is looked up by."""
        return self.kind, value_key(self.kind, self.from_value)

    @property
    def target(self) -> tuple[str, str]:
        """The key of what it is read as."""
        return self.kind, value_key(self.kind, self.to_value)


FIELDS = tuple(one.name for one in fields(Decision))


@dataclass(frozen=True)
class Decisions:
    """The rows of a file, checked: no value has two meanings, none leads in a circle."""

    file: Path = Path("value_mapping.csv")
    rows: tuple[Decision, ...] = ()

    def approved(self) -> dict[tuple[str, str], Decision]:
        """The approved rows by the key of their value."""
        return {row.key: row for row in self.rows if row.status == APPROVED}

    def reads(self, kind: str, value: str) -> str:
        """What a value is read as, chains followed to their end; itself where nobody decided."""
        approved = self.approved()
        key = (kind, value_key(kind, value))
        while key in approved:
            row = approved[key]
            value = row.to_value
            if row.target == key:
                break
            key = row.target
        return value

    def has_decided(self, kind: str, from_value: str, to_value: str) -> bool:
        """Whether somebody said yes to any reading of the value, or no to this one."""
        key = (kind, value_key(kind, from_value))
        target = (kind, value_key(kind, to_value))
        return any(row.key == key and (row.status == APPROVED or row.target == target) for row in self.rows)

    def with_row(self, row: Decision) -> Decisions:
        """The same and one more, in place of what was said before of the same pair. Raises as reading does."""
        others = tuple(one for one in self.rows if (one.key, one.target) != (row.key, row.target))
        changed = replace(self, rows=(*others, row))
        _raise(
            f"{row.kind} {row.from_value!r} cannot be {row.status}",
            [told for _, told in problems(changed.rows)],
        )
        return changed

    def added(self, rows: Sequence[Decision]) -> Decisions:
        """The file with `rows` besides, written: all of them or none. Raises as `with_row` does.

        What others decided since this was read stays: the file is read again, while nobody else may write it.
        """
        with _alone(self.file.parent):
            changed = read_decisions(self.file)
            for row in rows:
                changed = changed.with_row(row)
            changed.write()
        return changed

    def text(self) -> str:
        """The file."""
        made = io.StringIO()
        writer = csv.writer(made, lineterminator="\n")
        writer.writerow(FIELDS)
        writer.writerows(astuple(row) for row in self.rows)
        return made.getvalue()

    def write(self) -> None:
        """Replace the file, wholly or not at all."""
        beside = self.file.with_name(f".{self.file.name}.{os.getpid()}")
        try:
            beside.write_text(self.text(), encoding="utf-8")
            beside.replace(self.file)
        except OSError as error:
            raise MistakeError(
                f"{str(self.file)!r} cannot be written ({error.strerror}): "
                "set TOUCHSTONE_VALUE_MAPPING to a file that can"
            ) from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait until nobody else adds to a file in `folder`. A lock file would lie among the seeds."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


UNDECIDED = Decisions()


def value_key(kind: str, value: str) -> str:
    """A value as it is looked up.

    >>> value_key("campaign", " Spring_Launch ")
    'spring-launch'
    >>> value_key("product", "GTX Pro")
    'gtx pro'
    """
    plain = value.strip().lower()
    return plain.replace(" ", "-").replace("_", "-") if kind in SLUGS else plain


def read_decisions(file: Path) -> Decisions:
    """The decisions in `file`.

    Raises MistakeError with every problem, each with its line: a missing column, a blank, an unknown kind or status, a
    value that is mapped twice, a circle.
    """
    try:
        with file.open(newline="", encoding="utf-8") as opened:
            reader = csv.DictReader(opened)
            missing = [name for name in FIELDS if name not in (reader.fieldnames or ())]
            if missing:
                raise MistakeError(
                    f"{file}:1: no column {missing[0]!r}; the first line must name {', '.join(FIELDS)}"
                )
            numbered = [
                (reader.line_num, Decision(**{name: (line[name] or "").strip() for name in FIELDS}))
                for line in reader
            ]
    except (OSError, UnicodeDecodeError) as error:
        raise MistakeError(f"{file} cannot be read: {error}") from error
    rows = tuple(row for _, row in numbered)
    lines = [line for line, _ in numbered]
    _raise(
        "the decisions about values cannot be applied",
        [f"{file}:{lines[place]}: {told}" for place, told in problems(rows)],
    )
    return Decisions(file, rows)


def problems(rows: tuple[Decision, ...]) -> Iterator[tuple[int, str]]:
    """(place, what is wrong) of every row that cannot be applied."""
    approved: dict[tuple[str, str], int] = {}
    for place, row in enumerate(rows):
        told = _problem(row)
        if told:
            yield place, told
        elif row.status == APPROVED:
            first = approved.setdefault(row.key, place)
            if first != place:
                yield place, _conflict(row, rows[first])
    for place in approved.values():
        if circle := _circle(rows[place], {key: rows[one] for key, one in approved.items()}):
            yield place, f"{row_words(rows[place])} leads in a circle: {' -> '.join(circle)}"


def _problem(row: Decision) -> str:
    blank = [name for name in FIELDS[:6] if not getattr(row, name)]
    if blank:
        return f"{blank[0]} is blank; {', '.join(FIELDS[:6])} must all be filled"
    if row.kind not in KINDS:
        return f"unknown kind {row.kind!r}; one of {', '.join(KINDS)}"
    if row.status not in (APPROVED, REJECTED):
        return f"unknown status {row.status!r}; {APPROVED} or {REJECTED}"
    if row.status == APPROVED and row.kind in SLUGS and row.key == row.target:
        return f"{row_words(row)} changes nothing: case, blanks and underscores make no difference to a {row.kind}"
    try:
        date.fromisoformat(row.decided_on)
    except ValueError:
        return f"decided_on {row.decided_on!r} is no date such as 2026-03-31"
    return ""


def _conflict(row: Decision, first: Decision) -> str:
    if row.target == first.target:
        return f"{row_words(row)} is there twice"
    return (
        f"{row.kind} {row.from_value!r} is already read as {first.to_value!r}, approved by {first.decided_by} on "
        f"{first.decided_on}: reject that first"
    )


def _circle(row: Decision, approved: dict[tuple[str, str], Decision]) -> list[str]:
    """The values of a circle that begins and ends with the row's own; empty where there is none."""
    walked, at = [row.from_value], row
    for _ in approved:
        if at.target == at.key:
            return []  # it only says how the value is written
        walked.append(at.to_value)
        if at.target == row.key:
            return walked
        if at.target not in approved:
            return []
        at = approved[at.target]
    return []


def row_words(row: Decision) -> str:
    """A row in a sentence: `source 'lnkedin' as 'linkedin'`."""
    return f"{row.kind} {row.from_value!r} as {row.to_value!r}"


def _raise(head: str, told: list[str]) -> None:
    if told:
        raise MistakeError("\n".join([f"{head}:", *told]))
