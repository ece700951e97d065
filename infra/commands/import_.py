"""`touchstone import`: read another project's definitions and write them as a glossary."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
import yaml

from infra.errors import MistakeError

if TYPE_CHECKING:
    from semantic.definitions import Glossary

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
    from semantic.errors import GlossaryError
    from semantic.interop.glossary_files import write_glossary
    from semantic.interop.metricflow import import_manifest
    from semantic.rules import check_glossary

    imported = import_manifest(_document(manifest))
    problems = check_glossary(imported.glossary)
    if problems:
        raise GlossaryError(replace(each, file=str(manifest)) for each in problems)
    files = write_glossary(imported.glossary, to)
    _report(imported.glossary, len(files), to, imported.losses)


@app.command()
def ossie(
    file: Annotated[Path, typer.Argument(help="An Apache Ossie document, YAML or JSON, version 0.2.0.dev0.")],
    to: Annotated[Path, typer.Option(help="The folder that gets the glossary's files.")] = Path("glossary"),
) -> None:
    """Read an Apache Ossie document; print the files written and what could not be carried.

    Other vendors' extensions are kept in `extensions.json`, where `touchstone export ossie` finds them.
    """
    from semantic.interop.glossary_files import write_glossary
    from semantic.interop.ossie_import import import_ossie

    imported = import_ossie(_document(file))
    files = write_glossary(imported.glossary, to)
    if imported.extensions:
        text = json.dumps(imported.extensions, indent=2)
        (to / "extensions.json").write_text(text + "\n", encoding="utf-8")
    _report(imported.glossary, len(files), to, imported.losses)


def _report(glossary: Glossary, files: int, to: Path, losses: tuple[str, ...]) -> None:
    print(f"{len(glossary.models)} models and {len(glossary.metrics)} metrics in {files} files below {to}")
    for line in losses:
        print(f"lost: {line}")


def _document(file: Path) -> dict[str, object]:
    """A JSON or YAML file (JSON is YAML) that holds an object."""
    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise MistakeError(f"there is no file {str(file)!r}") from None
    except yaml.YAMLError as error:
        raise MistakeError(f"{str(file)!r} is neither JSON nor YAML: {error}") from None
    if not isinstance(found, dict):
        raise MistakeError(f"{str(file)!r} holds no definitions: its top level is not an object")
    return found
