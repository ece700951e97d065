"""What was reported, through the doors: REST, one value, and GraphQL; caches notice a closing."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from starlette.testclient import TestClient

from api import ApiSettings, create_app
from api.auth import ApiKey, Credentials, User, digest
from semantic.closing import Signed, close_month
from semantic.closings import Reopening
from semantic.loader import load_glossary
from semantic.warehouse.closed_files import ClosedFiles
from semantic.warehouse.duckdb import DuckDBWarehouse
from tests.shared import ROOT

SHOP = ROOT / "tests" / "semantic"
USERS = Credentials(
    keys=(ApiKey(User("ops", see_all=True), digest("ops")), ApiKey(User("nora", ("north",)), digest("nora")))
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ClosedFiles:
    return ClosedFiles(tmp_path_factory.mktemp("closed"))


@pytest.fixture(scope="module")
def client(store: ClosedFiles, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The shop; January was closed, and then order 1 became 90."""
    home = tmp_path_factory.mktemp("serving")
    file = home / "warehouse.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute((SHOP / "shop.sql").read_text())
    pointer = home / "current.json"
    pointer.write_text(
        json.dumps({"version": "v1", "path": str(file), "published_at": "2026-04-01T00:00:00+00:00"})
    )
    glossary, warehouse = load_glossary(SHOP / "shop.yml"), DuckDBWarehouse(pointer)
    store.add(
        *close_month("2026-01", 1, glossary, warehouse, Signed("ann", dt.datetime(2026, 4, 2, tzinfo=dt.UTC)))
    )
    warehouse.close()
    with duckdb.connect(str(file)) as connection:
        connection.execute("UPDATE shop.orders SET total = 90 WHERE order_id = 1")
    with TestClient(create_app(ApiSettings(warehouse, glossary, lambda: USERS, closings=store))) as found:
        yield found


def get(client: TestClient, path: str, key: str = "ops", **headers: str) -> Any:
    return client.get(path, headers={"Authorization": f"Bearer {key}", **headers})


def test_every_door_answers_with_what_was_reported(client: TestClient) -> None:
    answer = get(client, "/v1/query?metrics=order_total&as_of=2026-01").json()
    assert answer["rows"] == [{"order_total": "150.00"}]
    assert answer["freshness"]["closed"]["month"] == "2026-01"
    assert get(client, "/v1/value?metric=order_total&as_of=2026-01").text == "150.00"
    text = """{ metricQuery(input: {metrics: ["order_total"], groupBy: ["metric_time:month"], compare: AS_REPORTED})
                { rows notes } }"""
    found = client.post("/graphql", json={"query": text}, headers={"Authorization": "Bearer ops"}).json()
    first = found["data"]["metricQuery"]["rows"][0]
    assert (first["order_total"], first["order_total__as_reported"]) == ("140.00", "150.00")
    assert first["order_total__definition"] == "same"
    sql = """SELECT DATE_TRUNC('month', metric_time) m, MEASURE(order_total), MEASURE(order_total, as_reported),
             MEASURE(order_total, as_reported, definition) AS by FROM metrics GROUP BY 1 ORDER BY 1 LIMIT 1"""
    body = {"sql": sql, "format": "json"}
    (row,) = client.post("/v1/sql", json=body, headers={"Authorization": "Bearer ops"}).json()["rows"]
    assert (row["order_total"], row["order_total__as_reported"], row["by"]) == ("140.00", "150.00", "same")
    text = '{ metricQuery(input: {metrics: ["orders"], asOf: "2026-01"}) { rows } }'
    found = client.post("/graphql", json={"query": text}, headers={"Authorization": "Bearer ops"}).json()
    assert found["data"]["metricQuery"]["rows"] == [{"orders": 2}]
    body = {"query": {"metrics": ["orders"], "as_of": "2026-01"}}
    compiled = client.post("/v1/compile", json=body, headers={"Authorization": "Bearer ops"}).json()
    assert "what was reported of orders" in compiled["explain"]


def test_rights_hold_at_the_doors(client: TestClient) -> None:
    assert get(client, "/v1/query?metrics=orders&as_of=2026-01", "nora").json()["rows"] == [{"orders": 2}]
    assert get(client, "/v1/query?metrics=spend&as_of=2026-01", "nora").status_code == 403
    refused = get(client, "/v1/query?metrics=orders&as_of=2026-02")
    assert refused.status_code == 400
    assert "has not been closed" in refused.json()["error"]["message"]


def test_the_closed_months_are_listed(client: TestClient) -> None:
    found = get(client, "/v1/periods").json()
    assert found["closed"] == ["2026-01"]
    [closing] = found["closings"]
    assert (closing["month"], closing["number"], closing["by"], closing["reopened"]) == (
        "2026-01",
        1,
        "ann",
        None,
    )
    assert "order_total" in closing["metrics"]
    assert client.get("/v1/periods").status_code == 401


def test_a_cache_notices_what_is_closed(client: TestClient, store: ClosedFiles) -> None:
    """Last: it reopens January."""
    path = "/v1/query?metrics=order_total&group_by=metric_time:month&compare=as_reported"
    tag = get(client, path).headers["etag"]
    assert get(client, path, **{"If-None-Match": tag}).status_code == 304
    store.reopen("2026-01", Reopening("2026-04-03T00:00:00+00:00", "bob", "late"))
    assert get(client, path, **{"If-None-Match": tag}).status_code == 400
    found = get(client, "/v1/periods").json()
    assert (found["closed"], found["closings"][0]["reopened"]["reason"]) == ([], "late")
