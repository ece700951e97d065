"""A cursor: sends one complete statement, keeps the answer's rows."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from touchstone_sqlalchemy.errors import InterfaceError, NotSupportedError, OperationalError
from touchstone_sqlalchemy.types import type_name

if TYPE_CHECKING:
    from touchstone_sqlalchemy.connection import Connection

Row = tuple[Any, ...]
# The door stops a statement at its own limit; the socket waits a little longer, to hear the reason.
GRACE_SECONDS = 5.0
CANCEL_SECONDS = 5.0


class Cursor:
    """A DB-API cursor. `query_id` is known before execution, so that a running statement can be cancelled."""

    arraysize = 1000

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.query_id = uuid.uuid4().hex
        self.description: list[tuple[Any, ...]] | None = None
        self.rowcount = -1
        self._rows: list[Row] = []
        self._next = 0

    def execute(self, sql: str, parameters: Any = None) -> Cursor:
        """Run one statement; ProgrammingError holds the door's reason where it refuses."""
        if parameters:
            raise NotSupportedError("bind parameters are not supported: send the complete statement")
        body = {
            "sql": sql,
            "format": "arrow",
            "timeout_s": self.connection.timeout,
            "query_id": self.query_id,
        }
        response = self.connection.request(
            "POST", "/v1/sql", read_seconds=self.connection.timeout + GRACE_SECONDS, body=body
        )
        self._keep(_table(response.content))
        return self

    def _keep(self, table: pa.Table) -> None:
        columns = [column.to_pylist() for column in table.columns]
        self._rows = list(zip(*columns, strict=True)) if columns else []
        self._next, self.rowcount = 0, table.num_rows
        self.description = [(f.name, type_name(f.type), None, None, None, None, True) for f in table.schema]

    def fetchone(self) -> Row | None:
        """The next row, or None."""
        rows = self.fetchmany(1)
        return rows[0] if rows else None

    def fetchmany(self, size: int | None = None) -> list[Row]:
        """The next `size` rows (default: `arraysize`)."""
        if self.description is None:
            raise InterfaceError("fetch before execute: there is no answer to read")
        start = self._next
        self._next = min(start + (size or self.arraysize), len(self._rows))
        return self._rows[start : self._next]

    def fetchall(self) -> list[Row]:
        """All rows that are left."""
        return self.fetchmany(max(len(self._rows), 1))

    def cancel(self, query_id: str | None = None) -> bool:
        """Stop a running statement (default: this cursor's); whether the door knew it."""
        path = f"/v1/sql/{query_id or self.query_id}"
        answer = self.connection.request("DELETE", path, read_seconds=CANCEL_SECONDS)
        return bool(answer.json().get("cancelled", False))

    def close(self) -> None:
        """Let go of the rows."""
        self._rows, self.description = [], None

    def executemany(self, sql: str, parameters: Any) -> None:
        """Not supported: it exists to write."""
        raise NotSupportedError("the SQL door only reads")

    def setinputsizes(self, sizes: Any) -> None:
        """DB-API wants it; there are no parameters to size."""

    def setoutputsize(self, size: Any, column: Any = None) -> None:
        """DB-API wants it; columns are never cut."""


def _table(content: bytes) -> pa.Table:
    try:
        return pa.ipc.open_stream(content).read_all()
    except pa.ArrowInvalid as error:
        raise OperationalError("the metrics API did not answer with an Arrow stream") from error
