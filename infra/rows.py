"""Rows on the terminal: the one place that turns a result into a table, JSON or CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from rich.console import Console
from rich.table import Table


class Format(StrEnum):
    """What `--format` takes."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def render(columns: Sequence[str], rows: Iterable[Mapping[str, object]], form: Format) -> str:
    """The rows as text, ending without a newline; None is empty in CSV and tables, null in JSON."""
    listed = list(rows)
    if form is Format.JSON:
        return json.dumps(listed, indent=2, default=str, ensure_ascii=False)
    if form is Format.CSV:
        return _csv(columns, listed)
    return _table(columns, listed)


def _csv(columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)
    return out.getvalue().rstrip("\n")


def _table(columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> str:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        numeric = any(isinstance(row.get(column), (int, float)) for row in rows)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row.get(column)) for column in columns))
    # An id may read like markup or an emoji: `hubspot:email:1` is no envelope.
    console = Console(file=io.StringIO(), width=200, highlight=False, markup=False, emoji=False)
    console.print(table)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in text.rstrip("\n").split("\n"))


def _cell(value: object) -> str:
    return "" if value is None else str(value)
