"""The run log, raw.source_run: one row for each object of each load, good or failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb

from ingest.contract import RAW

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class RunRow:
    """How the load of a table went. `requests` and `seconds` are the whole source's.

    `expected_every` is how soon the next good load had to follow, by the sources file of that day.
    """

    source: str
    table: str
    started_at: datetime
    status: str
    rows: int
    requests: int
    seconds: float
    watermark: datetime | None = None
    error: str | None = None
    expected_every: timedelta | None = None
    new_columns: str | None = None
    notes: str | None = None


class RunLog:
    """Writes the rows of one run."""

    def __init__(self, warehouse_file: Path, run_id: str) -> None:
        self.run_id = run_id
        self._file = warehouse_file

    def write(self, rows: Sequence[RunRow]) -> None:
        """Append `rows`."""
        finished_at = datetime.now(UTC).replace(tzinfo=None)
        values = [
            (
                self.run_id,
                row.source,
                row.table.partition("__")[2],
                row.started_at,
                finished_at,
                row.status,
                row.rows,
                row.requests,
                Decimal(str(round(row.seconds, 3))),
                row.watermark,
                row.error,
                row.expected_every and Decimal(str(round(row.expected_every / HOUR, 3))),
                row.new_columns,
                row.notes,
            )
            for row in rows
        ]
        with duckdb.connect(str(self._file)) as connection:
            connection.executemany(
                f"""INSERT INTO {RAW}.source_run (run_id, source, object, started_at, finished_at, status,
                    rows, requests, seconds, watermark, error, expected_hours, new_columns, notes)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",  # noqa: S608 - a constant
                values,
            )

    def write_off(self, source: str) -> None:
        """Append that a source was switched off, once: from then on nobody waits for it."""
        now = datetime.now(UTC).replace(tzinfo=None)
        with duckdb.connect(str(self._file)) as connection:
            connection.execute(
                f"""INSERT INTO {RAW}.source_run (run_id, source, object, started_at, finished_at, status, rows,
                    requests, seconds) SELECT ?, ?, 'all', ?, ?, 'off', 0, 0, 0
                    WHERE (SELECT arg_max(status, finished_at) FROM {RAW}.source_run WHERE source = ?)
                    <> 'off'""",  # noqa: S608 - a constant
                [self.run_id, source, now, now, source],
            )
