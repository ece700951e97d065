"""Read a fact from an aggregate table instead, where that gives exactly the same answer, and never otherwise.

A scan can be read from a rollup of its model when every measure of it is kept there and adds up, everything it
is grouped, joined or filtered by is a column there, its periods are made of the rollup's, and its clock is not
moved. Whether the rollup is published, and as fresh as its facts, is asked of the warehouse (rollup_check).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from semantic.definitions import Glossary, Measure, Rollup, SemanticModel
from semantic.plan import Aggregate, Calendar, Condition, Join, Reach, Scan
from semantic.predicates import GRAINS, Compare, DimensionRef, GroupBy, Literal, Predicate

#: How kept values of an aggregation are put together; what is not here cannot be.
ADDED = {"sum": "sum", "sum_boolean": "sum", "count": "sum_of_counts", "min": "min", "max": "max"}
#: The periods that each kept period divides evenly.
COARSER = {
    "day": ("day", "week", "month", "quarter", "year"),
    "week": ("week",),
    "month": ("month", "quarter", "year"),
    "quarter": ("quarter", "year"),
    "year": ("year",),
}
ROWS = "_rows"
"""A measure with a filter has beside its column one that counts the rows that met the filter."""


class _NotThereError(Exception):
    """The rollup lacks something that the scan needs."""


def routed(scan: Scan, glossary: Glossary, allowed: bool | frozenset[str] = True) -> Scan:
    """The scan over the smallest rollup that answers it exactly; the scan itself if none does.

    `allowed`: any rollup, none, or only these.
    """
    if not allowed or scan.shift or scan.balance or scan.metric_joins or scan.fact_key:
        return scan
    if scan.literal or scan.spread or scan.either or any(item.conditions for item in scan.aggregates):
        return scan
    kept = [rollup for rollup in glossary.rollups if rollup.model == scan.model]
    if not isinstance(allowed, bool):
        kept = [rollup for rollup in kept if rollup.name in allowed]
    for rollup in sorted(kept, key=_size):
        try:
            return _Route(scan, rollup, glossary.models[scan.model]).taken()
        except _NotThereError:
            continue
    return scan


def _size(rollup: Rollup) -> tuple[int, int]:
    """Fewer dimensions and coarser periods make fewer rows."""
    grains = [GRAINS.index(grain) for _, grain, _ in rollup.time if grain in GRAINS]
    return len(rollup.dimensions) + len(rollup.time), -min(grains, default=0)


@dataclass(frozen=True)
class _Route:
    """One scan, read from one rollup; every method raises _NotThereError where that is not exact."""

    scan: Scan
    rollup: Rollup
    model: SemanticModel

    def taken(self) -> Scan:
        measures = [self._measure(item) for item in self.scan.aggregates]
        met = self._met_by_all(measures)
        met_already = met | set(self.rollup.filters)
        rest = [c for c in self.scan.conditions if not (c.on_data and c.predicate in met_already)]
        self._check_filters()
        clock = self._bounded_clock()
        return replace(
            self.scan,
            relation=self.rollup.relation,
            keys=tuple((name, self._reach(reach)) for name, reach in self.scan.keys),
            aggregates=tuple(map(self._aggregate, self.scan.aggregates, measures)),
            joins=tuple(self._join(join) for join in self.scan.joins),
            calendars=tuple(self._calendar(item) for item in self.scan.calendars),
            conditions=(*map(self._condition, rest), *self._present(measures, met)),
            clock=clock,
            notes=(*self.scan.notes, f"read from the rollup {self.rollup.name}"),
        )

    def _measure(self, item: Aggregate) -> Measure:
        """The kept measure that an aggregate is: of those that fit, the one that says the most of its filters."""
        stated = {c.predicate for c in self.scan.conditions if c.on_data}
        fitting = [
            measure
            for name, _ in self.rollup.measures
            if (measure := self.model.measure_by_name[name]).agg == item.agg
            and measure.expr == item.expr
            and measure.agg in ADDED
            and set(measure.filters) <= stated
        ]
        if not fitting:
            raise _NotThereError
        return max(fitting, key=lambda measure: len(measure.filters))

    def _met_by_all(self, measures: list[Measure]) -> set[Predicate]:
        """The conditions on all rows that every kept measure has applied already."""
        shared = set.intersection(*(set(measure.filters) for measure in measures)) if measures else set()
        return shared & {item.predicate for item in self.scan.conditions if item.on_data}

    def _present(self, measures: list[Measure], met: set[Predicate]) -> tuple[Condition, ...]:
        """Only groups that have a row which met the conditions: the rollup has the others as well."""
        if not met:
            return ()
        columns = dict(self.rollup.measures)
        exact = [columns[measure.name] for measure in measures if set(measure.filters) == met]
        if not exact:
            raise _NotThereError
        rows = GroupBy(f"{exact[0]}{ROWS}")
        some = Compare(">", DimensionRef(rows), Literal(0))
        return (Condition(some, ((rows, Reach(self.scan.alias, rows.name, "categorical")),), always=True),)

    def _aggregate(self, item: Aggregate, measure: Measure) -> Aggregate:
        column = dict(self.rollup.measures)[measure.name]
        return replace(item, agg=ADDED[item.agg], expr=column)

    def _check_filters(self) -> None:
        """A rollup of some rows only answers questions about these rows."""
        stated = {item.predicate for item in self.scan.conditions if item.on_data}
        if not set(self.rollup.filters) <= stated:
            raise _NotThereError

    def _bounded_clock(self) -> Reach | None:
        """The clock that the range bounds: it begins and ends with periods that the rollup keeps."""
        bounds = self.scan.range
        if bounds is None:
            return None
        if bounds.back or bounds.to_date or bounds.length or self.scan.clock is None:
            raise _NotThereError
        kept = self._kept_time(replace(self.scan.clock, grain=bounds.aligned))
        return replace(kept, grain=kept.data_grain)

    def _condition(self, item: Condition) -> Condition:
        if item.metrics:
            raise _NotThereError
        return replace(item, reaches=tuple((name, self._reach(reach)) for name, reach in item.reaches))

    def _join(self, join: Join) -> Join:
        if join.reverse or join.validity or join.partitions:
            raise _NotThereError
        return replace(join, left=self._column(join.left)) if join.parent == self.scan.alias else join

    def _calendar(self, item: Calendar) -> Calendar:
        """An own calendar is read by the day, whatever period of it is asked."""
        if item.of.alias != self.scan.alias:
            return item
        return replace(item, of=replace(self._kept_time(replace(item.of, grain="day")), grain=item.of.grain))

    def _reach(self, reach: Reach) -> Reach:
        if reach.alias != self.scan.alias:
            return reach
        return (
            self._kept_time(reach) if reach.kind == "time" else replace(reach, expr=self._column(reach.expr))
        )

    def _column(self, expr: str) -> str:
        columns = _columns(self.rollup, self.model)
        if expr not in columns:
            raise _NotThereError
        return columns[expr]

    def _kept_time(self, reach: Reach) -> Reach:
        """The kept time whose periods make up the asked ones."""
        for name, grain, column in self.rollup.time:
            if self.model.dimension_by_name[name].expr != reach.expr or reach.zone:
                continue
            by_day = grain == "day" and (reach.calendar or reach.date_part)
            if by_day or (not reach.calendar and not reach.date_part and reach.grain in COARSER[grain]):
                return replace(reach, expr=column, data_grain=grain)
        raise _NotThereError


def _columns(rollup: Rollup, model: SemanticModel) -> Mapping[str, str]:
    """The rollup's columns by the expression that each dimension or key has in the model."""
    return {_expr(name, model): column for name, column in rollup.dimensions}


def _expr(name: str, model: SemanticModel) -> str:
    dimension = model.dimension_by_name.get(name)
    return dimension.expr if dimension else model.entity_by_name[name].expr
