"""JSON answers, fast."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response


def json_reply(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """`body` as a JSON response."""
    return Response(orjson.dumps(body), status, dict(headers or {}), media_type="application/json")
