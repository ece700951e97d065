"""`touchstone superset`: the mails and alerts of a running Superset."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(
    help="Superset's alerts and scheduled mails.", no_args_is_help=True, pretty_exceptions_enable=False
)


@app.callback()
def superset() -> None:
    """Superset's alerts and scheduled mails."""


@app.command()
def send(
    report: Annotated[str, typer.Argument(help="A file of superset/reports, as `month_end_pack`.")],
) -> None:
    """Send a scheduled mail now, or evaluate an alert now, through the worker that `touchstone up` started.

    An alert stays silent where its condition does not hold, and for a day after it has fired.
    """
    from infra.bi import send_report
    from infra.settings import settings
    from infra.up import Wanted, bi_settings

    send_report(bi_settings(Wanted(settings())), report)
    typer.echo(f"{report} is with the worker; its mail arrives in a minute at the latest")
