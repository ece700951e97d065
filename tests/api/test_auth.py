"""Who may come in: keys, acting for others, feed tokens; 401 and 403, and nothing of the secrets anywhere."""

from __future__ import annotations

import base64

import pytest

from api.auth import KEY_PREFIX, digest, new_secret
from tests.api.conftest import EMEA, FEED, KEY, POOR, SERVICE, Served

QUESTION = "/v1/query?metrics=mqls&group_by=region"
GUARDED = (
    "/v1/meta",
    "/v1/periods",
    "/v1/query?metrics=mqls",
    "/v1/value?metric=mqls",
    "/v1/saved",
    "/v1/tables",
)


@pytest.mark.parametrize("path", GUARDED)
@pytest.mark.parametrize("key", [None, "wrong", ""])
def test_no_key_or_a_wrong_one_is_401(served: Served, path: str, key: str | None) -> None:
    response = served.get(path, key)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.json()["error"]["code"] == "unauthorized"


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {KEY}"},
        {"Authorization": f"bearer {KEY}"},
        {"X-Api-Key": KEY},
        {"Authorization": "Basic " + base64.b64encode(f"anyone:{KEY}".encode()).decode()},
    ],
)
def test_a_key_may_travel_as_clients_send_it(served: Served, headers: dict[str, str]) -> None:
    assert served.client.get(QUESTION, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "value", ["Basic !!!", "Basic " + base64.b64encode(b"\xff\xfe:x").decode(), "Bearer", "x"]
)
def test_a_broken_authorization_header_is_401(served: Served, value: str) -> None:
    assert served.client.get(QUESTION, headers={"Authorization": value}).status_code == 401


def test_the_question_is_not_read_before_the_key(served: Served) -> None:
    assert served.get("/v1/query?nonsense=1", None).status_code == 401
    assert served.post("/v1/query", {"metrics": ["nope"]}, "wrong").status_code == 401


def regions(served: Served, key: str, **headers: str) -> list[str | None]:
    response = served.get(QUESTION, key, **headers)
    assert response.status_code == 200, response.text
    return [row["region"] for row in response.json()["rows"]]


def test_the_rows_are_those_of_the_person_who_is_acted_for(served: Served) -> None:
    """alice sees EMEA, bob sees everything; the service key is neither."""
    everything = regions(served, KEY)
    assert set(everything) > {"EMEA"}
    assert regions(served, EMEA) == ["EMEA"]
    assert regions(served, SERVICE, X_On_Behalf_Of="alice") == ["EMEA"]
    assert regions(served, SERVICE, X_On_Behalf_Of="bob") == everything
    assert regions(served, SERVICE, X_On_Behalf_Of="new.person%40example.com") == everything


def test_masked_dimensions_and_denied_metrics_follow_the_person(served: Served) -> None:
    masked = served.get("/v1/query?metrics=mqls&group_by=owner", SERVICE, X_On_Behalf_Of="bob").json()["rows"]
    assert {row["owner"] for row in masked} == {"***"}
    denied = served.get("/v1/query?metrics=source_freshness_hours", SERVICE, X_On_Behalf_Of="bob")
    assert denied.status_code == 403
    names = {m["name"] for m in served.get("/v1/meta", SERVICE, X_On_Behalf_Of="bob").json()["metrics"]}
    assert "mqls" in names
    assert "source_freshness_hours" not in names


@pytest.mark.parametrize("name", ["mallory", "admin", "ops"])
def test_a_key_may_not_name_whom_it_may_not_name(served: Served, name: str) -> None:
    assert served.get(QUESTION, SERVICE, X_On_Behalf_Of=name).status_code == 403
    assert served.get(QUESTION, KEY, X_On_Behalf_Of=name).status_code == 403


@pytest.mark.parametrize("name", ["", "a%0Ab", "%3Cscript%3E", "x" * 300])
def test_a_name_that_is_none_is_400(served: Served, name: str) -> None:
    assert served.get(QUESTION, SERVICE, X_On_Behalf_Of=name).status_code == 400


def test_a_key_without_a_role_sees_nothing(served: Served) -> None:
    assert served.get(QUESTION, POOR).status_code == 403
    assert served.sql("SELECT DISTINCT region FROM metrics", POOR).status_code == 403


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/saved/funnel_by_month.csv", 200),
        ("/v1/saved/executive_summary.csv", 403),
        ("/v1/value?metric=mqls", 200),
        ("/v1/value?metric=win_rate", 200),
        ("/v1/value?metric=marketing_spend", 403),
        ("/v1/query?metrics=mqls", 401),
        ("/v1/meta", 401),
        ("/v1/saved", 401),
    ],
)
def test_a_feed_token_opens_its_addresses_and_no_other(served: Served, path: str, status: int) -> None:
    joined = path + ("&" if "?" in path else "?") + f"token={FEED}"
    assert served.get(joined, None).status_code == status


def test_a_feed_token_is_no_key_and_a_key_is_no_feed_token(served: Served) -> None:
    assert served.get("/v1/value?metric=mqls", FEED).status_code == 401
    assert served.get(f"/v1/value?metric=mqls&token={KEY}", None).status_code == 401


def test_secrets_are_random_and_only_their_hash_is_kept() -> None:
    first, second = new_secret(), new_secret()
    assert first != second
    assert first.startswith(KEY_PREFIX)
    assert first not in digest(first)
    assert len(digest(first)) == 64


def test_no_secret_reaches_the_log(served: Served) -> None:
    served.rows("SELECT MEASURE(mqls) FROM metrics WHERE owner = 'kim@example.com'")
    text = served.log.read_text()
    assert "owner = ?" in text
    for secret in (KEY, SERVICE, FEED, "kim@example.com"):
        assert secret not in text
