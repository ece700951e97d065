"""All doors on one application."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.bodies import BodyLimit
from api.door import Doors
from api.errors import ApiError, as_api_error, error_document
from api.failures import Failures
from api.formats.json import MEDIA_TYPE, dumps
from api.graphql.route import graphql_routes
from api.rest.meta import meta_routes
from api.rest.operations import operation_routes
from api.rest.periods import period_routes
from api.rest.query import query_routes
from api.rest.rows import row_routes
from api.rest.saved import saved_routes
from api.rest.sql import sql_routes
from api.rest.value import value_routes
from api.settings import ApiSettings
from semantic.errors import TouchstoneError

_ROUTES = (
    query_routes, row_routes, value_routes, saved_routes, period_routes, meta_routes, sql_routes, operation_routes,
)  # fmt: skip
_LOGGER = logging.getLogger("touchstone.api")
_DESCRIPTION = """
Every number of the glossary, from one definition, through whichever door fits:

* **GraphQL** `POST /graphql` - metrics, dimensions, their members, and questions, typed.
* **REST** `/v1/query` - the same questions in an address or as JSON; answers as JSON, CSV or Arrow.
* **Spreadsheets** `/v1/value` (one number) and `/v1/saved/{name}.xlsx|csv` (agreed reports).
* **SQL** `POST /v1/sql` - `SELECT channel, MEASURE(mqls) FROM metrics GROUP BY channel`.

**Keys.** Send `Authorization: Bearer KEY` (or `X-Api-Key`, or the key as an HTTP Basic password). A key that may
act for others names the person in `X-On-Behalf-Of`; that person's rows and metrics are what is answered.
Feed addresses (`/v1/value`, `/v1/saved/...`) also take `?token=FEEDTOKEN`.

**Errors** are `{"error": {"code", "message", "suggestions"}}`: 400 a question that is wrong (the message says
what would work), 401 no known key, 403 not allowed, 404 nothing of this name, 408 over the time limit,
413 larger than a limit, 503 nothing is published.

**Numbers.** Exact decimals are strings, dates ISO 8601, a missing value null. A column says whether it may be
added up (`additive`): ratios and distinct counts may not. **Freshness**: every answer names the version of the
data and how far each source had been read; the `ETag` changes when either data or definitions do.
"""
_STATUS_CODES = {404: "not_found", 405: "method_not_allowed"}


def create_app(settings: ApiSettings) -> FastAPI:
    """The application that serves every door of one deployment."""
    doors = Doors(settings)
    app = FastAPI(
        title="Touchstone",
        version="1",
        description=_DESCRIPTION,
        docs_url="/docs",
        redoc_url=None,
    )
    for routes in _ROUTES:
        app.include_router(routes(doors))
    app.include_router(graphql_routes(doors), tags=["graphql"])
    app.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=5)
    app.add_middleware(BodyLimit, most=settings.limits.max_body_bytes)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "X-Api-Key"],
            expose_headers=["ETag", "X-Total-Rows"],
        )
    app.add_middleware(Failures)
    _handle_errors(app)
    return app


def _handle_errors(app: FastAPI) -> None:
    app.add_exception_handler(ApiError, _known)
    app.add_exception_handler(TouchstoneError, _known)
    app.add_exception_handler(RecursionError, _known)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)


def _known(request: Request, error: Exception) -> Response:
    known = as_api_error(error)
    assert known is not None
    if known.status >= 500:
        _LOGGER.error("%s %s: %s", request.method, request.url.path, error)
    return _response(known.status, error_document(known))


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    message = str(error.detail)
    if error.status_code in (404, 405):
        message = f"There is nothing at {request.method} {request.url.path}. /docs lists the addresses."
    found = ApiError(message, code=_STATUS_CODES.get(error.status_code, "bad_request"))
    return _response(error.status_code, error_document(found), error.headers)


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    said = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
    return _response(400, error_document(ApiError(said, code="bad_value")))


def _response(status: int, document: dict[str, Any], headers: Any = None) -> Response:
    told = {"Cache-Control": "no-store", **dict(headers or {})}
    if status == 401:
        told["WWW-Authenticate"] = "Bearer"
    return Response(dumps(document), status, told, MEDIA_TYPE)
