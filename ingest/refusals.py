"""What vendors mean by an answer that is not 200 where the status alone does not say it: their quotas."""

import re
from typing import Any

import orjson

from ingest.answers import vendors_words
from ingest.http import DENIED, QUOTA, TOKEN, Complaint

LONGEST_DELAY = 120  # seconds; Google asks in its body for what others ask for with Retry-After
META_WAIT = MICROSOFT_WAIT = 60.0  # seconds; limits of a minute, and of an hour that goes by
TOO_MUCH = "reduce the amount of data"  # in Meta's words
META_TOKEN = 190
META_DENIED = {3, 10, *range(200, 300)}
META_PASSING = {1, 2}  # out of order
META_LIMITS = {4, 17, 32, 341, 613, *range(80_000, 80_015)}  # too many calls an hour
MICROSOFT_PASSING = {117, 207}  # too many calls, too many reports at once
_DELAY = re.compile(rb'"retryDelay":"(\d+)')


def hubspot(status: int, body: dict[str, Any]) -> Complaint | None:
    """429 with the policy that was broken: ten seconds pass, a day does not."""
    return _quota(body) if body.get("policyName") == "DAILY" else None


def salesforce(status: int, body: dict[str, Any]) -> Complaint | None:
    """403, as for a missing permission, with a code of its own."""
    return _quota(body) if body.get("errorCode") == "REQUEST_LIMIT_EXCEEDED" else None


def google(status: int, body: dict[str, Any]) -> Complaint | None:
    """429 for the tokens of an hour and of a day; a delay that is asked for tells them apart, or the words."""
    error = body.get("error")
    if status != 429 or not isinstance(error, dict):
        return None
    found = _DELAY.search(orjson.dumps(error))
    delay = int(found[1]) if found else 0
    if delay > LONGEST_DELAY or "per day" in str(error.get("message")):
        return _quota(error)
    return Complaint(vendors_words(body, ""), is_passing=True, wait=delay)


def linkedin(status: int, body: dict[str, Any]) -> Complaint | None:
    """429 that names the limit of the day; it ends at midnight UTC."""
    return _quota(body) if status == 429 and " DAY limit" in str(body.get("message")) else None


def meta(status: int, body: dict[str, Any]) -> Complaint | None:
    """400 with a code; the limits are of the hour that goes by."""
    error = body.get("error")
    if not isinstance(error, dict):
        return None
    code, message = error.get("code"), error.get("message")
    if TOO_MUCH in str(message):  # with code 1, and no retry helps
        return Complaint(str(message))
    if code in META_PASSING | META_LIMITS:
        wait = META_WAIT if code in META_LIMITS else 0.0
        return Complaint(f"code {code}: {message}", is_passing=True, wait=wait)
    if code == META_TOKEN:
        return Complaint(f"{TOKEN}, code {code}: {message}")
    return Complaint(f"{DENIED}, code {code}: {message}") if code in META_DENIED else None


def microsoft(status: int, body: dict[str, Any]) -> Complaint | None:
    """400 with a list of errors."""
    for error in body.get("OperationErrors") or ():
        if error.get("Code") in MICROSOFT_PASSING:
            return Complaint(
                f"code {error['Code']}: {error.get('Message')}", is_passing=True, wait=MICROSOFT_WAIT
            )
    return None


def _quota(told: dict[str, Any]) -> Complaint:
    return Complaint(f"{QUOTA}: {told.get('message')}")
