"""The one file of the oracle that knows the engine: worlds as glossaries, questions as queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from semantic import definitions as d
from semantic import predicates as p
from semantic.ask import compile_query
from semantic.query import SYSTEM, Principal, Query, TimeRange
from tests.oracle.world import (
    Balance,
    Conversion,
    Cumulative,
    Derived,
    DimTable,
    FactTable,
    Metric,
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


def database(world: World) -> duckdb.DuckDBPyConnection:
    """The world's tables as views over Arrow, in a database of its own."""
    connection = duckdb.connect()
    for fact in world.facts:
        types = {"id": pa.int64(), "ds": MICROSECONDS} | dict.fromkeys(fact.measures, pa.int64())
        keys = [f"{key}_id" for key in fact.keys]
        columns = types | dict.fromkeys([*fact.categories, *keys], pa.string())
        connection.register(fact.name, table(fact.rows, columns))
    for dim in world.dims:
        names = ["id", *dim.attributes, *(f"{parent}_id" for parent in dim.parents)]
        connection.register(dim.name, table(dim.rows, dict.fromkeys(names, pa.string())))
    connection.register("calendar", pa.table({"day": pa.array(world.days, MICROSECONDS)}))
    return connection


def table(rows: Iterable[dict[str, Any]], columns: dict[str, pa.DataType]) -> pa.Table:
    """Rows as an Arrow table of the named columns."""
    return pa.Table.from_pylist(
        [{name: row[name] for name in columns} for row in rows], schema=pa.schema(columns.items())
    )


# -- glossary ----------------------------------------------------------------------------------


def glossary(world: World) -> d.Glossary:
    """The world's definitions as an author would write them."""
    metrics = [each for metric in world.metrics for each in defined(world, metric)]
    leaves = [leaf for metric in world.metrics for leaf in simples(metric)]
    facts = [
        fact_model(fact, [leaf for leaf in leaves if leaf.fact == fact.name], world) for fact in world.facts
    ]
    spine = d.TimeSpine("calendar", "calendar", "day", "day")
    return d.Glossary.of([*facts, *map(dim_model, world.dims)], metrics, time_spines=(spine,))


def fact_model(fact: FactTable, leaves: list[Simple], world: World) -> d.SemanticModel:
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
            d.Dimension("ds", "time", "ds", grain="day"),
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
            d.Entity(dim.name, "primary", "id"),
            *(d.Entity(parent, "foreign", f"{parent}_id") for parent in dim.parents),
        ),
        dimensions=tuple(d.Dimension(column, "categorical", column) for column in dim.attributes),
    )


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
        filters = tuple(predicate(test, part.fact) for test in part.where)
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


def query(world: World, question: Question) -> Query:
    """The question in the engine's words."""
    fact = world.facts[0].name
    return Query(
        metrics=question.metrics,
        group_by=tuple(group_by(ref, fact) for ref in question.group_by),
        where=tuple(predicate(test, fact) for test in question.where),
        time_range=TimeRange(question.first and question.first.date(), question.last and question.last.date())
        if question.first
        else None,
    )


def group_by(ref: Ref | TimeRef, fact: str) -> p.GroupBy:
    """A reference by its name; a fact's own columns carry the fact's name."""
    if isinstance(ref, TimeRef):
        return p.GroupBy("metric_time", ref.grain)
    return p.GroupBy("__".join([*(ref.path or (fact,)), ref.column]))


def predicate(test: Test, fact: str) -> p.Predicate:
    """A comparison as a condition tree."""
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


def ask(
    world: World,
    connection: duckdb.DuckDBPyConnection,
    terms: d.Glossary,
    asked: Query,
    principal: Principal = SYSTEM,
) -> list[dict[str, Any]]:
    """The engine's rows for a query."""
    compiled = compile_query(asked, terms, "duckdb", principal)
    return connection.execute(compiled.sql, compiled.parameters).to_arrow_table().to_pylist()


def midnight(value: Any) -> Any:
    """A date as the instant it begins, so that the engine may answer either."""
    if hasattr(value, "year") and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)
    return value
