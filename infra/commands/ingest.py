"""`touchstone ingest`: load the sources, check that they can be read, load a stretch of the past again."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from infra.errors import MistakeError, RefreshError
from infra.rows import Format, render

app = typer.Typer(help="Load the sources into raw tables, check them, or load a stretch of the past again.")
COLUMNS = ("source", "object", "rows", "seconds", "watermark")
CHECK_COLUMNS = ("source", "object", "works", "detail")
DAY = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]
Sources = Annotated[
    Path | None, typer.Option(help="The sources file; else TOUCHSTONE_SOURCES, else sources.yml at home.")
]
Only = Annotated[list[str] | None, typer.Option(help="Only this source; may be given more than once.")]
Form = Annotated[Format, typer.Option("--format", help="How the rows are printed.")]


@app.command()
def run(sources: Sources = None, only: Only = None, form: Form = Format.TABLE) -> None:
    """Load every source that is on, from where the last load came to. Builds and publishes nothing.

    A source that fails, or is well again, is an incident as it is in a refresh.
    """
    import ingest
    from infra.home import Home
    from infra.incidents.alerts import telling
    from infra.incidents.note import noting_sources
    from infra.lock import exclusive
    from infra.settings import settings

    here = Home(settings().home)
    file = _sources_file(sources)
    every = timedelta(hours=settings().source_late_after_hours)
    with telling(settings(), file), exclusive(here.lock_file), noting_sources(here, file, every), _told():
        report = ingest.run(
            file,
            here.warehouse_file,
            here.ingest_state,
            only=only or None,
            progress=_say,
            expected_every=every,
        )
    for added in report.new_columns:
        print(f"new column: {added}", file=sys.stderr)
    for note in report.notes:
        print(f"note: {note}", file=sys.stderr)
    rows = [{name: getattr(one, name) for name in COLUMNS} for one in report.objects]
    print(render(COLUMNS, [row | {"seconds": f"{row['seconds']:.1f}"} for row in rows], form))


@app.command()
def check(
    source: Annotated[
        str | None, typer.Argument(help="The source to check; all that are on without it.")
    ] = None,
    sources: Sources = None,
    form: Form = Format.TABLE,
) -> None:
    """Ask each system for a little of everything; say what works, what is missing, and in which scope."""
    with _told():
        from ingest.check import check_source
        from ingest.sources_file import read_sources

        known = {one.name: one for one in read_sources(_sources_file(sources))}
        if source is not None and source not in known:
            raise MistakeError(f"unknown source {source!r}; known: {', '.join(known)}")
        chosen = [known[source]] if source else [one for one in known.values() if one.is_on]
        found = [vars(one) for settings in chosen for one in check_source(settings)]
    print(render(CHECK_COLUMNS, found, form))
    if not all(one["works"] for one in found):
        raise typer.Exit(1)


@app.command()
def backfill(
    since: Annotated[datetime, typer.Option(formats=DAY, help="From here, UTC.")],
    until: Annotated[datetime | None, typer.Option(formats=DAY, help="Until here, not included.")] = None,
    sources: Sources = None,
    only: Only = None,
) -> None:
    """Load a stretch of the past again, a month at a time; asked again, it resumes where it broke off."""
    from infra.home import Home
    from infra.lock import exclusive
    from infra.settings import settings

    here = Home(settings().home)
    file = _sources_file(sources)
    with exclusive(here.lock_file), _told():
        from ingest.backfill import backfill as load

        rows = load(
            file,
            here.warehouse_file,
            here.ingest_state,
            since=since,
            until=until,
            only=only or None,
            told=lambda first, last: print(f"  {first:%Y-%m-%d} to {last:%Y-%m-%d} ...", file=sys.stderr),
        )
    print(f"{rows:,} rows loaded again")


def _sources_file(given: Path | None) -> Path:
    from infra.demo import sandbox_secrets
    from infra.settings import settings

    file = given or settings().sources_file
    os.environ.update(sandbox_secrets(file))
    return file


def _say(done: int, total: int, what: str) -> None:
    if sys.stderr.isatty():
        print(f"\r  {done} of {total}: {what:<60}", end="", file=sys.stderr, flush=True)


@contextmanager
def _told() -> Iterator[None]:
    """Ingestion's errors as the command line's: the sources file is the user's mistake, the rest is not."""
    from ingest.errors import IngestError, SourcesFileError

    try:
        yield
    except SourcesFileError as error:
        raise MistakeError(str(error)) from error
    except IngestError as error:
        raise RefreshError("ingest", error.source, error.message) from error
