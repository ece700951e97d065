"""Hold the engine's rows to the oracle's, group by group."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from tests.oracle.bridge import midnight
from tests.oracle.world import Answer, Question

Key = tuple[Any, ...]
Groups = dict[Key, dict[str, Any]]


def groups(question: Question, rows: Iterable[dict[str, Any]]) -> Groups:
    """The engine's rows by group key; a key that comes twice is an error of its own."""
    found: Groups = {}
    width = len(question.group_by)
    for row in rows:
        values = list(row.values())
        key = tuple(midnight(value) for value in values[:width])
        assert key not in found, f"the group {key!r} comes twice"
        found[key] = dict(zip(question.metrics, values[width:], strict=True))
    return found


def equal(mine: Any, wanted: Any) -> bool:
    """Equality within the rounding of floats; NULL equals only NULL."""
    if mine is None or wanted is None:
        return mine is wanted
    numbers = [float(value) if isinstance(value, Decimal) else value for value in (mine, wanted)]
    return math.isclose(*numbers, rel_tol=1e-9, abs_tol=1e-9)


def differences(question: Question, mine: Groups, wanted: Answer) -> list[str]:
    """Every group and metric in which they differ."""
    lines = [f"group {key!r} is not expected: {mine[key]!r}" for key in mine if key not in wanted.rows]
    lines += [f"group {key!r} is missing: {wanted.rows[key]!r}" for key in wanted.rows if key not in mine]
    for key in mine.keys() & wanted.rows.keys():
        lines += [
            f"{name} at {key!r} is {mine[key][name]!r} instead of {wanted.rows[key][name]!r}"
            for name in question.metrics
            if not equal(mine[key][name], wanted.rows[key][name])
        ]
    return lines


def same_groups(names: Sequence[str], left: Groups, right: Groups) -> bool:
    """Whether two answers agree on these metrics; a group of nothing but NULL counts as absent."""

    def told(groups: Groups) -> Groups:
        return {key: row for key, row in groups.items() if any(row[name] is not None for name in names)}

    mine, other = told(left), told(right)
    return mine.keys() == other.keys() and all(
        equal(mine[key][name], other[key][name]) for key in mine for name in names
    )
