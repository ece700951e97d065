"""An answer as the response that was asked for: JSON, CSV or Arrow, with what lets it be cached."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response

from api.caching import not_modified
from api.door import Doors
from api.errors import BadRequest
from api.formats import arrow, csv, json
from api.room import Sitting
from semantic.answer import Answer

FORMATS = ("json", "csv", "arrow")
_BY_ACCEPT = {
    "application/json": "json",
    "text/csv": "csv",
    "application/vnd.apache.arrow.stream": "arrow",
}


def wanted_format(request: Request) -> str:
    """The format of an answer: the parameter `format`, else the first known type in Accept, else JSON."""
    asked = request.query_params.get("format")
    if asked is not None:
        if asked not in FORMATS:
            raise BadRequest(f"There is no format {asked!r}; one of {', '.join(FORMATS)}.", FORMATS)
        return asked
    for part in request.headers.get("accept", "").split(","):
        known = _BY_ACCEPT.get(part.partition(";")[0].strip().lower())
        if known:
            return known
    return "json"


def reply(answer: Answer, form: str, headers: Mapping[str, str]) -> Response:
    """The answer in a format."""
    told = {**headers, "X-Total-Rows": str(answer.total)}
    if answer.totals is not None and form != "json":
        raise BadRequest(f"Totals are answered as JSON, not as {form}: there they would look like rows.")
    if form == "csv":
        return Response(csv.write_csv(answer), media_type=csv.MEDIA_TYPE, headers=told)
    if form == "arrow":
        return Response(arrow.write_arrow(answer.table), media_type=arrow.MEDIA_TYPE, headers=told)
    return Response(json.dumps(answer.to_document()), media_type=json.MEDIA_TYPE, headers=told)


def settled(doors: Doors, request: Request, make: Callable[[Sitting], object]) -> Response:
    """What there is at the published version, as JSON; 304 for a caller who has it already."""
    caller = doors.caller(request)
    with doors.sit(caller) as seat:
        headers = doors.cache(request, caller, seat)
        return not_modified(request, headers) or json_reply(make(seat), headers)


def json_reply(document: object, headers: Mapping[str, str] | None = None) -> Response:
    """Any document as JSON."""
    return Response(json.dumps(document), media_type=json.MEDIA_TYPE, headers=dict(headers or {}))
