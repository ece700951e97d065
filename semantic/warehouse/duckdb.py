"""DuckDB: open a published file read-only and run SQL in it."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from semantic.errors import BadValue, WarehouseError

_MISMATCHED = (
    "Cannot compare values of type",
    "Cannot mix values of type",
    "No function matches the given name and argument types",
    "Could not choose a best candidate function",
)
_WRONG_TYPE = (
    "A condition compares a dimension with a value of another type. Quote text, as in region = 'EMEA'; "
    "write numbers without quotes and times like '2026-01-31'."
)
_FRESHNESS = ("version", "published_at", "watermark")


class DuckDBWarehouse:
    """Reads a plain `.duckdb` file, or follows the serving pointer (`current.json`) to the newest one.

    A query runs on one file from start to end: when the pointer moves, running queries keep the old file,
    new queries open the new one. Files are opened read-only, and SQL cannot reach outside of them.
    """

    dialect = "duckdb"

    def __init__(self, path: Path | str) -> None:
        self._path = Path(path)
        self._lock = threading.Lock()
        self._open: tuple[str, duckdb.DuckDBPyConnection, dict[str, bool]] | None = None

    def run(self, sql: str, parameters: tuple[Any, ...] = ()) -> pa.Table:
        """Run one statement and return its rows; raises WarehouseError with the engine's own words."""
        return self.pin().run(sql, parameters)

    def pin(self) -> PinnedDuckDB:
        """The version that is in force now, for several statements that must agree with each other."""
        pointer = self._pointer()
        freshness = {key: pointer[key] for key in _FRESHNESS if key in pointer}
        cursor, known = self._cursor(self._target(pointer))
        return PinnedDuckDB(cursor, freshness, known)

    def freshness(self) -> dict[str, Any]:
        """When the data was published, its version, and how far each source had been read."""
        pointer = self._pointer()
        return {key: pointer[key] for key in _FRESHNESS if key in pointer}

    @property
    def known(self) -> dict[str, bool]:
        """What has been found out about the version that is in force now."""
        return self.pin().known

    def close(self) -> None:
        """Close the file that is open, if any."""
        with self._lock:
            if self._open:
                self._open[1].close()
                self._open = None

    def _cursor(self, target: str) -> tuple[duckdb.DuckDBPyConnection, dict[str, bool]]:
        """A cursor of its own for each query, as threads may not share one; and what is known of the file."""
        with self._lock:
            if self._open is None or self._open[0] != target:
                self._open = (target, _connect(target), {})
            return self._open[1].cursor(), self._open[2]

    def _target(self, pointer: dict[str, Any]) -> str:
        if not pointer:
            return str(self._path)
        path = Path(pointer["path"])
        return str(path if path.is_absolute() else self._path.parent / path)

    def _pointer(self) -> dict[str, Any]:
        if self._path.suffix != ".json":
            return {}
        try:
            return dict(json.loads(self._path.read_text()))
        except FileNotFoundError:
            raise WarehouseError(
                f"Nothing has been published yet: {self._path} does not exist. Run `touchstone refresh`."
            ) from None
        except (json.JSONDecodeError, KeyError) as error:
            raise WarehouseError(f"The serving pointer {self._path} cannot be read: {error}.") from error


class PinnedDuckDB:
    """One version of the warehouse, for one thread; another thread may interrupt it."""

    dialect = "duckdb"

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        freshness: dict[str, Any],
        known: dict[str, bool] | None = None,
    ) -> None:
        self.known = {} if known is None else known
        """What has been found out about this version, shared by all who read it."""
        self._cursor = cursor
        self._freshness = freshness
        self._interrupted = threading.Event()

    def run(self, sql: str, parameters: tuple[Any, ...] = ()) -> pa.Table:
        """Run one statement and return its rows; raises WarehouseError with the engine's own words."""
        if self._interrupted.is_set():
            raise WarehouseError("The question was interrupted.")
        try:
            return self._cursor.execute(sql, list(parameters)).to_arrow_table()
        except duckdb.Error as error:
            if _is_wrong_type(error):
                # The engine's words would show a value of the column.
                raise BadValue(_WRONG_TYPE) from None
            raise WarehouseError(f"The warehouse could not answer: {error}") from error

    def freshness(self) -> dict[str, Any]:
        """When the data was published, its version, and how far each source had been read."""
        return dict(self._freshness)

    def interrupt(self) -> None:
        """Stop what runs now, and whatever would run next."""
        self._interrupted.set()
        self._cursor.interrupt()

    def close(self) -> None:
        """Give the cursor back."""
        self._cursor.close()


def _is_wrong_type(error: duckdb.Error) -> bool:
    """Whether a value of the question does not fit its dimension: the asker's mistake."""
    if isinstance(error, duckdb.ConversionException | duckdb.OutOfRangeException):
        return True
    return isinstance(error, duckdb.BinderException) and any(words in str(error) for words in _MISMATCHED)


def _connect(path: str) -> duckdb.DuckDBPyConnection:
    if not Path(path).exists():
        raise WarehouseError(f"The warehouse file {path} does not exist. Run `touchstone refresh`.")
    try:
        connection = duckdb.connect(path, read_only=True)
        if not _is_locked(connection):
            # GLOBAL: a session's own setting does not reach the cursors that questions run on.
            connection.execute("SET GLOBAL TimeZone = 'UTC'")
            connection.execute("SET enable_external_access = false")
            connection.execute("SET lock_configuration = true")
    except duckdb.Error as error:
        raise WarehouseError(f"The warehouse file {path} cannot be opened: {error}") from error
    return connection


def _is_locked(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether this process has the file open already: its connections share one configuration, set once."""
    row = connection.execute("SELECT current_setting('lock_configuration')").fetchone()
    return bool(row and row[0])
