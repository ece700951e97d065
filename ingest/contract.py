"""The promise of ingest: which raw tables exist, with which columns, types and merge keys.

The promise is written once, in `sqlmesh/external_models.yaml`, where the models read it too.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb
import yaml

from ingest.catching_up import write_down

PROMISE_FILE = Path(__file__).resolve().parent.parent / "sqlmesh" / "external_models.yaml"
RAW = "raw"


@dataclass(frozen=True)
class Column:
    """A promised column; `type` is a name that DuckDB and Snowflake both read, e.g. `DECIMAL(18, 2)`."""

    name: str
    type: str


@dataclass(frozen=True)
class Table:
    """A promised raw table; `key` is what one row is, and what a load merges on."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    description: str = ""

    @property
    def source(self) -> str:
        """The source system, `hubspot` in `hubspot__contacts`; empty for bookkeeping tables."""
        return self.name.partition("__")[0] if "__" in self.name else ""

    @property
    def object(self) -> str:
        """The object within the source, `contacts` in `hubspot__contacts`."""
        return self.name.partition("__")[2] or self.name


@cache
def promised_tables(promise_file: Path = PROMISE_FILE) -> tuple[Table, ...]:
    """Every promised table, in the order of the file.

    Raises FileNotFoundError when the promise is missing, which means a broken installation.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast where it was built
    documents = yaml.load(promise_file.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - a safe one
    return tuple(_table(document) for document in documents)


def promised(name: str) -> Table:
    """The promised table `name`, e.g. `hubspot__contacts`; KeyError names it when there is none."""
    for table in promised_tables():
        if table.name == name:
            return table
    raise KeyError(f"{name!r} is not promised in {PROMISE_FILE.name}")


def promised_of(source: str) -> tuple[Table, ...]:
    """The tables that `source` promises."""
    return tuple(table for table in promised_tables() if table.source == source)


def create_promised_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create what is promised and missing: empty tables, and columns a wider promise has added.

    Existing rows are kept, and what they lack is loaded from the start (`ingest/catching_up.py`). A column that
    exists with another type is left to the load, which refuses it.
    """
    connection.begin()
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {RAW}")
    existing = set(
        connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = ?", [RAW]
        ).fetchall()
    )
    tables = {name for name, _ in existing}
    late = set()
    for table in promised_tables():
        columns = ", ".join(f'"{column.name}" {column.type}' for column in table.columns)
        missing = [column for column in table.columns if (table.name, column.name) not in existing]
        if missing and tables and table.source:
            late.add(table.name)
        if table.name not in tables:
            connection.execute(f'CREATE TABLE {RAW}."{table.name}" ({columns})')
            continue
        for column in missing:
            connection.execute(f'ALTER TABLE {RAW}."{table.name}" ADD COLUMN "{column.name}" {column.type}')
    if late:
        write_down(connection, sorted(late))
    connection.commit()


def _table(document: dict) -> Table:
    grain = str(document["grain"]).strip("()")
    return Table(
        name=document["name"].removeprefix(f"{RAW}."),
        key=tuple(part.strip() for part in grain.split(",")),
        columns=tuple(Column(name, kind) for name, kind in document["columns"].items()),
        description=document.get("description", ""),
    )
