"""Compare an answer with the expected rows, as MetricFlow's own tests do.

Columns meet by name, rows as a sorted multiset (in order where the question asks for it),
numbers within a relative 1e-6. An empty answer counts only where it is allowed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tests.exams.metricflow.cases import Case

Rows = Sequence[tuple[Any, ...]]
TOLERANCE = 1e-6


def fault(case: Case, columns: Sequence[str], rows: Rows) -> str | None:
    """Why the answer is wrong, or None where it is right."""
    missing = set(case.columns) - set(columns)
    surplus = set(columns) - set(case.columns)
    if missing or surplus:
        return f"columns differ: missing {sorted(missing)}, not expected {sorted(surplus)}"
    order = [list(columns).index(name) for name in case.columns]
    ours = [tuple(plain(row[index]) for index in order) for row in rows]
    theirs = [tuple(plain(value) for value in row) for row in case.rows]
    if not ours and not case.allow_empty:
        return "the answer is empty"
    if len(ours) != len(theirs):
        return f"{len(ours)} rows instead of {len(theirs)}: {_first_difference(ours, theirs)}"
    if not case.check_order:
        ours, theirs = sorted(ours, key=_sort_key), sorted(theirs, key=_sort_key)
    for mine, wanted in zip(ours, theirs, strict=True):
        if not all(same(a, b) for a, b in zip(mine, wanted, strict=True)):
            return f"a row is {mine} instead of {wanted} ({', '.join(case.columns)})"
    return None


def plain(value: Any) -> Any:
    """A value as JSON would hold it: instants as text, exact numbers as floats."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day).isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, float) and math.isnan(value):
        return None
    return value


def same(mine: Any, wanted: Any) -> bool:
    """Equality, within the tolerance for numbers; a truth is no number."""
    if isinstance(mine, bool) or isinstance(wanted, bool) or not _numbers(mine, wanted):
        return bool(mine == wanted)
    return math.isclose(mine, wanted, rel_tol=TOLERANCE, abs_tol=1e-9)


def _numbers(*values: Any) -> bool:
    return all(isinstance(value, int | float) for value in values)


def _sort_key(row: tuple[Any, ...]) -> list[tuple[int, Any]]:
    """Exact values before numbers, so that a last digit cannot change which rows meet."""
    exact = [(0, "") if value is None else (1, str(value)) for value in row if not _numbers(value)]
    exact += [(2, str(value)) for value in row if isinstance(value, bool)]
    return exact + [(3, float(f"{value:.5g}")) for value in row if _numbers(value)]


def _first_difference(ours: Rows, theirs: Rows) -> str:
    left = sorted(set(ours) - set(theirs), key=_sort_key)[:2]
    right = sorted(set(theirs) - set(ours), key=_sort_key)[:2]
    return f"only in ours {left}, only expected {right}"
