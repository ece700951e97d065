"""Write a glossary as an Apache Ossie document.

A metric that one SQL expression over the datasets can state is written as that expression. What it
cannot state (running totals, conversions, balances, offsets, filters through joins) would become a
different number in another tool: it is left out and reported. All of our own definitions are kept in an
extension, from which the import makes the same glossary again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import sqlglot
from sqlglot import exp

from semantic import definitions as d
from semantic.interop.condition_text import condition_text
from semantic.interop.glossary_files import glossary_document, not_written
from semantic.interop.ossie_schema import VERSION, validate
from semantic.predicates import DimensionRef, MetricRef, Predicate, walk

VENDOR = "TOUCHSTONE"
Document = dict[str, Any]


class InexpressibleError(Exception):
    """A metric that no single expression can state; the message says why."""


def export_ossie(
    glossary: d.Glossary, name: str, extensions: Mapping[str, Any] | None = None
) -> tuple[Document, tuple[str, ...]]:
    """The document, and a line for each thing it could not carry.

    `extensions` are other vendors' additions, as the import found them, by their owner's path.
    """
    kept = dict(extensions or {})
    metrics, losses = _metrics(glossary, kept)
    losses += [f"calendar {spine.name!r}: Ossie has no calendars" for spine in glossary.time_spines]
    losses += [f"saved query {each!r}: Ossie has no saved queries" for each in glossary.saved]
    losses += [f"{line} (kept at home, in the extension neither)" for line in not_written(glossary)]
    model = _filled(
        name=name,
        datasets=[_dataset(each, kept) for each in glossary.models.values()],
        relationships=list(_relationships(glossary)),
        metrics=metrics,
        custom_extensions=[*kept.get("", []), _own(glossary)],
    )
    document: Document = {"version": VERSION, "semantic_model": [model]}
    validate(document)
    return document, tuple(losses)


def _filled(**values: Any) -> Document:
    return {key: value for key, value in values.items() if value not in (None, "", [], {})}


def _spelled(expression: str) -> Document:
    return {"dialects": [{"dialect": "ANSI_SQL", "expression": expression}]}


# -- datasets ----------------------------------------------------------------------------------


def _dataset(model: d.SemanticModel, kept: Mapping[str, Any]) -> Document:
    keys = {kind: [e.expr for e in model.entities if e.kind == kind] for kind in ("primary", "unique")}
    return _filled(
        name=model.name,
        source=model.relation,
        primary_key=keys["primary"][:1],
        unique_keys=[[key] for key in keys["unique"]],
        description=model.description,
        fields=[*_key_fields(model), *(_field(each) for each in model.dimensions)],
        custom_extensions=kept.get(model.name),
    )


def _key_fields(model: d.SemanticModel) -> Iterator[Document]:
    taken = set(model.dimension_by_name)
    for entity in model.entities:
        if entity.name not in taken:
            yield {"name": entity.name, "expression": _spelled(entity.expr)}


def _field(dimension: d.Dimension) -> Document:
    return _filled(
        name=dimension.name,
        expression=_spelled(dimension.expr),
        dimension={"is_time": dimension.kind == "time"},
        label=dimension.label,
        description=dimension.description,
    )


def _relationships(glossary: d.Glossary) -> Iterator[Document]:
    """One for each foreign key and each model that has the key as primary or unique."""
    for model in glossary.models.values():
        for entity in (each for each in model.entities if each.kind == "foreign"):
            for other in glossary.models.values():
                key = other.entity_by_name.get(entity.name)
                if key and key.kind in ("primary", "unique") and other.name != model.name:
                    yield {
                        "name": f"{model.name}__{entity.name}__{other.name}",
                        "from": model.name,
                        "to": other.name,
                        "from_columns": [entity.expr],
                        "to_columns": [key.expr],
                    }


# -- metrics -----------------------------------------------------------------------------------


def _metrics(glossary: d.Glossary, kept: Mapping[str, Any]) -> tuple[list[Document], list[str]]:
    documents, losses = [], []
    for metric in glossary.metrics.values():
        try:
            expression = _expression(glossary, metric, ()).sql()
        except InexpressibleError as error:
            losses.append(f"metric {metric.name!r}: {error}")
            continue
        synonyms = {"synonyms": list(metric.synonyms)} if metric.synonyms else None
        documents.append(
            _filled(
                name=metric.name,
                expression=_spelled(expression),
                description=metric.definition,
                ai_context=synonyms,
                custom_extensions=kept.get(metric.name),
            )
        )
    return documents, losses


def _own(glossary: d.Glossary) -> Document:
    """Our own definitions, which `import ossie` reads back: no expression states all of them."""
    data = json.dumps({"glossary": glossary_document(glossary)}, default=str)
    return {"vendor_name": VENDOR, "data": data}


def _expression(glossary: d.Glossary, metric: d.Metric, outer: tuple[Predicate, ...]) -> exp.Expr:
    filters = (*outer, *metric.filters)
    if metric.fill_nulls_with is not None or metric.join_to_timespine:
        raise InexpressibleError("filling empty periods needs a calendar")
    match metric.recipe:
        case d.Simple(model, measure):
            return _aggregate(glossary.models[model], measure, filters)
        case d.Ratio(numerator, denominator):
            top, bottom = (_input(glossary, part, filters) for part in (numerator, denominator))
            return exp.Div(
                this=exp.Paren(this=top), expression=exp.func("NULLIF", bottom, exp.Literal.number(0))
            )
        case d.Derived(expr, inputs):
            parts = {part.name: exp.Paren(this=_input(glossary, part, filters)) for part in inputs}
            tree = sqlglot.parse_one(expr)
            return tree.transform(
                lambda node: parts.get(node.name, node) if isinstance(node, exp.Column) else node
            )
    raise InexpressibleError(f"a {metric.kind} metric is no single expression")


def _input(glossary: d.Glossary, part: d.MetricInput, outer: tuple[Predicate, ...]) -> exp.Expr:
    if part.offset_window or part.offset_to_grain:
        raise InexpressibleError("an offset is no single expression")
    return _expression(glossary, glossary.metrics[part.metric], (*outer, *part.filters))


_FUNCTIONS = {"sum": exp.Sum, "count": exp.Count, "average": exp.Avg, "min": exp.Min, "max": exp.Max}


def _aggregate(model: d.SemanticModel, name: str, outer: tuple[Predicate, ...]) -> exp.Expr:
    """The measure over its filtered rows: `SUM(CASE WHEN ... THEN orders.amount END)`."""
    measure = model.measure_by_name[name]
    if measure.non_additive:
        raise InexpressibleError("a balance is no single expression")
    value = _qualified(model, measure.expr)
    tests = [_test(model, each) for each in (*measure.filters, *outer)]
    if tests:
        value = exp.Case(ifs=[exp.If(this=exp.and_(*tests), true=value)])
    if measure.agg == "count_distinct":
        return exp.Count(this=exp.Distinct(expressions=[value]))
    if measure.agg == "median":
        return exp.Median(this=value)
    if measure.agg not in _FUNCTIONS:
        raise InexpressibleError(f"{measure.agg} has no portable function")
    return _FUNCTIONS[measure.agg](this=value)


def _qualified(model: d.SemanticModel, text: str) -> exp.Expr:
    """An expression over the model's columns, each with its dataset's name."""
    tree = sqlglot.parse_one(text)
    for column in list(tree.find_all(exp.Column)):
        column.set("table", exp.to_identifier(model.name))
    return tree


def _test(model: d.SemanticModel, predicate: Predicate) -> exp.Expr:
    """A filter on the model's own dimensions; anything further away is not in its rows."""
    known = set(model.dimension_by_name) | {f"{model.identity}__{name}" for name in model.dimension_by_name}
    for node in walk(predicate):
        if isinstance(node, MetricRef) or (
            isinstance(node, DimensionRef) and node.dimension.text not in known
        ):
            raise InexpressibleError(f"the filter {condition_text(predicate)!r} looks beyond {model.name!r}")
    tree = sqlglot.parse_one(condition_text(predicate), into=exp.Condition)

    def own(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Column):
            return node
        name = node.name.removeprefix(f"{model.identity}__")
        return _qualified(model, model.dimension_by_name[name].expr)

    return tree.transform(own)
