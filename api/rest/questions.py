"""Questions from an address or a body, as the one document that every door writes; and how OpenAPI shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request

from api.errors import BadRequest
from api.settings import Limits
from semantic.errors import UnknownName
from semantic.query import Query, query_from_document

LISTS = ("metrics", "group_by", "order_by", "share_of_total")
CONDITIONS = ("where", "having")
TEXTS = ("time_zone", "compare", "attribution_model", "currency", "as_of")
COUNTS = ("limit", "offset")
PARAMETERS = (*LISTS, *CONDITIONS, *TEXTS, *COUNTS, "from", "to", "totals")

_DESCRIPTIONS = {
    "metrics": "Names of metrics, separated by commas: `mqls,cost_per_mql`. `/v1/meta` lists them.",
    "group_by": "Dimensions, separated by commas; a time takes a grain: `channel,metric_time:month`.",
    "where": "A condition on dimensions, `region = 'EMEA'`. Repeat the parameter: all must hold.",
    "having": "A condition on the answer's metrics, `mqls > 10`. Repeat the parameter: all must hold.",
    "order_by": "Columns of the answer, separated by commas; a minus before a name means descending: `-mqls`.",
    "share_of_total": "Metrics that get a column with their share of the grand total.",
    "from": "The first day (`2026-01-01`) or instant of `metric_time`.",
    "to": "The last day, all of it included, or the last instant.",
    "time_zone": "The zone that days begin in, `Europe/Oslo`. Dates of business (close date, ad day) stay.",
    "compare": "`previous_period`, `previous_year`, `target` or `as_reported`: adds columns beside each metric.",
    "totals": "`true` adds the grand total, `subtotals` every level; computed from the facts, right for ratios.",
    "attribution_model": "Who gets the credit, for attributed metrics: `first`, `last`, `linear`, ...",
    "currency": "The currency of money; the reporting currency by default.",
    "as_of": "A closed period, to get the numbers as they were reported.",
    "limit": "At most this many rows. Without it the usual limit holds, and a note says if rows were left out.",
    "offset": "Leave out this many rows first. The order is total, so pages neither overlap nor miss a row.",
}


def document_from_parameters(request: Request, extra: tuple[str, ...] = ()) -> dict[str, Any]:
    """The question in an address. A parameter that is not known is refused: ignored, it would change the number."""
    given = request.query_params
    for name in given:
        if name not in PARAMETERS and name not in extra:
            raise UnknownName.of("parameter", name, (*PARAMETERS, *extra))
        if len(given.getlist(name)) > 1 and name not in (*LISTS, *CONDITIONS):
            raise BadRequest(f"{name!r} is given more than once.", code="bad_value")
    document: dict[str, Any] = {
        name: _split(",".join(given.getlist(name))) for name in LISTS if name in given
    }
    document |= {name: given.getlist(name) for name in CONDITIONS if name in given}
    document |= {name: given[name] for name in TEXTS if given.get(name)}
    document |= {name: _count(name, given[name]) for name in COUNTS if given.get(name)}
    period = {name: given[name] for name in ("from", "to") if given.get(name)}
    if period:
        document["time_range"] = period
    if given.get("totals"):
        document["totals"] = _totals(given["totals"])
    return document


def read_question(document: Any, limits: Limits) -> Query:
    """The frozen question of a document; it must name a metric, and not more than the limits allow."""
    if isinstance(document, Mapping):
        _check_size(document, limits)
        _check_text(document)
    query = query_from_document(document)
    if not query.metrics:
        raise BadRequest("Name at least one metric in 'metrics'; /v1/meta lists them.", code="bad_query")
    return query


def _check_size(document: Mapping[str, Any], limits: Limits) -> None:
    """Refuse a question that is larger than any that a person or a dashboard asks."""
    most = dict.fromkeys(LISTS, limits.max_names) | dict.fromkeys(CONDITIONS, limits.max_conditions)
    for key, count in most.items():
        given = document.get(key)
        if isinstance(given, list) and len(given) > count:
            raise BadRequest(f"{key!r} has {len(given)} entries; {count} is the most.", code="too_many")
        for item in given if isinstance(given, list) else [given]:
            if isinstance(item, str) and len(item) > limits.max_condition:
                raise BadRequest(f"An entry of {key!r} has {len(item)} characters.", code="too_many")


def _check_text(value: Any) -> None:
    """Refuse NUL characters wherever they stand: no name and no value has one, and drivers stumble over them."""
    if isinstance(value, str) and "\0" in value:
        raise BadRequest("A NUL character cannot be part of a question.", code="bad_value")
    if isinstance(value, Mapping | list):
        for part in value.values() if isinstance(value, Mapping) else value:
            _check_text(part)


async def read_json(request: Request) -> dict[str, Any]:
    """The JSON object in a request's body."""
    try:
        document = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The body is not JSON: {error}.", code="bad_json") from None
    if not isinstance(document, dict):
        raise BadRequest("The body should be a JSON object.", code="bad_json")
    return document


def openapi_parameters(names: tuple[str, ...] = PARAMETERS) -> list[dict[str, Any]]:
    """How OpenAPI describes the parameters of a question."""
    return [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": _DESCRIPTIONS[name],
            "schema": _schema(name),
        }
        for name in names
    ]


def openapi_body(schema: Mapping[str, Any], example: Mapping[str, Any]) -> dict[str, Any]:
    """How OpenAPI describes a JSON body."""
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": schema, "example": example}},
        }
    }


EXAMPLE: dict[str, Any] = {
    "metrics": ["mqls", "cost_per_mql"],
    "group_by": ["channel", "metric_time:month"],
    "where": ["region = 'EMEA'", {"dimension": "segment", "op": "in", "value": ["enterprise", "smb"]}],
    "time_range": {"from": "2026-01-01", "to": "2026-03-31"},
    "order_by": ["-mqls", "channel"],
    "limit": 100,
}


def question_schema() -> dict[str, Any]:
    """The JSON schema of a question, for OpenAPI; the engine checks the rest and suggests names."""
    texts = {"type": "array", "items": {"type": "string"}}
    condition = {"oneOf": [{"type": "string"}, {"type": "object"}]}
    properties: dict[str, Any] = {name: {**texts, "description": _DESCRIPTIONS[name]} for name in LISTS}
    for name in CONDITIONS:
        described = (
            f"{_DESCRIPTIONS[name].split('.')[0]}; or `{{dimension, op, value}}`, `{{and: [...]}}`, `{{or}}`."
        )
        properties[name] = {"type": "array", "items": condition, "description": described}
    properties |= {name: {"type": "string", "description": _DESCRIPTIONS[name]} for name in TEXTS}
    properties |= {
        name: {"type": "integer", "minimum": 0, "description": _DESCRIPTIONS[name]} for name in COUNTS
    }
    ends = {name: {"type": "string", "description": _DESCRIPTIONS[name]} for name in ("from", "to")}
    properties["time_range"] = {"type": "object", "properties": ends, "additionalProperties": False}
    properties["totals"] = {
        "oneOf": [{"type": "boolean"}, {"const": "subtotals"}], "description": _DESCRIPTIONS["totals"]
    }  # fmt: skip
    properties["top"] = {
        "type": "object",
        "description": "Keep the members with the highest metric; the rest become one member, `Other`.",
        "properties": {
            "dimension": {"type": "string"},
            "metric": {"type": "string"},
            "count": {"type": "integer", "minimum": 1},
            "other": {"type": ["string", "null"], "default": "Other"},
        },
        "required": ["dimension", "metric", "count"],
    }
    return {"type": "object", "properties": properties, "required": ["metrics"], "title": "Question"}


def _schema(name: str) -> dict[str, Any]:
    if name in CONDITIONS:
        return {"type": "array", "items": {"type": "string"}}
    return {"type": "integer", "minimum": 0} if name in COUNTS else {"type": "string"}


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _count(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise BadRequest(f"{name!r} is {text!r}; it should be a whole number, 0 or more.", code="bad_value")
    return int(text)


def _totals(text: str) -> Any:
    return {"true": True, "1": True, "false": False, "0": False}.get(text.lower(), text)
