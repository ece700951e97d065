"""Read an aggregate table instead of the facts, where it gives exactly the same answer, and never otherwise.

Exact means: sums, counts and extremes only; every dimension, condition and period of the scan is kept by the
rollup at its grain or can be made from it; its own conditions are the scan's too; no join, no other time, no
balance, no de-duplication. A rollup is published together with its facts, so it is as fresh as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from semantic.definitions import Glossary, Rollup
from semantic.paths import find
from semantic.plan import Aggregate, Condition, Reach, Scan
from semantic.predicates import GRAINS
from semantic.shifts import finest

_AGAIN = {"sum": "sum", "sum_boolean": "sum", "count": "sum_of_counts", "min": "min", "max": "max"}


@dataclass(frozen=True)
class _Kept:
    """What a rollup keeps, by the expressions of its model: columns, clocks with their grain, measures."""

    columns: dict[str, str]
    clocks: dict[str, tuple[str, str]]
    measures: dict[tuple[str, str], str]


def routed(scan: Scan, glossary: Glossary) -> Scan:
    """The scan over the smallest rollup that answers it exactly; the scan itself if none does."""
    if scan.joins or scan.metric_joins or scan.calendars or scan.shift or scan.balance or scan.fact_key:
        return scan
    rollups = [rollup for rollup in glossary.rollups if rollup.model == scan.model]
    for rollup in sorted(rollups, key=_size):
        found = _over(scan, rollup, glossary)
        if found is not None:
            return found
    return scan


def _size(rollup: Rollup) -> tuple[int, int]:
    """Fewer dimensions and coarser periods make fewer rows."""
    grains = [GRAINS.index(grain) for _, grain, _ in rollup.time if grain in GRAINS]
    return len(rollup.dimensions) + len(rollup.time), -min(grains, default=0)


def _over(scan: Scan, rollup: Rollup, glossary: Glossary) -> Scan | None:
    kept = _kept(rollup, glossary)
    conditions = [c for c in scan.conditions if c.predicate not in rollup.filters]
    if len(scan.conditions) - len(conditions) != len(rollup.filters):
        return None
    keys = [(name, _reach(reach, kept)) for name, reach in scan.keys]
    bound = [_condition(condition, kept) for condition in conditions]
    numbers = [_aggregate(item, kept) for item in scan.aggregates]
    clock = _clock(scan, kept)
    if not all(reach for _, reach in keys) or not all(bound) or not all(numbers) or clock is None:
        return None
    return replace(
        scan,
        relation=rollup.relation,
        keys=tuple((name, reach) for name, reach in keys if reach),
        conditions=tuple(condition for condition in bound if condition),
        aggregates=tuple(item for item in numbers if item),
        clock=clock if isinstance(clock, Reach) else None,
        notes=(*scan.notes, f"read from the rollup {rollup.name}, which gives exactly the same"),
    )


def _kept(rollup: Rollup, glossary: Glossary) -> _Kept:
    model = glossary.models[rollup.model]
    columns = {}
    for name, column in rollup.dimensions:
        found = find(glossary, rollup.model, name, True)
        if found is not None and not found.hops:
            columns[found.expr] = column
    clocks = {model.dimension_by_name[name].expr: (grain, column) for name, grain, column in rollup.time}
    measures = {}
    for name, column in rollup.measures:
        measure = model.measure_by_name[name]
        if not measure.filters:
            measures[(measure.agg, measure.expr)] = column
    return _Kept(columns, clocks, measures)  # type: ignore[arg-type]


def _reach(reach: Reach, kept: _Kept) -> Reach | None:
    """The rollup's column for a dimension, if it is there at a grain from which the asked one is made."""
    if reach.top is not None:
        return None
    if reach.kind != "time":
        column = kept.columns.get(reach.expr)
        return replace(reach, expr=column) if column else None
    if reach.expr not in kept.clocks or reach.zone is not None:
        return None
    grain, column = kept.clocks[reach.expr]
    asked = reach.grain if reach.date_part is None else "day"
    if asked not in GRAINS or grain not in GRAINS or finest([asked, grain]) != grain:
        return None
    return replace(reach, expr=column, data_grain=grain)


def _condition(condition: Condition, kept: _Kept) -> Condition | None:
    reaches = [(item, _reach(reach, kept)) for item, reach in condition.reaches]
    if condition.metrics or not all(reach for _, reach in reaches):
        return None
    return replace(condition, reaches=tuple((item, reach) for item, reach in reaches if reach))


def _aggregate(item: Aggregate, kept: _Kept) -> Aggregate | None:
    column = kept.measures.get((item.agg, item.expr))
    if column is None or item.agg not in _AGAIN or item.conditions:
        return None
    return replace(item, agg=_AGAIN[item.agg], expr=column)


def _clock(scan: Scan, kept: _Kept) -> Reach | bool | None:
    """The clock at the rollup's grain, where a range needs one; the range must be made of its whole periods."""
    if scan.range is None:
        return True
    if scan.clock is None or scan.range.back or scan.range.to_date:
        return None
    found = _reach(replace(scan.clock, grain=scan.range.aligned), kept)
    return replace(found, grain=found.data_grain) if found else None
