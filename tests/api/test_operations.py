"""Health, failures, and readers who follow a moving pointer without a restart and without an error."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import duckdb
import httpx
import pytest

from api import ApiSettings, Limits
from api.rest.operations import health_document
from api.settings import SourceHealth
from semantic.warehouse.duckdb import DuckDBWarehouse
from tests.api.conftest import KEY, NOW, Served, publish, serve

HEADERS = {"Authorization": f"Bearer {KEY}"}


def test_health_tells_version_age_and_watermarks(served: Served) -> None:
    assert served.get("/livez", None).json() == {"status": "pass"}
    assert served.get("/readyz", None).json() == {"status": "pass"}
    response = served.get("/health", None)
    assert response.headers["content-type"] == "application/health+json"
    document = response.json()
    assert (document["status"], document["releaseId"]) == ("pass", "v1")
    assert document["checks"]["published:age"][0]["observedValue"] == 6.0
    assert document["checks"]["hubspot:watermark"][0]["observedValue"] == "2026-04-15T05:00:00"


@pytest.mark.parametrize(("hours", "status"), [(7, "pass"), (4, "warn"), (2, "fail")])
def test_old_data_warns_and_then_fails(settings: ApiSettings, hours: float, status: str) -> None:
    document = health_document(replace(settings, stale_after_hours=hours), "g")
    assert document["status"] == status


def test_health_tells_how_fresh_each_source_is_and_not_why_it_failed(settings: ApiSettings) -> None:
    loaded = dt.datetime(2026, 4, 14, 2)
    sources = (
        SourceHealth("hubspot", "pass", 6.0, 26.0, NOW - dt.timedelta(hours=6)),
        SourceHealth("linkedin_ads", "warn", 34.0, 26.0, loaded, "failed", loaded),
        SourceHealth("ga4", "fail", None, 26.0, None, "failed", loaded),
    )
    watched = replace(settings, sources=lambda: sources)
    with serve(watched) as address:
        response = httpx.get(f"{address}/health")
    assert response.status_code == 200, "old data is served: only what cannot be read is 503"
    checks = response.json()["checks"]
    assert response.json()["status"] == "fail"
    assert checks["linkedin_ads:age"] == [
        {
            "status": "warn", "observedValue": 34.0, "observedUnit": "h", "limit": 26.0, "time": "2026-04-14T02:00:00",
            "incident": {"kind": "failed", "since": "2026-04-14T02:00:00"},
        }
    ]  # fmt: skip
    assert (checks["ga4:age"][0]["observedValue"], checks["ga4:age"][0]["time"]) == (None, None)


def test_an_answer_that_follows_the_clock_is_never_unchanged(served: Served) -> None:
    """An ETag covers data and definitions; a source's age grows while both stay."""
    for path in (
        "/v1/query?metrics=source_age_hours",
        "/v1/saved/data_health.json",
        "/v1/value?metric=source_age_hours",
    ):
        response = served.get(path)
        assert response.status_code == 200, response.text
        assert "etag" not in response.headers
        assert response.headers["cache-control"] == "no-store"
    assert "etag" in served.get("/v1/query?metrics=mqls").headers


def test_nothing_published_is_503_everywhere_and_alive(settings: ApiSettings, tmp_path: Path) -> None:
    empty = replace(settings, warehouse=DuckDBWarehouse(tmp_path / "current.json"))
    with serve(empty) as address, httpx.Client(base_url=address, headers=HEADERS, timeout=30) as client:
        assert client.get("/livez").status_code == 200
        assert client.get("/readyz").status_code == 503
        health = client.get("/health")
        assert (health.status_code, health.json()["status"]) == (503, "fail")
        question = client.get("/v1/query?metrics=mqls")
        assert (question.status_code, question.json()["error"]["code"]) == (503, "unavailable")
        for answer in (health, question):
            assert str(tmp_path) not in answer.text
        (tmp_path / "current.json").write_text("{broken")
        assert client.get("/v1/query?metrics=mqls").status_code == 503
        publish(tmp_path, Path(_file(settings)), "v9")
        assert client.get("/v1/query?metrics=mqls").json()["freshness"]["version"] == "v9"


def _file(settings: ApiSettings) -> str:
    pointer = json.loads(Path(settings.warehouse._path).read_text())
    return str(pointer["path"])


def test_readers_follow_the_pointer_and_never_block(
    settings: ApiSettings, home: Path, tmp_path: Path
) -> None:
    """Two versions differ by one person; every answer is of one of them, whole, with its own version."""
    (tmp_path / "two").mkdir()
    first, second = home / "warehouse.duckdb", tmp_path / "two" / "warehouse.duckdb"
    shutil.copy(first, second)
    with duckdb.connect(str(second)) as connection:
        connection.execute("DELETE FROM core.person WHERE first_mql_at IS NOT NULL AND region = 'EMEA'")
    publish(tmp_path, first, "one")
    moving = replace(settings, warehouse=DuckDBWarehouse(tmp_path / "current.json"))
    seen: list[tuple[str, int]] = []
    failed: list[str] = []
    stop = threading.Event()

    def read(address: str) -> None:
        with httpx.Client(base_url=address, headers=HEADERS, timeout=30) as client:
            while not stop.is_set():
                response = client.get("/v1/query?metrics=mqls")
                if response.status_code != 200:
                    failed.append(response.text)
                    return
                document = response.json()
                seen.append((document["freshness"]["version"], document["rows"][0]["mqls"]))

    with serve(moving) as address:
        readers = [threading.Thread(target=read, args=(address,)) for _ in range(3)]
        for reader in readers:
            reader.start()
        tag = httpx.get(f"{address}/v1/query?metrics=mqls", headers=HEADERS).headers["etag"]
        for turn in range(8):
            publish(tmp_path, (first, second)[turn % 2 == 0], ("one", "two")[turn % 2 == 0])
            stop.wait(0.1)
        publish(tmp_path, second, "two")
        stop.wait(0.2)
        again = httpx.get(f"{address}/v1/query?metrics=mqls", headers={**HEADERS, "If-None-Match": tag})
        stop.set()
        for reader in readers:
            reader.join(30)
    assert not failed
    assert again.status_code == 200, "a new version is a new answer"
    numbers = dict(seen)
    assert set(seen) == set(numbers.items()), "each version has one number"
    assert set(numbers) == {"one", "two"}
    assert numbers["two"] < numbers["one"]


def test_a_failure_shows_nothing_and_keeps_the_connection(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the secret is xyzzy")

    monkeypatch.setattr("api.rest.query.read_question", fail)
    for _ in range(3):
        response = served.get("/v1/query?metrics=mqls")
        assert response.status_code == 500
        error = response.json()["error"]
        assert error["code"] == "internal"
        assert error["reference"]
        assert "xyzzy" not in response.text


def test_a_question_over_its_time_is_stopped(settings: ApiSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    hurried = replace(settings, limits=Limits(timeout_s=0.3))
    monkeypatch.setattr("api.room.ask", _endless)
    with serve(hurried) as address:
        response = httpx.get(f"{address}/v1/query?metrics=mqls", headers=HEADERS, timeout=30)
    assert (response.status_code, response.json()["error"]["code"]) == (408, "stopped")
    assert "0.3 s" in response.json()["error"]["message"]


def test_a_statement_is_stopped_by_whoever_sent_it_only(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.room.ask", _endless)
    found: list[httpx.Response] = []
    body = {"sql": "SELECT MEASURE(mqls) FROM metrics", "query_id": "slow"}

    def send() -> None:
        found.append(httpx.post(f"{served.address}/v1/sql", json=body, headers=HEADERS, timeout=60))

    sender = threading.Thread(target=send)
    sender.start()
    other = {"Authorization": "Bearer key-of-emea"}
    for _ in range(100):
        assert httpx.delete(f"{served.address}/v1/sql/slow", headers=other).json() == {"cancelled": False}
        if httpx.delete(f"{served.address}/v1/sql/slow", headers=HEADERS).json()["cancelled"]:
            break
        sender.join(0.05)
    sender.join(30)
    assert found[0].status_code == 408
    assert "cancelled" in found[0].json()["error"]["message"]
    assert httpx.delete(f"{served.address}/v1/sql/slow", headers=HEADERS).json() == {"cancelled": False}


def _endless(query: object, glossary: object, warehouse: DuckDBWarehouse, *_: object) -> None:
    """What a heavy question is to the doors: SQL that runs on and on."""
    warehouse.run("SELECT count(*) FROM range(10000000000000) AS t(i) WHERE i % 7 = 3")
