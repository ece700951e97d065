"""SQLite as Superset's own database: the web server, its threads and the worker write to one file."""

from __future__ import annotations

import os
import sqlite3
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine


@event.listens_for(Engine, "connect")
def write_ahead(connection: Any, _: Any) -> None:
    """Readers do not block the writer, and a commit does not wait for the disk.

    A power cut may lose the last commits, never the file. While the database is being made
    (SUPERSET_MAKING) not even the file is precious: it is made again from files.
    """
    if not isinstance(connection, sqlite3.Connection):
        return
    synchronous = "OFF" if os.environ.get("SUPERSET_MAKING") else "NORMAL"
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute(f"PRAGMA synchronous={synchronous}")
    cursor.close()
