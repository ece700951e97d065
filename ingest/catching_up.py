"""Tables that the promise made wider after they were loaded: their source has to be read from the start once more.

A newer version of the project may promise a column or a table that an older one did not. Records that have not changed
since have a value in it as well, and no cursor would ever bring them. What is behind is written down in the transaction
that widens the table, and crossed out after the load, so that no crash in between can forget it.
"""

from collections.abc import Iterable
from pathlib import Path

import duckdb


def write_down(connection: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> None:
    """Remember that these tables lack what they are promised now. Within the caller's transaction."""
    connection.execute("CREATE TABLE IF NOT EXISTS raw._behind (table_name VARCHAR)")
    for table in tables:
        connection.execute("INSERT INTO raw._behind VALUES (?)", [table])


def behind(warehouse_file: Path) -> frozenset[str]:
    """The tables that are to be read from the start."""
    with duckdb.connect(str(warehouse_file)) as connection:
        if not _is_kept(connection):
            return frozenset()
        return frozenset(name for (name,) in connection.execute("FROM raw._behind").fetchall())


def cross_out(connection: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> None:
    """These tables have been read from the start."""
    if _is_kept(connection):
        connection.execute("DELETE FROM raw._behind WHERE list_contains(?, table_name)", [list(tables)])


def _is_kept(connection: duckdb.DuckDBPyConnection) -> bool:
    question = "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'raw' AND table_name = '_behind'"
    return connection.execute(question).fetchone() is not None
