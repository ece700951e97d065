"""What the doors need to know, handed in by the composition root; nothing here reads the environment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from api.auth import Credentials
from semantic.closings import NO_CLOSINGS, Closings
from semantic.definitions import Glossary
from semantic.warehouse.duckdb import DuckDBWarehouse


@dataclass(frozen=True)
class Limits:
    """Bounds of one request. Above them a request is refused, never cut short in silence."""

    default_rows: int = 10_000
    """Rows of an answer when the question sets no limit; `total` tells how many there are."""
    max_rows: int = 100_000
    """The largest limit that a question may set, and the largest answer of the SQL door."""
    max_inner_rows: int = 1_000_000
    """Rows that the SQL door may reshape for one statement."""
    timeout_s: float = 30.0
    """How long one question may run; the SQL door's `timeout_s` may ask for less."""
    max_body_bytes: int = 1_000_000
    """The largest request body."""
    max_names: int = 60
    """Metrics, dimensions and columns to order by that one question may name, of each."""
    max_condition: int = 20_000
    """Characters of one condition."""
    max_conditions: int = 200
    """Conditions of one question."""
    graphql_depth: int = 10
    graphql_aliases: int = 30
    graphql_tokens: int = 2_000


def utc_now() -> dt.datetime:
    """The clock of the doors: naive UTC, as the warehouse keeps time."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


@dataclass(frozen=True)
class SourceHealth:
    """How fresh one source is: since its last good load, against its limit. Times are naive UTC.

    `status` is pass, warn or fail; `incident` is what is wrong (failed, late, stale) while something is.
    """

    name: str
    status: str
    age_hours: float | None
    limit_hours: float
    loaded_at: dt.datetime | None = None
    incident: str | None = None
    incident_since: dt.datetime | None = None


def no_sources() -> tuple[SourceHealth, ...]:
    """For doors over a file that nobody refreshes."""
    return ()


@dataclass(frozen=True)
class ApiSettings:
    """One deployment of the doors.

    `credentials` is called for each request, so that a new key works without a restart.
    `cors_origins` are the sites whose pages may call the doors from a browser.
    """

    warehouse: DuckDBWarehouse
    glossary: Glossary
    credentials: Callable[[], Credentials]
    limits: Limits = field(default_factory=Limits)
    cors_origins: tuple[str, ...] = ()
    clock: Callable[[], dt.datetime] = utc_now
    stale_after_hours: float = 24.0
    """Published data older than this makes /health warn, older than twice this fail."""
    closings: Closings = NO_CLOSINGS
    """What was reported: the closed months."""
    sources: Callable[[], tuple[SourceHealth, ...]] = no_sources
    """How fresh each source is now; called for each /health."""
    log_file: Path | None = None
    """Where the SQL door's statements are logged, one JSON line each; None logs through `logging` only."""
