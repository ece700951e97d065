"""The cells of an answer as Python values, in the order of its columns."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from typing import Any

from semantic.answer import Answer, Column

_LONGEST = 2**53
"""Whole numbers up to here are exact in a spreadsheet, which knows doubles only."""


def cells(answer: Answer) -> Iterator[tuple[Any, ...]]:
    """The rows; times as ISO text, NaN and infinities as missing, all else as it is."""
    columns = [column.to_pylist() for column in answer.table.columns]
    for row in zip(*columns, strict=True):
        yield tuple(_plain(value) for value in row)


def typed(value: Any, column: Column) -> Any:
    """A cell for a spreadsheet: a number, a date, text, a boolean or None."""
    if value is None or isinstance(value, bool | str | dt.date | dt.datetime):
        return value
    if isinstance(value, int) and abs(value) > _LONGEST:
        return str(value)
    number = float(value)
    return None if math.isnan(number) or math.isinf(number) else number


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
