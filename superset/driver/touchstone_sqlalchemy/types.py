"""Arrow types and the door's type names -> the names that Superset knows."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

_NAMES: tuple[tuple[Callable[[pa.DataType], bool], str], ...] = (
    (pa.types.is_timestamp, "TIMESTAMP"),
    (pa.types.is_date, "DATE"),
    (pa.types.is_decimal, "DECIMAL"),
    (pa.types.is_integer, "BIGINT"),
    (pa.types.is_floating, "DOUBLE"),
    (pa.types.is_boolean, "BOOLEAN"),
)


def type_name(arrow: pa.DataType) -> str:
    """The SQL name of an Arrow type: `decimal128(18, 2)` -> `DECIMAL`; anything else is text."""
    return next((name for is_it, name in _NAMES if is_it(arrow)), "VARCHAR")


def base_name(declared: str) -> str:
    """The name without its arguments: `DECIMAL(18, 2)` -> `DECIMAL`, `timestamp` -> `TIMESTAMP`."""
    return declared.split("(", 1)[0].strip().upper()
