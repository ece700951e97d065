"""From which raw rows each environment was built: where they differ, so may the tables, whatever the models say.

`environments.json` beside the warehouse holds a mark for each environment. The mark of an environment whose
build did not come to its end is empty, and equals no other.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import duckdb


def mark(warehouse_file: Path) -> str:
    """A digest of what the raw tables hold: of each, how many rows and when the last of them was loaded.

    Ask before SQLMesh opens the file: DuckDB opens a file once in a process.
    """
    if not warehouse_file.exists():
        return ""
    with duckdb.connect(str(warehouse_file), read_only=True) as connection:
        tables = connection.execute(
            "SELECT table_name, bool_or(column_name = '_loaded_at') FROM duckdb_columns()"
            " WHERE schema_name = 'raw' GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        seen = [(name, connection.execute(_counted(name, stamped)).fetchall()) for name, stamped in tables]
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


def _counted(table: str, stamped: bool) -> str:
    last = "max(_loaded_at)" if stamped else "NULL"
    name = table.replace('"', '""')
    return f'SELECT count(*), {last} FROM raw."{name}"'  # noqa: S608 - a quoted name of the catalog


def remember(warehouse_file: Path, environment: str, mark: str) -> None:
    """Write down from which raw rows the environment is built."""
    _write(warehouse_file, marks(warehouse_file) | {environment: mark})


def unknown(warehouse_file: Path, environment: str) -> None:
    """Write down that it is not known what the environment is built from, until `remember` says so."""
    remember(warehouse_file, environment, "")


def marks(warehouse_file: Path) -> dict[str, str]:
    """The mark of each environment; one that has none, or an empty one, is not known."""
    try:
        found = json.loads(_file(warehouse_file).read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def unfinished(warehouse_file: Path, environment: str) -> bool:
    """Whether a build of the environment was begun and did not come to its end."""
    return marks(warehouse_file).get(environment) == ""


def same_rows(warehouse_file: Path, one: str, other: str) -> bool:
    """Whether both environments were built from the same raw rows, as far as it is known."""
    known = marks(warehouse_file)
    return bool(known.get(one)) and known.get(one) == known.get(other)


def _write(warehouse_file: Path, found: dict[str, str]) -> None:
    file = _file(warehouse_file)
    draft = file.with_suffix(".json.new")
    draft.write_text(json.dumps(found, indent=2) + "\n")
    os.replace(draft, file)


def _file(warehouse_file: Path) -> Path:
    return warehouse_file.with_name("environments.json")
