"""The vendors speak in their own shapes, and the faults strike."""

from collections.abc import Iterator
from datetime import date

import pytest
from starlette.testclient import TestClient

from infra.sandbox.generate import generate
from infra.sandbox.salesforce_ids import salesforce_id, with_checksum
from infra.sandbox.service import Sandbox
from infra.sandbox.vendors import ga4, google_ads, linkedin_ads, meta_ads

BEARER = {"Authorization": "Bearer any"}


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return Sandbox(generate(leads=400))


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[TestClient]:
    with TestClient(sandbox.app()) as client:
        yield client
    sandbox.faults.clear()


def test_hubspot_pages_by_after_and_sends_strings(client: TestClient) -> None:
    asked = {"limit": 50, "properties": "email", "propertiesWithHistory": "lifecyclestage"}
    first = client.get("/hubspot/crm/v3/objects/contacts", params=asked, headers=BEARER).json()
    after = first["paging"]["next"]["after"]
    second = client.get(
        "/hubspot/crm/v3/objects/contacts", params=asked | {"after": after}, headers=BEARER
    ).json()
    ids = [one["id"] for one in first["results"] + second["results"]]
    assert len(set(ids)) == 100
    history = first["results"][0]["propertiesWithHistory"]["lifecyclestage"]
    assert history == sorted(history, key=lambda change: change["timestamp"], reverse=True)


def test_hubspot_refuses_too_long_a_page_with_history(client: TestClient) -> None:
    asked = {"limit": 100, "propertiesWithHistory": "lifecyclestage"}
    answer = client.get("/hubspot/crm/v3/objects/contacts", params=asked, headers=BEARER)
    assert answer.status_code == 400
    assert answer.json()["category"] == "VALIDATION_ERROR"


def test_salesforce_wants_a_token_that_it_gave_out(client: TestClient) -> None:
    question = {"q": "SELECT Id FROM Lead"}
    refused = client.get("/salesforce/services/data/v62.0/query", params=question, headers=BEARER)
    assert refused.status_code == 401
    assert refused.json()[0]["errorCode"] == "INVALID_SESSION_ID"
    form = {"grant_type": "client_credentials", "client_id": "a", "client_secret": "b"}
    token = client.post("/salesforce/services/oauth2/token", data=form).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    answer = client.get("/salesforce/services/data/v62.0/query", params=question, headers=headers).json()
    assert answer["done"]
    assert answer["totalSize"] == len(answer["records"]) > 0


def test_salesforce_names_a_field_that_does_not_exist(client: TestClient) -> None:
    form = {"grant_type": "client_credentials", "client_id": "a", "client_secret": "b"}
    token = client.post("/salesforce/services/oauth2/token", data=form).json()["access_token"]
    answer = client.get(
        "/salesforce/services/data/v62.0/query",
        params={"q": "SELECT Nonsense__c FROM Lead"},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.json()[0]["errorCode"] == "INVALID_FIELD"


def test_linkedin_and_meta_send_money_as_text(client: TestClient) -> None:
    query = (
        "q=analytics&pivot=CAMPAIGN&timeGranularity=DAILY&fields=pivotValues,dateRange,costInLocalCurrency"
        "&dateRange=(start:(year:2026,month:1,day:1),end:(year:2026,month:1,day:2))"
        f"&accounts=List(urn%3Ali%3AsponsoredAccount%3A{linkedin_ads.ACCOUNT})"
    )
    elements = client.get(f"/linkedin/rest/adAnalytics?{query}", headers=BEARER).json()["elements"]
    assert {type(one["costInLocalCurrency"]) for one in elements} == {str}
    asked = {"level": "campaign", "time_range": '{"since":"2026-01-01","until":"2026-01-31"}', "limit": 10}
    page = client.get(f"/meta/v23.0/act_{meta_ads.ACCOUNT}/insights", params=asked, headers=BEARER).json()
    assert len(page["data"]) == 10
    assert "next" in page["paging"]
    assert isinstance(page["data"][0]["spend"], str)


def test_google_sends_micros_as_text(client: TestClient) -> None:
    form = {"grant_type": "refresh_token", "client_id": "a", "client_secret": "b"}
    token = client.post("/google/token", data=form).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "developer-token": "d"}
    question = (
        "SELECT metrics.cost_micros FROM campaign WHERE segments.date BETWEEN '2026-01-01' AND '2026-01-03'"
    )
    url = f"/google/v21/customers/{google_ads.CUSTOMER}/googleAds:searchStream"
    batches = client.post(url, json={"query": question}, headers=headers).json()
    assert batches[0]["results"][0]["metrics"]["costMicros"].isdigit()


def test_ga4_counts_all_rows_and_sends_a_page(client: TestClient) -> None:
    form = {"grant_type": "refresh_token", "client_id": "a", "client_secret": "b"}
    token = client.post("/ga4/token", data=form).json()["access_token"]
    asked = {
        "dateRanges": [{"startDate": "2026-01-01", "endDate": "2026-06-30"}],
        "dimensions": [{"name": "date"}],
        "metrics": [{"name": "sessions"}],
        "limit": "5",
        "offset": "5",
    }
    url = f"/ga4/v1beta/properties/{ga4.PROPERTY}:runReport"
    answer = client.post(url, json=asked, headers={"Authorization": f"Bearer {token}"}).json()
    assert len(answer["rows"]) == 5
    assert answer["rowCount"] > 10


def test_faults_strike_as_often_as_told(client: TestClient) -> None:
    told = {"vendor": "hubspot", "kind": "status", "status": 429, "times": 2, "retry_after": 7}
    client.post("/admin/faults", json=told)
    answers = [client.get("/hubspot/crm/v3/owners", headers=BEARER) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["Retry-After"] == "7"


def test_an_unknown_fault_is_refused(client: TestClient) -> None:
    answer = client.post("/admin/faults", json={"vendor": "hubspot", "kind": "earthquake"})
    assert answer.status_code == 400
    assert "earthquake" in answer.json()["error"]


def test_time_passes_when_told(client: TestClient) -> None:
    before = client.get("/admin/truth").json()
    now = client.post("/admin/change", json={"days": 7}).json()["now"]
    assert date.fromisoformat(now[:10]) == date(2026, 11, 7)
    total = {"metric": "leads", "month": None, "channel": None}
    counted = [
        next(one["value"] for one in answers if total.items() <= one.items())
        for answers in (before, client.get("/admin/truth").json())
    ]
    assert counted[1] > counted[0]


def test_salesforce_ids_carry_their_checksum() -> None:
    assert with_checksum("001A0000006Vm9r") == "001A0000006Vm9rIAC"
    assert len({salesforce_id("00Q", number) for number in range(5_000)}) == 5_000
