"""The shape of an Apache Ossie document, core specification 0.2.0.dev0, as a JSON Schema.

Written down from the published specification: every object is closed, names and expressions are
required, and what a vendor adds has a place of its own (`custom_extensions`).
"""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

from semantic.errors import GlossaryError, Problem

VERSION = "0.2.0.dev0"
DIALECTS = (
    "ANSI_SQL", "SNOWFLAKE", "MDX", "TABLEAU", "DATABRICKS", "MAQL", "BIGQUERY", "SIGMA",
    "THOUGHTSPOT", "DAX",
)  # fmt: skip
DATA_TYPES = (
    "String", "Integer", "Decimal", "Float", "Boolean", "Date", "Time", "DateTime", "DateTimeTz", "Opaque",
)  # fmt: skip

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
NAMES: Schema = {"type": "array", "items": TEXT}


def _closed(required: tuple[str, ...], **properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def _list(items: Schema, at_least: int = 0) -> Schema:
    return {"type": "array", "items": items} | ({"minItems": at_least} if at_least else {})


def _schema() -> Schema:
    """Build the schema from the inside out."""
    hints: Schema = {
        "type": "object",
        "properties": {"instructions": TEXT, "synonyms": NAMES, "examples": NAMES},
    }
    extension = _closed(("vendor_name", "data"), vendor_name=TEXT, data=TEXT)
    said = {
        "description": TEXT,
        "ai_context": {"oneOf": [TEXT, hints]},
        "custom_extensions": _list(extension),
    }
    dialect: Schema = {"enum": list(DIALECTS)}
    spelled = _closed(("dialect", "expression"), dialect=dialect, expression=TEXT)
    expression = _closed(("dialects",), dialects=_list(spelled, at_least=1))
    datatype: Schema = {"enum": list(DATA_TYPES)}
    dimension = _closed((), is_time={"type": "boolean"})
    field = _closed(
        ("name", "expression"),
        name=TEXT, expression=expression, dimension=dimension, label=TEXT, datatype=datatype, **said,
    )  # fmt: skip
    dataset = _closed(
        ("name", "source"),
        name=TEXT, source=TEXT, primary_key=NAMES, unique_keys=_list(NAMES), fields=_list(field), **said,
    )  # fmt: skip
    ends = {"name": TEXT, "from": TEXT, "to": TEXT}
    columns = {"from_columns": _list(TEXT, at_least=1), "to_columns": _list(TEXT, at_least=1)}
    kept = {key: said[key] for key in ("ai_context", "custom_extensions")}
    relationship = _closed((*ends, *columns), **ends, **columns, **kept)
    metric = _closed(("name", "expression"), name=TEXT, expression=expression, datatype=datatype, **said)
    model = _closed(
        ("name", "datasets"),
        name=TEXT, datasets=_list(dataset, at_least=1), relationships=_list(relationship),
        metrics=_list(metric), **said,
    )  # fmt: skip
    top = _closed(
        ("version", "semantic_model"),
        version={"const": VERSION}, semantic_model=_list(model), dialects=_list(dialect), vendors=NAMES,
    )  # fmt: skip
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **top}


SCHEMA = _schema()


def validate(document: Any, file: str = "ossie") -> None:
    """Raise GlossaryError with every place where the document has the wrong shape."""
    found = sorted(Draft202012Validator(SCHEMA).iter_errors(document), key=lambda error: error.json_path)
    if found:
        raise GlossaryError(Problem(file, 1, "ossie", f"{each.json_path}: {each.message}") for each in found)
