"""ETag and Last-Modified: an answer stays the same until a version is published or the glossary changes."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from email.utils import format_datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.auth import Caller

VARY = "Authorization, X-Api-Key, X-On-Behalf-Of, Accept"


def cache_headers(
    request: Request, caller: Caller, freshness: Mapping[str, Any], glossary_version: str, body: bytes = b""
) -> dict[str, str]:
    """The headers of an answer that depends on its address, its asker, the data and the glossary only."""
    version = str(freshness.get("version", ""))
    if not version:
        return {"Cache-Control": "no-store"}
    said = (
        version,
        glossary_version,
        str(request.url.path),
        _query(request),
        request.headers.get("accept", ""),
    )
    tag = hashlib.sha256("\0".join((*said, repr(caller.principal))).encode() + body).hexdigest()[:32]
    headers = {"ETag": f'W/"{tag}"', "Cache-Control": "private, no-cache", "Vary": VARY}
    published = _time(freshness.get("published_at"))
    if published:
        headers["Last-Modified"] = format_datetime(published, usegmt=True)
    return headers


def not_modified(request: Request, headers: Mapping[str, str]) -> Response | None:
    """304 when the caller already has this answer.

    By ETag only: a date cannot tell that the glossary or somebody's rights have changed.
    """
    asked = request.headers.get("if-none-match")
    if asked is None or "ETag" not in headers:
        return None
    known = {part.strip().removeprefix("W/") for part in asked.split(",")}
    same = headers["ETag"].removeprefix("W/") in known or "*" in known
    return Response(status_code=304, headers=dict(headers)) if same else None


def _query(request: Request) -> str:
    """The address's parameters without the feed token: it is a secret, and says nothing of the answer."""
    return "&".join(sorted(f"{k}={v}" for k, v in request.query_params.multi_items() if k != "token"))


def _time(value: Any) -> dt.datetime | None:
    if value is None:
        return None
    try:
        read = dt.datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return read.replace(tzinfo=dt.UTC) if read.tzinfo is None else read.astimezone(dt.UTC)
