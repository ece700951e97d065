"""One SELECT over `metrics`, read: what it groups by, which metrics it names, and under which conditions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlglot import exp

from api.sql_door.catalog import Catalog
from api.sql_door.conditions import TIME_PARTS, Conditions, grain_name, read_where
from api.sql_door.measured import Measured, compared_with, read_measure
from api.sql_door.refused import Refused
from api.sql_door.view import inside_measure, is_measure
from semantic.query import Comparison


@dataclass(frozen=True)
class Group:
    """One grouped expression. `dimension` is its name in a question; None for a label such as CASE ... END.

    A bare time dimension is grouped by the day.
    """

    expression: exp.Expr
    dimension: str | None


@dataclass(frozen=True)
class Level:
    """A SELECT over the table, ready to be asked and then reshaped."""

    select: exp.Select
    groups: tuple[Group, ...]
    measures: tuple[Measured, ...]
    conditions: Conditions
    compare: Comparison | None = None


def read_level(select: exp.Select, catalog: Catalog, now: dt.datetime) -> Level:
    """Read a checked SELECT over the table."""
    for column in select.find_all(exp.Column):
        if not inside_measure(column) and column.name not in _aliases(select):
            catalog.check_column(column.name)
    where = select.args.get("where")
    measures = _measures(select, catalog)
    return Level(
        select,
        tuple(_group(item, catalog) for item in _grouped(select)),
        measures,
        read_where(where.this if where else None, catalog, now),
        compared_with(measures),
    )


def key(node: exp.Expr) -> str:
    """Text that is the same for the same expression, however it was quoted."""
    return node.sql(dialect="duckdb", identify=True)


def _aliases(select: exp.Select) -> dict[str, exp.Expr]:
    return {item.alias: item.this for item in select.expressions if isinstance(item, exp.Alias)}


def _grouped(select: exp.Select) -> list[exp.Expr]:
    """The grouped expressions, positions and aliases resolved; without metrics, each dimension that is shown."""
    clause = select.args.get("group")
    if not _has_measures(select):
        return _shown_dimensions(select)
    aliases, items = _aliases(select), list(select.expressions)
    found: dict[str, exp.Expr] = {}
    for item in clause.expressions if clause else ():
        node = item.unnest()
        if isinstance(node, exp.Literal) and not node.is_string:
            node = _at(items, int(node.this))
        elif isinstance(node, exp.Column) and node.name in aliases:
            node = aliases[node.name]
        node = node.unnest()
        if any(is_measure(n) for n in node.walk()):
            raise Refused(f"A metric cannot be grouped by: {node.sql(dialect='postgres')[:60]}")
        if node.find(exp.Column):
            found.setdefault(key(node), node.copy())
    return list(found.values())


def _shown_dimensions(select: exp.Select) -> list[exp.Expr]:
    """Members: every dimension in the selected expressions, a truncated time as one."""
    found: dict[str, exp.Expr] = {}
    for aggregate in select.find_all(exp.AggFunc):
        raise Refused(
            f"{aggregate.sql(dialect='postgres')[:60]}: this table has no rows to aggregate; use MEASURE(metric)."
        )
    for item in select.expressions:
        for node in item.find_all(exp.Column, *TIME_PARTS):
            inside = isinstance(node.parent, TIME_PARTS)
            if not inside and not isinstance(node.this, exp.Star):
                found.setdefault(key(node), node.copy())
    if not found:
        raise Refused("Name a dimension, or a metric as MEASURE(name).")
    return list(found.values())


def _has_measures(select: exp.Select) -> bool:
    return any(is_measure(node) for node in select.walk())


def _at(items: list[exp.Expr], position: int) -> exp.Expr:
    if not 1 <= position <= len(items):
        raise Refused(f"GROUP BY {position} names no selected column; there are {len(items)}.")
    return items[position - 1].unalias()


def _group(node: exp.Expr, catalog: Catalog) -> Group:
    if isinstance(node, exp.Column):
        by_day = catalog.is_time(node.name) and "__" not in node.name
        return Group(node, f"{node.name}__day" if by_day else node.name)
    if isinstance(node, TIME_PARTS):
        return Group(node, grain_name(node, catalog))
    for column in node.find_all(exp.Column):
        catalog.check_column(column.name)
    return Group(node, None)


def _measures(select: exp.Select, catalog: Catalog) -> tuple[Measured, ...]:
    found = [read_measure(node, catalog) for node in select.walk() if is_measure(node)]
    return tuple(dict.fromkeys(found))
