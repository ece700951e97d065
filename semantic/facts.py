"""The scan of one fact, for all numbers that are counted from the same rows in the same way."""

from __future__ import annotations

from semantic.asked import Asked, clock_of
from semantic.conditions import conditions_of
from semantic.definitions import METRIC_TIME, Glossary
from semantic.errors import FanOut
from semantic.expand import Leaf, measure_of
from semantic.lengths import check_length
from semantic.names import Spec
from semantic.plan import Aggregate, Balance, Condition, Range, Reach, Scan, Spread
from semantic.predicates import GroupBy
from semantic.rollups import routed
from semantic.running import by_rows
from semantic.scans import ScanBuilder
from semantic.shifts import shift_of
from semantic.top import folded


def scan_key(glossary: Glossary, leaf: Leaf) -> tuple[object, ...]:
    """Leaves with equal keys are aggregated in one pass over the same rows."""
    clock = clock_of(glossary, leaf)
    measure = measure_of(glossary, leaf)
    required = glossary.metrics[leaf.metric].required
    return (
        leaf.model, clock, leaf.filters, leaf.offsets, leaf.sliding, leaf.on_spine, leaf.conversion,
        measure.non_additive, required, leaf.is_target, leaf.sliding and by_rows(measure),
    )  # fmt: skip


def scan_of_leaves(
    asked: Asked, name: str, group: list[Leaf], specs: tuple[Spec, ...], names: dict[Leaf, str]
) -> Scan:
    """The scan of leaves with equal keys; `names` are their columns."""
    leaf = group[0]
    builder = asked.builder(leaf)
    keys = folded(asked.query, tuple((spec.column, builder.reach(spec, shown=True)) for spec in specs), specs)
    conditions = conditions_of(asked, builder, leaf)
    clock = builder.reach(GroupBy(METRIC_TIME, builder.clock.grain or "day")) if builder.clock else None
    data_grain = clock.data_grain if clock and clock.data_grain else "day"
    clock_keys = tuple(reach for _, reach in keys if reach.is_clock)
    shift, range_ = shift_of(asked.glossary, leaf, clock_keys, conditions, _range(asked, builder), data_grain)
    balance, conditions = _balance(asked, builder, leaf, keys, conditions)
    spread = asked.spread(leaf)
    if builder.fans_out and shift is not None and shift.sliding is not None:
        raise FanOut(
            f"{leaf.label!r} is a running number, and the question joins its rows to many others; each row would "
            f"have to be counted once per group and instant. Ask without the dimension on the many side."
        )
    scan = Scan(
        name=name,
        model=builder.model.name,
        relation=builder.model.relation,
        alias=builder.model.name,
        keys=keys,
        aggregates=tuple(aggregate(asked.glossary, item, names[item], spread) for item in group),
        joins=builder.all_joins,
        calendars=tuple(builder.calendars.values()),
        metric_joins=tuple(builder.metric_joins.values()),
        conditions=conditions,
        clock=clock,
        range=range_,
        shift=shift,
        balance=balance,
        fact_key=Spread.ROW if spread and leaf.single else builder.key() if builder.fans_out else None,
        notes=(f"the value of each {spread.grain} is spread evenly over its days",) if spread else (),
        spread=spread,
        literal=asked.reported.rows.get(builder.model.name) if asked.reported else None,
    )
    return routed(scan, asked.glossary, asked.use_rollups)


def _balance(
    asked: Asked,
    builder: ScanBuilder,
    leaf: Leaf,
    keys: tuple[tuple[str, Reach], ...],
    conditions: tuple[Condition, ...],
) -> tuple[Balance | None, tuple[Condition, ...]]:
    """A balance finds its instant per shown period, before any condition but those on time and on rights."""
    rule = measure_of(asked.glossary, leaf).non_additive
    if rule is None:
        return None, conditions
    check_length(rule, leaf, asked.query, asked.glossary)
    grain = builder.model.dimension_by_name[rule.dimension].grain
    time = builder.reach(GroupBy(rule.dimension, grain), local=True)
    periods = tuple(name for name, reach in keys if (reach.alias, reach.expr) == (time.alias, time.expr))
    groupings = tuple(builder.reach(GroupBy(name), local=True) for name in rule.groupings)
    if asked.glossary.settings.semantics == "metricflow":
        return Balance(time, rule.choice, periods[:1], groupings), conditions
    own_time = (time.alias, time.expr)
    before = tuple(c for c in conditions if c.always or _on_time_only(c, own_time))
    after = tuple(c for c in conditions if c not in before)
    return Balance(time, rule.choice, periods, groupings, after), before


def _range(asked: Asked, builder: ScanBuilder) -> Range | None:
    if asked.range is None:
        return None
    if builder.clock is None:
        builder.reach(GroupBy(METRIC_TIME))
    return asked.range


def aggregate(glossary: Glossary, leaf: Leaf, column: str, spread: Spread | None = None) -> Aggregate:
    """How a leaf is counted from its rows, or from the rows' shares of a day."""
    measure = measure_of(glossary, leaf)
    if leaf.periods_of:
        return Aggregate(column, "count_distinct", _periods(glossary, leaf))
    if spread is not None and not leaf.single:
        return Aggregate(column, measure.agg, Spread.SHARE)
    agg = "single" if leaf.single else measure.agg
    return Aggregate(column, agg, measure.expr, measure.percentile, filled=leaf.fill == 0)


def _periods(glossary: Glossary, leaf: Leaf) -> str:
    """The period of a row, with the members of it where a question puts several together."""
    clock = clock_of(glossary, leaf)
    assert clock is not None
    dimensions = glossary.models[leaf.model].dimension_by_name
    parts = [clock.expr, *(dimensions[name].expr for name in leaf.periods_of[1:])]
    if len(parts) == 1:
        return clock.expr
    return " || '|' || ".join(f"CAST({part} AS VARCHAR)" for part in parts)


def _on_time_only(condition: Condition, time: tuple[str, str]) -> bool:
    """The condition is about the balance's own time and nothing else."""
    return not condition.metrics and all((reach.alias, reach.expr) == time for _, reach in condition.reaches)
