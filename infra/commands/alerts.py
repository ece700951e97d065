"""`touchstone alerts`: find what became late, tell people, see what was told, try the configuration."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from infra.errors import MistakeError
from infra.rows import Format, render

app = typer.Typer(help="Incidents: sources that failed or are late, refreshes that stopped; who was told.")
INCIDENTS = ("subject", "kind", "since", "ended", "what", "told")
TESTED = ("check", "status", "detail")
Sources = Annotated[
    Path | None, typer.Option(help="The sources file; else TOUCHSTONE_SOURCES, else sources.yml at home.")
]
Form = Annotated[Format, typer.Option("--format", help="How the rows are printed.")]


@app.command()
def check(sources: Sources = None, form: Form = Format.TABLE) -> None:
    """Find sources that became late since the last refresh, and tell people. For cron; it waits for no refresh.

    Prints what is open. Exits 1 when a message could not be brought; it is brought at the next run.
    """
    from infra.demo import sandbox_secrets
    from infra.incidents.alerts import check as run
    from infra.settings import settings

    here = settings()
    file = sources or here.sources_file
    os.environ.update(sandbox_secrets(file))
    told = run(here, file)
    print(render(INCIDENTS, _rows(only_open=True), form))
    if any(one.error for one in told):
        raise typer.Exit(1)


@app.command("list")
def list_(form: Form = Format.TABLE) -> None:
    """The last 50 incidents, the newest first, and on which channels they were told."""
    print(render(INCIDENTS, _rows(only_open=False), form))


@app.command("test")
def try_(form: Form = Format.TABLE) -> None:
    """Send a test message on every channel that is set; say what is wrong with the settings and why one fails."""
    from infra.incidents.alerts import send_tests as run
    from infra.settings import settings

    found = run(settings())
    if not found:
        raise MistakeError(
            "nobody would be told: set TOUCHSTONE_ALERTS_SMTP_HOST, _FROM and _TO for mails, or"
            " TOUCHSTONE_ALERTS_WEBHOOK_URL for a webhook; docs/alerts.md shows how"
        )
    print(render(TESTED, [dict(zip(TESTED, row, strict=True)) for row in found], form))
    if any(status == "fail" for _, status, _ in found):
        raise typer.Exit(2 if any(what == "settings" for what, _, _ in found) else 1)


def _rows(only_open: bool) -> list[dict[str, object]]:
    from infra.home import Home
    from infra.incidents.store import readable
    from infra.settings import settings

    with readable(Home(settings().home).incidents_file) as opened:
        if opened is None:
            return []
        shown = opened.open_incidents() if only_open else opened.incidents()
        return [
            {
                "subject": one.subject,
                "kind": one.kind,
                "since": f"{one.since:%Y-%m-%d %H:%M}",
                "ended": one.ended_at and f"{one.ended_at:%Y-%m-%d %H:%M}",
                "what": one.what,
                "told": "; ".join(opened.told(one)) or "nobody",
            }
            for one in shown
        ]
