"""/v1/sql and /v1/tables: the SQL door over HTTP, for dashboards and SQL tools."""

from __future__ import annotations

import math
from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Caller
from api.door import KEYS, Doors
from api.errors import BadRequest
from api.formats import arrow
from api.rest.answers import error_responses
from api.rest.questions import openapi_body, read_json
from api.rest.replies import json_reply
from api.room import Sitting
from api.sql_door.catalog import SCHEMA, TABLE
from api.sql_door.log import StatementLog
from api.sql_door.run import catalog_for, run_sql
from api.sql_door.running import Running
from semantic.answer import column_type, rows_of
from semantic.definitions import Metric
from semantic.errors import UnknownName
from semantic.fingerprint import standing

_KEYS = ("sql", "format", "timeout_s", "query_id")
_BODY: dict[str, Any] = {
    "type": "object",
    "required": ["sql"],
    "properties": {
        "sql": {"type": "string", "description": "One SELECT in PostgreSQL's dialect."},
        "format": {"enum": ["arrow", "json"], "default": "arrow"},
        "timeout_s": {"type": "number", "description": "Stop after this many seconds."},
        "query_id": {"type": "string", "description": "A name by which DELETE /v1/sql/{query_id} stops it."},
    },
}
_EXAMPLE = {
    "sql": "SELECT channel, MEASURE(mqls) FROM metrics WHERE region = 'EMEA' GROUP BY channel",
    "format": "json",
}
_DESCRIPTION = (
    "One virtual table, `semantic.metrics`: its columns are the shared dimensions, its metrics are written "
    "`MEASURE(name)`. The statement is read into the same question that every door asks; what is not "
    "understood is refused with a message that says what would work. Nothing reaches the warehouse as it was written."
)


def sql_routes(doors: Doors) -> APIRouter:
    """The addresses of the SQL door."""
    router = APIRouter(prefix="/v1", tags=["sql"], dependencies=KEYS)
    running, log = Running(), StatementLog(doors.settings.log_file)

    @router.post(
        "/sql",
        summary="Ask in SQL",
        description=_DESCRIPTION,
        responses={
            200: {"content": {arrow.MEDIA_TYPE: {}, "application/json": {}}},
            **error_responses(400, 401, 403, 408, 503),
        },
        openapi_extra=openapi_body(_BODY, _EXAMPLE),
        response_model=None,
    )
    async def post_sql(request: Request) -> Response:
        caller = doors.caller(request)
        return await run_in_threadpool(_statement, doors, caller, await read_json(request), running, log)

    @router.delete(
        "/sql/{query_id}",
        summary="Stop a statement",
        description="Only whoever sent a statement may stop it. Answers whether it was still running.",
        response_model=None,
    )
    def cancel(request: Request, query_id: str) -> Response:
        caller = doors.caller(request)
        return json_reply({"cancelled": running.stop(query_id, caller)})

    @router.get(
        "/tables",
        summary="The virtual table",
        description="Columns with their SQL types; metrics with label, definition, owner, status and format.",
        response_model=None,
    )
    def tables(request: Request) -> Response:
        caller = doors.caller(request)
        with doors.sit(caller) as seat:
            return json_reply({TABLE: _table(seat)})

    return router


def _statement(
    doors: Doors, caller: Caller, body: dict[str, Any], running: Running, log: StatementLog
) -> Response:
    sql, form, timeout_s, query_id = _read(body)
    with log.statement(sql, caller, query_id) as entry, doors.sit(caller, timeout_s) as seat:
        with running.named(query_id, caller, seat):
            table = run_sql(sql, seat)
        entry.rows = table.num_rows
    if form == "arrow":
        return Response(arrow.write_arrow(table), media_type=arrow.MEDIA_TYPE)
    columns = [{"name": f.name, "type": column_type(f.type)} for f in table.schema]
    return json_reply({"columns": columns, "rows": rows_of(table)})


def _read(body: dict[str, Any]) -> tuple[str, str, float | None, str]:
    for key in body:
        if key not in _KEYS:
            raise UnknownName.of("key", key, _KEYS)
    sql, form = body.get("sql"), body.get("format", "arrow")
    timeout_s, query_id = body.get("timeout_s"), body.get("query_id") or ""
    if not isinstance(sql, str) or not sql.strip():
        raise BadRequest("'sql' should be one SELECT as text.", code="bad_value")
    if form not in ("arrow", "json"):
        raise BadRequest(f"There is no format {form!r}; arrow or json.", ("arrow", "json"))
    if timeout_s is not None and not _positive(timeout_s):
        raise BadRequest(f"'timeout_s' is {timeout_s!r}; it should be a number of seconds.", code="bad_value")
    if not isinstance(query_id, str) or len(query_id) > 200:
        raise BadRequest("'query_id' should be short text.", code="bad_value")
    return sql, form, timeout_s, query_id


def _positive(value: Any) -> bool:
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value > 0
    )


def _table(seat: Sitting) -> dict[str, Any]:
    catalog = catalog_for(seat)
    return {
        "schema": SCHEMA,
        "columns": dict(catalog.dimensions),
        "metrics": {
            metric.name: {
                **_metric(metric, standing(metric, seat.glossary).status),
                "currency": seat.glossary.settings.reporting_currency
                if metric.format == "currency"
                else None,
            }
            for metric in seat.metrics()
        },
    }


def _metric(metric: Metric, status: str) -> dict[str, Any]:
    """What a dashboard tool shows of a metric; it is certified when its definition is confirmed."""
    confirmed = status == "confirmed"
    return {
        "label": metric.label,
        "expression": f"MEASURE({metric.name})",
        "definition": metric.definition,
        "certified_by": metric.owner if confirmed else None,
        "details": metric.definition if confirmed else f"{status}: not confirmed by its owner yet",
        "owner": metric.owner,
        "status": status,
        "format": metric.format,
        "better": metric.better or None,
        "target": metric.target,
        "thresholds": dict(metric.thresholds),
    }
