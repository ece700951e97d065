"""The one file of the oracle that knows the engine: worlds as glossaries, questions as queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from semantic import ask as engine
from semantic import definitions as d
from semantic import predicates as p
from semantic.answer import Answer
from semantic.query import SYSTEM, OrderBy, Principal, Query, TimeRange, Top
from tests.oracle.world import (
    Asked,
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
    Simple,
    Test,
    TimeRef,
    World,
)

MICROSECONDS = pa.timestamp("us")


# -- tables ------------------------------------------------------------------------------------


class Tables:
    """One database that holds one world after another, and answers for the one that it holds."""

    dialect = "duckdb"

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("SET threads = 1")
        self.held: World | None = None

    def hold(self, world: World) -> None:
        """Put the world's tables in the place of the last one's."""
        if self.held is world:
            return
        for fact in world.facts:
            types = {"id": pa.int64(), "ds": MICROSECONDS} | dict.fromkeys(fact.measures, pa.int64())
            keys = [f"{key}_id" for key in fact.keys]
            columns = types | dict.fromkeys([*fact.categories, *keys], pa.string())
            self.connection.register(fact.name, table(fact.rows, columns))
        for dim in world.dims:
            names = ["id", *dim.attributes, *(f"{parent}_id" for parent in dim.parents)]
            dates = ("valid_from", "valid_to") if dim.history else ()
            types = dict.fromkeys(names, pa.string()) | dict.fromkeys(dates, MICROSECONDS)
            self.connection.register(dim.name, table(dim.rows, types))
        if self.held is None or self.held.days is not world.days:
            self.connection.register("calendar", pa.table({"day": pa.array(world.days, MICROSECONDS)}))
        self.held = world

    def run(self, sql: str, parameters: tuple[Any, ...] = ()) -> pa.Table:
        return self.connection.execute(sql, list(parameters)).to_arrow_table()

    def freshness(self) -> dict[str, Any]:
        return {}


TABLES = Tables()


def table(rows: Iterable[dict[str, Any]], columns: dict[str, pa.DataType]) -> pa.Table:
    """Rows as an Arrow table of the named columns."""
    return pa.Table.from_pylist(
        [{name: row[name] for name in columns} for row in rows], schema=pa.schema(columns.items())
    )


# -- glossary ----------------------------------------------------------------------------------


def glossary(world: World, zoned: bool = False) -> d.Glossary:
    """The world's definitions as an author would write them; `zoned`: its clocks show UTC to the second."""
    metrics = [each for metric in world.metrics for each in defined(world, metric)]
    leaves = [leaf for metric in world.metrics for leaf in simples(metric)]
    facts = [
        fact_model(fact, [leaf for leaf in leaves if leaf.fact == fact.name], world, zoned)
        for fact in world.facts
    ]
    spine = d.TimeSpine("calendar", "calendar", "day", "day")
    return d.Glossary.of([*facts, *map(dim_model, world.dims)], metrics, time_spines=(spine,))


def fact_model(fact: FactTable, leaves: list[Simple], world: World, zoned: bool) -> d.SemanticModel:
    """A fact with a measure for each simple metric on it, and its balances."""
    measures = [
        d.Measure(leaf.name, leaf.agg, leaf.measure or "1", non_additive=balance_of(world, leaf.name))
        for leaf in leaves
    ]
    return d.SemanticModel(
        name=fact.name,
        relation=fact.name,
        entities=(
            d.Entity(fact.name, "primary", "id"),
            *(d.Entity(key, "foreign", f"{key}_id") for key in fact.keys),
        ),
        dimensions=(
            d.Dimension(
                "ds", "time", "ds", grain="second" if zoned else "day", time_zone="UTC" if zoned else None
            ),
            *(d.Dimension(column, "categorical", column) for column in fact.categories),
        ),
        measures=tuple(measures),
        default_time_dimension="ds",
    )


def balance_of(world: World, name: str) -> d.NonAdditive | None:
    """The balance's rule, where the leaf stands for one."""
    for metric in world.metrics:
        if isinstance(metric, Balance) and metric.name == name:
            return d.NonAdditive("ds", metric.choice, (metric.by,) if metric.by else ())
    return None


def dim_model(dim: DimTable) -> d.SemanticModel:
    """A dimension with its key and the keys of its parents."""
    return d.SemanticModel(
        name=dim.name,
        relation=dim.name,
        entities=(
            d.Entity(dim.name, "natural" if dim.history else "primary", "id"),
            *(d.Entity(parent, "foreign", f"{parent}_id") for parent in dim.parents),
        ),
        dimensions=(
            *(d.Dimension(column, "categorical", column) for column in dim.attributes),
            *(history() if dim.history else ()),
        ),
    )


def history() -> Iterator[d.Dimension]:
    """From when and until when a row is valid."""
    yield d.Dimension("valid_from", "time", "valid_from", grain="second", validity="start")
    yield d.Dimension("valid_to", "time", "valid_to", grain="second", validity="end")


def simples(metric: Metric) -> tuple[Simple, ...]:
    """The simple metrics that one is made of."""
    match metric:
        case Simple():
            return (metric,)
        case Ratio():
            return (metric.numerator, metric.denominator)
        case Derived():
            return (metric.left, metric.right)
        case Cumulative():
            return (metric.of,)
        case Balance():
            return (Simple(metric.name, metric.fact, "sum", metric.measure),)
        case Conversion():
            counted = ((metric.base, "base"), (metric.conversion, "event"))
            return tuple(Simple(f"{metric.name}_{part}", fact, "sum", None) for fact, part in counted)


def defined(world: World, metric: Metric) -> Iterator[d.Metric]:
    """A metric and the metrics it stands on."""
    parts = simples(metric)
    for part in parts:
        filters = tuple(predicate(test, "") for test in part.where)
        yield d.Metric(part.name, d.Simple(part.fact, part.name), filters=filters)
    inputs = [d.MetricInput(part.name) for part in parts]
    match metric:
        case Ratio():
            yield d.Metric(metric.name, d.Ratio(*inputs))
        case Derived():
            back = d.Window(metric.offset_days, "day") if metric.offset_days else None
            right = d.MetricInput(parts[1].name, offset_window=back)
            expr = f"{parts[0].name} {metric.op} {parts[1].name}"
            yield d.Metric(metric.name, d.Derived(expr, (inputs[0], right)))
        case Cumulative():
            window = d.Window(metric.days, "day") if metric.days else None
            recipe = d.Cumulative(inputs[0], window, metric.to_grain, metric.period)
            yield d.Metric(metric.name, recipe)
        case Conversion():
            window = d.Window(metric.days, "day") if metric.days else None
            calculation: Any = "conversion_rate" if metric.rate else "conversions"
            yield d.Metric(metric.name, d.Conversion(*inputs, metric.entity, calculation, window))


# -- questions ---------------------------------------------------------------------------------


def query(world: World, asked: Asked | Question, **more: Any) -> Query:
    """The question in the engine's words."""
    shown = asked if isinstance(asked, Asked) else Asked(asked)
    question, fact = shown.question, world.facts[0].name
    by = tuple(group_by(ref, fact) for ref in question.group_by)
    top = shown.top and Top(by[shown.top.place], shown.top.metric, shown.top.count, shown.top.other)
    plain = Query(
        metrics=question.metrics,
        group_by=by,
        where=tuple(predicate(test, fact) for test in question.where),
        having=tuple(p.Compare(op, p.MetricRef(name), p.Literal(value)) for name, op, value in shown.having),
        time_range=TimeRange(question.first.date(), question.last.date())
        if question.first and question.last
        else None,
        compare=shown.compare,
        share_of_total=shown.share,
        top=top,
        order_by=tuple(OrderBy(name, descending) for name, descending in shown.order),
        limit=shown.limit,
        offset=shown.offset,
    )
    return replace(plain, **more)


def group_by(ref: Ref | TimeRef, fact: str) -> p.GroupBy:
    """A reference by its name; a fact's own columns carry the fact's name, but for a definition on the fact."""
    if isinstance(ref, TimeRef):
        return p.GroupBy("metric_time", ref.grain)
    return p.GroupBy("__".join(part for part in (*(ref.path or (fact,)), ref.column) if part))


def predicate(test: Test, fact: str) -> p.Predicate:
    """A comparison as a condition tree."""
    operand: p.Operand
    if isinstance(test.ref, MetricBy):
        operand = p.MetricRef(test.ref.metric, (group_by(test.ref.key, fact),))
    else:
        operand = p.DimensionRef(group_by(test.ref, fact))
    match test.op:
        case "is null":
            return p.IsNull(operand)
        case "is not null":
            return p.Not(p.IsNull(operand))
        case "in" | "not in":
            inside = p.In(operand, tuple(p.Literal(value) for value in test.value))
            return inside if test.op == "in" else p.Not(inside)
    return p.Compare("<>" if test.op == "!=" else test.op, operand, p.Literal(test.value))


def ask(world: World, asked: Query, principal: Principal = SYSTEM, **how: Any) -> Answer:
    """The engine's answer, as every door gets it."""
    TABLES.hold(world)
    return engine.ask(asked, how.get("terms") or glossary(world), TABLES, principal)


def midnight(value: Any) -> Any:
    """A date as the instant it begins, so that the engine may answer either."""
    if hasattr(value, "year") and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)
    return value
