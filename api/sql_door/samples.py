"""SELECT * and COUNT(*): a sample is distinct combinations of dimension members, never rows of a source.

No metric has every dimension, so a sample comes from the metric that has the most of those asked;
the others are empty in it.
"""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
from sqlglot import exp

from api.sql_door.allow import row_count
from api.sql_door.conditions import read_where
from api.sql_door.question import NOTHING, Asker, timestamps
from api.sql_door.refused import Refused
from semantic.definitions import METRIC_TIME
from semantic.errors import AccessDenied, Refusal
from semantic.predicates import parse_group_by
from semantic.query import Query

DEFAULT_SAMPLE = 1_000
_ROW_CLAUSES = ("group", "having", "distinct", "order")


def is_bare_count(select: exp.Select) -> bool:
    """Whether a SELECT is COUNT(*) alone: the pager of a samples pane asks for it."""
    only = select.expressions[0].unalias() if len(select.expressions) == 1 else None
    alone = not any(select.args.get(clause) for clause in (*_ROW_CLAUSES, "offset"))
    return alone and isinstance(only, exp.Count) and isinstance(only.this, exp.Star)


def count_sample(select: exp.Select, asker: Asker) -> pa.Table:
    """How many rows SELECT * with the same WHERE has."""
    _, query = _widest(select, asker)
    total = asker.seat.ask(replace(query, limit=1)).total
    return pa.table({select.expressions[0].alias or "count": pa.array([total], pa.int64())})


def ask_sample(select: exp.Select, asker: Asker, max_rows: int) -> pa.Table:
    """Members of all dimensions together, in the order of the columns."""
    if any(select.args.get(clause) for clause in _ROW_CLAUSES):
        raise Refused("SELECT * shows a sample; name the dimensions to group or order them.")
    limit = row_count(select.args.get("limit"), "LIMIT")
    offset = row_count(select.args.get("offset"), "OFFSET")
    names, query = _widest(select, asker)
    query = replace(
        query, limit=min(DEFAULT_SAMPLE if limit is None else limit, max_rows), offset=offset or 0
    )
    found = asker.seat.ask(query).table
    columns = dict(zip(names, (timestamps(c) for c in found.columns), strict=False))
    empty = {
        n: pa.nulls(found.num_rows, pa.string()) for n in asker.catalog.dimension_names if n not in columns
    }
    return pa.table({name: {**columns, **empty}[name] for name in asker.catalog.dimension_names})


def _widest(select: exp.Select, asker: Asker) -> tuple[list[str], Query]:
    """The question for a sample, by the metric that has most dimensions, and the dimensions it has."""
    where = select.args.get("where")
    conditions = read_where(where.this if where else None, asker.catalog, asker.seat.now)
    if conditions.by_member:
        raise Refused("CASE in WHERE is not supported in a sample.")
    base = Query(
        where=conditions.predicates, time_range=NOTHING if conditions.nothing else conditions.time_range
    )
    candidates = [(_reached(metric, asker), metric) for metric in asker.seat.anchors(Query())]
    if not candidates:
        raise Refused("There is no metric that you may see.")
    names, metric = max(candidates, key=lambda found: len(found[0]))
    groups = [f"{name}__day" if name == METRIC_TIME else name for name in names]
    return names, replace(base, metrics=(metric,), group_by=tuple(parse_group_by(name) for name in groups))


def _reached(metric: str, asker: Asker) -> list[str]:
    """The dimensions of the table that a metric can be asked by."""
    reached = []
    for name in asker.catalog.dimension_names:
        group = parse_group_by(f"{name}__day" if asker.catalog.is_time(name) else name)
        try:
            asker.seat.compile(Query(metrics=(metric,), group_by=(group,)))
        except (Refusal, AccessDenied):
            continue
        reached.append(name)
    return reached
