"""`touchstone export`: write the glossary in another project's words."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
import yaml

app = typer.Typer(no_args_is_help=True, help="Write the glossary in another project's words.")


@app.callback()
def neighbours() -> None:
    """Write the glossary in another project's words."""


@app.command()
def ossie(
    glossary: Annotated[Path, typer.Option(help="The glossary's folder.")] = Path("semantic/glossary"),
    name: Annotated[str, typer.Option(help="The name of the semantic model.")] = "touchstone",
    to: Annotated[Path | None, typer.Option(help="The file to write; without it, standard output.")] = None,
) -> None:
    """Write an Apache Ossie document (YAML); what it cannot carry goes to standard error."""
    from semantic.interop.ossie_export import export_ossie
    from semantic.loader import load_glossary

    kept = glossary / "extensions.json"
    extensions = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    document, losses = export_ossie(load_glossary(glossary), name, extensions)
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)
    if to is None:
        print(text, end="")
    else:
        to.write_text(text, encoding="utf-8")
    for line in losses:
        print(f"lost: {line}", file=sys.stderr)
