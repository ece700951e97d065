"""Errors that belong to the doors alone, drawn as a tree; the engine's own are in `semantic.errors`.

ApiError                        an answer other than 200, with a code and a message for the caller
├── BadRequest                  400: the request itself cannot be read
├── Unauthorized                401: no key, or one that is not known
├── Forbidden                   403: the key is known and may not do this
├── NotFound                    404: no such address, saved query or statement
├── TooLarge                    413: more than a limit allows, and cutting it short would be a wrong answer
├── Stopped                     408: over the time limit, or cancelled
└── Unavailable                 503: nothing is published, or the warehouse cannot be reached
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from semantic.errors import AccessDenied, TouchstoneError, UnknownName, UserError


class ApiError(Exception):
    """An answer other than 200; the message is written for the caller."""

    status = 400
    code = "bad_request"

    def __init__(self, message: str, suggestions: Iterable[str] = (), code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.suggestions = tuple(suggestions)
        self.code = code or self.code


class BadRequest(ApiError):  # noqa: N818
    """The request cannot be read."""


class Unauthorized(ApiError):  # noqa: N818
    """No key, or one that is not known."""

    status, code = 401, "unauthorized"


class Forbidden(ApiError):  # noqa: N818
    """The key is known and may not do this."""

    status, code = 403, "forbidden"


class NotFound(ApiError):  # noqa: N818
    """There is nothing of this name."""

    status, code = 404, "not_found"


class TooLarge(ApiError):  # noqa: N818
    """The answer is larger than a limit; it is refused, because a part of it would look like the whole."""

    status, code = 413, "too_large"


class Stopped(ApiError):  # noqa: N818
    """The question ran over its time limit, or its asker cancelled it."""

    status, code = 408, "stopped"


class Unavailable(ApiError):  # noqa: N818
    """Nothing is published yet, or the warehouse cannot be reached."""

    status, code = 503, "unavailable"


INTERNAL = "Something went wrong on our side. The reference below finds it in the log."


def as_api_error(error: Exception) -> ApiError | None:
    """The engine's error as an answer: the asker's mistakes are 400, rights 403, the warehouse 503.

    Returns None for what nobody expected, which must not be shown.
    """
    if isinstance(error, ApiError):
        return error
    if isinstance(error, AccessDenied):
        return Forbidden(error.message, error.suggestions, error.code)
    if isinstance(error, UnknownName):
        return BadRequest(error.message, error.suggestions, f"unknown_{error.kind.replace(' ', '_')}")
    if isinstance(error, UserError):
        return BadRequest(error.message, error.suggestions, error.code)
    if isinstance(error, RecursionError):
        return BadRequest("The question is nested too deeply.", code="too_deep")
    if isinstance(error, TouchstoneError):
        return Unavailable("The warehouse cannot answer now. Try again shortly.")
    return None


def error_document(error: ApiError, reference: str | None = None) -> dict[str, Any]:
    """`{"error": {"code", "message", "suggestions"}}`, the body of every error of every door."""
    body: dict[str, Any] = {
        "code": error.code,
        "message": error.message,
        "suggestions": list(error.suggestions),
    }
    if reference:
        body["reference"] = reference
    return {"error": body}
