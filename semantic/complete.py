"""The target of several periods or members: known only where each of them has one.

A quarter of which two months have a target would otherwise be held against those two alone, and be far above plan.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from semantic.allocation import is_kept_target
from semantic.definitions import METRIC_TIME, Glossary, TargetTable, Window
from semantic.errors import Refusal
from semantic.expand import Complete, Formula, Leaf, Take, with_takes
from semantic.names import Spec
from semantic.plan import Range
from semantic.predicates import GRAINS, And, Compare, DimensionRef, In, IsNull, Predicate, dimensions_of

_COUNTED = ("month", "quarter", "year")
"""Grains whose periods in a longer one can be told by the dates alone."""


def complete(
    glossary: Glossary,
    formula: Formula,
    specs: tuple[Spec, ...],
    range_: Range | None,
    where: tuple[Predicate, ...],
) -> Formula:
    """The formula, with each target in it missing where a period or member that it should cover has none."""
    table = glossary.targets
    if table is None or table.grain not in _COUNTED or not _countable(table, specs, range_, where):
        return formula

    def whole(take: Take) -> Formula:
        leaf = take.leaf
        if leaf.offsets or leaf.sliding or not (leaf.is_target or is_kept_target(glossary, table, leaf)):
            return take
        return _checked(table, take, specs, range_, where)

    return with_takes(formula, whole)


def _checked(
    table: TargetTable,
    formula: Take,
    specs: tuple[Spec, ...],
    range_: Range | None,
    where: tuple[Predicate, ...],
) -> Formula:
    clock = _clock(specs)
    dimensions, members = _members(table, formula.leaf, specs, where) if formula.leaf.is_target else ((), 1)
    if clock is not None and clock.grain == table.grain and members == 1:
        return formula
    count = Take(replace(formula.leaf, single=False, fill=None, periods_of=(table.grain, *dimensions)))
    return Complete(
        formula,
        count,
        table.grain,
        members,
        clock.column if clock else None,
        Window(1, clock.grain) if clock and clock.grain else None,
        range_,
    )


def _countable(
    table: TargetTable, specs: tuple[Spec, ...], range_: Range | None, where: tuple[Predicate, ...]
) -> bool:
    """Whether the dates of a question alone say how many periods each of its rows has."""
    if any(spec.is_metric_time and spec.date_part for spec in specs):
        return False
    if any(item.name.split("__")[0] == METRIC_TIME for p in where for item in dimensions_of(p)):
        return False
    if range_ is not None and (range_.back is not None or range_.to_date is not None):
        return False
    clock = _clock(specs)
    if clock is None:
        return range_ is not None and range_.start is not None and range_.end is not None
    return clock.grain in GRAINS and GRAINS.index(str(clock.grain)) >= GRAINS.index(table.grain)


def _clock(specs: tuple[Spec, ...]) -> Spec | None:
    """The finest period that the question shows."""
    shown = [spec for spec in specs if spec.is_metric_time and spec.grain]
    return min(
        shown, key=lambda spec: GRAINS.index(str(spec.grain)) if spec.grain in GRAINS else -1, default=None
    )


def _members(
    table: TargetTable, leaf: Leaf, specs: tuple[Spec, ...], where: Iterable[Predicate]
) -> tuple[tuple[str, ...], int]:
    """The dimensions that a row puts several members of together, and how many members it has."""
    grouped = {spec.name for spec in specs}
    found: dict[str, int] = {}
    for predicate in _parts(where):
        names = {item.name for item in dimensions_of(predicate)} & set(table.dimensions) - grouped
        for name in names:
            found[name] = min(found.get(name, _count(predicate, leaf)), _count(predicate, leaf))
    several = tuple(sorted(name for name, count in found.items() if count > 1))
    members = 1
    for name in several:
        members *= found[name]
    return several, members


def _count(predicate: Predicate, leaf: Leaf) -> int:
    """How many members a condition leaves of its dimension; raises Refusal where it does not say."""
    if isinstance(predicate, Compare) and predicate.op == "=":
        return 1
    if isinstance(predicate, In) and isinstance(predicate.operand, DimensionRef):
        return len(set(predicate.values))
    if isinstance(predicate, IsNull):
        return 1
    names = ", ".join(sorted({item.name for item in dimensions_of(predicate)}))
    raise Refusal(
        f"Targets are set member by member, and this condition on {names} does not name its members, so whether each "
        f"has a target for {leaf.metric!r} is not known. Name them ({names} in ('...', '...')), or group by {names}."
    )


def _parts(where: Iterable[Predicate]) -> Iterable[Predicate]:
    for predicate in where:
        yield from _parts(predicate.items) if isinstance(predicate, And) else (predicate,)
