"""/v1/meta: everything there is to ask; /v1/dimensions/{name}/values: the members of a dimension."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.catalogue import dimension_document, metric_document, shared_dimensions
from api.door import KEYS, Doors
from api.errors import BadRequest
from api.rest.answers import error_responses
from api.rest.query import DIALECTS
from api.rest.replies import settled
from api.rest.saved import saved_document
from api.room import MOST_MEMBERS, Sitting
from semantic.errors import UnknownName
from semantic.query import COMPARISONS

_VALUES = {
    "metrics": "Only members that these metrics have; names separated by commas.",
    "search": "Only members that contain this text.",
    "limit": f"At most this many members, 1,000 by default and {MOST_MEMBERS:,} at most.",
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
        return settled(doors, request, partial(_meta, doors))

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
        return settled(doors, request, partial(_values, _asked_values(request), name))

    return router


def _meta(doors: Doors, seat: Sitting) -> dict[str, Any]:
    glossary, limits = seat.glossary, seat.limits
    return {
        "freshness": seat.freshness,
        "glossary_version": doors.glossary_version,
        "metrics": [metric_document(entry) for entry in doors.entries(seat)],
        "dimensions": [dimension_document(d, glossary.grains) for d in shared_dimensions(glossary)],
        "saved": [saved_document(saved) for saved in seat.saved()],
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


@dataclass(frozen=True)
class _Asked:
    """Which members are asked for."""

    metrics: tuple[str, ...]
    search: str | None
    limit: int


def _asked_values(request: Request) -> _Asked:
    given = request.query_params
    for key in given:
        if key not in _VALUES:
            raise UnknownName.of("parameter", key, _VALUES)
    limit = given.get("limit", "1000")
    if not limit.isdigit():
        raise BadRequest(f"'limit' is {limit!r}; it should be 1 to {MOST_MEMBERS}.", code="bad_value")
    metrics = tuple(part.strip() for part in given.get("metrics", "").split(",") if part.strip())
    return _Asked(metrics, given.get("search"), int(limit))


def _values(asked: _Asked, name: str, seat: Sitting) -> dict[str, Any]:
    return {"dimension": name, "values": seat.members(name, asked.metrics, asked.search, asked.limit)}
