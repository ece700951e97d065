"""The JSON answer: `Answer.to_document()`, written by orjson."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import orjson

MEDIA_TYPE = "application/json"


def dumps(document: Any) -> bytes:
    """JSON bytes; exact decimals become strings, times ISO 8601 (a document of the engine already is so)."""
    return orjson.dumps(document, default=_plain, option=orjson.OPT_NON_STR_KEYS)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    if isinstance(value, int):
        return str(value)  # beyond 64 bits: exact as text
    raise TypeError(f"{type(value).__name__} has no JSON form")
