"""How a GraphQL result travels: its media type and its status, as the GraphQL-over-HTTP specification has them.

    Accept                                   a document that is wrong    a field that failed
    application/graphql-response+json        400, without `data`         200
    application/json, */* or nothing         200, without `data`         200

A client that asks for the newer type can trust the status; the older one always reads the body. A body that is no
request at all is 400 for both.
"""

from __future__ import annotations

from typing import Any

from cross_web import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from strawberry.fastapi import GraphQLRouter
from strawberry.http import GraphQLHTTPResponse
from strawberry.types import ExecutionResult

from api.formats.json import MEDIA_TYPE, dumps

RESPONSE_TYPE = "application/graphql-response+json"


class Router(GraphQLRouter[Any, Any]):
    """The address of GraphQL, with the statuses of the specification."""

    async def process_result(self, request: Request, result: ExecutionResult) -> GraphQLHTTPResponse:
        """The body; a request that never came to be executed has no `data` in it."""
        body = await super().process_result(request, result)
        request.state.refused = result.data is None and not any(e.path for e in result.errors or ())
        if request.state.refused:
            body.pop("data", None)
            body["errors"] = [_coded(error.formatted) for error in result.errors or ()]
        return body

    async def run(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer, in the type that the client prefers."""
        try:
            response = await super().run(request, *args, **kwargs)
        except HTTPException as error:
            return _refused(error)
        if isinstance(response, Response) and not isinstance(response, HTMLResponse):
            newer = prefers_newer(request.headers.get("accept", ""))
            response.headers["content-type"] = f"{RESPONSE_TYPE if newer else MEDIA_TYPE}; charset=utf-8"
            response.headers["vary"] = "Accept"
            if newer and getattr(request.state, "refused", False):
                response.status_code = 400
        return response


def _coded(error: Any) -> dict[str, Any]:
    """GraphQL's own errors say what is wrong; like all others they get a code."""
    return {**error, "extensions": {"code": "BAD_QUERY", **error.get("extensions", {})}}


def prefers_newer(accept: str) -> bool:
    """Whether an Accept header wants the newer type rather than plain JSON.

    >>> prefers_newer("application/graphql-response+json, application/json;q=0.9")
    True
    >>> prefers_newer("application/graphql-response+json;q=0.5, application/json"), prefers_newer("*/*")
    (False, False)
    """
    wanted = {RESPONSE_TYPE: 0.0, MEDIA_TYPE: 0.0}
    for item in accept.lower().split(","):
        name, *parameters = (part.strip() for part in item.split(";"))
        if name in wanted:
            wanted[name] = max([_quality(p) for p in parameters if p.startswith("q=")], default=1.0)
    return wanted[RESPONSE_TYPE] > 0 and wanted[RESPONSE_TYPE] >= wanted[MEDIA_TYPE]


def _quality(parameter: str) -> float:
    try:
        return float(parameter.removeprefix("q="))
    except ValueError:
        return 0.0


def _refused(error: HTTPException) -> Response:
    """What is no GraphQL request, told as GraphQL tells its errors."""
    body = {"errors": [{"message": error.reason, "extensions": {"code": "BAD_REQUEST"}}]}
    return Response(dumps(body), error.status_code, media_type=MEDIA_TYPE)
