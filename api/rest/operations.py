"""/livez, /readyz and /health: for the machinery that keeps the doors running, and for whoever watches the data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api.door import Doors
from api.formats.json import dumps
from api.rest.replies import json_reply
from api.settings import ApiSettings, SourceHealth
from semantic.errors import WarehouseError

HEALTH_JSON = "application/health+json"


def operation_routes(doors: Doors) -> APIRouter:
    """The addresses of operations. They need no key and tell nothing but times and versions."""
    router = APIRouter(tags=["operations"])

    @router.get("/livez", summary="The process answers", response_model=None)
    def livez() -> Response:
        return json_reply({"status": "pass"})

    @router.get("/readyz", summary="Something is published and can be read", response_model=None)
    def readyz() -> Response:
        ready = _readable(doors.settings) is None
        return Response(
            dumps({"status": "pass" if ready else "fail"}), 200 if ready else 503, media_type=HEALTH_JSON
        )

    @router.get(
        "/health",
        summary="What is published, how old it is, how far each source had been read, and how fresh each one is",
        description="health+json: `pass`, `warn` when the data or a source is older than expected or an incident is "
        "open, `fail` when nothing can be read (503) or something is older than twice that.",
        response_model=None,
    )
    def health() -> Response:
        document = health_document(doors.settings, doors.glossary_version)
        unreadable = document["checks"]["warehouse:readable"][0]["status"] == "fail"
        return Response(dumps(document), 503 if unreadable else 200, media_type=HEALTH_JSON)

    return router


def health_document(settings: ApiSettings, glossary_version: str) -> dict[str, Any]:
    """The health of a deployment."""
    failed = _readable(settings)
    freshness = {} if failed else settings.warehouse.freshness()
    age = _age_hours(freshness, settings.clock())
    checks: dict[str, list[dict[str, Any]]] = {
        "warehouse:readable": [_check("fail" if failed else "pass", failed)],
        "published:age": [
            {**_check(_aged(age, settings.stale_after_hours)), "observedValue": age, "observedUnit": "h"}
        ],
    }
    watermark = freshness.get("watermark")
    if isinstance(watermark, Mapping):
        checks |= {
            f"{source}:watermark": [{**_check("pass"), "observedValue": at}]
            for source, at in watermark.items()
        }
    checks |= {f"{source.name}:age": [_source(source)] for source in settings.sources()}
    worst = [check["status"] for found in checks.values() for check in found]
    return {
        "status": next((s for s in ("fail", "warn") if s in worst), "pass"),
        "version": "1",
        "releaseId": freshness.get("version"),
        "published_at": freshness.get("published_at"),
        "glossary_version": glossary_version,
        "checks": checks,
    }


def _source(source: SourceHealth) -> dict[str, Any]:
    """Nothing of why a source failed: this address needs no key."""
    found: dict[str, Any] = {
        "status": source.status,
        "observedValue": source.age_hours,
        "observedUnit": "h",
        "limit": source.limit_hours,
        "time": source.loaded_at.isoformat(timespec="seconds") if source.loaded_at else None,
    }
    if source.incident_since:
        since = source.incident_since.isoformat(timespec="seconds")
        found["incident"] = {"kind": source.incident, "since": since}
    return found


def _readable(settings: ApiSettings) -> str | None:
    """None when the published data can be read, else what to tell; never a path or the driver's own words."""
    try:
        pinned = settings.warehouse.pin()
        try:
            pinned.run("SELECT 1")
        finally:
            pinned.close()
    except WarehouseError:
        return "Nothing is published yet, or it cannot be read. Run `touchstone refresh`."
    return None


def _check(status: str, output: str | None = None) -> dict[str, Any]:
    return {"status": status} | ({"output": output} if output else {})


def _age_hours(freshness: Mapping[str, Any], now: dt.datetime) -> float | None:
    try:
        published = dt.datetime.fromisoformat(str(freshness["published_at"]))
    except (KeyError, ValueError):
        return None
    if published.tzinfo is not None:
        published = published.astimezone(dt.UTC).replace(tzinfo=None)
    return round((now - published).total_seconds() / 3600, 2)


def _aged(age: float | None, limit: float) -> str:
    if age is None or age <= limit:
        return "pass"
    return "warn" if age <= 2 * limit else "fail"
