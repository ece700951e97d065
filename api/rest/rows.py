"""/v1/rows: the rows behind one number, for whoever wants to know what was counted."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Caller
from api.door import KEYS, Doors
from api.errors import BadRequest
from api.rest.answers import error_responses
from api.rest.questions import EXAMPLE, openapi_body, question_schema, read_json, read_question
from api.rest.replies import json_reply
from api.room import Sitting
from semantic.answer import column_type, rows_of
from semantic.ask import Rows
from semantic.errors import UnknownName

_KEYS = ("query", "metric", "cell", "limit")
_BODY: dict[str, Any] = {
    "type": "object",
    "required": ["query"],
    "properties": {
        "query": question_schema(),
        "metric": {
            "type": "string",
            "description": "The metric of the number; needed where there are several.",
        },
        "cell": {
            "type": "object",
            "description": "The row's dimensions: `{channel: Email}`; null is a missing value.",
        },
        "limit": {"type": "integer", "minimum": 1, "description": "Rows of each fact, 1,000 by default."},
    },
}
_DEFAULT = 1_000


def row_routes(doors: Doors) -> APIRouter:
    """The address of rows."""
    router = APIRouter(prefix="/v1", tags=["questions"], dependencies=KEYS)

    @router.post(
        "/rows",
        summary="The rows behind a number",
        description="A number of several facts (a ratio) has the rows of each. Only rows that the caller may see, "
        "without the columns that are masked for him.",
        responses=error_responses(400, 401, 403, 408, 503),
        openapi_extra=openapi_body(
            _BODY,
            {"query": EXAMPLE, "metric": "mqls", "cell": {"channel": "Email", "metric_time": "2026-01-01"}},
        ),
        response_model=None,
    )
    async def post_rows(request: Request) -> Response:
        caller = doors.caller(request)
        return await run_in_threadpool(_rows, doors, caller, await read_json(request))

    return router


def _rows(doors: Doors, caller: Caller, body: dict[str, Any]) -> Response:
    with doors.sit(caller) as seat:
        facts = [_fact(rows) for rows in facts_behind(seat, body)]
        return json_reply({"facts": facts, "freshness": seat.freshness})


def facts_behind(seat: Sitting, body: dict[str, Any]) -> list[Rows]:
    """The rows of each fact behind the number that `{query, metric, cell, limit}` names."""
    for key in body:
        if key not in _KEYS:
            raise UnknownName.of("key", key, _KEYS)
    query = read_question(body.get("query"), seat.limits)
    metric = body.get("metric", query.metrics[0])
    if "metric" not in body and len(query.metrics) > 1:
        raise BadRequest("Name the 'metric' whose rows you want; the question has several.", query.metrics)
    if metric not in query.metrics:
        raise BadRequest(f"The question does not ask for {metric!r}.", query.metrics, "unknown_metric")
    return seat.rows_behind(query, metric, _cell(body.get("cell", {})), _limit(body, seat.limits.max_rows))


def _cell(cell: Any) -> dict[str, Any]:
    """The dimensions of a row, by column name, with plain values."""
    if not isinstance(cell, dict) or not all(_is_plain(value) for value in cell.values()):
        raise BadRequest("'cell' is an object with the row's dimensions and their values.", code="bad_value")
    return {str(name): value for name, value in cell.items()}


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)


def _limit(body: dict[str, Any], most: int) -> int:
    limit = body.get("limit", min(_DEFAULT, most))
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= most:
        raise BadRequest(f"'limit' is {limit!r}; it should be 1 to {most}.", code="limit_too_large")
    return limit


def _fact(rows: Rows) -> dict[str, Any]:
    columns = [{"name": field.name, "type": column_type(field.type)} for field in rows.table.schema]
    return {
        "metric": rows.metric,
        "model": rows.model,
        "columns": columns,
        "rows": rows_of(rows.table),
        "sql": rows.sql,
    }
