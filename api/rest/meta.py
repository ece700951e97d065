"""/v1/meta: everything there is to ask; /v1/dimensions/{name}/values: the members of a dimension."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Caller
from api.caching import not_modified
from api.catalogue import dimension_document, metric_document, shared_dimensions
from api.door import KEYS, Doors
from api.errors import BadRequest
from api.rest.answers import error_responses
from api.rest.query import DIALECTS
from api.rest.replies import json_reply
from api.rest.saved import saved_document
from api.room import Sitting
from semantic.answer import plain
from semantic.errors import UnknownName
from semantic.query import COMPARISONS

_MOST_VALUES = 10_000
_VALUES = {
    "metrics": "Only members that these metrics have; names separated by commas.",
    "search": "Only members that contain this text.",
    "limit": f"At most this many members, 1,000 by default and {_MOST_VALUES:,} at most.",
}


def meta_routes(doors: Doors) -> APIRouter:
    """The addresses of the glossary."""
    router = APIRouter(prefix="/v1", tags=["glossary"], dependencies=KEYS)

    @router.get(
        "/meta",
        summary="Everything there is to ask",
        description="Metrics with their definition, owner, status and dimensions; dimensions with their grains; "
        "saved questions; comparisons; limits; and how fresh the data is. Only what the caller may see.",
        responses=error_responses(401, 403, 503),
        response_model=None,
    )
    def meta(request: Request) -> Response:
        caller = doors.caller(request)
        with doors.sit(caller) as seat:
            headers = doors.cache(request, caller, seat)
            return not_modified(request, headers) or json_reply(_meta(doors, seat), headers)

    @router.get(
        "/dimensions/{name}/values",
        summary="The members of a dimension",
        description="In order, a missing value as null. Only members of rows that the caller may see.",
        responses=error_responses(400, 401, 403, 503),
        openapi_extra={
            "parameters": [
                {"name": key, "in": "query", "description": said, "schema": {"type": "string"}}
                for key, said in _VALUES.items()
            ]
        },
        response_model=None,
    )
    def values(request: Request, name: str) -> Response:
        return _values(doors, request, doors.caller(request), name)

    return router


def _meta(doors: Doors, seat: Sitting) -> dict[str, Any]:
    glossary, limits = seat.glossary, seat.limits
    return {
        "freshness": seat.freshness,
        "glossary_version": doors.glossary_version,
        "metrics": [metric_document(entry) for entry in doors.entries(seat)],
        "dimensions": [dimension_document(d, glossary.grains) for d in shared_dimensions(glossary)],
        "saved": [saved_document(saved) for saved in glossary.saved.values()],
        "comparisons": list(COMPARISONS),
        "dialects": list(DIALECTS),
        "time_zone": glossary.settings.time_zone,
        "currency": glossary.settings.reporting_currency,
        "limits": {
            "default_rows": limits.default_rows,
            "max_rows": limits.max_rows,
            "timeout_s": limits.timeout_s,
        },
    }


def _values(doors: Doors, request: Request, caller: Caller, name: str) -> Response:
    given = request.query_params
    for key in given:
        if key not in _VALUES:
            raise UnknownName.of("parameter", key, _VALUES)
    limit = given.get("limit", "1000")
    if not limit.isdigit() or not 1 <= int(limit) <= _MOST_VALUES:
        raise BadRequest(f"'limit' is {limit!r}; it should be 1 to {_MOST_VALUES}.", code="bad_value")
    metrics = tuple(part.strip() for part in given.get("metrics", "").split(",") if part.strip())
    with doors.sit(caller) as seat:
        headers = doors.cache(request, caller, seat)
        unchanged = not_modified(request, headers)
        if unchanged:
            return unchanged
        table = seat.members(name, metrics, given.get("search"), int(limit))
        members = [plain(value) for value in table.column(0).to_pylist()]
        return json_reply({"dimension": name, "values": members}, headers)
