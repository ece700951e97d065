"""Whether a rollup may be read from a warehouse: it is published there, built as the glossary says now, and
counts as many rows of its facts as there are.

A rollup says both of itself: `_definition` is the hash of what it was built from, `_facts` the rows that each of
its rows was made of. What was published before the rollup was declared, or changed, is answered from the facts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, MutableMapping
from typing import Any, Protocol

import pyarrow as pa
from sqlglot import exp

from semantic.compile.expressions import alias, column, relation, selected
from semantic.compile.render import template
from semantic.compile.scan import scan_sql
from semantic.definitions import Glossary, Rollup, SemanticModel
from semantic.errors import WarehouseError
from semantic.plan import Aggregate, Answer, Scan, scan_of
from semantic.predicates import Predicate, dimensions_of
from semantic.scans import ScanBuilder

FACTS = "_facts"
DEFINITION = "_definition"
LENGTH = 16


class Warehouse(Protocol):
    """As much of a warehouse as a check needs."""

    dialect: str

    def run(self, sql: str, parameters: tuple[Any, ...] = ()) -> pa.Table: ...


def definition(rollup: Rollup, model: SemanticModel) -> str:
    """The hash of all that decides what a rollup's rows hold."""
    measures = [(model.measure_by_name[name], column) for name, column in rollup.measures]
    filters = (*rollup.filters, *(predicate for measure, _ in measures for predicate in measure.filters))
    said = (
        model.relation,
        [(expression(name, model), column) for name, column in rollup.dimensions],
        [(expression(name, model), grain, column) for name, grain, column in rollup.time],
        [(measure.agg, measure.expr, measure.filters, column) for measure, column in measures],
        rollup.filters,
        sorted(_named(filters, model)),
    )
    return hashlib.sha256(repr(said).encode()).hexdigest()[:LENGTH]


def expression(name: str, model: SemanticModel) -> str:
    """What a dimension or key of the model is in its table."""
    own = model.dimension_by_name.get(name) or model.entity_by_name[name]
    return own.expr


def _named(filters: tuple[Predicate, ...], model: SemanticModel) -> Iterator[tuple[str, str]]:
    """The dimensions that conditions name, with what they are in the table."""
    for predicate in filters:
        for item in dimensions_of(predicate):
            if item.name in model.dimension_by_name or item.name in model.entity_by_name:
                yield item.name, expression(item.name, model)


def unusable(glossary: Glossary, plan: Answer, warehouse: Warehouse) -> frozenset[str]:
    """The rollups that this plan reads and should not: they are not there, or not what they should be."""
    if not glossary.rollups:
        return frozenset()
    known: MutableMapping[str, bool] = getattr(warehouse, "known", {})
    read = relations_of(plan)
    return frozenset(
        rollup.name
        for rollup in glossary.rollups
        if rollup.relation in read and not _is_usable(rollup, glossary, warehouse, known)
    )


def _is_usable(
    rollup: Rollup, glossary: Glossary, warehouse: Warehouse, known: MutableMapping[str, bool]
) -> bool:
    """Checked once for each published version; what fails is tried again."""
    wanted = definition(rollup, glossary.models[rollup.model])
    key = f"{rollup.relation} {wanted}"
    if key not in known:
        try:
            known[key] = _counted(rollup, warehouse, wanted) == _facts(rollup, glossary, warehouse)
        except WarehouseError:
            return False
    return known[key]


def _counted(rollup: Rollup, warehouse: Warehouse, wanted: str) -> int:
    """The facts that a rollup was made of; -1 where some of it was made otherwise."""
    marks = column(DEFINITION, rollup.name)
    ends = (alias(exp.Min(this=marks), "low"), alias(exp.Max(this=marks.copy()), "high"))
    tree = selected(*ends, alias(exp.Sum(this=column(FACTS, rollup.name)), "facts"))
    tree = tree.from_(relation(rollup.relation, rollup.name), copy=False)
    found = warehouse.run(template(tree, warehouse.dialect).filled(()))
    low, high, facts = (column[0].as_py() for column in found.columns)
    return int(facts or 0) if {low, high} <= {wanted, None} else -1


def _facts(rollup: Rollup, glossary: Glossary, warehouse: Warehouse) -> int:
    """The rows that a rollup should be made of."""
    model = glossary.models[rollup.model]
    builder = ScanBuilder(glossary, model, None, None, rollup.name)
    conditions = tuple(builder.condition(predicate, local=True) for predicate in rollup.filters)
    rows = (Aggregate("facts", "count", "1"),)
    scan = Scan("facts", model.name, model.relation, model.name, (), rows, conditions=conditions)
    tree = scan_sql(scan, warehouse.dialect, _no_metrics)
    found = warehouse.run(template(tree, warehouse.dialect).filled(()))
    return int(found.column(0)[0].as_py())


def _no_metrics(answer: Answer, dialect: str) -> exp.Select:
    raise AssertionError("a rollup has no conditions on metrics")


def relations_of(plan: Answer) -> set[str]:
    """Every table that a plan's scans read, those within conditions, totals and top members too."""
    found = set()
    for source in plan.sources:
        scan = scan_of(source)
        found |= {scan.relation, scan.of.relation} if scan.of else {scan.relation}
        for join in (scan.of or scan).metric_joins:
            found |= relations_of(join.answer)
    for inner in (plan.totals, plan.top.answer if plan.top else None):
        found |= relations_of(inner) if inner else set()
    return found
