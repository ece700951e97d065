"""Run the ingestion: every source that is on, one after the other, each object in the run log."""

import time
import uuid
from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from ingest import files, ga4, google_ads, hubspot, linkedin_ads, marketo, meta_ads, microsoft_ads, salesforce
from ingest.contract import create_promised_tables, promised
from ingest.errors import IngestError, SourcesFileError
from ingest.extract import Connector, Window
from ingest.load import Loader, ObjectLoad, forget
from ingest.lock import only_run
from ingest.run_log import RunLog, RunRow
from ingest.sources_file import EXPECTED_EVERY, SourceSettings, known_sources, read_sources

WAREHOUSE_MEMORY = "400MB"  # beyond it DuckDB writes to disk: a first load merges millions of rows
Progress = Callable[[int, int, str], None]  # (sources done, sources to do, what is being read)
CONNECTORS: dict[str, Callable[[SourceSettings], Connector]] = {
    "hubspot": hubspot.connect,
    "salesforce": salesforce.connect,
    "linkedin_ads": linkedin_ads.connect,
    "ga4": ga4.connect,
    "google_ads": google_ads.connect,
    "marketo": marketo.connect,
    "meta_ads": meta_ads.connect,
    "microsoft_ads": microsoft_ads.connect,
    "files": files.connect,
}


def connected(settings: SourceSettings) -> Connector:
    """The connector for `settings`, without the objects that they leave out. IngestError: they are wrong."""
    if settings.name not in CONNECTORS:
        raise IngestError(settings.name, "its tables are promised, but there is no connector for it yet")
    try:
        connector = CONNECTORS[settings.name](settings)
    except (TypeError, ValueError, AttributeError) as error:
        raise IngestError(settings.name, f"its part of the sources file cannot be used: {error}") from None
    left_out = settings.names("without", ())
    known = [promised(extract.table).object for extract in connector.extracts]
    if unknown := sorted(set(left_out) - set(known)):
        raise IngestError(
            settings.name, f"`without` names the object {unknown[0]!r}; known: {', '.join(known)}"
        )
    gone = {f"{settings.name}__{name}" for name in left_out}
    return replace(
        connector,
        extracts=tuple(one for one in connector.extracts if one.table not in gone),
        sweeps=tuple(one for one in connector.sweeps if one.table not in gone),
    )


@dataclass(frozen=True)
class ObjectReport:
    """How the load of one object went; `watermark` is the newest record seen. `seconds` and `requests` are
    the whole source's."""

    source: str
    object: str
    rows: int
    seconds: float
    watermark: datetime | None
    requests: int = 0
    new_columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class IngestReport:
    """How a run went."""

    run_id: str
    objects: tuple[ObjectReport, ...]
    seconds: float

    @property
    def rows(self) -> int:
        """Rows loaded, over all objects."""
        return sum(report.rows for report in self.objects)

    @property
    def new_columns(self) -> tuple[str, ...]:
        """The columns that vendors have added since the last load, `hubspot contacts.budget_band VARCHAR`."""
        return tuple(
            f"{one.source} {one.object}.{column}" for one in self.objects for column in one.new_columns
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What is no error and should be known: `ga4 sessions: the report is sampled ...`."""
        return tuple(f"{one.source} {one.object}: {note}" for one in self.objects for note in one.notes)

    @property
    def requests(self) -> int:
        """Requests made, over all sources."""
        return sum({report.source: report.requests for report in self.objects}.values())


def run(
    sources_file: Path,
    warehouse_file: Path,
    state_dir: Path,
    *,
    only: Collection[str] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    progress: Progress | None = None,
    expected_every: timedelta = EXPECTED_EVERY,
) -> IngestReport:
    """Load what is on in `sources_file` into `raw` of `warehouse_file`, from where the last run came to.

    `only` names the sources to load, `since` and `until` ask for a window again (UTC, `until` excluded).
    `progress(done, total, what)` is called for each page. Sources that are off are emptied, unless `only`
    leaves them out. A source that fails does not keep the others from loading; afterwards IngestError names
    the first one that failed. `expected_every` holds for sources whose own settings name none. LockedError:
    another run is at work. SourcesFileError: nothing was loaded.
    """
    started = time.monotonic()
    settings = _chosen(read_sources(sources_file, expected_every), only)
    with ExitStack() as stack:
        stack.enter_context(only_run(state_dir))
        warehouse_file.parent.mkdir(parents=True, exist_ok=True)
        # Held open for the whole run: each connection after the first one costs a tenth of a second less.
        opened = stack.enter_context(duckdb.connect(str(warehouse_file)))
        opened.execute(f"SET memory_limit = '{WAREHOUSE_MEMORY}'; SET preserve_insertion_order = false")
        create_promised_tables(opened)
        log = RunLog(warehouse_file, uuid.uuid4().hex)
        reports: list[ObjectReport] = []
        failures: list[IngestError] = []
        _empty(warehouse_file, state_dir, log, [source.name for source in settings if not source.is_on])
        done = 0
        for source in settings:
            loader = Loader(warehouse_file, state_dir, Window(since, until), _told(progress, done, settings))
            if not source.is_on:
                continue
            try:
                reports += _load(loader, log, source)
            except IngestError as error:
                failures.append(error)
            done += 1
    if failures:
        raise _together(failures)
    return IngestReport(log.run_id, tuple(reports), time.monotonic() - started)


def _told(
    progress: Progress | None, done: int, settings: list[SourceSettings]
) -> Callable[[str, str, int], None]:
    total = sum(source.is_on for source in settings)

    def tell(source: str, name: str, rows: int) -> None:
        if progress is not None:
            progress(done, total, f"{source} {name}: {rows:,} rows")

    return tell


def _chosen(settings: tuple[SourceSettings, ...], only: Collection[str] | None) -> list[SourceSettings]:
    unknown = sorted(set(only or ()) - set(known_sources()))
    if unknown:
        raise SourcesFileError([f"unknown source {unknown[0]!r}; known: {', '.join(known_sources())}"])
    chosen = [source for source in settings if only is None or source.name in only]
    off = [source.name for source in chosen if only is not None and not source.is_on]
    if off:
        raise SourcesFileError([f"the source {off[0]!r} is off in the sources file"])
    return chosen


def _load(loader: Loader, log: RunLog, settings: SourceSettings) -> list[ObjectReport]:
    started_at, started = datetime.now(UTC).replace(tzinfo=None), time.monotonic()
    connector: Connector | None = None
    try:
        connector = connected(settings)
        load = loader.load(connector, settings.identity())
    except IngestError as error:
        requests = connector.requests_made() if connector else 0
        objects = [extract.table for extract in connector.extracts] if connector else []
        seconds = time.monotonic() - started
        log.write(
            [
                RunRow(
                    settings.name,
                    table,
                    started_at,
                    "failed",
                    0,
                    requests,
                    seconds,
                    error=error.message,
                    expected_every=settings.expected_every,
                )
                for table in objects or [f"{settings.name}__all"]
            ]
        )
        raise
    seconds = time.monotonic() - started
    log.write(
        [
            RunRow(
                settings.name,
                table,
                started_at,
                "ok",
                one.rows,
                connector.requests_made(),
                seconds,
                one.watermark,
                expected_every=settings.expected_every,
                new_columns=", ".join(_named(one)) or None,
                notes="; ".join(one.notes) or None,
            )
            for table, one in load.objects.items()
        ]
    )
    requests = connector.requests_made()
    return [
        ObjectReport(
            settings.name,
            table.partition("__")[2],
            one.rows,
            seconds,
            one.watermark,
            requests,
            _named(one),
            one.notes,
        )
        for table, one in load.objects.items()
    ]


def _named(load: ObjectLoad) -> tuple[str, ...]:
    return tuple(f"{column.name} {column.type}" for column in load.new_columns)


def _empty(warehouse_file: Path, state_dir: Path, log: RunLog, sources: list[str]) -> None:
    for source in sources:
        forget(warehouse_file, state_dir, source)
        log.write_off(source)


def _together(failures: list[IngestError]) -> IngestError:
    """The first failure, telling of the others; a mistake in the sources file only where there is no other."""
    first, *rest = sorted(failures, key=lambda error: isinstance(error, SourcesFileError))
    if rest:
        others = "; ".join(str(error) for error in rest)
        first.args = (f"{first} (also {others})",)
    return first
