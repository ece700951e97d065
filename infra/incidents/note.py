"""Write down how the sources and the refresh went, where it can be read while the warehouse is being written."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from infra.errors import MistakeError, RefreshError
from infra.home import Home
from infra.incidents.states import RefreshState, SourceState
from infra.incidents.store import Store, store
from infra.incidents.watch import watch

RUNS = """
WITH run AS (
  SELECT source, run_id, max(finished_at) AS finished_at, bool_and(status = 'ok') AS ok,
    coalesce(max(error), '') AS error, max(watermark) AS watermark
  FROM {table} WHERE status IN ('ok', 'failed') GROUP BY source, run_id
), known AS (
  SELECT *, max(finished_at) FILTER (ok) OVER (PARTITION BY source) AS succeeded_at FROM run
)
SELECT source, max(finished_at), max(succeeded_at),
  min(finished_at) FILTER (NOT ok AND (succeeded_at IS NULL OR finished_at > succeeded_at)),
  arg_max(error, finished_at), max(watermark) FILTER (ok)
FROM known GROUP BY source ORDER BY source
"""
RAW, PUBLISHED = "raw.source_run", "ops.source_run"


@contextmanager
def noting(home: Home, sources: Path, expected_every: timedelta) -> Iterator[None]:
    """Note how the refresh within the block went, whatever comes of it. Hold the refresh lock.

    A mistake of the person who typed is not an incident, and a store that cannot be written stops nothing.
    """
    try:
        yield
    except MistakeError:
        raise
    except Exception as error:
        failure = error
        quietly(lambda: note(home, sources, expected_every, failure))
        raise
    quietly(lambda: note(home, sources, expected_every, None))


@contextmanager
def noting_sources(home: Home, sources: Path, expected_every: timedelta) -> Iterator[None]:
    """`noting` for a load without a refresh: it tells how the sources are, and nothing of the refresh."""
    try:
        yield
    except MistakeError:
        raise
    except Exception:
        quietly(lambda: note_sources(home, sources, expected_every))
        raise
    quietly(lambda: note_sources(home, sources, expected_every))


def note(
    home: Home, sources: Path, expected_every: timedelta, error: Exception | None, now: datetime | None = None
) -> None:
    """Write down what the run log says of each source and how the refresh ended; open and end incidents."""
    at = now or utc_now()
    with _sources_noted(home, sources, expected_every, at) as opened:
        names = {one.name for one in declared(sources, expected_every)}
        opened.write_refresh(_ended(opened.known().refresh, names, error, at))


def note_sources(home: Home, sources: Path, expected_every: timedelta, now: datetime | None = None) -> None:
    """Write down what the run log says of each source; open and end incidents."""
    with _sources_noted(home, sources, expected_every, now or utc_now()):
        pass


@contextmanager
def _sources_noted(home: Home, sources: Path, expected_every: timedelta, at: datetime) -> Iterator[Store]:
    """The store with what the run log says, for what else there is to write before incidents are looked for."""
    limits = declared(sources, expected_every)
    runs = read_runs(home.warehouse_file, RAW)
    with store(home.incidents_file) as opened:
        opened.write_sources(_merged(opened, limits, runs))
        yield opened
        watch(opened, at)


def look(home: Home, sources: Path, expected_every: timedelta, now: datetime | None = None) -> None:
    """Find what became late since the last refresh. Needs no lock: it reads nothing that a refresh writes.

    A home whose store is new begins with what its published version says of the sources.
    """
    from infra.publish import current

    at = now or utc_now()
    published = current(home)
    with store(home.incidents_file) as opened:
        known = opened.known().sources
        runs = () if known or published is None else read_runs(published.path, PUBLISHED)
        opened.write_sources(_merged(opened, _declared_or(known, sources, expected_every), runs))
        watch(opened, at)


def _declared_or(
    known: tuple[SourceState, ...], sources: Path, expected_every: timedelta
) -> tuple[SourceState, ...]:
    """A sources file that was lost or broken stops the refresh: then, of all times, lateness must be seen."""
    from ingest.errors import SourcesFileError

    try:
        return declared(sources, expected_every)
    except SourcesFileError:
        return known


def declared(sources: Path, expected_every: timedelta) -> tuple[SourceState, ...]:
    """The sources that are on with their limits, nothing else being known of them."""
    from ingest.sources_file import read_sources

    return tuple(
        SourceState(one.name, expected_every=one.expected_every, newest_within=one.newest_within)
        for one in read_sources(sources, expected_every)
        if one.is_on
    )


def read_runs(file: Path, table: str) -> tuple[SourceState, ...]:
    """What a run log says of each source; nothing where there is none yet."""
    if not file.exists():
        return ()
    with _opened(file) as connection:
        try:
            rows = connection.execute(RUNS.format(table=table)).fetchall()
        except duckdb.CatalogException:
            return ()
    return tuple(SourceState(*row) for row in rows)


def _opened(file: Path) -> duckdb.DuckDBPyConnection:
    """The file to read; as it is open already where this process has it open to write."""
    try:
        return duckdb.connect(str(file), read_only=True)
    except duckdb.ConnectionException:
        return duckdb.connect(str(file))


def quietly(work: Callable[[], object]) -> None:
    """Do it, and only say so when it fails: what watches over the refresh must not be what stops it."""
    try:
        work()
    except Exception as error:
        print(
            f"touchstone: incidents could not be kept: {type(error).__name__}: {error}",
            file=sys.stderr,
            flush=True,
        )


def utc_now() -> datetime:
    """The clock of incidents: naive UTC, as the warehouse keeps time."""
    return datetime.now(UTC).replace(tzinfo=None)


def _merged(
    opened: Store, limits: tuple[SourceState, ...], runs: tuple[SourceState, ...]
) -> list[SourceState]:
    """What the run log says, else what was known before (a warehouse that was set aside has an empty log)."""
    before = {one.name: one for one in opened.known().sources}
    seen = before | {one.name: one for one in runs}
    return [
        replace(seen.get(one.name, one), expected_every=one.expected_every, newest_within=one.newest_within)
        for one in limits
    ]


def _ended(before: RefreshState, sources: set[str], error: Exception | None, at: datetime) -> RefreshState:
    """The refresh's own state: a source that failed is the source's incident, not the refresh's."""
    if error is None:
        return RefreshState(attempted_at=at)
    if isinstance(error, RefreshError) and error.stage == "ingest" and error.failed in sources:
        return replace(before, attempted_at=at)
    stage = error.stage if isinstance(error, RefreshError) else "refresh"
    failed = error.failed if isinstance(error, RefreshError) else type(error).__name__
    return RefreshState(at, before.failing_since or at, stage, failed, told(error))


def told(error: Exception) -> str:
    """What stopped a refresh, fit for a mail: names and counts, never a value, a trace or a statement."""
    if not isinstance(error, RefreshError):
        return f"it ended with an unexpected {type(error).__name__}"
    if error.stage == "audits":
        return f"the audit {error.failed!r} failed ({error.message.partition('. The rows: ')[0]})"
    if error.stage == "models":
        return f"the model {error.failed!r} could not be built"
    return f"it stopped in {error.stage} ({error.failed})"
