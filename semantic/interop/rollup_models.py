"""Write each rollup of the glossary as a SQLMesh model, so that a refresh builds and audits it like any other.

Each row is one combination of the rollup's dimensions and periods. A measure with a filter has beside its column
one that counts the rows which met it, so that a group without any can be told from one that sums to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlglot
from sqlglot import exp

from semantic.definitions import Glossary, Measure, Rollup, SemanticModel
from semantic.interop.condition_text import condition_text
from semantic.rollup_check import DEFINITION, FACTS, definition
from semantic.rollups import ROWS

GENERATED = "-- Written from semantic/glossary/rollups by `make docs`: change the YAML, not this file.\n"


def rollup_models(glossary: Glossary) -> dict[str, str]:
    """The model of each rollup, by its path below sqlmesh/models."""
    return {
        f"{rollup.relation.replace('.', '/')}.sql": _model(rollup, glossary) for rollup in glossary.rollups
    }


def rollup_select(rollup: Rollup, glossary: Glossary) -> exp.Select:
    """The query that fills a rollup."""
    model = glossary.models[rollup.model]
    columns = list(_columns(rollup, model))
    select = exp.select(*(exp.alias_(node, name) for node, name, _ in columns)).from_(
        exp.to_table(model.relation)
    )
    for predicate in rollup.filters:
        select = select.where(_sql(condition_text(predicate), model))
    keys = len(rollup.dimensions) + len(rollup.time)
    return select.group_by(*(node.copy() for node, _, _ in columns[:keys]))


def _model(rollup: Rollup, glossary: Glossary) -> str:
    model = glossary.models[rollup.model]
    grain = ", ".join([column for _, column in rollup.dimensions] + [column for _, _, column in rollup.time])
    select = rollup_select(rollup, glossary)
    ends = [*[","] * (len(select.expressions) - 1), ""]
    said = [words for _, _, words in _columns(rollup, model)]
    lines = [
        f"  {node.sql(dialect='snowflake')}{end} -- {words}"
        for node, end, words in zip(select.expressions, ends, said, strict=True)
    ]
    rest = select.copy()
    rest.set("expressions", [])
    tail = rest.sql(dialect="snowflake").removeprefix("SELECT ").strip()
    return (
        f"MODEL (\n  name {rollup.relation},\n  kind FULL,\n"
        f"  description 'Rollup: {model.label or model.name} by {grain}.',\n  owner data_platform,\n"
        f"  grain ({grain}),\n  audits (unique_combination_of_columns(columns := ({grain})))\n);\n\n"
        f"{GENERATED}SELECT\n" + "\n".join(lines) + f"\n{tail};\n"
    )


def _columns(rollup: Rollup, model: SemanticModel) -> Iterator[tuple[exp.Expr, str, str]]:
    """Each column: what it is, its name, and what to say of it; keys first."""
    for name, column in rollup.dimensions:
        part = model.dimension_by_name.get(name) or model.entity_by_name[name]
        yield _sql(part.expr, model), column, f"{name} of the rows"
    for name, grain, column in rollup.time:
        unit = exp.Literal.string(grain)
        day = _sql(model.dimension_by_name[name].expr, model)
        node = exp.cast(exp.TimestampTrunc(this=exp.cast(day, "timestamp"), unit=exp.var(unit.name)), "date")
        yield node, column, f"the {grain} of {name}"
    for name, column in rollup.measures:
        measure = model.measure_by_name[name]
        yield _measure(measure, model), column, f"measure {name}"
        if measure.filters:
            yield (
                exp.Count(this=_when(measure, exp.Literal.number(1), model)),
                f"{column}{ROWS}",
                f"rows of {name}",
            )
    yield exp.Count(this=exp.Star()), FACTS, "rows that this one is made of"
    mark = exp.Literal.string(definition(rollup, model))
    yield mark, DEFINITION, "what the rollup was built from: the router reads no other"


def _measure(measure: Measure, model: SemanticModel) -> exp.Expr:
    value = _sql(measure.expr, model)
    if measure.agg == "sum_boolean":
        value = exp.Case().when(value, exp.Literal.number(1)).else_(exp.Literal.number(0))
    kinds = {"count": exp.Count, "min": exp.Min, "max": exp.Max}
    number = kinds.get(measure.agg, exp.Sum)(this=_when(measure, value, model))
    counts = measure.agg == "sum_boolean" or (measure.agg, measure.expr) == ("sum", "1")
    return (
        exp.cast(number, "bigint") if counts else number
    )  # else DuckDB keeps 128 bits, which are slow to read


def _when(measure: Measure, value: exp.Expr, model: SemanticModel) -> exp.Expr:
    """The value in the rows that meet the measure's filter, nothing in the others."""
    if not measure.filters:
        return value
    tests = [_sql(condition_text(predicate), model) for predicate in measure.filters]
    return exp.Case().when(exp.and_(*tests), value)


def _sql(text: str, model: SemanticModel) -> exp.Expr:
    """SQL over the table's columns; names of the model's dimensions stand for their expressions."""

    def spell(node: exp.Expr) -> exp.Expr:
        own = model.dimension_by_name.get(node.name) if isinstance(node, exp.Column) else None
        return (
            exp.paren(sqlglot.parse_one(own.expr, dialect="duckdb")) if own and own.expr != own.name else node
        )

    tree = sqlglot.parse_one(text, dialect="duckdb")
    return (
        tree
        if isinstance(tree, exp.Column) and tree.name not in model.dimension_by_name
        else tree.transform(spell)
    )
