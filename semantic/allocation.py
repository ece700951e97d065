"""Targets shown by less than the period they were set for: refused, or spread evenly where that was declared.

A plain sum is spread over the days of its period. A rate is not: it is the same in each part, and known only where
the part lies in one period.
"""

from __future__ import annotations

from collections.abc import Iterable

from semantic.additive import is_additive
from semantic.definitions import METRIC_TIME, Glossary, TargetTable
from semantic.errors import Refusal, UserError
from semantic.expand import Leaf, measure_of
from semantic.names import Spec, split_grain
from semantic.plan import Range, Spread
from semantic.predicates import (
    GRAINS,
    And,
    Compare,
    DimensionRef,
    Literal,
    Predicate,
    dimensions_of,
)
from semantic.shifts import spine_for


def finer(
    glossary: Glossary,
    table: TargetTable,
    specs: Iterable[Spec],
    range_: Range | None,
    where: Iterable[Predicate],
) -> str | None:
    """What in a question cuts through the periods that targets are set for; None where nothing does."""
    asked = [spec.grain or spec.date_part for spec in specs if spec.is_metric_time]
    asked += [
        item.grain or item.date_part or "day"
        for predicate in where
        for item in (split_grain(glossary, found) for found in dimensions_of(predicate))
        if item.name == METRIC_TIME
    ]
    if range_ is not None:
        asked.append(range_.aligned)
    return next((grain for grain in asked if grain and _cuts(grain, table.grain)), None)


def _cuts(asked: str, kept: str) -> bool:
    """Whether periods of one grain cut through those of another: own calendars, parts of dates, months and weeks."""
    if asked not in GRAINS:
        return True
    return GRAINS.index(asked) < GRAINS.index(kept) or (kept == "week" and asked != "week")


def check_spread(table: TargetTable, asked: str) -> None:
    """Raise Refusal unless targets may be spread so finely."""
    if table.allocation == "none":
        raise Refusal(
            f"Targets are set by {table.grain}; there is none by {asked}. Show metric_time:{table.grain} or coarser, "
            f"over whole {table.grain}s; or declare `allocation: even_by_day` in targets.yml."
        )
    if asked in GRAINS and GRAINS.index(asked) < GRAINS.index("day"):
        raise Refusal(f"Targets are spread evenly over days, which have no parts; there is none by {asked}.")


def spread_of(
    glossary: Glossary, leaf: Leaf, specs: Iterable[Spec], range_: Range | None, where: Iterable[Predicate]
) -> Spread | None:
    """How a leaf's targets are spread for a question; None where they are not, or need not be."""
    table = glossary.targets
    if table is None or table.allocation == "none":
        return None
    if not leaf.is_target and not _is_target(glossary, table, leaf):
        return None
    asked = finer(glossary, table, specs, range_, where)
    if asked is None:
        return None
    check_spread(table, asked)
    model = glossary.models[leaf.model]
    clock = model.dimension_by_name[
        measure_of(glossary, leaf).agg_time_dimension or model.default_time_dimension or ""
    ]
    return Spread(spine_for(glossary, "day", leaf), clock.expr, table.grain, measure_of(glossary, leaf).expr)


def _is_target(glossary: Glossary, table: TargetTable, leaf: Leaf) -> bool:
    """A metric of the table of targets, for a target of a metric that adds up."""
    named = _named(glossary, table, leaf)
    return is_kept_target(glossary, table, leaf) and any(_adds_up(glossary, name) for name in named)


def is_kept_target(glossary: Glossary, table: TargetTable, leaf: Leaf) -> bool:
    """A metric of the table of targets: the same column and clock, for one target."""
    model, home = glossary.models[leaf.model], glossary.models[table.model]
    measure, value = measure_of(glossary, leaf), home.measure_by_name[table.value]
    clock = model.dimension_by_name.get(measure.agg_time_dimension or model.default_time_dimension or "")
    same = (
        model.relation == home.relation
        and (measure.agg, measure.expr) == ("sum", value.expr)
        and clock is not None
        and clock.expr == home.dimension_by_name[table.time_dimension].expr
    )
    return same and bool(_named(glossary, table, leaf))


def _named(glossary: Glossary, table: TargetTable, leaf: Leaf) -> list[str]:
    """The target that the leaf's own filters hold it to."""
    dimensions = glossary.models[leaf.model].dimension_by_name
    name = glossary.models[table.model].dimension_by_name[table.metric_column].expr
    found = []
    for predicate in _parts(leaf.filters):
        if (
            isinstance(predicate, Compare)
            and predicate.op == "="
            and isinstance(predicate.left, DimensionRef)
        ):
            own = dimensions.get(predicate.left.dimension.name)
            if own is not None and own.expr == name and isinstance(predicate.right, Literal):
                found.append(str(predicate.right.value))
    return found


def _parts(filters: tuple[Predicate, ...]) -> Iterable[Predicate]:
    for predicate in filters:
        yield from predicate.items if isinstance(predicate, And) else (predicate,)


def _adds_up(glossary: Glossary, target: str) -> bool:
    """Whether every metric that has this target adds up; one at least has it."""
    metrics = [name for name, metric in glossary.metrics.items() if metric.target == target]
    try:
        return bool(metrics) and all(is_additive(glossary, name) for name in metrics)
    except UserError:
        return False
