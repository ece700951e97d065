"""A real server: the fixture warehouse published in a folder, the real glossary, uvicorn on a free port."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from api import ApiSettings, Limits, create_app
from api.auth import ApiKey, Credentials, FeedToken, User, digest
from semantic.definitions import Glossary
from semantic.loader import load_glossary
from semantic.warehouse.duckdb import DuckDBWarehouse
from tests.fixtures.core import build_core
from tests.shared import ROOT

NOW = dt.datetime(2026, 4, 15, 12, 0)
KEY, SERVICE, EMEA, POOR, FEED = (
    "key-of-ops",
    "key-of-superset",
    "key-of-emea",
    "key-without-role",
    "feed-finance",
)
CREDENTIALS = Credentials(
    keys=(
        ApiKey(User("ops", see_all=True), digest(KEY)),
        ApiKey(
            User("svc_superset", ("everyone",)), digest(SERVICE), act_for=("alice", "bob", "*@example.com")
        ),
        ApiKey(User("erik", ("region_emea",)), digest(EMEA)),
        ApiKey(User("nobody"), digest(POOR)),
    ),
    feeds=(
        FeedToken(
            User("finance", ("finance",)), digest(FEED), saved=("funnel*",), metrics=("mqls", "*_rate")
        ),
    ),
    users=(User("alice", ("region_emea",)), User("bob", ("everyone",))),
    anyone=User("*", ("everyone",)),
)


@dataclass
class Served:
    """A running server and a client of it; `publish` moves its pointer."""

    address: str
    home: Path
    client: httpx.Client
    log: Path
    keys: list[str] = field(default_factory=list)

    def get(self, path: str, key: str | None = KEY, **headers: str) -> httpx.Response:
        return self.client.get(path, headers=self._headers(key, headers))

    def post(self, path: str, document: Any, key: str | None = KEY, **headers: str) -> httpx.Response:
        return self.client.post(path, json=document, headers=self._headers(key, headers))

    def graphql(self, text: str, key: str | None = KEY, **variables: Any) -> dict[str, Any]:
        found: dict[str, Any] = self.post("/graphql", {"query": text, "variables": variables}, key).json()
        return found

    def sql(self, statement: str, key: str = KEY, **headers: str) -> httpx.Response:
        return self.post("/v1/sql", {"sql": statement, "format": "json"}, key, **headers)

    def rows(self, statement: str, key: str = KEY, **headers: str) -> list[dict[str, Any]]:
        response = self.sql(statement, key, **headers)
        assert response.status_code == 200, response.text
        found: list[dict[str, Any]] = response.json()["rows"]
        return found

    @staticmethod
    def _headers(key: str | None, more: dict[str, str]) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return named | ({"Authorization": f"Bearer {key}"} if key else {})


def publish(home: Path, file: Path, version: str) -> None:
    """Move the pointer to a file, as a refresh does."""
    pointer = {
        "version": version,
        "path": str(file),
        "published_at": "2026-04-15T06:00:00+00:00",
        "watermark": {"hubspot": "2026-04-15T05:00:00"},
    }
    new = home / "current.new"
    new.write_text(json.dumps(pointer))
    new.replace(home / "current.json")


@pytest.fixture(scope="session")
def glossary() -> Glossary:
    return load_glossary(ROOT / "semantic" / "glossary")


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("serving")
    publish(home, build_core(home / "warehouse.duckdb"), "v1")
    return home


@pytest.fixture(scope="session")
def settings(home: Path, glossary: Glossary) -> ApiSettings:
    return ApiSettings(
        DuckDBWarehouse(home / "current.json"),
        glossary,
        lambda: CREDENTIALS,
        Limits(default_rows=100, max_rows=2_000, timeout_s=20),
        clock=lambda: NOW,
        log_file=home / "logs" / "sql.jsonl",
    )


@pytest.fixture(scope="session")
def served(settings: ApiSettings, home: Path) -> Iterator[Served]:
    with serve(settings) as address, httpx.Client(base_url=address, timeout=60) as client:
        yield Served(address, home, client, home / "logs" / "sql.jsonl")


class serve:  # noqa: N801 - used like a function: `with serve(settings) as address`
    """Run the doors on a free port of the loopback while the block lasts."""

    def __init__(self, settings: ApiSettings) -> None:
        config = uvicorn.Config(create_app(settings), host="127.0.0.1", port=0, log_level="warning")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def __enter__(self) -> str:
        self._thread.start()
        while not self._server.started:
            self._thread.join(0.02)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)
