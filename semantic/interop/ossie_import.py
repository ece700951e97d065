"""Read an Apache Ossie document as a glossary.

A document that we have written ourselves gives back the glossary that it was written from (`ossie_own`). In
others, datasets become models, relationships become shared entities, fields become dimensions. A metric's
expression is taken apart: each aggregate becomes a simple metric of its own, and what joins them
becomes a ratio or a derived metric, so that every part is aggregated at its own grain.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from semantic import definitions as d
from semantic.errors import UserError
from semantic.interop.ossie_own import Own, find_own
from semantic.interop.ossie_schema import validate

Document = Mapping[str, Any]
_PREFERRED = ("ANSI_SQL", "SNOWFLAKE", "DATABRICKS", "BIGQUERY")
_READ_AS = {
    "ANSI_SQL": "duckdb",
    "SNOWFLAKE": "snowflake",
    "DATABRICKS": "databricks",
    "BIGQUERY": "bigquery",
}
_TIME_TYPES = {"Date": "day", "DateTime": "second", "DateTimeTz": "second"}
_AGGREGATES: dict[type, d.Aggregation] = {
    exp.Sum: "sum",
    exp.Count: "count",
    exp.Avg: "average",
    exp.Min: "min",
    exp.Max: "max",
    exp.Median: "median",
    exp.ApproxDistinct: "approximate_count_distinct",
}


@dataclass(frozen=True)
class ImportedOssie:
    """The glossary; a line for each thing not carried; other vendors' extensions by owner (""=the model)."""

    glossary: d.Glossary
    losses: tuple[str, ...] = ()
    extensions: Mapping[str, Any] = field(default_factory=dict)


def import_ossie(document: Document) -> ImportedOssie:
    """Turn a document into a glossary; raises GlossaryError with every fault of its shape."""
    validate(document)
    reader = _Reader()
    models = document["semantic_model"]
    own = find_own(models[0]) if len(models) == 1 else None
    if isinstance(own, Own):
        return _again(own, models[0], reader)
    if own:
        reader.losses.append(own)
    for model in models:
        reader.read(model)
    glossary = d.Glossary.of(reader.models.values(), reader.metrics)
    return ImportedOssie(glossary, tuple(reader.losses), reader.extensions)


def _again(own: Own, model: Document, reader: _Reader) -> ImportedOssie:
    """Our own glossary, with what the document says otherwise in its place."""
    reader.losses.extend(own.losses)
    reader.models = dict(own.glossary.models)
    for part in ({**model, "name": ""}, *model["datasets"], *(model.get("metrics") or ())):
        reader.keep(part["name"], part)
    for metric in own.changed:
        reader.read_metric(metric)
    metrics = {name: each for name, each in own.glossary.metrics.items() if name not in own.removed}
    metrics |= {each.name: each for each in reader.metrics}
    glossary = replace(own.glossary, models=reader.models, metrics=metrics)
    return ImportedOssie(glossary, tuple(reader.losses), reader.extensions)


class _Reader:
    """Collects the models, metrics and losses of a document."""

    def __init__(self) -> None:
        self.models: dict[str, d.SemanticModel] = {}
        self.metrics: list[d.Metric] = []
        self.losses: list[str] = []
        self.extensions: dict[str, Any] = {}

    def read(self, document: Document) -> None:
        self.keep("", document)
        for dataset in document["datasets"]:
            self.models[dataset["name"]] = self._dataset(dataset)
        for relationship in document.get("relationships") or ():
            self._relationship(relationship)
        for metric in document.get("metrics") or ():
            self.read_metric(metric)

    def keep(self, owner: str, document: Document) -> None:
        """Other vendors' extensions stay as they are, for the way back."""
        found = [
            each for each in document.get("custom_extensions") or () if each["vendor_name"] != "TOUCHSTONE"
        ]
        if found:
            self.extensions[owner] = found

    # -- datasets ------------------------------------------------------------------------------

    def _dataset(self, dataset: Document) -> d.SemanticModel:
        name = dataset["name"]
        self.keep(name, dataset)
        fields = {
            each["name"]: self._spelled(each, f"field {each['name']!r}")
            for each in dataset.get("fields") or ()
        }
        primary = dataset.get("primary_key") or ()
        entities = [d.Entity(name, "primary", _key(fields, primary))] if primary else []
        dimensions = [self._field(each, fields) for each in dataset.get("fields") or ()]
        clock = next((each.name for each in dimensions if each.kind == "time"), None)
        return d.SemanticModel(
            name=name,
            relation=dataset["source"],
            entities=tuple(entities),
            dimensions=tuple(dimensions),
            primary_entity=None if primary else name,
            default_time_dimension=clock,
            description=dataset.get("description") or "",
        )

    def _field(self, item: Document, fields: Mapping[str, str]) -> d.Dimension:
        datatype = item.get("datatype") or ""
        is_time = (item.get("dimension") or {}).get("is_time", datatype in _TIME_TYPES)
        return d.Dimension(
            name=item["name"],
            kind="time" if is_time else "categorical",
            expr=fields[item["name"]],
            grain=_TIME_TYPES.get(datatype, "day") if is_time else None,
            label=item.get("label") or "",
            description=item.get("description") or "",
        )

    def _relationship(self, item: Document) -> None:
        """The same entity on both sides: a foreign key of one, the primary or a unique key of the other."""
        many, one = self.models[item["from"]], self.models[item["to"]]
        name, key = one.name, _key(_exprs(one), item["to_columns"])
        taken = name in many.entity_by_name
        if taken or name not in one.entity_by_name or one.entity_by_name[name].expr != key:
            name = item["name"]
            self.models[one.name] = replace(one, entities=(*one.entities, d.Entity(name, "unique", key)))
        many = self.models[many.name]
        foreign = d.Entity(name, "foreign", _key(_exprs(many), item["from_columns"]))
        self.models[many.name] = replace(many, entities=(*many.entities, foreign))

    # -- metrics -------------------------------------------------------------------------------

    def read_metric(self, item: Document) -> None:
        name = item["name"]
        self.keep(name, item)
        try:
            tree = sqlglot.parse_one(self._spelled(item, f"metric {name!r}"), dialect="duckdb")
            recipe = self._recipe(name, tree)
        except (UserError, SqlglotError) as error:
            self.losses.append(f"metric {name!r}: {error}")
            return
        hints = item.get("ai_context")
        synonyms = hints.get("synonyms") or () if isinstance(hints, Mapping) else ()
        definition = item.get("description") or ""
        self.metrics.append(d.Metric(name, recipe, definition=definition, synonyms=tuple(synonyms)))

    def _recipe(self, name: str, tree: exp.Expr) -> d.Recipe:
        if isinstance(_bare(tree), tuple(_AGGREGATES)):
            return self._simple(name, _bare(tree))
        parts: list[d.MetricInput] = []

        def split(node: exp.Expr) -> exp.Expr:
            if not isinstance(node, tuple(_AGGREGATES)):
                return node
            part = f"{name}__{len(parts) + 1}"
            self.metrics.append(d.Metric(part, self._simple(part, node), private=True))
            parts.append(d.MetricInput(part))
            return exp.column(part)

        joined = tree.transform(split)
        if not parts:
            raise UserError("its expression aggregates nothing")
        ratio = _ratio(joined, parts)
        return ratio or d.Derived(joined.sql(dialect="duckdb"), tuple(parts))

    def _simple(self, name: str, node: exp.Expr) -> d.Simple:
        """One aggregate over one dataset's fields becomes a measure of its model."""
        columns = list(node.find_all(exp.Column))
        datasets = {column.table for column in columns if column.table}
        if len(datasets) != 1 or not datasets <= set(self.models):
            raise UserError(f"{node.sql()!r} should aggregate the fields of exactly one dataset")
        model = self.models[datasets.pop()]
        fields = _exprs(model)
        agg = _AGGREGATES[type(node)]
        value = node.this
        if isinstance(value, exp.Distinct):
            agg, value = "count_distinct", value.expressions[0]
        expr = "1" if isinstance(value, exp.Star) else _plain(value, fields)
        measure = d.Measure(name, agg, expr)
        self.models[model.name] = replace(model, measures=(*model.measures, measure))
        return d.Simple(model.name, name)

    def _spelled(self, item: Document, owner: str) -> str:
        """The expression in the first dialect that can be read, as DuckDB's."""
        spelled = {each["dialect"]: each["expression"] for each in item["expression"]["dialects"]}
        for dialect in _PREFERRED:
            if dialect in spelled:
                return sqlglot.parse_one(spelled[dialect], dialect=_READ_AS[dialect]).sql(dialect="duckdb")
        raise UserError(f"{owner} is spelled only in {', '.join(sorted(spelled))}, which is no SQL read here")


def _bare(tree: exp.Expr) -> exp.Expr:
    return tree.unnest() if isinstance(tree, exp.Paren) else tree


def _ratio(tree: exp.Expr, parts: list[d.MetricInput]) -> d.Ratio | None:
    """`a / NULLIF(b, 0)` or `a / b` of two aggregates."""
    if not isinstance(tree, exp.Div) or len(parts) != 2:
        return None
    bottom = _bare(tree.expression)
    if isinstance(bottom, exp.Nullif):
        bottom = _bare(bottom.this)
    both = isinstance(_bare(tree.this), exp.Column) and isinstance(bottom, exp.Column)
    return d.Ratio(*parts) if both else None


def _exprs(model: d.SemanticModel) -> dict[str, str]:
    return {each.name: each.expr for each in model.dimensions}


def _key(fields: Mapping[str, str], columns: Iterable[str]) -> str:
    """One column as it is; several joined by a character that keys do not hold (NULL if one is missing)."""
    found = [fields.get(column, column) for column in columns]
    if len(found) == 1:
        return found[0]
    return " || chr(31) || ".join(f"CAST({each} AS TEXT)" for each in found)


def _plain(value: exp.Expr, fields: Mapping[str, str]) -> str:
    """An expression over fields, written over the table's own columns."""

    def own(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Column):
            return node
        inner = sqlglot.parse_one(fields.get(node.name, node.name), dialect="duckdb")
        return inner if isinstance(inner, exp.Column) else exp.Paren(this=inner)

    return value.transform(own).sql(dialect="duckdb")
