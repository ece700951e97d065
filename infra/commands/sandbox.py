"""`touchstone sandbox`: a simulated company whose source systems others can build against."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Annotated

import typer

from infra.errors import MistakeError
from infra.settings import settings


def sandbox(
    port: Annotated[int | None, typer.Option(help="Port on the loopback.")] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same company.")] = None,
    leads: Annotated[int | None, typer.Option(help="Leads in the 24 months.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day of a month.")] = None,
    truth: Annotated[Path | None, typer.Option(help="Write the true answers here, as JSON.")] = None,
    cases: Annotated[bool, typer.Option(help="Plant the forty cases that the numbers must survive.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="Write sources.yml, exports, truth.json and planted.json here.")
    ] = None,
    parts: Annotated[
        bool,
        typer.Option("--parts", help="With --out: write truth_by.json too, by model, campaign and asset."),
    ] = False,
    without_truth: Annotated[
        bool, typer.Option("--without-truth", help="Count no true answers: a large company takes minutes.")
    ] = False,
) -> None:
    """Serve the source systems of one simulated company until interrupted."""
    from infra.sandbox import files, generate, server

    chosen = settings()
    try:
        company = generate.generate(
            seed=chosen.sandbox_seed if seed is None else seed,
            leads=chosen.sandbox_leads if leads is None else leads,
            until=until.date() if until else generate.DEFAULT_UNTIL,
            cases=cases,
        )
    except ValueError as error:
        raise MistakeError(f"sandbox: {error}") from error
    listening = port or chosen.sandbox_port
    address = f"http://{server.HOST}:{listening}"
    now = datetime.combine(company.until, time(23, 59, 59))
    if truth is not None:
        files.write_truth(company, truth, now)
    if out is not None:
        files.write_exports(company, out / "exports", now)
        files.write_sources(out / "sources.yml", address, out / "exports")
        if not without_truth:
            files.write_truth(company, out / "truth.json", now)
        if parts:
            files.write_truth_by(company, out / "truth_by.json", now, datetime.now(UTC).date())
        files.write_planted(company, out / "planted.json")
    print(
        f"the sandbox company listens on {address} (/hubspot /salesforce /linkedin /admin)", file=sys.stderr
    )
    server.serve(company, listening)


def register(app: typer.Typer) -> None:
    """Add `touchstone sandbox`."""
    app.command()(sandbox)
