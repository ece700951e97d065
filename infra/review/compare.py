"""One comparison of two sides: which metrics move, which closed months would be restated, which definitions changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from infra.review.moves import Cell, Movement, Progress, movements
from infra.review.sides import Side
from semantic.closings import ClosedMetric, Closing, Closings, in_force
from semantic.definitions import Glossary
from semantic.taught import MODEL


@dataclass(frozen=True)
class Restatement:
    """A number of a closed month that would be another. It stays as it was reported.

    `as_reported` is None where there was no number, or none was kept of it.
    """

    metric: str
    cell: Cell
    closing: Closing
    as_reported: str | None


@dataclass(frozen=True)
class Comparison:
    """What becomes of every metric. own: the tables that the two sides have each for themselves; shared: how many they
    have in common.
    """

    before: str
    after: str
    movements: tuple[Movement, ...]
    restatements: tuple[Restatement, ...]
    own: tuple[str, ...]
    shared: int
    notes: tuple[str, ...] = ()

    def of(self, *outcomes: str) -> list[Movement]:
        """The metrics that came out so, by name."""
        return [one for one in self.movements if one.outcome in outcomes]

    @property
    def changes_nothing(self) -> bool:
        """No number moves, no metric fails, no definition is another."""
        redefined = any(one.redefined for one in self.movements)
        return not redefined and not self.of("moves", "new", "gone", "fails", "answers")


def compare(
    before: Side,
    after: Side,
    closings: Closings,
    whole_only: bool = False,
    notes: Iterable[str] = (),
    progress: Progress = lambda done, total, name: None,
) -> Comparison:
    """Ask every metric of both sides."""
    found = tuple(movements(before, after, whole_only, progress))
    names = {*before.tables, *after.tables}
    own = sorted(name for name in names if before.tables.get(name) != after.tables.get(name))
    return Comparison(
        before.name,
        after.name,
        found,
        tuple(_restated(found, closings, after.glossary)),
        tuple(own),
        len(names) - len(own),
        tuple(notes),
    )


def _restated(found: Iterable[Movement], closings: Closings, glossary: Glossary) -> Iterable[Restatement]:
    """The numbers of closed months that would move; by dimensions, as far as a closing keeps them."""
    held = in_force(closings.heads())
    kept_by = {frozenset(names) - {MODEL} for names in glossary.closing.grouping_sets}
    for movement in found if held else ():
        kept: dict[str, ClosedMetric | None] = {}
        for cell in (*movement.months, *(cell for _, cells in movement.within for cell in cells)):
            closing = held.get(cell.month or "")
            if closing is not None and frozenset(name for name, _ in cell.members) - {MODEL} in kept_by:
                metric = kept.setdefault(closing.month, closings.metric(closing, movement.metric))
                yield Restatement(movement.metric, cell, closing, _reported(metric, cell))


def _reported(metric: ClosedMetric | None, cell: Cell) -> str | None:
    """What was kept of a number; the member that must be fixed may be the one that was fixed at the closing."""
    if metric is None:
        return None
    members = dict(cell.members)
    fixed = dict(metric.required)
    free = {name: value for name, value in members.items() if fixed.get(name, ...) != value}
    for wanted in (members, free):
        for kept in metric.sets:
            if set(kept.dimensions) == set(wanted):
                for row in kept.rows:
                    if dict(zip(kept.dimensions, row, strict=False)) == wanted:
                        return row[-1]
    return None
