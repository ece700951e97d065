"""Publication: a new versioned serving file, checked row by row count, and then a pointer that moves.

A reader opens what the pointer names. It never waits for a refresh, never sees half of one, and a version
that someone has open is never removed.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from infra.errors import RefreshError
from infra.home import Home
from infra.published_views import view_queries

SCHEMAS = ("core", "attribution", "marts", "ops")
BUILDING = ".building-"
FILE = "warehouse.duckdb"
GLOSSARY = "glossary"


@dataclass(frozen=True)
class Published:
    """What the pointer says: the version, its file, when it was published, how far each source was read."""

    version: str
    path: Path
    published_at: datetime
    watermark: Mapping[str, str | None]
    rows: int


def publish(
    home: Home,
    watermark: Mapping[str, str | None],
    now: datetime | None = None,
    glossary: Path | None = None,
) -> Published:
    """Copy the published schemas of the warehouse into a new version and move the pointer to it.

    The glossary's files are kept beside the rows: a later change of a definition is compared with what it was.
    Raises RefreshError, with the pointer where it was, when a copy does not hold the rows of its original.
    """
    at = now or datetime.now(UTC)
    version = at.strftime("%Y%m%dT%H%M%S%fZ")
    building = home.serving / f"{BUILDING}{version}"
    building.mkdir(parents=True)
    rows = _copy(home.warehouse_file, building / FILE)
    _to_disk(building / FILE)
    if glossary is not None:
        _keep(glossary, building)
    building.rename(home.serving / version)
    published = Published(version, home.serving / version / FILE, at, dict(watermark), rows)
    _move_pointer(home, published)
    return published


def _keep(glossary: Path, folder: Path) -> None:
    """A copy of the definitions: a folder, or the one file that holds everything."""
    if glossary.is_dir():
        shutil.copytree(glossary, folder / GLOSSARY)
    else:
        shutil.copy(glossary, folder / f"{GLOSSARY}{glossary.suffix}")


def kept_glossary(file: Path) -> Path | None:
    """The definitions that were published with a version's file; None where they were not kept."""
    return next(iter(sorted(file.parent.glob(f"{GLOSSARY}*"))), None)


def current(home: Home) -> Published | None:
    """What is published now; None when nothing is."""
    try:
        document = json.loads(home.pointer.read_text())
    except FileNotFoundError:
        return None
    return Published(
        document["version"],
        home.serving / document["path"],
        datetime.fromisoformat(document["published_at"]),
        document["watermark"],
        document.get("rows", 0),
    )


def clear_half_built(home: Home) -> list[str]:
    """Remove what a publication that was killed left behind; returns the names. Hold the refresh lock."""
    left = [folder for folder in home.serving.glob(f"{BUILDING}*") if folder.is_dir()]
    for folder in left:
        shutil.rmtree(folder)
    return [folder.name for folder in left]


def prune(home: Home, keep: int, younger_than: timedelta, now: datetime | None = None) -> list[str]:
    """Remove old versions and return their names.

    Stays: the newest `keep`, the one that the pointer names, each one younger than `younger_than` (a reader
    may have read the pointer and not opened the file yet), and each one that a reader has open.
    """
    at = (now or datetime.now(UTC)) - younger_than
    served = current(home)
    versions = sorted(folder for folder in home.serving.glob("2*Z") if folder.is_dir())
    removed = []
    for folder in versions[:-keep]:
        old = datetime.strptime(folder.name, "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC) < at
        if old and not (served and served.version == folder.name) and not _is_open(folder / FILE):
            shutil.rmtree(folder)
            removed.append(folder.name)
    return removed


def _copy(source: Path, target: Path) -> int:
    """Copy every relation of SCHEMAS, with comments, in one transaction; returns the number of rows."""
    rows = 0
    with duckdb.connect() as connection:
        # The views in the warehouse name their catalog, so it is attached under the name it was built with.
        connection.execute(f"ATTACH {_text(source)} AS warehouse (READ_ONLY)")
        connection.execute(f"ATTACH {_text(target)} AS published")
        relations = _relations(connection)
        if not relations:
            raise RefreshError("publish", "core", f"the warehouse {source} has no tables to publish")
        queries = view_queries(connection, relations)
        columns = _columns(connection)
        connection.execute("BEGIN")
        # Views last: they read what is published by then.
        for schema, name in sorted(relations, key=lambda relation: _lower(*relation) in queries):
            query = queries.get(_lower(schema, name))
            rows += _copy_relation(connection, schema, name, columns[schema, name], query)
        connection.execute("COMMIT")
        connection.execute("CHECKPOINT published")
    return rows


def _relations(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return connection.execute(
        "SELECT table_schema, table_name FROM information_schema.tables"
        " WHERE table_catalog = 'warehouse' AND list_contains(?, lower(table_schema)) ORDER BY ALL",
        [list(SCHEMAS)],
    ).fetchall()


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], list[tuple[str, str | None]]]:
    """The columns of every relation, each with its comment. Asked once: DuckDB goes through all of them each time."""
    found: dict[tuple[str, str], list[tuple[str, str | None]]] = {}
    for schema, name, column, comment in connection.execute(
        "SELECT schema_name, table_name, column_name, comment FROM duckdb_columns()"
        " WHERE database_name = 'warehouse' ORDER BY schema_name, table_name, column_index"
    ).fetchall():
        found.setdefault((schema, name), []).append((column, comment))
    return found


def _copy_relation(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    name: str,
    columns: list[tuple[str, str | None]],
    query: str | None,
) -> int:
    """Copy the rows; with the `query` of a view, make the view instead. The number of rows."""
    origin = f"warehouse.{_name(schema)}.{_name(name)}"
    # Published names are lower case: whoever reads them, in whatever dialect, sees one spelling.
    copy = f"published.{_name(schema.lower())}.{_name(name.lower())}"
    listed = ", ".join(f"{_name(column)} AS {_name(column.lower())}" for column, _ in columns)
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS published.{_name(schema.lower())}")
    if query:
        connection.execute("USE published")  # a view that names no catalog reads the file that it is in
        connection.execute(f"CREATE VIEW {copy} AS SELECT {listed} FROM ({query})")  # noqa: S608 - quoted names
        connection.execute("USE memory")
    else:
        connection.execute(f"CREATE TABLE {copy} AS SELECT {listed} FROM {origin}")  # noqa: S608 - quoted names
    for column, comment in columns:
        if comment:
            connection.execute(f"COMMENT ON COLUMN {copy}.{_name(column.lower())} IS {_text(comment)}")
    return same_rows(connection, origin, copy)


def same_rows(connection: duckdb.DuckDBPyConnection, origin: str, copy: str) -> int:
    """The number of rows of a copy; raises RefreshError where its original has another."""
    [(expected, landed)] = connection.execute(
        f"SELECT (SELECT count(*) FROM {origin}), (SELECT count(*) FROM {copy})"  # noqa: S608 - quoted names
    ).fetchall()
    if expected != landed:
        raise RefreshError("publish", copy, f"holds {landed} rows and its original {expected}")
    return int(landed)


def _lower(schema: str, name: str) -> tuple[str, str]:
    return schema.lower(), name.lower()


def _move_pointer(home: Home, published: Published) -> None:
    document = {
        "version": published.version,
        "path": str(published.path.relative_to(home.serving)),
        "published_at": published.published_at.isoformat(),
        "watermark": dict(published.watermark),
        "rows": published.rows,
    }
    draft = home.pointer.with_suffix(".json.new")
    draft.write_text(json.dumps(document, indent=2) + "\n")
    _to_disk(draft)
    os.replace(draft, home.pointer)
    _to_disk(home.serving)


def _to_disk(path: Path) -> None:
    """Wait until the file or folder is on the disk, so that a power cut cannot reorder what follows."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_open(file: Path) -> bool:
    """Whether a reader of another process has the file open: DuckDB then holds a shared lock on it."""
    if not file.exists():
        return False
    with file.open("r+b") as handle:
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        return False


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _text(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
