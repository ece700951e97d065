"""What ingestion says of a failure finds the cure that fits it."""

import re

import pytest

from infra.incidents.advice import CAUSES
from ingest import refusals
from ingest.http import Complaint
from ingest.marketo import complaint


def why(told: Complaint | None) -> str:
    assert told is not None
    return told.why


LIMIT, LOGIN, TYPE, DOWN = "limit of calls", "credentials", "another type", "disturbed"
SAID = {
    "answered 403: "
    + why(refusals.salesforce(403, {"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "m"})): LIMIT,
    "answered " + why(complaint({"success": False, "errors": [{"code": "607"}]})): LIMIT,
    "answered " + why(complaint({"success": False, "errors": [{"code": "606"}]})): LIMIT,
    "answered " + why(complaint({"success": False, "errors": [{"code": "603"}]})): LOGIN,
    "answered 400: " + why(refusals.meta(400, {"error": {"code": 190, "message": "m"}})): LOGIN,
    "GET https://x/activities/types.json answered 500: m (after 6 attempts)": DOWN,
    "GET https://x/v1/types.json sent text/html where JSON was expected (after 6 attempts)": DOWN,
    "hubspot__deals.amount is promised as DECIMAL(18, 2) and now comes as text": TYPE,
    "hubspot__deals.tier was VARCHAR and is now BOOLEAN at the vendor (field 'tier')": TYPE,
}


@pytest.mark.parametrize("said", SAID)
def test_each_failure_finds_its_cure(said: str) -> None:
    cure = next(cure for pattern, cure in CAUSES if re.search(pattern, said, re.IGNORECASE))
    assert SAID[said] in cure
