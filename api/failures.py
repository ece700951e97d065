"""What nobody expected: logged under a reference, answered with 500, and nothing of it is shown.

The framework's own handler answers too, but lets the exception go on to the server, which then drops the
connection under a client that keeps it open.
"""

from __future__ import annotations

import logging
import uuid

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import INTERNAL, ApiError, error_document
from api.formats.json import dumps

_LOGGER = logging.getLogger("touchstone.api")


class Failures:
    """ASGI middleware around everything else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:
            if scope["type"] != "http" or started:
                raise
            reference = uuid.uuid4().hex[:12]
            _LOGGER.exception("failure %s at %s %s", reference, scope["method"], scope["path"])
            await _answer(send, reference)


async def _answer(send: Send, reference: str) -> None:
    body = dumps(error_document(ApiError(INTERNAL, code="internal"), reference))
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": body})
