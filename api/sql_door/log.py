"""Every statement is logged: who, how long, how many rows, the error, and the statement without its literals.

Literals can be names of people, so the log keeps the shape of a statement; keys and tokens never reach it.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlglot.errors import TokenError
from sqlglot.tokens import TokenType

from api.auth import Caller
from api.errors import as_api_error
from api.sql_door.statement import DoorSQL

_LOGGER = logging.getLogger("touchstone.sql")
_LITERALS = {TokenType.STRING, TokenType.NUMBER, TokenType.NATIONAL_STRING, TokenType.HEREDOC_STRING}
_LONGEST = 4_000


@dataclass
class Entry:
    """One line of the log; milliseconds of wall time."""

    at: str
    key: str
    user: str
    query_id: str
    statement: str
    rows: int | None = None
    ms: float = 0.0
    error: str | None = None


class StatementLog:
    """Writes an entry for each statement, to `logging` and to a file of JSON lines."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._lock = threading.Lock()

    @contextmanager
    def statement(self, sql: str, caller: Caller, query_id: str) -> Iterator[Entry]:
        """Log the statement when it is over, answered or not."""
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        entry = Entry(at, caller.key, caller.user.name, query_id, shape(sql))
        start = time.perf_counter()
        try:
            yield entry
        except Exception as error:
            known = as_api_error(error)
            entry.error = known.code if known else type(error).__name__
            raise
        finally:
            entry.ms = round((time.perf_counter() - start) * 1000, 1)
            self._write(entry)

    def _write(self, entry: Entry) -> None:
        line = json.dumps(asdict(entry), ensure_ascii=False)
        _LOGGER.info("%s", line)
        if self._file is None:
            return
        with self._lock:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("a", encoding="utf-8") as log:
                log.write(line + "\n")


def shape(sql: str) -> str:
    """A statement with `?` for its literals and without its comments.

    >>> shape("SELECT region FROM metrics WHERE owner = 'kim@example.com' LIMIT 5 -- hello")
    'SELECT region FROM metrics WHERE owner = ? LIMIT ?'
    """
    try:
        tokens = DoorSQL().tokenize(sql[:_LONGEST])
    except (TokenError, RecursionError):
        return "(unreadable)"
    return " ".join("?" if token.token_type in _LITERALS else token.text for token in tokens)
