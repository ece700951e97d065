"""Scalars that GraphQL itself lacks: whole numbers beyond 32 bits, and rows as JSON."""

from __future__ import annotations

from typing import Any, NewType

import strawberry

JSON_SAFE = 2**53

BigInt = NewType("BigInt", int)
Rows = NewType("Rows", list)
Document = NewType("Document", dict)


def _read_big(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(f"BigInt is a whole number, not {value!r}.")
    return int(value)


SCALARS: dict[object, Any] = {
    BigInt: strawberry.scalar(
        name="BigInt",
        description="A whole number of any size; above 2^53 as text, because JSON readers lose digits there.",
        serialize=lambda value: value if abs(value) <= JSON_SAFE else str(value),
        parse_value=_read_big,
    ),
    Rows: strawberry.scalar(
        name="Rows",
        description="A list of objects, one a row, by column name. Exact decimals are strings, times ISO 8601.",
        serialize=lambda value: value,
    ),
    Document: strawberry.scalar(
        name="Document", description="A JSON object.", serialize=lambda value: value, parse_value=lambda v: v
    ),
}
