"""`touchstone refresh`: bring the published numbers up to date with the sources."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(refresh)


def refresh(
    sources: Annotated[
        Path | None, typer.Option(help="The sources file; else TOUCHSTONE_SOURCES, else sources.yml at home.")
    ] = None,
) -> None:
    """Read the sources, build and audit the models, publish. On a failure the old numbers stay served."""
    import os

    from infra.demo import sandbox_secrets
    from infra.home import Home
    from infra.incidents.alerts import telling
    from infra.refresh import Plan
    from infra.refresh import refresh as run
    from infra.settings import settings

    here = settings()
    file = sources or here.sources_file
    os.environ.update(sandbox_secrets(file))
    plan = Plan(
        home=Home(here.home),
        sources=file,
        glossary=here.glossary,
        keep_versions=here.keep_versions,
        keep_minutes=here.keep_minutes,
        expected_every=timedelta(hours=here.source_late_after_hours),
    )
    with telling(here, file):
        done = run(plan)
    rows = done.published.rows
    print(f"published {done.published.version}: {done.models} models, {rows:,} rows, {done.seconds:.1f} s")
