"""The store: one SQLite file that survives a kill at any point and serves several processes at once."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from infra.incidents.states import Known, RefreshState, SourceState

BUSY_SECONDS = 20.0
KEPT = timedelta(days=400)
SCHEMA = """
CREATE TABLE IF NOT EXISTS source (
  name TEXT PRIMARY KEY, attempted_at TEXT, succeeded_at TEXT, failing_since TEXT, error TEXT NOT NULL DEFAULT '',
  watermark TEXT, expected_seconds REAL NOT NULL, within_seconds REAL);
CREATE TABLE IF NOT EXISTS refresh (
  one INTEGER PRIMARY KEY CHECK (one = 1), attempted_at TEXT, failing_since TEXT, stage TEXT NOT NULL,
  failed TEXT NOT NULL, error TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS incident (
  id TEXT PRIMARY KEY, subject TEXT NOT NULL, kind TEXT NOT NULL, what TEXT NOT NULL, since TEXT NOT NULL,
  opened_at TEXT NOT NULL, flapping INTEGER NOT NULL DEFAULT 0, well_since TEXT, ended_at TEXT,
  ending TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX IF NOT EXISTS one_open_incident ON incident (subject) WHERE ended_at IS NULL;
CREATE TABLE IF NOT EXISTS delivery (
  incident TEXT NOT NULL REFERENCES incident (id), event TEXT NOT NULL, channel TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '', tried_at TEXT, delivered_at TEXT,
  PRIMARY KEY (incident, event, channel));
"""


@dataclass(frozen=True)
class Incident:
    """A trouble from when it was seen until it was over. `since` is when it began, `opened_at` when it was seen.

    `well_since`: a flapping incident that looks well is ended only after it stayed so for a while.
    """

    id: str
    subject: str
    kind: str
    what: str
    since: datetime
    opened_at: datetime
    flapping: bool = False
    well_since: datetime | None = None
    ended_at: datetime | None = None
    ending: str = ""


@dataclass(frozen=True)
class Delivery:
    """One message that a channel still has to bring: `event` is `opened` or `ended`."""

    incident: Incident
    event: str
    channel: str
    attempts: int
    error: str
    tried_at: datetime | None


class Store:
    """The open file; everything within one `with store(...)` is one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def known(self) -> Known:
        """What was written down of the sources and the refresh."""
        sources = tuple(_source(row) for row in self._db.execute("SELECT * FROM source ORDER BY name"))
        row = self._db.execute("SELECT * FROM refresh").fetchone()
        return Known(sources, _refresh(row) if row else RefreshState())

    def write_sources(self, sources: Sequence[SourceState]) -> None:
        """Replace what is known of the sources; one that is not given is off."""
        self._db.execute("DELETE FROM source")
        self._db.executemany(
            "INSERT INTO source VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    one.name,
                    _text(one.attempted_at),
                    _text(one.succeeded_at),
                    _text(one.failing_since),
                    one.error,
                    _text(one.watermark),
                    one.expected_every.total_seconds(),
                    one.newest_within and one.newest_within.total_seconds(),
                )
                for one in sources
            ],
        )

    def write_refresh(self, state: RefreshState) -> None:
        """Replace what is known of the refresh."""
        values = (
            _text(state.attempted_at),
            _text(state.failing_since),
            state.stage,
            state.failed,
            state.error,
        )
        self._db.execute("INSERT OR REPLACE INTO refresh VALUES (1, ?, ?, ?, ?, ?)", values)

    def open_incidents(self) -> tuple[Incident, ...]:
        """Those that are not over, the oldest first."""
        rows = self._db.execute("SELECT * FROM incident WHERE ended_at IS NULL ORDER BY opened_at, subject")
        return tuple(_incident(row) for row in rows)

    def incidents(self, most: int = 50) -> tuple[Incident, ...]:
        """The newest first, those that are over as well."""
        rows = self._db.execute("SELECT * FROM incident ORDER BY opened_at DESC, subject LIMIT ?", (most,))
        return tuple(_incident(row) for row in rows)

    def opened_after(self, subject: str, at: datetime) -> int:
        """How many incidents a subject has had since `at`."""
        question = "SELECT count(*) FROM incident WHERE subject = ? AND opened_at > ?"
        return int(self._db.execute(question, (subject, _text(at))).fetchone()[0])

    def open(
        self, subject: str, kind: str, what: str, since: datetime, now: datetime, flapping: bool
    ) -> None:
        """Open an incident; forgets those that were over long ago."""
        old = _text(now - KEPT)
        self._db.execute(
            "DELETE FROM delivery WHERE incident IN (SELECT id FROM incident WHERE ended_at < ?)", (old,)
        )
        self._db.execute("DELETE FROM incident WHERE ended_at < ?", (old,))
        self._db.execute(
            "INSERT INTO incident (id, subject, kind, what, since, opened_at, flapping) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (secrets.token_hex(8), subject, kind, what, _text(since), _text(now), int(flapping)),
        )

    def keep(self, incident: Incident, kind: str, what: str) -> None:
        """The trouble is still there, perhaps with another error: nobody is told again."""
        self._db.execute(
            "UPDATE incident SET kind = ?, what = ?, well_since = NULL WHERE id = ?",
            (kind, what, incident.id),
        )

    def seems_well(self, incident: Incident, now: datetime) -> None:
        """A flapping incident looks well from now on."""
        self._db.execute("UPDATE incident SET well_since = ? WHERE id = ?", (_text(now), incident.id))

    def end(self, incident: Incident, now: datetime, ending: str) -> None:
        """It is over: whoever was to hear of it is to hear that, too."""
        self._db.execute(
            "UPDATE incident SET ended_at = ?, ending = ? WHERE id = ?", (_text(now), ending, incident.id)
        )
        self._db.execute(
            "INSERT OR IGNORE INTO delivery (incident, event, channel)"
            " SELECT incident, 'ended', channel FROM delivery WHERE incident = ? AND event = 'opened'",
            (incident.id,),
        )

    def expect(self, channels: Sequence[str]) -> None:
        """Every open incident is to be told on these channels."""
        for channel in channels:
            self._db.execute(
                "INSERT OR IGNORE INTO delivery (incident, event, channel)"
                " SELECT id, 'opened', ? FROM incident WHERE ended_at IS NULL",
                (channel,),
            )

    def undelivered(self, channels: Sequence[str] | None = None) -> tuple[Delivery, ...]:
        """What still has to be brought, in the order in which it happened."""
        rows = self._db.execute(
            "SELECT incident.*, event, channel, attempts, error, tried_at FROM delivery"
            " JOIN incident ON incident.id = delivery.incident WHERE delivered_at IS NULL"
            " ORDER BY iif(event = 'opened', opened_at, ended_at), event DESC, subject"
        )
        found = (_delivery(row) for row in rows)
        return tuple(one for one in found if channels is None or one.channel in channels)

    def told(self, incident: Incident) -> tuple[str, ...]:
        """What came of telling an incident, a channel each: `mail: told`, `webhook: it answered 500`."""
        rows = self._db.execute(
            "SELECT channel, max(CASE WHEN delivered_at IS NULL THEN coalesce(nullif(error, ''), 'waits') END) AS why"
            " FROM delivery WHERE incident = ? GROUP BY channel ORDER BY channel",
            (incident.id,),
        )
        return tuple(f"{row['channel']}: {row['why'] or 'told'}" for row in rows)

    def delivered(self, delivery: Delivery, now: datetime, remark: str) -> None:
        """It was brought; `remark` is what went wrong nevertheless, such as one recipient who was refused."""
        self._db.execute(
            "UPDATE delivery SET delivered_at = ?, tried_at = ?, attempts = attempts + 1, error = ?"
            " WHERE incident = ? AND event = ? AND channel = ?",
            (_text(now), _text(now), remark, delivery.incident.id, delivery.event, delivery.channel),
        )

    def failed(self, delivery: Delivery, now: datetime, error: str) -> None:
        """It could not be brought, and waits for the next run."""
        self._db.execute(
            "UPDATE delivery SET tried_at = ?, attempts = attempts + 1, error = ?"
            " WHERE incident = ? AND event = ? AND channel = ?",
            (_text(now), error, delivery.incident.id, delivery.event, delivery.channel),
        )


@contextmanager
def store(file: Path) -> Iterator[Store]:
    """Open the store for one transaction, which is undone when the block fails.

    A file that is damaged is set aside, and a new one begins: what is open is then opened, and told, anew.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(_healthy(file)) as connection, _transaction(connection):
        yield Store(connection)


@contextmanager
def readable(file: Path) -> Iterator[Store | None]:
    """The store to look at, None where there is none (or none that can be read); never waits, never writes."""
    try:
        connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=1.0)
        connection.row_factory = sqlite3.Row
        connection.execute("SELECT 1 FROM delivery LIMIT 1")
    except sqlite3.Error:
        yield None
        return
    with closing(connection):
        yield Store(connection)


def _healthy(file: Path) -> sqlite3.Connection:
    connection = _connect(file)
    try:
        connection.executescript(SCHEMA)
    except sqlite3.DatabaseError as error:
        connection.close()
        if isinstance(error, sqlite3.OperationalError):
            raise
        file.rename(file.with_suffix(".damaged"))
        connection = _connect(file)
        connection.executescript(SCHEMA)
    return connection


def _connect(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=BUSY_SECONDS, isolation_level=None)
    connection.row_factory = sqlite3.Row
    return connection


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="microseconds")


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _source(row: Any) -> SourceState:
    return SourceState(
        row["name"],
        _time(row["attempted_at"]),
        _time(row["succeeded_at"]),
        _time(row["failing_since"]),
        row["error"],
        _time(row["watermark"]),
        timedelta(seconds=row["expected_seconds"]),
        None if row["within_seconds"] is None else timedelta(seconds=row["within_seconds"]),
    )


def _refresh(row: Any) -> RefreshState:
    return RefreshState(
        _time(row["attempted_at"]), _time(row["failing_since"]), row["stage"], row["failed"], row["error"]
    )


def _incident(row: Any) -> Incident:
    return Incident(
        row["id"],
        row["subject"],
        row["kind"],
        row["what"],
        datetime.fromisoformat(row["since"]),
        datetime.fromisoformat(row["opened_at"]),
        bool(row["flapping"]),
        _time(row["well_since"]),
        _time(row["ended_at"]),
        row["ending"],
    )


def _delivery(row: Any) -> Delivery:
    return Delivery(
        _incident(row), row["event"], row["channel"], row["attempts"], row["error"], _time(row["tried_at"])
    )
