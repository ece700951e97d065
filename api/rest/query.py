"""/v1/query: a question by address or as JSON, answered as JSON, CSV or Arrow; /v1/compile: its SQL only."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Caller
from api.caching import not_modified
from api.door import KEYS, Doors
from api.errors import BadRequest
from api.formats.json import dumps
from api.rest.answers import ANSWER_RESPONSES
from api.rest.questions import (
    EXAMPLE,
    document_from_parameters,
    openapi_body,
    openapi_parameters,
    question_schema,
    read_json,
    read_question,
)
from api.rest.replies import json_reply, reply, wanted_format

DIALECTS = ("duckdb", "snowflake", "postgres", "bigquery", "redshift")
_FORMAT = {
    "name": "format",
    "in": "query",
    "description": "`json` (default), `csv` or `arrow`; the Accept header does the same.",
    "schema": {"enum": ["json", "csv", "arrow"]},
}


def query_routes(doors: Doors) -> APIRouter:
    """The addresses of questions."""
    router = APIRouter(prefix="/v1", tags=["questions"], dependencies=KEYS)

    @router.get(
        "/query",
        summary="Ask a question by address",
        description="The same question as POST, in parameters. Lists are separated by commas.",
        responses=ANSWER_RESPONSES,
        openapi_extra={"parameters": [*openapi_parameters(), _FORMAT]},
        response_model=None,
    )
    def get_query(request: Request) -> Response:
        caller = doors.caller(request)
        return _answer(doors, request, caller, document_from_parameters(request, ("format",)))

    @router.post(
        "/query",
        summary="Ask a question",
        description="Metrics by dimensions, filtered, ordered and compared. Every door asks this same question.",
        responses=ANSWER_RESPONSES,
        openapi_extra={"parameters": [_FORMAT], **openapi_body(question_schema(), EXAMPLE)},
        response_model=None,
    )
    async def post_query(request: Request) -> Response:
        caller = doors.caller(request)
        return await run_in_threadpool(_answer, doors, request, caller, await read_json(request))

    @router.post(
        "/compile",
        summary="See the SQL of a question without running it",
        description="Body: `{query, dialect}`. Answers the SQL, its bound parameters, and the plan in words.",
        openapi_extra=openapi_body(
            {
                "type": "object",
                "properties": {"query": question_schema(), "dialect": {"enum": list(DIALECTS)}},
                "required": ["query"],
            },
            {"query": EXAMPLE, "dialect": "snowflake"},
        ),
        response_model=None,
    )
    async def post_compile(request: Request) -> Response:
        caller = doors.caller(request)
        return await run_in_threadpool(_compile, doors, caller, await read_json(request))

    return router


def _answer(doors: Doors, request: Request, caller: Caller, document: dict[str, Any]) -> Response:
    form = wanted_format(request)
    query = read_question(document, doors.settings.limits)
    with doors.sit(caller) as seat:
        headers = doors.cache(request, caller, seat, dumps(document) + form.encode())
        return not_modified(request, headers) or reply(seat.answer(query), form, headers)


def _compile(doors: Doors, caller: Caller, document: dict[str, Any]) -> Response:
    dialect = document.get("dialect", "duckdb")
    if dialect not in DIALECTS:
        raise BadRequest(f"There is no dialect {dialect!r}; one of {', '.join(DIALECTS)}.", DIALECTS)
    query = read_question(document.get("query"), doors.settings.limits)
    with doors.sit(caller) as seat:
        compiled = seat.compile(query, dialect)
        return json_reply(
            {
                "sql": compiled.sql,
                "parameters": list(compiled.parameters),
                "explain": compiled.explain(),
                "dialect": dialect,
            }
        )
