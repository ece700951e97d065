"""An answer: a table whose columns say what they mean, with the SQL and the freshness beside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

import pyarrow as pa

ColumnRole = Literal["dimension", "metric", "comparison", "share"]


@dataclass(frozen=True)
class Column:
    """One column of an answer.

    type: text, integer, decimal, float, boolean, date, timestamp. role: what it is to the question.
    `metric` is the metric that a metric, comparison or share column belongs to.
    additive: whether a client may add the column up; ratios and distinct counts may not.
    """

    name: str
    type: str
    role: ColumnRole
    metric: str | None = None
    label: str = ""
    format: str = ""
    additive: bool = False
    status: str = ""
    grain: str | None = None


@dataclass(frozen=True)
class Answer:
    """Rows in a total order. `total` counts the rows before limit and offset."""

    table: pa.Table
    columns: tuple[Column, ...]
    total: int
    sql: str
    freshness: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    totals: pa.Table | None = None
    fingerprints: Mapping[str, str] = field(default_factory=dict)

    def rows(self) -> list[dict[str, Any]]:
        """The rows as dictionaries of JSON-ready values."""
        return rows_of(self.table)

    def to_document(self) -> dict[str, Any]:
        """The JSON answer, the same from every door: decimals as strings, dates as ISO 8601."""
        document: dict[str, Any] = {
            "columns": [_column(column) for column in self.columns],
            "rows": self.rows(),
            "total": self.total,
            "sql": self.sql,
            "freshness": dict(self.freshness),
            "notes": list(self.notes),
        }
        if self.totals is not None:
            document["totals"] = rows_of(self.totals)
        return document


def rows_of(table: pa.Table) -> list[dict[str, Any]]:
    """Turn an Arrow table into dictionaries of JSON-ready values."""
    return [{name: plain(value) for name, value in row.items()} for row in table.to_pylist()]


def plain(value: Any) -> Any:
    """Make one value fit for JSON: exact decimals as strings, dates ISO, NaN and infinities missing."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dt.date | dt.datetime | dt.time):
        return value.isoformat()
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value


def column_type(kind: pa.DataType) -> str:
    """Name an Arrow type in the words of the answer."""
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind):
        return "integer"
    if pa.types.is_decimal(kind):
        return "decimal"
    if pa.types.is_floating(kind):
        return "float"
    if pa.types.is_date(kind):
        return "date"
    if pa.types.is_timestamp(kind):
        return "timestamp"
    return "text"


def _column(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "type": column.type,
        "role": column.role,
        "metric": column.metric,
        "label": column.label,
        "format": column.format,
        "additive": column.additive,
        "status": column.status,
        "grain": column.grain,
    }
