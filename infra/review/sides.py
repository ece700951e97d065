"""The two sides of a comparison: a glossary, and tables that it can be asked of.

A side is an environment of the warehouse (`prod`, `dev`), what is served now (`served`), or a DuckDB file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import sqlglot
from sqlglot import exp

from infra.errors import InfraError, MistakeError
from infra.publish import SCHEMAS
from infra.transform import PROD
from semantic.definitions import Glossary
from semantic.warehouse.duckdb import PinnedDuckDB


@dataclass(frozen=True)
class Side:
    """What is asked. `tables` says of each relation (`core.person`) which stored table its rows are in.

    Two relations with the same stored table have the same rows; that of a relation that is a query is not known.
    """

    name: str
    glossary: Glossary
    warehouse: Tables
    tables: Mapping[str, str] = field(hash=False)


class Tables:
    """Read-only tables under the names that the glossary knows them by."""

    dialect = "duckdb"

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._pinned = PinnedDuckDB(connection, {})
        self.known = self._pinned.known

    def run(self, sql: str, parameters: tuple[Any, ...] = ()) -> pa.Table:
        """Run one statement; raises WarehouseError with the engine's own words."""
        return self._pinned.run(sql, parameters)

    def freshness(self) -> dict[str, Any]:
        """Nothing: a side is not published."""
        return {}

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def environment(warehouse_file: Path, name: str, glossary: Glossary) -> Side:
    """An environment of the warehouse that SQLMesh builds. Raises MistakeError where there is none of that name."""
    connection = _opened(warehouse_file)
    views = _views(connection, "" if name == PROD else f"__{name}")
    if not views:
        remedy = "run `touchstone refresh`" if name == PROD else f"run `touchstone plan {name}`"
        connection.close()
        raise MistakeError(f"there is no environment {name!r} in {warehouse_file}: {remedy} first")
    for relation, (view, _) in views.items():
        _show(connection, relation, view)
    tables = {
        relation: _stored(sql, warehouse_file) or f"{name} {relation}" for relation, (_, sql) in views.items()
    }
    return Side(name, glossary, Tables(_closed_off(connection)), tables)


def file(path: Path, glossary: Glossary, name: str = "") -> Side:
    """A DuckDB file with the published schemas: a serving version, or any other. Raises MistakeError."""
    connection = _opened(path)
    found = connection.execute(
        "SELECT schema_name, table_name, false FROM duckdb_tables() WHERE database_name = 'warehouse'"
        " AND list_contains(?, lower(schema_name)) UNION ALL "
        "SELECT schema_name, view_name, true FROM duckdb_views() WHERE database_name = 'warehouse'"
        " AND list_contains(?, lower(schema_name))",
        [list(SCHEMAS), list(SCHEMAS)],
    ).fetchall()
    if not found:
        connection.close()
        raise MistakeError(f"{path} has no tables of {', '.join(SCHEMAS)}: name a version of a warehouse")
    tables = {}
    for schema, table, is_view in found:
        relation = f"{schema}.{table}".lower()
        _show(connection, relation, (schema, table))
        tables[relation] = f"{path.resolve()}{' view' if is_view else ''} {relation}"
    return Side(name or str(path), glossary, Tables(_closed_off(connection)), tables)


def _opened(path: Path) -> duckdb.DuckDBPyConnection:
    """A database of its own with the file beside it, under the name that the file's views know it by."""
    if not path.is_file():
        raise MistakeError(f"there is no warehouse file {str(path)!r}")
    connection = duckdb.connect()
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    try:
        connection.execute(f"ATTACH '{str(path).replace(chr(39), chr(39) * 2)}' AS warehouse (READ_ONLY)")
    except duckdb.Error as error:
        connection.close()
        raise InfraError(f"the warehouse file {path} cannot be opened: {error}") from error
    return connection


def _closed_off(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _views(connection: duckdb.DuckDBPyConnection, suffix: str) -> dict[str, tuple[tuple[str, str], str]]:
    """relation -> the view of an environment, as (schema, name), and its SQL."""
    found = connection.execute(
        "SELECT schema_name, view_name, sql FROM duckdb_views()"
        " WHERE database_name = 'warehouse' AND list_contains(?, lower(schema_name))",
        [[f"{schema}{suffix}" for schema in SCHEMAS]],
    ).fetchall()
    return {
        f"{schema.lower().removesuffix(suffix)}.{view.lower()}": ((schema, view), sql)
        for schema, view, sql in found
    }


def _show(connection: duckdb.DuckDBPyConnection, relation: str, origin: tuple[str, str]) -> None:
    target = exp.to_table(relation, dialect="duckdb")
    source = exp.table_(origin[1], db=origin[0], catalog="warehouse", quoted=True)
    connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{target.db}"')
    view = exp.Create(this=target, kind="VIEW", expression=exp.select("*").from_(source))
    connection.execute(view.sql("duckdb"))


def _stored(sql: str, path: Path) -> str | None:
    """The one table that a view shows whole, and the file that it is in; None for any other view.

    >>> _stored("CREATE VIEW CORE.PERSON AS SELECT * FROM WAREHOUSE.sqlmesh__CORE.CORE__PERSON__1;", Path("/w"))
    '/w sqlmesh__core.core__person__1'
    """
    query = sqlglot.parse_one(sql, dialect="duckdb").expression
    tables = list(query.find_all(exp.Table)) if query is not None else []
    if len(tables) != 1 or query.sql("duckdb") != exp.select("*").from_(tables[0].copy()).sql("duckdb"):
        return None
    return f"{path.resolve()} {tables[0].db.lower()}.{tables[0].name.lower()}"
