"""What a vendor's answer holds: its JSON, what it says is wrong, and how long it asks to wait."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import orjson
import requests

from ingest.secrecy import without_secrets

MOST_WORDS = 300  # characters of a vendor's own words
META_USAGE = "X-Business-Use-Case-Usage"  # the minutes until calls are let through again, by account


def read_json(content: bytes) -> Any:
    """The JSON of a body. ValueError when it is none.

    What the strict parser refuses, half an emoji that was cut off, is read by the lenient one.
    """
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        if b"\\u" not in content:
            raise
        return json.loads(content)


def body_of(response: requests.Response) -> dict[str, Any]:
    """The JSON object that an answer holds, the first one of a list; empty where it holds none."""
    try:
        body = read_json(response.content)
    except ValueError:
        return {}
    body = body[0] if isinstance(body, list) and body else body
    return body if isinstance(body, dict) else {}


def error_within(body: Any) -> dict[str, Any] | None:
    """The error that an answer with status 200 holds: Google breaks a stream off with one."""
    for one in body if isinstance(body, list) else [body]:
        if isinstance(one, dict) and (isinstance(one.get("error"), dict) or one.get("status") == "error"):
            return one
    return None


def vendors_words(body: dict[str, Any], otherwise: str) -> str:
    """What the vendor says is wrong, the general and the particular, shortened and without secrets."""
    said = dict.fromkeys(text for text in _said(body) if text)
    return without_secrets("; ".join(said) or otherwise or "no reason given")[:MOST_WORDS]


def _said(body: dict[str, Any]) -> list[str]:
    """The texts of an error body, from the outside in: Google says what is wrong in its details."""
    said = [
        body[key] for key in ("message", "Message", "error_description") if isinstance(body.get(key), str)
    ]
    if not said and isinstance(body.get("error"), str):
        said = [body["error"]]
    context = body.get("context")  # where HubSpot names the scopes that are missing
    for named in context.values() if isinstance(context, dict) else ():
        said += [str(one) for one in named] if isinstance(named, list) else []
    for key in ("error", "errors", "details", "Errors", "OperationErrors", "BatchErrors"):
        inner = body.get(key)
        for one in inner if isinstance(inner, list) else [inner]:
            said += _said(one) if isinstance(one, dict) else []
    return said


def asked_wait(response: requests.Response | None, skew: timedelta) -> float:
    """The seconds that an answer asks to wait, which it may say as an instant of its clock; 0 when it does not ask.

    `skew` is how far the vendor's clock is before ours.
    """
    if response is None:
        return 0.0
    asked = response.headers.get("Retry-After", "").strip()
    if asked.isascii() and asked.replace(".", "", 1).isdigit():
        return float(asked)
    at = http_date(asked)
    if at is not None:
        return max((at - datetime.now(UTC) - skew).total_seconds(), 0.0)
    return _minutes_of_meta(response.headers.get(META_USAGE, "")) * 60.0


def http_date(text: str) -> datetime | None:
    """The instant of a header; None when it says none."""
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except (TypeError, ValueError):
        return None


def _minutes_of_meta(header: str) -> float:
    try:
        told = json.loads(header)
        return max(float(one["estimated_time_to_regain_access"]) for many in told.values() for one in many)
    except (ValueError, TypeError, KeyError, AttributeError):
        return 0.0
