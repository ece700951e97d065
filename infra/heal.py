"""Put right what a process that was killed may have left: run by every refresh before it begins."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import duckdb

from infra.errors import RefreshError
from infra.home import Home
from infra.publish import clear_half_built

# How DuckDB words a file that is damaged. Anything else (locked, not permitted, disk full) is left alone.
DAMAGE = ("not a valid DuckDB database", "Could not read enough bytes", "Corrupt", "replaying WAL")


def heal(home: Home) -> None:
    """Remove half-built versions and make sure that the warehouse opens. Hold the refresh lock.

    DuckDB replays its log when it opens a file, so a kill in the middle of a write costs nothing. A file that
    does not open at all is set aside together with the cursors that describe it, and is loaded anew.
    """
    for name in clear_half_built(home):
        _say(f"removed {name}, left by a publication that was killed")
    try:
        _open(home)
    except duckdb.Error as error:
        if not any(sign in str(error) for sign in DAMAGE):
            raise RefreshError("warehouse", home.warehouse_file.name, str(error)) from error
        _set_aside(home, str(error))


def _open(home: Home) -> None:
    if home.warehouse_file.exists():
        with duckdb.connect(str(home.warehouse_file)) as connection:
            connection.execute("SELECT count(*) FROM duckdb_tables()").fetchall()
            connection.execute("CHECKPOINT")


def _set_aside(home: Home, reason: str) -> None:
    aside = home.root / "broken" / datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    aside.mkdir(parents=True)
    for path in (home.warehouse_file.parent, home.ingest_state):
        if path.exists():
            path.rename(aside / path.name)
    _say(f"the warehouse did not open ({reason}); it is kept in {aside}, and everything is loaded anew")


def _say(text: str) -> None:
    print(f"touchstone: {text}", file=sys.stderr, flush=True)
