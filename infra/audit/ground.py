"""What the checks stand on: the raw tables of a warehouse file, read-only, beside a working space in memory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, wraps
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from infra.audit.clock import Clock, clock_of
from infra.errors import InfraError, MistakeError
from ingest.contract import Table as Promise
from ingest.contract import promised_tables

T = TypeVar("T")


@dataclass(frozen=True)
class Ground:
    """The raw tables, all of them promised by ingest: what was never loaded is there, and empty."""

    connection: duckdb.DuckDBPyConnection
    loaded: frozenset[str]  # the raw tables that the file has, of the sources that were asked for
    seeds: Path  # the folder of the small tables that people edit
    glossary: Path
    models: Path
    currency: str  # that money is reported in
    memo: dict[str, Any] = field(default_factory=dict, compare=False)

    def ask(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self.connection.execute(sql, list(values)).fetchall()

    def value(self, sql: str, *values: object) -> Any:
        """The first column of the first row."""
        return self.ask(sql, *values)[0][0]

    @cached_property
    def counts(self) -> dict[str, int]:
        """Rows by raw table, of every promised one."""
        parts = " UNION ALL ".join(
            f"SELECT '{one.name}', COUNT(*) FROM raw.{one.name}" for one in promised_sources()
        )
        return {name: int(rows) for name, rows in self.ask(parts)}

    @cached_property
    def filled(self) -> tuple[Promise, ...]:
        """The promised tables that have rows."""
        return tuple(one for one in promised_sources() if self.counts[one.name])

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """The sources that have rows, by name."""
        return tuple(sorted({one.source for one in self.filled}))

    def clock(self, table: Promise) -> Clock:
        """The columns of a table that tell time."""
        return clock_of(table)

    @cached_property
    def as_of(self) -> datetime | None:
        """The newest change that any source tells of: "now", for what the data can know."""
        asked = [
            f"SELECT MAX({clock.changed})::TIMESTAMP AS newest FROM raw.{one.name} WHERE {clock.changed} <= _loaded_at"
            for one in self.filled
            if (clock := self.clock(one)).is_event and clock.changed
        ]
        return self.value(f"SELECT MAX(newest) FROM ({' UNION ALL '.join(asked)})") if asked else None

    @cached_property
    def loaded_at(self) -> datetime | None:
        """When the last load came in."""
        asked = [f"SELECT MAX(_loaded_at) AS newest FROM raw.{one.name}" for one in self.filled]
        return self.value(f"SELECT MAX(newest) FROM ({' UNION ALL '.join(asked)})") if asked else None


def once(ask: Callable[[Ground], T]) -> Callable[[Ground], T]:
    """Ask a question of a ground once, and remember the answer as long as the ground lives."""

    @wraps(ask)
    def remembered(ground: Ground) -> T:
        if ask.__qualname__ not in ground.memo:
            ground.memo[ask.__qualname__] = ask(ground)
        answer: T = ground.memo[ask.__qualname__]
        return answer

    return remembered


def promised_sources() -> tuple[Promise, ...]:
    """The promised tables of source systems, without bookkeeping."""
    return tuple(one for one in promised_tables() if one.source)


def source_names() -> tuple[str, ...]:
    """The sources that ingest knows."""
    return tuple(sorted({one.source for one in promised_sources()}))


@contextmanager
def opened(
    file: Path, *, only: Collection[str], seeds: Path, glossary: Path, models: Path, currency: str
) -> Iterator[Ground]:
    """The raw tables of the warehouse `file`, of the sources `only` (all where empty).

    Raises MistakeError when there is no such file or source, InfraError when a load holds the file.
    """
    if not file.exists():
        raise MistakeError(
            f"no warehouse at {str(file)!r}: load the sources first with `touchstone ingest run`, "
            "or give `--sources FILE` to load and audit in one go"
        )
    for name in only:
        if name not in source_names():
            raise MistakeError(f"unknown source {name!r}; known: {', '.join(source_names())}")
    connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    try:
        _attach(connection, file)
        loaded = _mirror(connection, set(only))
        yield Ground(connection, frozenset(loaded), seeds, glossary, models, currency)
    finally:
        connection.close()


def _attach(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    quoted = str(file).replace("'", "''")
    try:
        _execute(connection, f"ATTACH '{quoted}' AS home (READ_ONLY)")
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            raise InfraError(f"{str(file)!r} is being written: wait for the refresh to end") from error
        raise MistakeError(f"{str(file)!r} is not a warehouse: {str(error).splitlines()[0]}") from error


def _execute(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    connection.execute(sql)


def _mirror(connection: duckdb.DuckDBPyConnection, only: set[str]) -> set[str]:
    """Each promised table as raw.NAME: a view of the file's, or an empty one. Gives those that the file has."""
    found = connection.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'home' AND schema_name = 'raw'"
    ).fetchall()
    columns: dict[str, set[str]] = {}
    for table, column in found:
        columns.setdefault(table, set()).add(column)
    connection.execute("CREATE SCHEMA raw")
    for one in promised_tables():
        is_here = one.name in columns and (not only or not one.source or one.source in only)
        has = columns[one.name] if is_here else set()
        listed = ", ".join(
            f"{_quoted(c.name) if c.name in has else 'NULL'}::{c.type} AS {_quoted(c.name)}"
            for c in one.columns
        )
        origin = f"FROM home.raw.{one.name}" if is_here else "LIMIT 0"
        connection.execute(f"CREATE VIEW raw.{one.name} AS SELECT {listed} {origin}")
    return {one.name for one in promised_tables() if one.name in columns}


def _quoted(name: str) -> str:
    return f'"{name}"'
