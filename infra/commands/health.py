"""`touchstone health`: what is published, how old it is, how fresh each source is, and what is open."""

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
    """Say what is published, how fresh it and each source is, and what nobody was told of. Exits 1 when something is
    missing or far too old.
    """
    from infra.incidents.health import checks as incident_checks

    here = settings()
    home = Home(here.home)
    rows = checks(current(home), here.refresh_after_hours, datetime.now(UTC))
    for check, status, value in incident_checks(here, home.incidents_file):
        rows.append({"check": check, "status": status, "value": value})
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
