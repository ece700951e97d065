"""The daily refresh: lock -> heal -> ingest -> SQLMesh with its audits -> publish.

Whatever stops it, the numbers that were published before are still served, and the next refresh heals.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb

from infra import publish as publication
from infra.builder import Builder, reading
from infra.errors import MistakeError, RefreshError
from infra.garbage import seldom
from infra.heal import heal
from infra.home import Home
from infra.incidents.note import noting
from infra.lock import exclusive
from infra.progress import stage
from infra.settings import settings
from infra.transform import MODELS


@dataclass(frozen=True)
class Plan:
    """What one refresh does: from which sources file, with which models and definitions, into which home.

    A source that names no `expected_every` of its own is late after this one's.
    """

    home: Home
    sources: Path
    models: Path = MODELS
    glossary: Path | None = None
    keep_versions: int = 3
    keep_minutes: int = 60
    expected_every: timedelta = timedelta(hours=26)


@dataclass(frozen=True)
class Refreshed:
    """What a refresh did. `seconds` is the whole of it."""

    published: publication.Published
    models: int
    seconds: float


def refresh(plan: Plan) -> Refreshed:
    """Bring the published numbers up to date with the sources.

    Raises RefreshError with the source, model or audit that failed; MistakeError where the sources file is
    missing; InfraError where another refresh is running. None of them changes what is served.
    """
    if (engine := settings().gateway) != "duckdb":
        raise MistakeError(
            f"TOUCHSTONE_GATEWAY is {engine!r}, but a refresh lands, builds and publishes in DuckDB: unset it, or "
            "build there with `sqlmesh -p sqlmesh plan` (sqlmesh/README.md, Engines)"
        )
    if not plan.sources.is_file():
        raise MistakeError(
            f"there is no sources file {str(plan.sources)!r}: give --sources FILE or set TOUCHSTONE_SOURCES"
        )
    started = time.monotonic()
    with (
        seldom(),
        exclusive(plan.home.lock_file),
        noting(plan.home, plan.sources, plan.expected_every),
    ):
        heal(plan.home)
        with reading(plan.home.warehouse_file, plan.models) as builder:
            _ingest(plan)
            models = _transform(builder)
        published = _publish(plan)
    return Refreshed(published, models, time.monotonic() - started)


def _ingest(plan: Plan) -> None:
    import ingest

    home = plan.home
    home.warehouse_file.parent.mkdir(parents=True, exist_ok=True)
    home.ingest_state.mkdir(parents=True, exist_ok=True)
    with stage("reading the sources") as running:
        try:
            report = ingest.run(
                plan.sources,
                home.warehouse_file,
                home.ingest_state,
                progress=running.step,
                expected_every=plan.expected_every,
            )
        except ingest.SourcesFileError as error:
            raise MistakeError(f"{plan.sources}: {error}") from error
        except ingest.IngestError as error:
            raise RefreshError("ingest", error.source, error.message) from error
        added = f"; new columns: {', '.join(report.new_columns)}" if report.new_columns else ""
        notes = f"; {'; '.join(report.notes)}" if report.notes else ""
        running.note(f"{report.rows:,} rows{added}{notes}")


def _transform(builder: Builder) -> int:
    with stage("building the models") as running:
        models = builder.build(running.step)
        running.note(f"{models} models, all audits passed")
    return models


def _publish(plan: Plan) -> publication.Published:
    with stage("publishing") as running:
        published = publication.publish(
            plan.home, watermark(plan.home.warehouse_file), glossary=plan.glossary
        )
        publication.prune(plan.home, plan.keep_versions, timedelta(minutes=plan.keep_minutes))
        running.note(f"version {published.version}, {published.rows:,} rows")
    return published


def watermark(warehouse_file: Path) -> dict[str, str | None]:
    """How far each source that is on has been read, as ISO 8601 UTC; None for a source that has no clock."""
    question = """SELECT source, max(watermark) FILTER (status = 'ok') FROM raw.source_run
        GROUP BY source HAVING bool_or(status = 'ok') AND arg_max(status, finished_at) <> 'off' ORDER BY source"""
    with duckdb.connect(str(warehouse_file), read_only=True) as connection:
        rows = connection.execute(question).fetchall()
    return {source: None if mark is None else _iso(mark) for source, mark in rows}


def _iso(mark: object) -> str:
    return mark.isoformat() if hasattr(mark, "isoformat") else str(mark)
