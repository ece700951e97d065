"""POST and GET /graphql."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from api.door import Doors
from api.graphql.over_http import Router
from api.graphql.schema import build_schema


def graphql_routes(doors: Doors) -> Router:
    """The address of GraphQL. The explorer page needs no key; every query that it sends does."""

    async def context(request: Request) -> dict[str, Any]:
        explorer = request.method == "GET" and "query" not in request.query_params
        return {"doors": doors, "caller": None if explorer else doors.caller(request)}

    return Router(
        build_schema(doors.settings.limits),
        path="/graphql",
        context_getter=context,
        allow_queries_via_get=True,
    )
