"""`touchstone serve`: the doors alone, over what is published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from api import ApiSettings
    from infra.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(serve)


def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on; else TOUCHSTONE_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="The port; else TOUCHSTONE_PORT.")] = None,
) -> None:
    """Serve GraphQL, REST, spreadsheets and SQL. A refresh is followed without a restart; Ctrl-C stops it."""
    import uvicorn

    from api import create_app
    from infra.settings import settings

    here = settings()
    app = create_app(api_settings(here))
    # The access log is off: it would write feed tokens, which travel in addresses.
    uvicorn.run(app, host=host or here.host, port=port or here.port, access_log=False, server_header=False)


def api_settings(here: Settings) -> ApiSettings:
    """What the doors need, from the settings of a deployment."""
    from api import ApiSettings
    from infra.credentials import Watched, keys_file
    from infra.home import Home
    from infra.incidents.health import source_health
    from semantic.loader import load_glossary
    from semantic.warehouse.closed_files import ClosedFiles
    from semantic.warehouse.duckdb import DuckDBWarehouse

    home = Home(here.home)
    return ApiSettings(
        warehouse=DuckDBWarehouse(home.pointer),
        glossary=load_glossary(here.glossary),
        credentials=Watched(keys_file(here.home)),
        stale_after_hours=here.refresh_after_hours,
        closings=ClosedFiles(home.closed),
        sources=lambda: source_health(home.incidents_file),
        log_file=home.logs / "sql.jsonl",
    )
