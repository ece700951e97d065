"""A running sandbox and a place to load it into."""

import pickle
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
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
from infra.sandbox.world import World
from ingest.contract import promised_tables

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

    def tables(self, *sources: str) -> dict[str, list[tuple]]:
        """`table` of every promised table, or of those of `sources`, over one connection."""
        found = {}
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            for table in promised_tables():
                if table.source and (not sources or table.source in sources):
                    names = [f'"{c.name}"' for c in table.columns if c.name not in CHANGING]
                    question = f"SELECT {', '.join(names)} FROM raw.{table.name} ORDER BY ALL"
                    found[table.name] = connection.execute(question).fetchall()
        return found

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


@dataclass(frozen=True)
class Drawn:
    """A company of 80 leads as bytes, since tests change theirs, and its exports."""

    company: bytes
    exports: Path


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    """Drawn once: it takes longer than most loads."""
    company, exports = generate(leads=80), tmp_path_factory.mktemp("exports")
    write_exports(company, exports, World(company).now)
    return Drawn(pickle.dumps(company), exports)


@pytest.fixture
def place(tmp_path: Path, drawn: Drawn, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A sandbox of 80 leads and an empty warehouse; retries wait next to nothing."""
    with place_in(tmp_path, drawn, monkeypatch) as place:
        yield place


@contextmanager
def place_in(folder: Path, drawn: Drawn, patch: pytest.MonkeyPatch) -> Iterator[Place]:
    """`place` for a fixture of another scope."""
    patch.setattr("ingest.http.time.sleep", lambda seconds: None)
    for name, value in SECRETS.items():
        patch.setenv(name, value)
    shutil.copytree(drawn.exports, folder / "exports")
    with running(pickle.loads(drawn.company)) as (address, sandbox):
        place = Place(address, sandbox, folder)
        place.configure(every_source(address, folder))
        yield place
