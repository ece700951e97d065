"""A locked DuckDB without any data of its own, for constants and for reshaping an answer's rows.

It cannot read files, load extensions or see Python's variables; what a statement may use is registered on a
cursor of its own, and nothing else exists there.
"""

from __future__ import annotations

from functools import lru_cache

import duckdb

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "threads": 2,
    "memory_limit": "2GB",
    "python_enable_replacements": False,
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


@lru_cache(maxsize=1)
def _database() -> duckdb.DuckDBPyConnection:
    database = duckdb.connect(":memory:", config=_CONFIG)
    database.execute("SET GLOBAL TimeZone = 'UTC'")
    database.execute("SET lock_configuration = true")
    return database


def scratch() -> duckdb.DuckDBPyConnection:
    """A cursor of its own; close it after use."""
    return _database().cursor()
