"""Write the pages that are made: docs/settings.md, docs/commands.md, docs/glossary/ and more. `make docs` runs it.

A test holds the pages in the repository to what this writes, so that neither can drift.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from infra.audit.files import every_table
from infra.audit.nouns import Table
from infra.cli import app
from infra.settings import PROJECT, Settings
from semantic.interop.editor_schema import schemas
from semantic.interop.markdown import glossary_pages
from semantic.interop.rollup_models import rollup_models
from semantic.loader import load_glossary

NOTE = "<!-- Made by `make docs` from the code; change it there. -->\n\n"


def pages() -> dict[Path, str]:
    """The generated pages, as paths below the project and their text."""
    loaded = load_glossary(PROJECT / "semantic" / "glossary")
    glossary, rollups = glossary_pages(loaded), rollup_models(loaded)
    return {
        Path("docs/settings.md"): settings_page(),
        Path("docs/commands.md"): commands_page(),
        Path("docs/audit-tables.md"): audit_tables_page(),
        **{Path("docs/glossary") / name: text for name, text in glossary.items()},
        **{Path("sqlmesh/models") / name: text for name, text in rollups.items()},
        **{Path("semantic/glossary/schema") / name: _json(shape) for name, shape in schemas().items()},
    }


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2) + "\n"


def settings_page() -> str:
    """One table of every setting with its default."""
    prefix = Settings.model_config["env_prefix"]
    rows = [
        f"| `{prefix}{name.upper()}` | {_default(field)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    head = "# Settings\n\nEvery setting is an environment variable, and a variable of `make`: "
    head += f"`make up {prefix}PORT=9000`.\n\n| variable | default | meaning |\n|---|---|---|\n"
    return NOTE + head + "\n".join(rows) + "\n"


def commands_page() -> str:
    """Every command with its arguments and options."""
    root = get_command(app)
    head = "# Commands\n\nExit codes: 0 success, 2 a mistake of the person who typed, 1 any other failure.\n"
    return NOTE + head + "".join(_section(path, command) for path, command in _commands("touchstone", root))


def audit_tables_page() -> str:
    """The tables that the data audit writes, with their columns."""
    head = "# Tables of the data audit\n\nEach is written as CSV and as Parquet; see [the audit](audit.md).\n"
    return NOTE + head + "".join(_audit_table(table) for table in every_table())


def _audit_table(table: Table) -> str:
    rows = "\n".join(f"| `{column.name}` | {_one_line(column.meaning)} |" for column in table.columns)
    return f"\n## {table.name}\n\n{table.meaning}\n\n| column | meaning |\n|---|---|\n{rows}\n"


def _commands(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    """The leaves of the command tree, in order of their names."""
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, child in sorted(command.commands.items()):
        if not child.hidden:
            yield from _commands(f"{path} {name}", child)


def _section(path: str, command: Any) -> str:
    arguments = [param for param in command.params if param.param_type_name == "argument"]
    usage = " ".join([path, *(param.name.upper() for param in arguments)])
    rows = [_row(param) for param in command.params]
    table = "\n| | meaning |\n|---|---|\n" + "\n".join(rows) + "\n" if rows else ""
    return f"\n## {usage}\n\n{_one_line(command.help)}\n{table}"


def _row(param: Any) -> str:
    names = ", ".join(f"`{name}`" for name in (*param.opts, *param.secondary_opts))
    shown = names if param.param_type_name == "option" else f"`{param.name.upper()}`"
    return f"| {shown} | {_one_line(param.help)} |"


def _one_line(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "").strip().replace("|", "\\|")


def _default(field: Any) -> str:
    if field.default is None:
        return "unset"
    value = field.default
    if isinstance(value, Path) and value.is_absolute():
        value = value.relative_to(PROJECT)
    return f"`{value}`"


if __name__ == "__main__":
    for path, text in pages().items():
        (PROJECT / path).parent.mkdir(parents=True, exist_ok=True)
        (PROJECT / path).write_text(text)
        print(path)
