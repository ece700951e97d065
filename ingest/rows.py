"""Vendor values become promised types: rows of loose Python values in, an Arrow table out."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from ingest.contract import Column, Table
from ingest.errors import SchemaChangedError
from ingest.rows_at_once import LEAST_MILLIS, NUL, at_once

Row = dict[str, Any]
Rows: TypeAlias = Sequence[Row] | pa.Table  # loose values, or columns of the promised types
MOST_SHOWN = 80  # characters of a value that cannot be read
_TRUE, _FALSE = frozenset({"true", "1", "yes", "t"}), frozenset({"false", "0", "no", "f"})


def dig(record: Any, *path: str) -> Any:
    """What lies at `path` of nested objects; None where a part is missing or null.

    >>> dig({"paging": None}, "paging", "next")
    """
    for part in path:
        record = record.get(part) if isinstance(record, dict) else None
    return record


def to_arrow(table: Table, rows: Rows, loaded_at: datetime) -> pa.Table:
    """`rows` as `table` promises them: missing keys and blank text are NULL, other keys are left out.

    Raises SchemaChangedError naming the column when a value cannot be read as the promised type.
    """
    arrays: list[Any] = []
    for column in table.columns:
        if isinstance(rows, pa.Table) and column.name != "_loaded_at":
            arrays.append(_cast(table, column, rows.column(column.name)))
        elif column.name == "_loaded_at":
            arrays.append(pa.array([loaded_at] * len(rows), pa.timestamp("us")))
        else:
            arrays.append(_array(table, column, rows))
    return pa.table(arrays, names=[column.name for column in table.columns])


def arrow_type(column: Column) -> pa.DataType:
    """The Arrow type of a promised type."""
    if column.type.startswith("DECIMAL"):
        return pa.decimal128(*precision_and_scale(column.type))
    return _SIMPLE[column.type][0]


def precision_and_scale(type_name: str) -> tuple[int, int]:
    """(18, 2) of `DECIMAL(18, 2)`."""
    precision, scale = type_name.removeprefix("DECIMAL(").rstrip(")").split(",")
    return int(precision), int(scale)


def read_instant(value: Any) -> datetime:
    """UTC without zone, from ISO 8601 text, milliseconds since 1970, or a datetime.

    >>> read_instant("2026-01-05T12:00:00.000+0200")
    datetime.datetime(2026, 1, 5, 10, 0)
    """
    if isinstance(value, str) and value[:1].isdigit():
        value = value.replace("Z+0000", "Z")  # as Marketo writes it
        if value.endswith("Z"):
            return datetime.fromisoformat(value[:-1])  # most instants come so: three times as fast
    if isinstance(value, datetime):
        at = value
    elif isinstance(value, date):
        at = datetime(value.year, value.month, value.day)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        at = _from_millis(value)
    elif isinstance(value, str) and value.isdigit() and len(value) > 8:
        at = _from_millis(int(value))
    else:
        at = datetime.fromisoformat(value)
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo is not None else at


def _from_millis(count: float) -> datetime:
    """Seconds since 1970, the days of a sheet or 20260105 would all be read as a day of January 1970."""
    if 0 < abs(count) < LEAST_MILLIS:
        raise ValueError(f"{count!r} is no count of milliseconds since 1970")
    return datetime.fromtimestamp(count / 1000, UTC)


def newest(page: pa.Table, column: str) -> datetime | None:
    """The newest instant in `column`, a day as its midnight, or None."""
    found = pc.max(page.column(column)).as_py()
    return found if found is None or isinstance(found, datetime) else read_instant(found)


def _array(table: Table, column: Column, rows: Sequence[Row]) -> pa.Array:
    values = [row.get(column.name) for row in rows]
    if (array := at_once(column.type, values)) is not None:
        return array
    convert = _converter(column)
    try:
        return pa.array(
            [None if value is None or value == "" else convert(value) for value in values], arrow_type(column)
        )
    except (ValueError, TypeError, InvalidOperation, OverflowError, pa.ArrowInvalid):
        bad = next(row for row in rows if not _is_readable(convert, column, row.get(column.name)))
        value = bad[column.name]
        raise SchemaChangedError(
            table.source,
            f"{table.name}.{column.name} is promised as {column.type} and now comes as {_kind(value)}: "
            f"{_shown(value)} cannot be read as that ({_where(table, bad)})",
        ) from None


def _where(table: Table, row: Row) -> str:
    """The record and, where it has one, the file."""
    named = ", ".join(f"{name} {_shown(row.get(name))}" for name in table.key)
    return f"{row['_source_file']}, {named}" if "_source_file" in row else named


def _cast(table: Table, column: Column, values: pa.ChunkedArray) -> pa.ChunkedArray:
    try:
        return values.cast(arrow_type(column))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise SchemaChangedError(
            table.source,
            f"{table.name}.{column.name} is promised as {column.type} and comes as {values.type}: {error}",
        ) from None


def _kind(value: Any) -> str:
    """What kind of JSON value it is, in words."""
    kinds = {bool: "a truth value", str: "text", int: "a number", float: "a number", list: "a list"}
    return kinds.get(type(value), "an object")


def _shown(value: Any) -> str:
    told = repr(value)
    return told if len(told) <= MOST_SHOWN else f"{told[:MOST_SHOWN]}..."


def _is_readable(convert: Callable[[Any], Any], column: Column, value: Any) -> bool:
    try:
        if value is not None and value != "":
            pa.array([convert(value)], arrow_type(column))
    except (ValueError, TypeError, InvalidOperation, OverflowError, pa.ArrowInvalid):
        return False
    return True


def _text(value: Any) -> str | None:
    """A whole number that came with a point, as an id out of a data frame, is written without it."""
    if isinstance(value, dict | list | bytes):
        raise TypeError("a nested value where text is promised")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    if not isinstance(value, str):
        return str(value)
    # Half an emoji that a vendor cut off cannot be stored.
    return value.encode("utf-8", "replace").decode().replace(NUL, "") or None


def _date(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and len(value) == 10:
        return date.fromisoformat(value)
    return read_instant(value).date()


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ValueError(f"{value!r} is not a truth value")


def _integer(value: Any) -> int:
    if isinstance(value, bool):
        raise ValueError(f"{value!r} is not a number")
    if isinstance(value, float) and not value.is_integer():
        raise ValueError(f"{value!r} is not whole")
    if isinstance(value, str):
        number = Decimal(value)
        if number != number.to_integral_value():
            raise ValueError(f"{value!r} is not whole")
        return int(number)
    return int(value)


def _converter(column: Column) -> Callable[[Any], Any]:
    if column.type.startswith("DECIMAL"):
        step = Decimal(1).scaleb(-precision_and_scale(column.type)[1])
        return lambda value: Decimal(str(value)).quantize(step, ROUND_HALF_UP)
    return _SIMPLE[column.type][1]


_SIMPLE: dict[str, tuple[pa.DataType, Callable[[Any], Any]]] = {
    "VARCHAR": (pa.string(), _text),
    "TIMESTAMP": (pa.timestamp("us"), read_instant),
    "DATE": (pa.date32(), _date),
    "BOOLEAN": (pa.bool_(), _boolean),
    "BIGINT": (pa.int64(), _integer),
}
