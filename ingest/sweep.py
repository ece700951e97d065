"""Notice what vanished: compare the keys that a vendor still lists with those that were loaded.

A record that was deleted for good is told by nobody: no list has it, no change names it. Every few days, and
for small tables after each load, all keys are listed, and what raw has besides is dropped, with what belongs
to it, as a full load would have it.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

from ingest.contract import RAW, promised
from ingest.errors import IngestError

DEFAULT_DAYS = 7
FEW = 50  # of a table of so few rows any share may be gone
MOST_GONE = 0.5


@dataclass(frozen=True)
class Dependent:
    """Rows of `table` whose `column` names the record; `condition` says which ones, in SQL."""

    table: str
    column: str
    condition: str = "true"


@dataclass(frozen=True)
class Sweep:
    """How to list the keys of `table` that still exist, and what goes with a record."""

    table: str
    listed: Callable[[], Iterator[list[str]]]
    dependents: tuple[Dependent, ...] = ()
    at_once: int = 0  # up to so many rows listing all keys costs little: it is done after each load


class Sweeper:
    """Runs a source's sweeps when `days` have passed since the last time, which a note beside its state says."""

    def __init__(self, source: str, note: Path, days: float = DEFAULT_DAYS) -> None:
        self._source, self._note, self._days = source, note, days

    def is_due(self) -> bool:
        """Whether it is time; a lost note means yes."""
        try:
            last = datetime.fromisoformat(json.loads(self._note.read_text(encoding="utf-8"))["swept_at"])
        except (OSError, ValueError, KeyError):
            return True
        return datetime.now(UTC) - last >= timedelta(days=self._days)

    def run(self, sweeps: tuple[Sweep, ...], connection: duckdb.DuckDBPyConnection) -> int:
        """Drop what is listed no longer; how many records that were. Raises IngestError.

        When it is not yet time for all, the small tables are swept.
        """
        is_due = self.is_due()
        gone = sum(self._sweep(one, connection) for one in sweeps if is_due or _is_small(one, connection))
        if is_due:
            self.write_note()
        return gone

    def write_note(self) -> None:
        """Say that all keys have been listed now."""
        self._note.parent.mkdir(parents=True, exist_ok=True)
        self._note.write_text(json.dumps({"swept_at": datetime.now(UTC).isoformat()}), encoding="utf-8")

    def _sweep(self, sweep: Sweep, connection: duckdb.DuckDBPyConnection) -> int:
        raw = f'{RAW}."{promised(sweep.table).name}"'
        connection.execute("CREATE OR REPLACE TEMP TABLE listed (id VARCHAR)")
        for keys in sweep.listed():
            page = pa.table({"id": keys}, schema=pa.schema([("id", pa.string())]))
            connection.execute("INSERT INTO listed SELECT id FROM page")
            del page
        found = f"SELECT id FROM {raw} WHERE id NOT IN (SELECT id FROM listed)"  # noqa: S608 - promised names
        connection.execute(f"CREATE OR REPLACE TEMP TABLE vanished AS {found}")
        counted = f"SELECT (SELECT count(*) FROM vanished), (SELECT count(*) FROM {raw})"  # noqa: S608
        gone, rows = connection.execute(counted).fetchall()[0]
        if rows > FEW and gone > rows * MOST_GONE:
            raise IngestError(
                self._source,
                f"{sweep.table}: {gone:,} of {rows:,} records are listed no longer; so many at once look like "
                "a missing permission. If they are really gone, switch the source off for one run",
            )
        if gone:
            self._drop(sweep, raw, connection)
        return int(gone)

    def _drop(self, sweep: Sweep, raw: str, connection: duckdb.DuckDBPyConnection) -> None:
        connection.begin()
        connection.execute(f"DELETE FROM {raw} WHERE id IN (SELECT id FROM vanished)")  # noqa: S608
        for one in sweep.dependents:
            connection.execute(
                f'DELETE FROM {RAW}."{promised(one.table).name}" '  # noqa: S608 - constants of the connectors
                f'WHERE "{one.column}" IN (SELECT id FROM vanished) AND {one.condition}'
            )
        connection.commit()


def _is_small(sweep: Sweep, connection: duckdb.DuckDBPyConnection) -> bool:
    counted = f'SELECT count(*) FROM {RAW}."{promised(sweep.table).name}"'  # noqa: S608 - promised names
    return bool(connection.execute(counted).fetchall()[0][0] <= sweep.at_once)
