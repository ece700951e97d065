"""A running sandbox and a place to load it into."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
import requests
import yaml

import ingest
from infra.sandbox.files import sources_document, write_exports
from infra.sandbox.generate import generate
from infra.sandbox.secret_names import SECRET_NAMES
from infra.sandbox.server import running
from infra.sandbox.service import Sandbox

SECRETS = {name: f"secret-{name.lower()}" for name in SECRET_NAMES}
# What differs between two loads of the same records.
CHANGING = {"_loaded_at"}


@dataclass
class Place:
    """A sandbox, and a warehouse that is loaded from it."""

    address: str
    sandbox: Sandbox
    folder: Path

    @property
    def warehouse(self) -> Path:
        return self.folder / "warehouse.duckdb"

    @property
    def sources(self) -> Path:
        return self.folder / "sources.yml"

    def load(self, *only: str, **options: Any) -> Any:
        """Load the named sources, or all of them."""
        if only:
            options["only"] = only
        return ingest.run(self.sources, self.warehouse, self.folder / "state", **options)

    def configure(self, document: dict[str, Any]) -> None:
        self.sources.write_text(yaml.safe_dump(document), encoding="utf-8")

    def rows(self, question: str) -> list[tuple]:
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(question).fetchall()

    def table(self, name: str) -> list[tuple]:
        """All rows of a raw table, sorted, without what differs between two loads."""
        columns = [f'"{row[0]}"' for row in self.rows(f"DESCRIBE raw.{name}") if row[0] not in CHANGING]
        return self.rows(f"SELECT {', '.join(columns)} FROM raw.{name} ORDER BY ALL")

    def fail(self, vendor: str, kind: str, **fields: Any) -> None:
        fault = {"vendor": vendor, "kind": kind, **fields}
        requests.post(f"{self.address}/admin/faults", json=fault, timeout=10).raise_for_status()

    def change(self, **what: int) -> dict:
        return requests.post(f"{self.address}/admin/change", json=what, timeout=10).json()


def every_source(address: str, folder: Path) -> dict[str, Any]:
    """The sandbox's sources file with every source switched on."""
    document = sources_document(address, folder / "exports")
    for options in document["sources"].values():
        options["on"] = True
    return document


def build_place(folder: Path, leads: int) -> Iterator[Place]:
    for name, value in SECRETS.items():
        os.environ[name] = value
    company = generate(leads=leads)
    with running(company) as (address, sandbox):
        place = Place(address, sandbox, folder)
        write_exports(company, folder / "exports", sandbox.world.now)
        place.configure(every_source(address, folder))
        yield place


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A sandbox of 80 leads and an empty warehouse; retries wait next to nothing."""
    monkeypatch.setattr("ingest.http.time.sleep", lambda seconds: None)
    yield from build_place(tmp_path, leads=80)
