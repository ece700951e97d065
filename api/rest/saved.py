"""/v1/saved/{name}.{json,csv,arrow,xlsx}: the questions that finance and other feeds have agreed on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Caller, check_feed
from api.caching import not_modified
from api.door import KEYS, Doors
from api.errors import BadRequest, NotFound, TooLarge
from api.formats import xlsx
from api.rest.answers import error_responses
from api.rest.questions import document_from_parameters, openapi_parameters, read_question
from api.rest.replies import FORMATS, reply, settled
from api.rest.value import _TOKEN
from api.room import Sitting
from api.settings import Limits
from semantic.answer import Answer
from semantic.definitions import SavedQuery
from semantic.errors import nearest
from semantic.query import Query

_NARROWING = ("where", "from", "to")


def saved_routes(doors: Doors) -> APIRouter:
    """The addresses of saved questions."""
    router = APIRouter(prefix="/v1", tags=["spreadsheets"], dependencies=KEYS)

    @router.get("/saved", summary="The saved questions", response_model=None)
    def list_saved(request: Request) -> Response:
        return settled(doors, request, lambda seat: {"saved": [saved_document(s) for s in seat.saved()]})

    @router.head("/saved/{file}", include_in_schema=False)
    @router.get(
        "/saved/{file}",
        summary="The rows of a saved question, as a file",
        description="`{name}.json`, `.csv`, `.arrow` or `.xlsx`. The workbook has a sheet of typed numbers, and one "
        "with each number's definition, owner, status, watermark and SQL. The rows are always all of them.",
        responses={
            200: {"content": {kind: {} for kind in ("application/json", "text/csv", xlsx.MEDIA_TYPE)}},
            **error_responses(400, 401, 403, 404, 413, 503),
        },
        openapi_extra={"parameters": [*openapi_parameters(_NARROWING), _TOKEN]},
        response_model=None,
    )
    def get_saved(request: Request, file: str) -> Response:
        caller = doors.feed_caller(request)
        return _file(doors, request, caller, file)

    @router.options("/saved/{file}", include_in_schema=False)
    def options(file: str) -> Response:
        return Response(status_code=204, headers={"Allow": "GET, HEAD, OPTIONS"})

    return router


def saved_document(saved: SavedQuery) -> dict[str, Any]:
    """A saved question as `/v1/meta` and `/v1/saved` show it."""
    return {
        "name": saved.name,
        "label": saved.label,
        "description": saved.description,
        "query": dict(saved.document),
        "files": [f"/v1/saved/{saved.name}.{form}" for form in (*FORMATS, "xlsx")],
    }


def _file(doors: Doors, request: Request, caller: Caller, file: str) -> Response:
    name, _, form = file.rpartition(".")
    if form not in (*FORMATS, "xlsx"):
        raise NotFound(f"A saved question is a file: {file}.csv, .xlsx, .json or .arrow.")
    if caller.feed is not None:
        check_feed(caller.feed.saved, name)
    saved = doors.settings.glossary.saved
    if name not in saved:
        near = nearest(name, saved)
        raise NotFound(f"There is no saved question {name!r}. /v1/saved lists them.", near)
    query = _narrowed(saved[name], request, doors.settings.limits)
    with doors.sit(caller) as seat:
        headers = doors.cache(request, caller, seat)
        unchanged = not_modified(request, headers)
        if unchanged:
            return unchanged
        answer = whole_answer(seat, query)
        if form == "xlsx":
            return _workbook(doors, saved[name], answer, headers)
        return reply(answer, form, headers)


def _narrowed(saved: SavedQuery, request: Request, limits: Limits) -> Query:
    """The saved question; an address may narrow it by period and conditions, and do nothing else to it."""
    asked = document_from_parameters(request, ("token",))
    for key in set(asked) - {"where", "time_range"}:
        raise BadRequest(f"A saved question takes no {key!r}; `where`, `from` and `to` narrow it.")
    query = read_question(saved.document, limits)
    narrowing = read_question({"metrics": ["-"], **asked}, limits)
    return replace(
        query, where=(*query.where, *narrowing.where), time_range=narrowing.time_range or query.time_range
    )


def whole_answer(seat: Sitting, query: Query) -> Answer:
    """All rows of a question; more than the limit are refused, because a part would look like the whole."""
    most = seat.limits.max_rows
    answer = seat.ask(query if query.limit else replace(query, limit=most + 1))
    if answer.table.num_rows > most:
        raise TooLarge(
            f"This has {answer.total} rows; {most} is the most. Narrow it with `from`, `to` or `where`."
        )
    return answer


def _workbook(doors: Doors, saved: SavedQuery, answer: Answer, headers: dict[str, str]) -> Response:
    settings = doors.settings
    title = saved.label or saved.name
    body = xlsx.write_xlsx(answer, settings.glossary.metrics, title, settings.clock())
    told = {"Content-Disposition": f'attachment; filename="{saved.name}.xlsx"', **headers}
    return Response(body, media_type=xlsx.MEDIA_TYPE, headers=told)
