"""/v1/value: one number, for a spreadsheet's WEBSERVICE() and for anything that wants just the figure."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Caller, check_feed
from api.caching import not_modified
from api.door import KEYS, Doors
from api.errors import BadRequest
from api.rest.answers import error_responses
from api.rest.questions import document_from_parameters, openapi_parameters, read_question
from api.rest.replies import json_reply
from semantic.answer import Answer, plain
from semantic.definitions import Metric

_QUESTION = ("where", "from", "to", "time_zone", "attribution_model", "currency", "as_of")
_METRIC = {
    "name": "metric",
    "in": "query",
    "required": True,
    "description": "The name of one metric.",
    "schema": {"type": "string"},
}
_FORMAT = {
    "name": "format",
    "in": "query",
    "description": "`text` (default) answers the figure alone, `json` its meaning beside it.",
    "schema": {"enum": ["text", "json"]},
}
_TOKEN = {
    "name": "token",
    "in": "query",
    "description": "A feed token, for programs that cannot send a header.",
    "schema": {"type": "string"},
}


def value_routes(doors: Doors) -> APIRouter:
    """The address of one number."""
    router = APIRouter(prefix="/v1", tags=["spreadsheets"], dependencies=KEYS)

    @router.head("/value", include_in_schema=False)
    @router.get(
        "/value",
        summary="One number",
        description="As text/plain, or with its definition, owner, status, freshness and SQL as JSON. "
        "A missing number (nothing over nothing) is an empty text, null in JSON.",
        responses={
            200: {"content": {"text/plain": {"example": "842"}}},
            **error_responses(400, 401, 403, 503),
        },
        openapi_extra={"parameters": [_METRIC, *openapi_parameters(_QUESTION), _FORMAT, _TOKEN]},
        response_model=None,
    )
    def get_value(request: Request) -> Response:
        caller = doors.feed_caller(request)
        return _value(doors, request, caller)

    @router.options("/value", include_in_schema=False)
    def options() -> Response:
        return Response(status_code=204, headers={"Allow": "GET, HEAD, OPTIONS"})

    return router


def _value(doors: Doors, request: Request, caller: Caller) -> Response:
    names = request.query_params.getlist("metric")
    if len(names) != 1:
        raise BadRequest("Name one metric: /v1/value?metric=mqls", code="bad_query")
    if caller.feed is not None:
        check_feed(caller.feed.metrics, names[0])
    form = request.query_params.get("format") or _accepted(request)
    if form not in ("text", "json"):
        raise BadRequest(f"There is no format {form!r}; text or json.", ("text", "json"))
    document = document_from_parameters(request, ("metric", "format", "token"))
    for key in set(document) - {*_QUESTION, "time_range"}:
        raise BadRequest(f"{key!r} does not fit one number; ask /v1/query.", code="bad_query")
    query = read_question({**document, "metrics": names}, doors.settings.limits)
    with doors.sit(caller) as seat:
        headers = doors.cache(request, caller, seat, form.encode())
        unchanged = not_modified(request, headers)
        if unchanged:
            return unchanged
        answer = seat.answer(query)
        if form == "json":
            return json_reply(_document(answer, doors.settings.glossary.metrics[names[0]]), headers)
        return Response(figure(_only(answer)), media_type="text/plain; charset=utf-8", headers=headers)


def figure(value: Any) -> str:
    """A number in plain digits, as every spreadsheet reads it; empty when there is none.

    >>> figure(Decimal("1E+3")), figure(0.00001), figure(None)
    ('1000', '0.00001', '')
    """
    if value is None or value != value:
        return ""
    if isinstance(value, float):
        value = Decimal(repr(value))
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _accepted(request: Request) -> str:
    return "json" if request.headers.get("accept", "").startswith("application/json") else "text"


def _only(answer: Answer) -> Any:
    return answer.table.column(0)[0].as_py() if answer.table.num_rows else None


def _document(answer: Answer, metric: Metric) -> dict[str, Any]:
    return {
        "metric": metric.name,
        "value": plain(_only(answer)),
        "label": metric.label,
        "definition": metric.definition,
        "owner": metric.owner,
        "status": answer.columns[0].status,
        "format": metric.format,
        "sql": answer.sql,
        "freshness": dict(answer.freshness),
        "notes": list(answer.notes),
    }
