"""The report as files: tables as CSV and Parquet, the proposed mapping, the Markdown and the HTML page."""

from __future__ import annotations

import csv
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from infra.audit import duplicates, forty, gaps, inventory, lag, naming, quality, utm
from infra.audit.mapping import Rules
from infra.audit.nouns import Audit, Column, Finding, Table
from infra.audit.pages import html_page, markdown_page

FINDINGS = Table(
    "findings",
    "Findings",
    "One row a finding.",
    (
        Column("severity", "high, medium, low or info", "severity"),
        Column("code", "The finding's name: stable, for machines"),
        Column("title", "What was found"),
        Column("count", "How often", "count"),
        Column("matters", "Why it matters"),
        Column("to_do", "What to do about it"),
        Column("chapter", "The chapter of the report"),
    ),
)
TABLES = (
    inventory.SOURCES, inventory.OBJECTS, quality.SCORES, quality.CHECKS, forty.CASES, forty.EXAMPLES,
    utm.COVERAGE, utm.VALUES, utm.MAPPING,
    utm.ALIASES, utm.SPEND, naming.PATTERNS, naming.DEVIATIONS, duplicates.DUPLICATES,
    quality.FIELDS, lag.LAG, lag.BUCKET, lag.MISSING, gaps.REASONS, gaps.METRICS,
)  # fmt: skip
NUMBERS = {
    "count": pa.int64(),
    "share": pa.float64(),
    "percent": pa.float64(),
    "score": pa.float64(),
    "number": pa.float64(),
}
RISKY = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for a formula


def every_table() -> tuple[Table, ...]:
    """Every table that a report can have, empty, in the order of the report."""
    return (FINDINGS, *TABLES)


def write(audit: Audit, rules: Rules, folder: Path) -> tuple[Path, ...]:
    """Write the report below `folder`: report.html, report.md, tables/*.csv and *.parquet, the proposed mapping.

    Files of an earlier report are replaced. Gives the files, the page for people first.
    """
    tables = folder / "tables"
    tables.mkdir(parents=True, exist_ok=True)
    written = [
        _text(folder / "report.html", html_page(audit)),
        _text(folder / "report.md", markdown_page(audit)),
    ]
    written.append(_text(folder / "channel_rule.proposed.csv", rules.text(proposed_rows(audit))))
    filled = {table.name: table for table in audit.tables()}
    for table in (findings_table(audit), *(filled.get(empty.name, empty) for empty in TABLES)):
        written.append(_write_csv(table, tables / f"{table.name}.csv"))
        written.append(_write_parquet(table, tables / f"{table.name}.parquet"))
    return tuple(written)


def findings_table(audit: Audit) -> Table:
    """Every finding as a row, gravest first."""
    chapters = {finding.code: section.key for section in audit.sections for finding in section.findings}

    def row(one: Finding) -> tuple[Any, ...]:
        return (one.severity, one.code, one.title, one.count, one.matters, one.to_do, chapters[one.code])

    return FINDINGS.filled([row(one) for one in audit.findings()])


def proposed_rows(audit: Audit) -> list[tuple[str, str, str]]:
    """The rows that could be added to the channel rules: those whose channel is known."""
    return [
        (row["field"], row["value"], row["channel"])
        for row in audit.table("utm_mapping").records()
        if row["channel"]
    ]


def _text(file: Path, text: str) -> Path:
    file.write_text(text, encoding="utf-8")
    return file


def _write_csv(table: Table, file: Path) -> Path:
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened, lineterminator="\n")
        writer.writerow([column.name for column in table.columns])
        writer.writerows([_cell(value) for value in row] for row in table.rows)
    return file


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    # People open these files with a double click: text must not run (docs/decisions/0404).
    return f"'{value}" if isinstance(value, str) and value.startswith(RISKY) else value


def _write_parquet(table: Table, file: Path) -> Path:
    columns = list(zip(*table.rows, strict=True)) or [() for _ in table.columns]
    arrays = [_array(column, values) for column, values in zip(table.columns, columns, strict=True)]
    schema = pa.schema(
        [
            pa.field(column.name, array.type, metadata={"comment": column.meaning})
            for column, array in zip(table.columns, arrays, strict=True)
        ],
        metadata={"comment": table.meaning},
    )
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), file)
    return file


def _array(column: Column, values: tuple[Any, ...]) -> pa.Array:
    kind = NUMBERS.get(column.kind)
    if kind is not None:
        return pa.array([float(v) if isinstance(v, Decimal) else v for v in values], kind)
    if column.kind == "moment":
        return pa.array([_moment(value) for value in values], pa.timestamp("us"))
    return pa.array([None if value is None else str(value) for value in values], pa.string())


def _moment(value: date | datetime | None) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return value
    return datetime(value.year, value.month, value.day)
