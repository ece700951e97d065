"""`touchstone import`: read another project's definitions and write them as a glossary."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from infra.errors import MistakeError

app = typer.Typer(no_args_is_help=True, help="Read another project's definitions into a glossary.")


def register(root: typer.Typer) -> None:
    """`import` is a word of Python, so the module has another name than the command."""
    root.add_typer(app, name="import")


@app.callback()
def neighbours() -> None:
    """Read another project's definitions into a glossary."""


@app.command()
def metricflow(
    manifest: Annotated[Path, typer.Argument(help="The semantic_manifest.json that dbt writes.")],
    to: Annotated[Path, typer.Option(help="The folder that gets the glossary's files.")] = Path("glossary"),
) -> None:
    """Read a MetricFlow semantic manifest; print the files written and what could not be carried."""
    from semantic.interop.glossary_files import write_glossary
    from semantic.interop.metricflow import import_manifest

    imported = import_manifest(_json(manifest))
    files = write_glossary(imported.glossary, to)
    print(
        f"{len(imported.glossary.models)} models and {len(imported.glossary.metrics)} metrics "
        f"in {len(files)} files below {to}"
    )
    for line in imported.losses:
        print(f"lost: {line}")


def _json(file: Path) -> dict[str, object]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise MistakeError(f"there is no file {str(file)!r}") from None
    except json.JSONDecodeError as error:
        raise MistakeError(f"{str(file)!r} is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise MistakeError(f"{str(file)!r} holds no manifest: its top level is a list, not an object")
    return found
