"""Add a fact up by period before a running number looks back over it: one row a period, not one a fact.

A running total of 6 million rows over 2,500 days would join each day to every row before it. Sums, counts and
extremes can be put together from those of each period, whatever window is looked at; and over all time, a
distinct count is the running number of members by the period in which they were first seen. Averages, medians,
percentiles, and distinct counts within a window, need the rows themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from semantic.definitions import Measure
from semantic.plan import Aggregate, Condition, Range, Reach, Scan, Shift, Source, SpineFill
from semantic.predicates import GRAINS

#: How the numbers of single periods are put together.
PUT_TOGETHER = {"sum": "sum", "count": "sum", "sum_boolean": "sum", "min": "min", "max": "max"}
PERIOD = "data_period"
COUNTED = "counted"
Route = Callable[[Scan], Scan]


def by_period(source: Source, route: Route) -> Source:
    """The source with its running scan read from a scan by period, which `route` may read from a rollup."""
    if isinstance(source, SpineFill) and isinstance(source.inner, Scan):
        return replace(source, inner=_by_period(source.inner, route))
    return _by_period(source, route) if isinstance(source, Scan) else source


def by_rows(measure: Measure | Aggregate) -> tuple[str, str] | None:
    """What is added up from the rows themselves; it is read apart from what periods suffice for."""
    return None if measure.agg in PUT_TOGETHER else (measure.agg, measure.expr)


def _by_period(scan: Scan, route: Route) -> Scan:
    shift = scan.shift
    if (
        shift is None
        or shift.sliding is None
        or shift.spine is None
        or scan.clock is None
        or scan.literal
        or scan.spread
    ):
        return scan
    split = _split(scan)
    if split is None:
        return scan
    of_data, of_shown = split
    assert scan.clock is not None
    inner = replace(
        scan,
        calendars=tuple(item for item in scan.calendars if not item.of.is_clock),
        conditions=of_data,
        range=_until_end(shift, scan.range),
        shift=None,
        notes=(),
    )
    own = tuple((name, reach) for name, reach in scan.keys if not reach.is_clock)
    if is_first_seen(scan):
        counted = Reach(scan.alias, scan.aggregates[0].expr, "categorical")
        inner = replace(inner, keys=(*own, (COUNTED, counted)), aggregates=())
    elif all(item.agg in PUT_TOGETHER for item in scan.aggregates):
        inner = route(replace(inner, keys=(*own, (PERIOD, replace(scan.clock, grain=shift.grain)))))
    else:
        return scan
    return replace(
        scan,
        of=inner,
        joins=(),
        metric_joins=(),
        calendars=tuple(item for item in scan.calendars if item.of.is_clock),
        conditions=of_shown,
        either=(),
        notes=(*scan.notes, *inner.notes),
    )


def is_first_seen(scan: Scan) -> bool:
    """A distinct count over all time: its members count from the period in which they were first seen."""
    alone = len(scan.aggregates) == 1 and not scan.aggregates[0].conditions
    return alone and scan.aggregates[0].agg == "count_distinct" and is_over_all_time(scan.shift)


def is_over_all_time(shift: Shift | None) -> bool:
    """All that came before is collected, not a window of it."""
    sliding = shift.sliding if shift else None
    return sliding is not None and sliding.window is None and sliding.grain_to_date is None


def _split(scan: Scan) -> tuple[tuple[Condition, ...], tuple[Condition, ...]] | None:
    """The conditions on the data, and those on the time that is shown; None where one is about both."""
    conditional = [c for item in scan.aggregates for c in item.conditions]
    looser = [c for conditions in scan.either for c in conditions]
    if any(_is_of_shown(c) for c in (*conditional, *looser)):
        return None
    if any(reach.is_clock for join in scan.metric_joins for reach, _ in join.keys):
        return None
    of_shown = tuple(c for c in scan.conditions if _is_of_shown(c))
    if any(c.metrics or not all(reach.is_clock for _, reach in c.reaches) for c in of_shown):
        return None
    of_data = tuple(c for c in scan.conditions if c not in of_shown)
    by_calendar = any(reach.is_clock and reach.calendar for c in of_data for _, reach in c.reaches)
    return None if by_calendar else (of_data, of_shown)


def _is_of_shown(condition: Condition) -> bool:
    return not condition.on_data and any(reach.is_clock for _, reach in condition.reaches)


def _until_end(shift: Shift, range_: Range | None) -> Range | None:
    """What comes after the range is never looked back at; exact where both go by whole days."""
    whole_days = range_ is not None and range_.aligned in GRAINS[GRAINS.index("day") :]
    if (
        range_ is None
        or range_.end is None
        or not whole_days
        or shift.grain != "day"
        or shift.offsets
        or shift.moved
        or shift.calendar_offset
    ):
        return None
    return replace(range_, start=None)
