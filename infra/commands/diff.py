"""`touchstone diff`: which metrics move, by how much and in which months, before a change is promoted."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra import asking

if TYPE_CHECKING:
    from infra.review.compare import Comparison


class Form(StrEnum):
    """What `--format` takes."""

    TABLE = "table"
    MARKDOWN = "markdown"
    JSON = "json"
    CSV = "csv"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(diff)


def diff(
    after: Annotated[str, typer.Argument(help="What is reviewed: an environment, e.g. dev.")] = "dev",
    before: Annotated[str, typer.Argument(help="What it is compared with: prod, or `served`.")] = "prod",
    before_file: Annotated[
        Path | None, typer.Option("--before", help="Compare with this warehouse file instead.")
    ] = None,
    after_file: Annotated[
        Path | None, typer.Option("--after", help="Review this warehouse file instead.")
    ] = None,
    before_glossary: Annotated[
        Path | None, typer.Option(help="The definitions before; else those that were published.")
    ] = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="By month and in total only, by no dimension.")
    ] = False,
    exit_code: Annotated[
        bool,
        typer.Option(
            "--exit-code", help="Exit 1 when a number moves, a metric fails or a definition changed."
        ),
    ] = False,
    form: Annotated[Form, typer.Option("--format", help="How it is told.")] = Form.TABLE,
) -> None:
    """Compare every metric of two environments by month. Says which move, and which closed months they restate."""
    from infra.home import Home
    from infra.lock import exclusive
    from infra.progress import stage
    from infra.review.compare import compare
    from infra.review.opening import sides
    from infra.settings import settings

    home = Home(settings().home)
    with exclusive(home.lock_file), stage("comparing", sys.stderr) as running:
        old, new, notes = sides(
            home, settings().glossary, before_file or before, after_file or after, before_glossary
        )
        found = compare(old, new, asking.closings(), whole, notes, running.step)
        running.note(f"{len(found.movements)} metrics")
    print(_told(found, form))
    if exit_code and not found.changes_nothing:
        raise typer.Exit(1)


def _told(found: Comparison, form: Form) -> str:
    from infra.review import report
    from infra.rows import Format, render

    if form is Form.JSON:
        return json.dumps(report.document(found), indent=2, ensure_ascii=False)
    if form is Form.CSV:
        return render(report.COLUMNS, report.rows(found), Format.CSV)
    return report.markdown(found) if form is Form.MARKDOWN else report.text(found)
