"""`touchstone up`: everything on one machine; `make up` calls this."""

from __future__ import annotations

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(up)


def up(
    port: Annotated[int | None, typer.Option(help="The doors' port; else TOUCHSTONE_PORT.")] = None,
    leads: Annotated[int | None, typer.Option(help="Leads of the simulated company.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the simulated company.")] = None,
    superset: Annotated[bool, typer.Option(help="Start Superset, its worker and the mailbox.")] = True,
    refresh: Annotated[bool, typer.Option("--refresh", help="Refresh although data is published.")] = False,
) -> None:
    """Start everything: sandbox, refresh where nothing is published, doors, Superset. Ctrl-C stops it."""
    from infra.settings import settings
    from infra.up import Wanted
    from infra.up import up as start

    given = {"port": port, "sandbox_leads": leads, "sandbox_seed": seed}
    here = settings().model_copy(update={name: value for name, value in given.items() if value is not None})
    start(Wanted(here, superset=superset, refresh=refresh))
