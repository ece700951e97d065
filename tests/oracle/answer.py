"""The oracle itself: nested loops that answer a question row by row.

Rules it holds the engine to (ENGINE.md's invariants):

* a dimension is looked up from the fact's key; a NULL or dangling key sees NULL;
* NULL is a group of its own, and the NULL group of one fact is that of the others;
* a filter keeps a row only where it is true, never where it is unknown;
* each metric is worked out alone and rows meet by their group key at the end;
* a metric without rows in a group has NULL there; without any grouping there is one row;
* an offset or a running total is shown at day `t`, filtered and ranged by `t`, from other days' rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from tests.oracle.clock import day_of, start_of
from tests.oracle.world import (
    Answer,
    Balance,
    Conversion,
    Cumulative,
    Derived,
    DimTable,
    FactTable,
    Metric,
    MetricBy,
    Question,
    Ratio,
    Ref,
    Row,
    Simple,
    Test,
    TimeRef,
    World,
)

Key = tuple[Any, ...]
Shown = tuple[datetime, Row]


class RefusedError(Exception):
    """The question asks a metric for a dimension it does not have."""


def answer(world: World, question: Question) -> Answer:
    """Every group's values, before ordering and limits."""
    found = Answer()
    if not question.group_by:
        found.rows[()] = {}
    for name in question.metrics:
        metric = next(m for m in world.metrics if m.name == name)
        for key, value in values(world, metric, question).items():
            found.rows.setdefault(key, {})[name] = value
    for row in found.rows.values():
        for name in question.metrics:
            row.setdefault(name, None)
    return found


def values(world: World, metric: Metric, question: Question) -> dict[Key, Any]:
    """One metric's value in each of its groups."""
    if isinstance(metric, Simple):
        return simple(world, metric, question)
    if isinstance(metric, Ratio):
        return ratio(world, metric, question)
    if isinstance(metric, Derived):
        return derived(world, metric, question)
    if isinstance(metric, Cumulative):
        return cumulative(world, metric, question)
    if isinstance(metric, Balance):
        return balance(world, metric, question)
    return conversion(world, metric, question)


# -- looking at one row ------------------------------------------------------------------------


def look(world: World, fact: FactTable, row: Row, ref: Ref) -> Any:
    """The value of a reference for one fact row."""
    if not ref.path:
        if ref.column not in fact.categories:
            raise RefusedError(ref)
        return row[ref.column]
    path = full_path(world, fact, ref)
    happened = own_time(row)
    for name in path if ref.column else path[:-1]:
        row = partner(world.dim(name), row.get(f"{name}_id"), happened)
    return row.get(ref.column or f"{path[-1]}_id")


def partner(dim: DimTable, identity: Any, happened: datetime | None) -> Row:
    """The dimension's row of a key at an instant; nothing where the key is missing or dangling."""
    for row in dim.rows if identity is not None else ():
        if row["id"] == identity and (not dim.history or valid(row, happened)):
            return row
    return {}


def valid(row: Row, happened: datetime | None) -> bool:
    """Whether a row of a history was valid at an instant."""
    if happened is None or happened < row["valid_from"]:
        return False
    return row["valid_to"] is None or happened < row["valid_to"]


def own_time(row: Row) -> datetime | None:
    """When a row truly happened, whenever it is shown."""
    return row.get("own", row.get("ds"))


def full_path(world: World, fact: FactTable, ref: Ref) -> tuple[str, ...]:
    """The path as written, else the one shortest path that ends like it; a bare key is the fact's own."""
    if not ref.column and len(ref.path) == 1:
        if ref.path[0] not in fact.keys:
            raise RefusedError(ref)
        return ref.path
    found = [path for path in all_paths(world, fact) if path[-len(ref.path) :] == ref.path]
    shortest = [path for path in found if len(path) == min(map(len, found))]
    if len(shortest) != 1:
        raise RefusedError(ref)
    return shortest[0]


def all_paths(world: World, fact: FactTable) -> Iterator[tuple[str, ...]]:
    """Every way from a fact to a dimension."""
    ways = [(key,) for key in fact.keys]
    while ways:
        way = ways.pop()
        yield way
        ways += [(*way, parent) for parent in world.dim(way[-1]).parents]


def seen(world: World, fact: FactTable, shown: Shown, ref: Ref | TimeRef | MetricBy) -> Any:
    """A reference for a row that is shown at an instant."""
    instant, row = shown
    if isinstance(ref, MetricBy):
        return by_member(world, ref).get((look(world, fact, row, met_by(world, fact, ref.key)),))
    return start_of(instant, ref.grain) if isinstance(ref, TimeRef) else look(world, fact, row, ref)


def by_member(world: World, ref: MetricBy) -> dict[Key, Any]:
    """A metric's value for each member of a key; a row without the key has none."""
    metric = next(m for m in world.metrics if m.name == ref.metric)
    found = values(world, metric, Question((ref.metric,), (ref.key,)))
    return {key: value for key, value in found.items() if key != (None,)}


def met_by(world: World, fact: FactTable, key: Ref) -> Ref:
    """Of `METRIC('m', 'd0__d2')`: a fact that leads to no d0 is met by a d2 of its own, as in MetricFlow's grammar."""
    leads = any(path[-len(key.path) :] == key.path for path in all_paths(world, fact))
    return key if leads else Ref(key.path[-1:], key.column)


def passes(value: Any, test: Test) -> bool:
    """SQL's three-valued comparison, of which only `true` passes."""
    if test.op == "is null":
        return value is None
    if test.op == "is not null":
        return value is not None
    if value is None:
        return False
    checks: dict[str, Callable[[Any, Any], bool]] = {
        "=": lambda a, b: a == b,
        "!=": lambda a, b: a != b,
        "in": lambda a, b: a in b,
        "not in": lambda a, b: a not in b,
        "<": lambda a, b: a < b,
        ">=": lambda a, b: a >= b,
    }
    return checks[test.op](value, test.value)


def kept(world: World, fact: FactTable, shown: Shown, tests: Iterable[Test]) -> bool:
    """Whether a shown row passes every test."""
    return all(passes(seen(world, fact, shown, test.ref), test) for test in tests)


def in_range(instant: datetime, question: Question) -> bool:
    """Whether an instant lies in the asked days, the last one with all its hours."""
    after = question.first is None or instant >= question.first
    return after and (question.last is None or instant < question.last + timedelta(days=1))


def key_of(world: World, fact: FactTable, shown: Shown, question: Question) -> Key | None:
    """The group of a shown row; None where its member is left out."""
    key = [seen(world, fact, shown, ref) for ref in question.group_by]
    kept = question.kept
    if kept is not None and key[kept.place] not in kept.members:
        if kept.other is None:
            return None
        key[kept.place] = kept.other
    return tuple(key)


def check(world: World, fact: FactTable, question: Question, tests: tuple[Test, ...] = ()) -> None:
    """Refuse before looking at rows: an empty fact lacks a dimension as much as a full one."""
    for ref in (*question.group_by, *(test.ref for test in (*question.where, *tests))):
        if isinstance(ref, MetricBy):
            by_member(world, ref)
            ref = met_by(world, fact, ref.key)
        if isinstance(ref, Ref):
            look(world, fact, {f"{k}_id": None for k in fact.keys} | dict.fromkeys(fact.categories), ref)


# -- aggregation -------------------------------------------------------------------------------


def aggregate(agg: str, found: list[Any]) -> Any:
    """One aggregate over values, NULL ignored; of nothing only the counts are 0."""
    present = [value for value in found if value is not None]
    if agg == "count":
        return len(present)
    if agg == "count_distinct":
        return len(set(present))
    if not present:
        return None
    if agg == "average":
        return sum(present) / len(present)
    return {"sum": sum, "min": min, "max": max, "median": median}[agg](present)


def measured(metric: Simple, row: Row) -> Any:
    """What a row brings into the aggregate."""
    return 1 if metric.measure is None else row[metric.measure]


def fold(world: World, metric: Simple, shown: Iterable[Shown], question: Question) -> dict[Key, Any]:
    """Filter, group and aggregate rows that are already put at their shown instants."""
    fact = world.fact(metric.fact)
    groups: dict[Key, list[Any]] = {} if question.group_by else {(): []}
    for instant, row in shown:
        if in_range(instant, question) and kept(world, fact, (instant, row), question.where):
            key = key_of(world, fact, (instant, row), question)
            if key is not None:
                groups.setdefault(key, []).append(measured(metric, row))
    return {key: aggregate(metric.agg, found) for key, found in groups.items()}


def own_rows(world: World, metric: Simple) -> Iterator[Row]:
    """The fact rows that the metric's own filter keeps."""
    fact = world.fact(metric.fact)
    for row in fact.rows:
        if kept(world, fact, (row["ds"], row), metric.where):
            yield row


# -- metrics -----------------------------------------------------------------------------------


def simple(world: World, metric: Simple, question: Question, days_later: int = 0) -> dict[Key, Any]:
    """An aggregate of the rows, each shown at its own time (or that many days later)."""
    check(world, world.fact(metric.fact), question, metric.where)
    shift = timedelta(days=days_later)
    return fold(world, metric, ((row["ds"] + shift, row) for row in own_rows(world, metric)), question)


def merged(left: dict[Key, Any], right: dict[Key, Any]) -> Iterator[tuple[Key, Any, Any]]:
    """Both sides of every group that either side has."""
    for key in [*left, *(key for key in right if key not in left)]:
        yield key, left.get(key), right.get(key)


def ratio(world: World, metric: Ratio, question: Question) -> dict[Key, Any]:
    """Divided last, at the asked grain."""
    numerator = simple(world, metric.numerator, question)
    denominator = simple(world, metric.denominator, question)
    return {
        key: None if top is None or not bottom else top / bottom
        for key, top, bottom in merged(numerator, denominator)
    }


def derived(world: World, metric: Derived, question: Question) -> dict[Key, Any]:
    """Both inputs at the asked grain, then the expression; NULL in, NULL out."""
    left = simple(world, metric.left, question)
    right = simple(world, metric.right, question, metric.offset_days)
    operate: dict[str, Callable[[Any, Any], Any]] = {
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
    }
    return {
        key: None if a is None or b is None else operate[metric.op](a, b) for key, a, b in merged(left, right)
    }


def reaches(metric: Cumulative, happened: datetime, shown: datetime) -> bool:
    """Whether a row of one day counts in the running total shown at another."""
    if happened > shown:
        return False
    if metric.days is not None:
        return happened > shown - timedelta(days=metric.days)
    return metric.to_grain is None or happened >= start_of(shown, metric.to_grain)


def cumulative(world: World, metric: Cumulative, question: Question) -> dict[Key, Any]:
    """The running value of each day, then the first, last or mean day of each asked period."""
    fact = world.fact(metric.of.fact)
    check(world, fact, question, metric.of.where)
    rows = list(own_rows(world, metric.of))
    if not any(isinstance(ref, TimeRef) for ref in question.group_by):
        return as_of_end(world, metric, rows, question)
    periods: dict[Key, list[Any]] = {}
    for day in world.days:
        shown = [(day, row) for row in rows if reaches(metric, day_of(row["ds"]), day)]
        for key, value in fold(world, metric.of, shown, question).items():
            periods.setdefault(key, []).append(value)
    return {key: of_period(metric.period, found) for key, found in periods.items()}


def as_of_end(world: World, metric: Cumulative, rows: list[Row], question: Question) -> dict[Key, Any]:
    """Without a time on display: the running value at the end of the range, or of all time."""
    if question.last is None:
        if metric.days is not None or metric.to_grain is not None:
            raise RefusedError(metric)
        return fold(world, metric.of, ((row["ds"], row) for row in rows), question)
    end = question.last
    counted = [(row["ds"], row) for row in rows if reaches(metric, day_of(row["ds"]), end)]
    return fold(world, metric.of, counted, replace(question, first=None))


def of_period(period: str, found: list[Any]) -> Any:
    """One value for a period from its days' values, in order of days."""
    return aggregate("average", found) if period == "average" else found[0 if period == "first" else -1]


def balance(world: World, metric: Balance, question: Question) -> dict[Key, Any]:
    """The sum over the rows of each period's first or last day (each entity's own, when `by`).

    The day is found among all rows in the range: a filter says whose balance is shown, not when.
    """
    fact = world.fact(metric.fact)
    check(world, fact, question)
    rows = [row for row in fact.rows if in_range(row["ds"], question)]
    clocks = [ref for ref in question.group_by if isinstance(ref, TimeRef)]

    def window(row: Row) -> Key:
        periods = tuple(start_of(row["ds"], clock.grain) for clock in clocks)
        return (*periods, row[f"{metric.by}_id"]) if metric.by else periods

    choose = min if metric.choice == "min" else max
    chosen: dict[Key, datetime] = {}
    for row in rows:
        day = day_of(row.get("own", row["ds"]))
        chosen[window(row)] = choose(chosen.get(window(row), day), day)
    at_instant = ((r["ds"], r) for r in rows if day_of(r.get("own", r["ds"])) == chosen[window(r)])
    return fold(world, Simple(metric.name, metric.fact, "sum", metric.measure), at_instant, question)


def latest_base(metric: Conversion, bases: Iterable[Row], event: Row) -> Row | None:
    """The last base event of the same entity within the window before a conversion."""
    key = f"{metric.entity}_id"
    happened = day_of(event.get("own", event["ds"]))

    def day(base: Row) -> datetime:
        return day_of(base.get("own", base["ds"]))

    before = [
        base
        for base in bases
        if base[key] is not None
        and base[key] == event[key]
        and day(base) <= happened
        and (metric.days is None or day(base) > happened - timedelta(days=metric.days))
    ]
    return max(before, key=lambda base: (day(base), -base["id"]), default=None)


def conversion(world: World, metric: Conversion, question: Question) -> dict[Key, Any]:
    """Conversions, each once, in the group of the base event that they are credited to."""
    fact = world.fact(metric.base)
    check(world, fact, question)
    counted = Simple(metric.name, metric.base, "sum", None)
    bases = [row for row in fact.rows if kept(world, fact, (row["ds"], row), question.where)]
    bases = [row for row in bases if in_range(row["ds"], question)]
    credited = [latest_base(metric, bases, event) for event in world.fact(metric.conversion).rows]
    converted = fold(world, counted, [(row["ds"], row) for row in credited if row], question)
    if not metric.rate:
        return {key: count for key, _, count in merged(simple(world, counted, question), converted)}
    opportunities = simple(world, counted, question)
    return {
        key: None if count is None or not base else count / base
        for key, base, count in merged(opportunities, converted)
    }
