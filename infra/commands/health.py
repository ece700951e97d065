"""`touchstone health`: what is published, how old it is, and how far each source was read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from infra.home import Home
from infra.publish import Published, current
from infra.rows import Format, render
from infra.settings import settings

COLUMNS = ("check", "status", "value")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(health)


def health(
    form: Annotated[Format, typer.Option("--format", help="How the rows are printed.")] = Format.TABLE,
) -> None:
    """Say what is published and how fresh it is. Exits 1 when nothing is, or when it is too old."""
    here = settings()
    rows = checks(current(Home(here.home)), here.refresh_after_hours, datetime.now(UTC))
    print(render(COLUMNS, rows, form))
    if any(row["status"] == "fail" for row in rows):
        raise typer.Exit(1)


def checks(published: Published | None, hours: float, now: datetime) -> list[dict[str, str]]:
    """The rows of the answer; published data older than twice `hours` fails, than `hours` warns."""
    if published is None:
        return [{"check": "published", "status": "fail", "value": "nothing yet: run `touchstone refresh`"}]
    age = (now - published.published_at).total_seconds() / 3600
    status = "pass" if age <= hours else "warn" if age <= 2 * hours else "fail"
    found = [
        {
            "check": "published",
            "status": status,
            "value": published.published_at.isoformat(timespec="seconds"),
        },
        {"check": "age in hours", "status": status, "value": f"{age:.1f}"},
        {"check": "version", "status": "pass", "value": published.version},
        {
            "check": "file",
            "status": "pass" if published.path.exists() else "fail",
            "value": str(published.path),
        },
    ]
    read = [
        {"check": f"read until: {source}", "status": "pass", "value": mark or "no clock"}
        for source, mark in sorted(published.watermark.items())
    ]
    return found + read
