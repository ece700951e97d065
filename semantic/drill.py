"""The rows behind a number: the facts that one cell of an answer was counted from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from semantic.compile.answer import answer_sql
from semantic.compile.expressions import alias, column, qualified, selected
from semantic.compile.scan import rows
from semantic.definitions import Glossary
from semantic.errors import BadValue, Refusal
from semantic.expand import Leaf, leaves_of
from semantic.names import specs_of
from semantic.plan import Scan
from semantic.planner import Planner
from semantic.predicates import Compare, DimensionRef, GroupBy, IsNull, Literal, Predicate
from semantic.query import Query


@dataclass(frozen=True)
class Behind:
    """One fact's rows: which metric they make, the SELECT, and its columns."""

    metric: str
    model: str
    tree: exp.Select
    names: tuple[str, ...]


def cell_query(query: Query, glossary: Glossary, cell: dict[str, Any]) -> Query:
    """The question narrowed to one cell: `{"channel": "paid", "metric_time": "2026-01-01"}`."""
    conditions: list[Predicate] = []
    specs = {spec.column: spec for spec in specs_of(glossary, query.group_by)}
    for name, wanted in cell.items():
        spec = specs.get(name)
        if spec is None:
            raise BadValue(
                f"The cell names {name!r}, which the question does not group by: {', '.join(specs)}."
            )
        ref = DimensionRef(GroupBy(spec.name, spec.grain, spec.date_part))
        conditions.append(IsNull(ref) if wanted is None else Compare("=", ref, Literal(wanted)))
    return replace(
        query, where=(*query.where, *conditions), group_by=(), order_by=(), compare=None, totals=False
    )


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
    columns = {entity.name: entity.expr for entity in model.entities if entity.expr not in hidden}
    columns |= {item.name: item.expr for item in model.dimensions if item.name not in hidden}
    columns[scan.aggregates[0].column] = scan.aggregates[0].expr
    select = exp.Select()
    for name, text in columns.items():
        select = select.select(alias(qualified(text, scan.alias, dialect), name), copy=False)
    select = rows(select, scan, dialect, answer_sql)
    if scan.fact_key:
        select = select.distinct()
    return Behind(leaf.metric, scan.model, _ordered(select, scan, tuple(columns), limit), tuple(columns))


def _ordered(select: exp.Select, scan: Scan, names: tuple[str, ...], limit: int) -> exp.Select:
    """In the order of the columns, so that the rows cut off are always the same ones."""
    outer = selected(*(column(name, "facts") for name in names)).from_(select.subquery(alias="facts"))
    for name in names:
        outer = outer.order_by(exp.Ordered(this=column(name, "facts"), nulls_first=False), copy=False)
    return outer.limit(limit, copy=False)
