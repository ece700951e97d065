"""XLSX for finance: a sheet of typed numbers, and a sheet that says what each of them means.

Values are shipped, never formulas: a live formula in a delivered file is blocked by the office programs, and text
that looks like one is written as text.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from api.formats.cells import typed
from semantic.answer import Answer, Column
from semantic.definitions import Metric

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NUMBER_FORMATS = {
    "currency": "#,##0.00",
    "percent": "0.0%",
    "integer": "#,##0",
    "days": "#,##0.0",
    "number": "General",
}
_CELL_LIMIT = 32_767
_WIDEST = 48
_FACTS = (
    "column", "label", "definition", "type", "format", "owner", "status", "adds up", "watermark", "SQL"
)  # fmt: skip


def write_xlsx(answer: Answer, metrics: Mapping[str, Metric], title: str, asked_at: dt.datetime) -> bytes:
    """A workbook with the sheets Data and Definitions. `metrics` are the glossary's, by name."""
    sink = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(sink, options) as workbook:
        workbook.set_properties({"title": title, "created": asked_at})
        _data_sheet(workbook, "Data", answer.table, answer.columns)
        if answer.totals is not None:
            _data_sheet(workbook, "Totals", answer.totals, answer.columns)
        _definitions_sheet(workbook, answer, metrics, title, asked_at)
    return sink.getvalue()


def _data_sheet(workbook: Workbook, name: str, table: pa.Table, columns: tuple[Column, ...]) -> None:
    """A sheet of rows; a column that the answer does not describe (the level of a total) is a number."""
    sheet = workbook.add_worksheet(name)
    head = workbook.add_format({"bold": True, "bottom": 1})
    sheet.freeze_panes(1, 0)
    described = {column.name: column for column in columns}
    for number, title in enumerate(table.column_names):
        column = described.get(title, Column(title, "integer", "dimension"))
        sheet.write_string(0, number, title, head)
        _column(sheet, number, column, table.column(number).to_pylist(), _format(workbook, column))
    if table.num_rows:
        sheet.autofilter(0, 0, table.num_rows, max(table.num_columns - 1, 0))


def _column(sheet: Worksheet, number: int, column: Column, values: list[Any], look: Format) -> None:
    width = len(column.name)
    for row, value in enumerate(values, start=1):
        _write(sheet, row, number, typed(value, column), look)
        width = max(width, len(str(value)) if value is not None else 0)
    sheet.set_column(number, number, min(width + 2, _WIDEST))


def _write(sheet: Worksheet, row: int, column: int, value: Any, look: Format) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, dt.date | dt.datetime):
        sheet.write_datetime(row, column, _naive(value), look)
    elif isinstance(value, str):
        sheet.write_string(row, column, value[:_CELL_LIMIT])
    else:
        sheet.write_number(row, column, value, look)


def _naive(value: dt.date) -> dt.date:
    return value.replace(tzinfo=None) if isinstance(value, dt.datetime) else value


def _format(workbook: Workbook, column: Column) -> Format:
    if column.type == "date":
        return workbook.add_format({"num_format": "yyyy-mm-dd"})
    if column.type == "timestamp":
        return workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    usual = "integer" if column.type == "integer" else "number"
    kind = column.format if column.role in ("metric", "comparison", "share") else usual
    return workbook.add_format({"num_format": NUMBER_FORMATS.get(kind or usual, NUMBER_FORMATS[usual])})


def _definitions_sheet(
    workbook: Workbook, answer: Answer, metrics: Mapping[str, Metric], title: str, asked_at: dt.datetime
) -> None:
    sheet = workbook.add_worksheet("Definitions")
    head = workbook.add_format({"bold": True, "bottom": 1})
    wrap = workbook.add_format({"text_wrap": True, "valign": "top"})
    for number, fact in enumerate(_FACTS):
        sheet.write_string(0, number, fact, head)
    for row, column in enumerate(answer.columns, start=1):
        for number, value in enumerate(_facts(column, metrics, answer)):
            sheet.write_string(row, number, value, wrap)
    row = len(answer.columns) + 1
    for name, value in _provenance(answer, title, asked_at):
        row += 1
        sheet.write_string(row, 0, name, head)
        sheet.write_string(row, 1, value)
    sheet.set_column(0, 1, 26)
    sheet.set_column(2, 2, 70)
    sheet.set_column(3, len(_FACTS) - 1, 14)


def _facts(column: Column, metrics: Mapping[str, Metric], answer: Answer) -> tuple[str, ...]:
    metric = metrics.get(column.metric or "")
    return (
        column.name,
        column.label,
        metric.definition if metric else "",
        metric.kind if metric else column.role,
        column.format,
        metric.owner if metric else "",
        column.status,
        "yes" if column.additive else "no" if metric else "",
        _watermark(answer) if metric else "",
        answer.sql if metric and len(answer.sql) <= _CELL_LIMIT else "",
    )


def _watermark(answer: Answer) -> str:
    """How far each source had been read: `hubspot: 2026-04-15T05:00:00; ...`."""
    found = answer.freshness.get("watermark")
    return "; ".join(f"{k}: {v}" for k, v in sorted(found.items())) if isinstance(found, Mapping) else ""


def _provenance(answer: Answer, title: str, asked_at: dt.datetime) -> list[tuple[str, str]]:
    """What the numbers rest on: when they were asked, which data, which SQL."""
    freshness = answer.freshness
    told = [("title", title), ("asked at (UTC)", asked_at.isoformat(sep=" ", timespec="seconds"))]
    told += [(name, str(freshness[name])) for name in ("version", "published_at") if freshness.get(name)]
    told += [("rows", f"{answer.table.num_rows} of {answer.total}")]
    told += [("note", note) for note in answer.notes]
    pieces = [answer.sql[at : at + _CELL_LIMIT] for at in range(0, len(answer.sql), _CELL_LIMIT)]
    return told + [("SQL", piece) for piece in pieces]
