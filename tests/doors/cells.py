"""Cells of every door in one form: text or None for keys, ISO months, numbers as float."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.doors.questions import Question

Rows = dict[tuple[str | None, ...], tuple[float | None, ...]]


def rows_of(question: Question, rows: Iterable[Sequence[Any]]) -> Rows:
    """Rows given as values in the order of the question's columns, by their key; a key twice is an error."""
    width = len(question.keys)
    found: Rows = {}
    for row in rows:
        key = tuple(_key(name, value) for name, value in zip(question.keys, row, strict=False))
        assert key not in found, f"{key} twice"
        found[key] = tuple(_number(value) for value in row[width:])
    return found


def rows_of_documents(question: Question, rows: Iterable[Mapping[str, Any]]) -> Rows:
    """The same for rows given by column name."""
    return rows_of(question, ([row[name] for name in question.columns] for row in rows))


def differences(question: Question, expected: Rows, found: Rows) -> list[str]:
    """Every cell that is not the same; floats may differ in the last bits that another sum order leaves."""
    told = [f"row {key} is missing" for key in expected if key not in found]
    told += [f"row {key} is too much" for key in found if key not in expected]
    for key in expected.keys() & found.keys():
        for name, wanted, got in zip(question.metrics, expected[key], found[key], strict=True):
            if not _same(wanted, got):
                told.append(f"{name} of {key}: {got!r}, not {wanted!r}")
    return told


def _same(wanted: float | None, got: float | None) -> bool:
    if wanted is None or got is None:
        return wanted is got
    return math.isclose(wanted, got, rel_tol=1e-12, abs_tol=1e-12)


def _key(name: str, value: Any) -> str | None:
    if value is None or value == "":
        return None
    if name != "metric_time":
        return str(value)
    if isinstance(value, int | float):  # milliseconds since 1970, as charts have it
        value = dt.datetime.fromtimestamp(value / 1000, dt.UTC)
    return str(value)[:10]


def _number(value: Any) -> float | None:
    return None if value is None or value == "" else float(value)
