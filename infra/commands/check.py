"""`touchstone check`: every problem of the glossary at once."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from infra.rows import Format, render
from infra.settings import settings

COLUMNS = ("file", "line", "rule", "message", "remedy")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(check)


def check(
    folder: Annotated[Path | None, typer.Argument(help="Else TOUCHSTONE_GLOSSARY.")] = None,
    form: Annotated[Format, typer.Option("--format", help="How the problems are printed.")] = Format.TABLE,
) -> None:
    """Check the glossary: every problem with file, line, rule and remedy. Exits 2 when there is one."""
    from semantic.errors import GlossaryError
    from semantic.loader import load_glossary

    path = folder or settings().glossary
    try:
        found = load_glossary(path)
    except GlossaryError as error:
        if form is Format.TABLE:
            raise
        print(render(COLUMNS, [asdict(problem) for problem in error.problems], form))
        raise typer.Exit(2) from error
    if form is Format.TABLE:
        print(f"{path}: {len(found.metrics)} metrics on {len(found.models)} models, no problems")
    else:
        print(render(COLUMNS, [], form))
