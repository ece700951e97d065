"""The rows behind a number: the facts that one cell of an answer was counted from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlglot
from sqlglot import exp

from semantic.compile.answer import answer_sql
from semantic.compile.expressions import alias, column, qualified, selected
from semantic.compile.scan import at_the_instant, balance_columns, rows
from semantic.definitions import Glossary
from semantic.errors import BadValue, Refusal
from semantic.expand import Leaf, leaves_of
from semantic.names import specs_of
from semantic.plan import Scan
from semantic.planner import Planner
from semantic.predicates import (
    And,
    Compare,
    DimensionRef,
    GroupBy,
    In,
    IsNull,
    Literal,
    Not,
    Or,
    Predicate,
)
from semantic.query import Query

Cell = Mapping[str, Any]


@dataclass(frozen=True)
class Behind:
    """One fact's rows: which metric they make, the SELECT, and its columns."""

    metric: str
    model: str
    tree: exp.Select
    names: tuple[str, ...]


def cell_query(query: Query, glossary: Glossary, cell: Cell, kept: Sequence[Any] = ()) -> Query:
    """The question narrowed to one cell: `{"channel": "paid", "metric_time": "2026-01-01"}`.

    `kept` are the members that a `top` question shows by name; the cell of the others is everything else.
    """
    conditions: list[Predicate] = []
    specs = {spec.column: spec for spec in specs_of(glossary, query.group_by)}
    for name, wanted in cell.items():
        spec = specs.get(name)
        if spec is None:
            raise BadValue(
                f"The cell names {name!r}, which the question does not group by: {', '.join(specs)}."
            )
        ref = DimensionRef(GroupBy(spec.name, spec.grain, spec.date_part))
        same: Predicate = IsNull(ref) if wanted is None else Compare("=", ref, Literal(wanted))
        conditions.append(_the_others(ref, same, kept) if is_other(query, {name: wanted}) else same)
    where = (*query.where, *conditions)
    return replace(query, where=where, group_by=(), order_by=(), compare=None, totals=False, top=None)


def is_other(query: Query, cell: Cell) -> bool:
    """Whether the cell is that of the members which `top` puts together."""
    top = query.top
    return top is not None and top.other is not None and cell.get(top.dimension.name) == top.other


def _the_others(ref: DimensionRef, same: Predicate, kept: Sequence[Any]) -> Predicate:
    """All members but those that are kept by name; one that is truly called like the others is among them."""
    named = Not(In(ref, tuple(Literal(member) for member in kept if member is not None)))
    rest: Predicate = And((named, Not(IsNull(ref)))) if None in kept else Or((named, IsNull(ref)))
    return Or((same, rest))


def behind(planner: Planner, metric: str, dialect: str, limit: int) -> list[Behind]:
    """The rows of every fact that the metric is made of, under the question's conditions and the user's rights."""
    planner.rights.check_metric(metric)
    found = []
    for leaf in leaves_of(planner.formula(metric)):
        planner.rights.check_metric(leaf.metric)
        if leaf.conversion is not None or leaf.sliding is not None:
            raise Refusal(
                f"{metric!r} is a {planner.glossary.metrics[metric].kind} metric: a row belongs to several of its "
                f"numbers. Look at the rows of {leaf.metric!r} over the period that you want."
            )
        found.append(_rows(planner, leaf, dialect, limit))
    return found


def _rows(planner: Planner, leaf: Leaf, dialect: str, limit: int) -> Behind:
    scan = planner.scan_for(leaf)
    model = planner.glossary.models[scan.model]
    hidden = planner.masked_in(scan.model)
    columns = {entity.name: entity.expr for entity in model.entities}
    columns |= {item.name: item.expr for item in model.dimensions}
    columns[scan.aggregates[0].column] = scan.aggregates[0].expr
    columns = {name: expr for name, expr in columns.items() if not _shows(expr, hidden)}
    select = exp.Select()
    for name, text in columns.items():
        select = select.select(alias(qualified(text, scan.alias, dialect), name), copy=False)
    if scan.balance:
        select = select.select(*balance_columns(scan, scan.balance, dialect), copy=False)
    select = rows(select, scan, dialect, answer_sql)
    if scan.fact_key:
        select = select.distinct()
    return Behind(leaf.metric, scan.model, _ordered(select, scan, tuple(columns), limit), tuple(columns))


def _shows(expr: str, hidden: set[str]) -> bool:
    """Whether an expression is one that is masked, or is made of one."""
    names = {node.name for node in sqlglot.parse_one(expr, dialect="duckdb").find_all(exp.Column)}
    return expr in hidden or bool(names & hidden)


def _ordered(select: exp.Select, scan: Scan, names: tuple[str, ...], limit: int) -> exp.Select:
    """In the order of the columns, so that the rows cut off are always the same ones."""
    outer = selected(*(column(name, "facts") for name in names)).from_(select.subquery(alias="facts"))
    if scan.balance:
        outer = outer.where(*at_the_instant(scan.balance), copy=False)
    for name in names:
        outer = outer.order_by(exp.Ordered(this=column(name, "facts"), nulls_first=False), copy=False)
    return outer.limit(limit, copy=False)
