"""Ask a question of the glossary and get an answer from the warehouse: the one entrance for every door."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol
from weakref import WeakKeyDictionary

import pyarrow as pa

from semantic.additive import is_additive
from semantic.anchors import anchors
from semantic.answer import Answer, Column, column_type
from semantic.closings import NO_CLOSINGS, Closings
from semantic.compile.answer import answer_sql, count_sql
from semantic.compile.render import Template, template
from semantic.definitions import Glossary
from semantic.drill import behind, cell_query, is_other
from semantic.errors import AccessDenied, Refusal, UserError
from semantic.expand import expand, leaves_of
from semantic.explain import explain
from semantic.fingerprint import fingerprint
from semantic.plan import Answer as Plan
from semantic.plan import Output
from semantic.planner import Planner
from semantic.query import SYSTEM, Principal, Query, query_from_document, ranking
from semantic.read_closed import LIVE, reported
from semantic.reported import Reported
from semantic.required import apart
from semantic.rights import Rights, rights_of
from semantic.rollup_check import unusable
from semantic.scope import check_scope
from semantic.shape import shaped
from semantic.taught import check_taught
from semantic.totals import Apart, totals

CACHED_SHAPES = 2_000


class Warehouse(Protocol):
    """Something that runs SQL and says how fresh its data is."""

    dialect: str

    def run(self, sql: str, parameters: tuple[Any, ...] = ()) -> pa.Table: ...

    def freshness(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Compiled:
    """SQL text, the plan it came from, and the plan in words. Values stand in the SQL as typed literals."""

    sql: str
    parameters: tuple[Any, ...]
    plan: Plan
    count_sql: str = ""
    reported: Reported | None = None

    def explain(self) -> str:
        """How each number is made: its facts, paths, conditions and grain."""
        return explain(self.plan)


@dataclass
class _Shape:
    """What was worked out once for a shape of question."""

    plan: Plan
    sql: Template
    count: Template | None = None


@dataclass
class _Cache:
    shapes: OrderedDict[tuple[Any, ...], _Shape] = field(default_factory=OrderedDict)

    def keep(self, key: tuple[Any, ...], shape: _Shape) -> None:
        self.shapes[key] = shape
        while len(self.shapes) > CACHED_SHAPES:
            self.shapes.popitem(last=False)


_CACHES: WeakKeyDictionary[Glossary, _Cache] = WeakKeyDictionary()


def ask(
    query: Query,
    glossary: Glossary,
    warehouse: Warehouse,
    principal: Principal = SYSTEM,
    closings: Closings = NO_CLOSINGS,
) -> Answer:
    """Answer a question for a principal; `closings` are what was reported, for `as_of` and `compare: as_reported`.

    Raises UserError where the question cannot be answered right, WarehouseError where the warehouse fails.
    """
    compiled = _compile_for(warehouse, query, glossary, principal, closings)

    def run(part: Query, who: Principal = principal) -> pa.Table:
        level = _compile_for(warehouse, part, glossary, who, closings)
        return _named(warehouse.run(level.sql), level.plan)

    told = compiled.reported
    if told is None:
        check_taught(query, glossary, lambda part: run(part, SYSTEM))
    table = _named(warehouse.run(compiled.sql), compiled.plan)
    split = partial(_apart, query, glossary)
    sums, notes = totals(query, run, compiled.plan.names, split)
    return Answer(
        table=table,
        columns=_columns(table, compiled.plan, glossary, split),
        total=_total(table, query, compiled, warehouse),
        sql=compiled.sql,
        freshness=told.freshness if told and told.alone else warehouse.freshness(),
        notes=(*compiled.plan.notes, *notes),
        totals=sums,
        fingerprints={
            **{name: fingerprint(name, glossary) for name in query.metrics},
            **(told.fingerprints if told else {}),
        },
    )


def compile_query(
    query: Query,
    glossary: Glossary,
    dialect: str = "duckdb",
    principal: Principal = SYSTEM,
    rollups: bool | frozenset[str] = True,
    closings: Closings = NO_CLOSINGS,
) -> Compiled:
    """Turn a question into SQL of a dialect, without running it; `rollups`: any, none, or only these are read."""
    check_scope(query, glossary)
    rights = rights_of(glossary, principal)
    if query.as_of not in (None, LIVE):
        _check_live_rights(query, glossary, rights)
    told = reported(query, glossary, rights, closings)
    question = shaped(told.query if told else query)
    shape = _shape(question.query, question.range, glossary, dialect, rights, rollups, told)
    count = ""
    if query.limit is not None or query.offset:
        if shape.count is None:
            shape.count = template(count_sql(shape.plan, dialect), dialect)
        count = shape.count.filled(question.values)
    return Compiled(shape.sql.filled(question.values), (), shape.plan, count, told)


def _check_live_rights(query: Query, glossary: Glossary, rights: Rights) -> None:
    """What may not be asked of the facts may not be asked of what was reported; raises AccessDenied."""
    question = shaped(replace(query, as_of=None))
    try:
        Planner(glossary, question.query, rights, question.range).plan()
    except AccessDenied:
        raise
    except UserError:
        return  # the definition may have changed since: the closing was checked by itself


def _compile_for(
    warehouse: Warehouse, query: Query, glossary: Glossary, principal: Principal, closings: Closings
) -> Compiled:
    """Compile over the rollups that this warehouse has, as they should be."""
    compiled = compile_query(query, glossary, warehouse.dialect, principal, closings=closings)
    names = frozenset(rollup.name for rollup in glossary.rollups)
    while wrong := unusable(glossary, compiled.plan, warehouse):
        names -= wrong
        compiled = compile_query(query, glossary, warehouse.dialect, principal, names, closings)
    return compiled


def _shape(
    query: Query,
    range_: Any,
    glossary: Glossary,
    dialect: str,
    rights: Rights,
    rollups: bool | frozenset[str],
    told: Reported | None,
) -> _Shape:
    if told is not None:
        glossary = told.glossary
    cache = _CACHES.get(glossary)
    if cache is None:
        cache = _CACHES[glossary] = _Cache()
    key = (query, range_, dialect, rights, rollups, told.token if told else None)
    found = cache.shapes.get(key)
    if found is None:
        notes = list(told.notes) if told else []
        plan = Planner(glossary, query, rights, range_, notes, rollups, told).plan()
        found = _Shape(plan, template(answer_sql(plan, dialect), dialect))
        cache.keep(key, found)
    return found


def _named(table: pa.Table, plan: Plan) -> pa.Table:
    """Give the columns the plan's names (a dialect may fold case), and whole numbers a whole-number type."""
    names = list(plan.names)
    columns = [_whole(column) for column in table.columns]
    return pa.table(dict(zip(names, columns, strict=True))) if names else table


def _whole(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A sum of integers comes as a huge integer: make it one of 64 bits where it fits."""
    if pa.types.is_decimal(column.type) and column.type.scale == 0:
        try:
            return column.cast(pa.int64())
        except pa.ArrowInvalid:
            return column
    return column


def _total(table: pa.Table, query: Query, compiled: Compiled, warehouse: Warehouse) -> int:
    """Rows before limit and offset; counted by the warehouse only where rows were cut off."""
    whole = query.limit is None or table.num_rows < query.limit
    if whole and not query.offset:
        return int(table.num_rows)
    return int(warehouse.run(compiled.count_sql).column(0)[0].as_py())


def _apart(query: Query, glossary: Glossary, metric: str) -> frozenset[str]:
    return apart(glossary, query, leaves_of(expand(glossary, metric)))


def _columns(table: pa.Table, plan: Plan, glossary: Glossary, split: Apart) -> tuple[Column, ...]:
    keys = plan.names[: len(plan.names) - len(plan.outputs)]
    columns = [_dimension_column(name, table, plan, glossary) for name in keys]
    return (*columns, *(_output_column(output, table, keys, glossary, split) for output in plan.outputs))


def _dimension_column(name: str, table: pa.Table, plan: Plan, glossary: Glossary) -> Column:
    kind = column_type(table.schema.field(name).type)
    shared = glossary.shared_dimensions.get(name)
    label = (
        shared.label if shared and shared.label else name.replace("__", " ").replace("_", " ").capitalize()
    )
    return Column(name, kind, "dimension", label=label, grain=plan.grain_of(name))


def _output_column(
    output: Output, table: pa.Table, keys: Sequence[str], glossary: Glossary, split: Apart
) -> Column:
    kind = column_type(table.schema.field(output.name).type)
    words = output.name.removeprefix(f"{output.metric}__").replace("_", " ")
    if output.metric is None:
        return Column(output.name, kind, output.role, label=output.name.replace("_", " ").capitalize())
    metric = glossary.metrics[output.metric]
    label = metric.label or metric.name.replace("_", " ").capitalize()
    return Column(
        output.name,
        kind,
        output.role,
        metric=metric.name,
        label=label if output.role == "metric" else f"{label}: {words}",
        format=output.format or metric.format,
        additive=output.role == "metric" and _adds_up(glossary, metric.name, keys, split),
        status=metric.status,
    )


def _adds_up(glossary: Glossary, metric: str, keys: Sequence[str], split: Apart) -> bool:
    return is_additive(glossary, metric, tuple(keys)) and not split(metric)


def dimension_values(
    dimension: str,
    glossary: Glossary,
    warehouse: Warehouse,
    principal: Principal = SYSTEM,
    metrics: tuple[str, ...] = (),
    search: str | None = None,
    limit: int = 1000,
) -> pa.Table:
    """The members of a dimension that the principal may see, in order; with `metrics`, those they have.

    Without metrics they are the members of every fact that has the dimension. One column, named as asked.
    """
    where = [{"dimension": dimension, "op": "contains", "value": search}] if search else []
    query = query_from_document({"group_by": [dimension], "where": where, "limit": limit})
    compiles = partial(compile_query, glossary=glossary, dialect=warehouse.dialect, principal=principal)
    asked = metrics or anchors(query, glossary, rights_of(glossary, principal), compiles)
    return ask(replace(query, metrics=asked), glossary, warehouse, principal).table.select([0])


@dataclass(frozen=True)
class Rows:
    """The rows of one fact behind a number, and the SQL that found them."""

    metric: str
    model: str
    table: pa.Table
    sql: str


def drill_through(
    query: Query,
    metric: str,
    cell: dict[str, Any],
    glossary: Glossary,
    warehouse: Warehouse,
    principal: Principal = SYSTEM,
    limit: int = 1000,
) -> list[Rows]:
    """The rows behind one number of an answer: `cell` holds the values of its dimensions.

    A metric of several facts gives the rows of each. Raises Refusal for running and conversion metrics,
    where a row does not belong to one number.
    """
    if query.as_of not in (None, LIVE):
        raise Refusal("Closing a month keeps numbers, not rows: ask for the rows behind the live number.")
    kept: tuple[Any, ...] = ()
    if query.top is not None and is_other(query, cell):
        members = ask(ranking(query, query.top), glossary, warehouse, principal).table
        kept = tuple(members.column(0).to_pylist())
    question = shaped(cell_query(query, glossary, cell, kept))
    planner = Planner(glossary, question.query, rights_of(glossary, principal), question.range)
    found = []
    for rows in behind(planner, metric, warehouse.dialect, limit):
        sql = template(rows.tree, warehouse.dialect).filled(question.values)
        table = warehouse.run(sql)
        named = pa.table(dict(zip(rows.names, table.columns, strict=True)))
        found.append(Rows(rows.metric, rows.model, named, sql))
    return found
