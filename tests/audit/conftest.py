"""Warehouses for the audit: raw tables by hand, and simulated companies that were loaded over the wire once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
import yaml

import ingest
from infra.audit.ground import Ground, opened
from infra.audit.nouns import Audit
from infra.audit.run import audit
from infra.audit.tidy import lay_out
from infra.sandbox.company import Company
from infra.sandbox.files import sources_document, write_exports
from infra.sandbox.generate import generate
from infra.sandbox.secret_names import SECRET_NAMES
from infra.sandbox.server import running
from infra.sandbox.world import World
from infra.settings import PROJECT
from ingest.contract import promised
from tests.audit import by_hand

HERE = {
    "seeds": PROJECT / "sqlmesh" / "seeds",
    "glossary": PROJECT / "semantic" / "glossary",
    "models": PROJECT / "sqlmesh" / "models",
    "currency": "USD",
}
# What the cases need; analytics and the other ad platforms would only cost time.
LOADED = ("hubspot", "salesforce", "linkedin_ads", "files")
Lay = Callable[[by_hand.Rows], AbstractContextManager[Ground]]


def land(file: Path, rows: by_hand.Rows) -> Path:
    """Write raw tables with these rows, and no others, into a warehouse file."""
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE SCHEMA raw")
        for table, listed in rows.items():
            columns = ", ".join(f'"{one.name}" {one.type}' for one in promised(table).columns)
            connection.execute(f"CREATE TABLE raw.{table} ({columns})")
            for row in listed:
                names, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" for _ in row)
                connection.execute(f"INSERT INTO raw.{table} ({names}) VALUES ({marks})", list(row.values()))
    return file


@contextmanager
def ground_of(file: Path, *only: str) -> Iterator[Ground]:
    """The ground of a warehouse file, laid out."""
    with opened(file, only=only, **HERE) as ground:
        lay_out(ground)
        yield ground


@pytest.fixture
def lay(tmp_path: Path) -> Lay:
    """Rows by hand, landed and laid out."""
    return lambda rows: ground_of(land(tmp_path / "warehouse.duckdb", rows))


@dataclass(frozen=True)
class Loaded:
    """A simulated company and the warehouse that its systems were loaded into."""

    company: Company
    world: World
    warehouse: Path

    def audited(self, **options: object) -> Audit:
        return audit(self.warehouse, **HERE | options)[0]


def load(folder: Path, leads: int, cases: bool) -> Loaded:
    """Generate a company, serve it, ingest it."""
    os.environ.update(dict.fromkeys(SECRET_NAMES, "secret"))
    company = generate(leads=leads, months=12, cases=cases)
    with running(company) as (address, sandbox):
        write_exports(company, folder / "exports", sandbox.world.now)
        sources = folder / "sources.yml"
        sources.write_text(yaml.safe_dump(sources_document(address, folder / "exports")))
        ingest.run(sources, folder / "warehouse.duckdb", folder / "state", only=LOADED)
    return Loaded(company, World(company), folder / "warehouse.duckdb")


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """A company with the forty cases planted; large enough for each of them."""
    return load(tmp_path_factory.mktemp("planted"), leads=1_100, cases=True)


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """A company without any."""
    return load(tmp_path_factory.mktemp("clean"), leads=400, cases=False)
