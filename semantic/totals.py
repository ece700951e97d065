"""Totals and subtotals: the same question with fewer groups, asked of the facts again; never added up from rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pyarrow as pa

from semantic.errors import Refusal
from semantic.query import Query

Ask = Callable[[Query], pa.Table]
Apart = Callable[[str], frozenset[str]]
"""The grouped dimensions over which a metric does not add up, such as the attribution model."""
LEVEL = "level"


def totals(
    query: Query, run: Ask, names: tuple[str, ...], apart: Apart
) -> tuple[pa.Table | None, tuple[str, ...]]:
    """The grand total in one row, or a row for each subtotal, with what must be said about it.

    Subtotals keep the first columns of the grouping and leave the rest empty; `level` is how many are kept.
    """
    if not query.totals:
        return None, ()
    notes: list[str] = []
    if query.having:
        notes.append("Totals are over all groups, also those that `having` leaves out.")
    if query.top is not None and query.top.other is None:
        notes.append("Totals are over all members, also those that `top` leaves out.")
    if query.totals is True:
        return _level(query, 0, run, notes, apart), tuple(dict.fromkeys(notes))
    found = []
    for kept in range(len(query.group_by) - 1, -1, -1):
        table = _level(query, kept, run, notes, apart)
        found.append(_widened(table, names[: len(query.group_by)], kept))
    merged = pa.concat_tables(found, promote_options="permissive") if found else None
    return merged, tuple(dict.fromkeys(notes))


def _level(query: Query, kept: int, run: Ask, notes: list[str], apart: Apart) -> pa.Table:
    """One level; a metric without a number at this level is left empty, and it is said why."""
    group_by = query.group_by[:kept]
    summed = _summed(query, kept, notes, apart)
    shows_top = query.top is not None and query.top.dimension.name in {item.name for item in group_by}
    part = replace(
        query, metrics=summed, group_by=group_by, totals=False, having=(), order_by=(), limit=None, offset=0,
        top=query.top if shows_top else None, share_of_total=(),
    )  # fmt: skip
    attempts = (part, replace(part, compare=None))  # a level without time may have nothing to compare with
    for attempt in attempts if summed else ():
        try:
            return _with_empty(run(attempt), query.metrics)
        except Refusal:
            continue
    part = replace(part, compare=None)
    works = [name for name in summed if _answers(replace(part, metrics=(name,)), run, notes)]
    if not works:
        return pa.table({name: pa.nulls(1) for name in query.metrics})
    return _with_empty(run(replace(part, metrics=tuple(works))), query.metrics)


def _summed(query: Query, kept: int, notes: list[str], apart: Apart) -> tuple[str, ...]:
    """The metrics that have a number at a level: not those that count the same thing again under each member."""
    dropped = {item.name for item in query.group_by[kept:]} - {item.name for item in query.group_by[:kept]}
    found = []
    for name in query.metrics:
        split = sorted(dropped & apart(name))
        if split:
            notes.append(
                f"{name} has no total over {', '.join(split)}: its members count the same thing again."
            )
        else:
            found.append(name)
    return tuple(found)


def _with_empty(table: pa.Table, metrics: tuple[str, ...]) -> pa.Table:
    """The table with a column for every metric, in their order."""
    if set(metrics) <= set(table.column_names):
        return table
    keys = [name for name in table.column_names if name not in metrics]
    columns = {name: table.column(name) for name in keys}
    for name in metrics:
        columns[name] = table.column(name) if name in table.column_names else pa.nulls(table.num_rows)
    return pa.table(columns)


def _answers(query: Query, run: Ask, notes: list[str]) -> bool:
    try:
        run(query)
    except Refusal as refusal:
        notes.append(f"{query.metrics[0]} has no total here: {refusal.message}")
        return False
    return True


def _widened(table: pa.Table, keys: tuple[str, ...], kept: int) -> pa.Table:
    """Give every level the same columns, in the same order."""
    columns = {
        name: table.column(name) if name in table.column_names else pa.nulls(table.num_rows) for name in keys
    }
    columns[LEVEL] = pa.array([kept] * table.num_rows, pa.int64())
    columns |= {name: table.column(name) for name in table.column_names if name not in columns}
    return pa.table(columns)
