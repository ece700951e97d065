"""A vendor's OAuth token endpoint: gives out tokens and remembers them."""

import secrets

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from infra.sandbox.reply import json_reply


class TokenDesk:
    """Gives a token for any client that names itself; `issued` are the tokens that open the vendor."""

    def __init__(self, prefix: str) -> None:
        self.issued: set[str] = set()
        self._prefix = prefix

    def route(self, path: str) -> Route:
        """The endpoint at `path`, GET (Marketo) and POST (everybody else)."""
        return Route(path, self.answer, methods=["GET", "POST"])

    async def answer(self, request: Request) -> Response:
        """A new token, or the error that a missing credential earns."""
        given = request.query_params if request.method == "GET" else await request.form()
        if not given.get("client_id") or not given.get("client_secret"):
            return json_reply({"error": "invalid_client", "error_description": "client is unknown"}, 401)
        token = f"{self._prefix}{secrets.token_hex(16)}"
        self.issued.add(token)
        return json_reply({"access_token": token, "expires_in": 3599, "token_type": "Bearer", "scope": "all"})
