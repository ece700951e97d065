"""SELECT MIN(metric_time), MAX(metric_time): from when until when there is data."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp

from api.sql_door.conditions import read_where
from api.sql_door.question import NOTHING, Asker
from api.sql_door.refused import Refused
from semantic.definitions import METRIC_TIME
from semantic.predicates import parse_group_by
from semantic.query import Query

_ROW_CLAUSES = ("group", "having", "distinct")


def is_time_bounds(select: exp.Select) -> bool:
    """Whether every selected expression is MIN or MAX of something."""
    return bool(select.expressions) and all(
        isinstance(item.unalias(), exp.Min | exp.Max) for item in select.expressions
    )


def ask_time_bounds(select: exp.Select, asker: Asker) -> pa.Table:
    """One row with the first or last day that has data of some metric, as timestamps."""
    if any(select.args.get(clause) for clause in _ROW_CLAUSES):
        raise Refused("MIN and MAX of a time stand alone: without GROUP BY, HAVING or DISTINCT.")
    where = select.args.get("where")
    conditions = read_where(where.this if where else None, asker.catalog, asker.seat.now)
    if conditions.by_member:
        raise Refused("CASE in WHERE is not supported beside MIN and MAX of a time.")
    for item in select.expressions:
        _check_time(item.unalias(), asker)
    query = Query(
        group_by=(parse_group_by(f"{METRIC_TIME}__day"),),
        where=conditions.predicates,
        time_range=NOTHING if conditions.nothing else conditions.time_range,
    )
    # Metrics that are kept by the month only, such as targets, are not asked.
    query = replace(query, metrics=asker.seat.anchors(query))
    days = asker(query).table.column(0)
    bounds = pc.min_max(pc.cast(days, pa.timestamp("us")))
    names = [item.alias or item.unalias().key for item in select.expressions]
    values = [bounds["min" if isinstance(i.unalias(), exp.Min) else "max"] for i in select.expressions]
    return pa.table([pa.array([value.as_py()], pa.timestamp("us")) for value in values], names=names)


def _check_time(node: exp.Expr, asker: Asker) -> None:
    column = node.this
    if not isinstance(column, exp.Column) or column.name != METRIC_TIME:
        raise Refused(
            f"{node.sql(dialect='postgres')[:60]}: this table has no rows to aggregate; use MEASURE(metric). "
            f"Only MIN and MAX of {METRIC_TIME} are answered."
        )
