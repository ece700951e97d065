"""Members of dimensions: which ones a label or a door-only condition stands for, as a condition of the engine.

   CASE WHEN channel LIKE 'Paid%' THEN 'Paid' ELSE 'Other' END
-> {'Paid': {('Paid search',), ('Paid social',)}, 'Other': {('Email',), (None,)}}
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
from sqlglot import exp

from api.sql_door.catalog import Catalog
from api.sql_door.conditions import TIME_PARTS, grain_name
from api.sql_door.constants import fold
from api.sql_door.instants import spelled_out
from api.sql_door.refused import Refused
from api.sql_door.scratch import scratch
from semantic.predicates import And, Compare, DimensionRef, In, IsNull, Literal, Or, Predicate, parse_group_by

Member = tuple[Any, ...]


def named_columns(node: exp.Expr, catalog: Catalog, now: dt.datetime) -> exp.Expr:
    """The expression over the question's names of its dimensions, constants worked out.

    A bare time dimension inside an expression is read by the day; a comparison of it means what it means in WHERE.
    """

    def name(part: exp.Expr) -> exp.Expr:
        if isinstance(part, TIME_PARTS):
            return exp.column(grain_name(part, catalog), quoted=True)
        if isinstance(part, exp.Column):
            day = catalog.is_time(part.name) and "__" not in part.name
            return exp.column(f"{part.name}__day" if day else part.name, quoted=True)
        return part

    return fold(spelled_out(node, now).transform(name), now)


def dimensions_in(nodes: Iterable[exp.Expr]) -> tuple[str, ...]:
    """The dimensions that expressions (with `named_columns`) read, each once."""
    return tuple(dict.fromkeys(c.name for node in nodes for c in node.find_all(exp.Column)))


def evaluate(nodes: Sequence[exp.Expr], table: pa.Table) -> list[Member]:
    """The values of expressions for each row of a table whose columns they name, in the table's order."""
    select = exp.select(*[node.copy() for node in nodes]).from_(exp.to_table("members"))
    cursor = scratch()
    try:
        cursor.register("members", table)
        return cursor.execute(select.sql(dialect="duckdb")).fetchall()
    except duckdb.Error as error:
        shown = ", ".join(node.sql(dialect="postgres")[:80] for node in nodes)
        raise Refused(f"{shown} cannot be worked out: {str(error).splitlines()[0]}") from None
    finally:
        cursor.close()


def rows_of(table: pa.Table) -> list[Member]:
    """The rows of a table as tuples."""
    return list(zip(*[column.to_pylist() for column in table.columns], strict=True))


def members_predicate(dimensions: Sequence[str], members: Iterable[Member]) -> Predicate:
    """The condition that a row is one of the members; a missing value is a member like any other."""
    listed = list(dict.fromkeys(members))
    if len(dimensions) == 1:
        return _one_of(dimensions[0], [member[0] for member in listed])
    rows = [And(tuple(_one_of(d, [v]) for d, v in zip(dimensions, m, strict=True))) for m in listed]
    return rows[0] if len(rows) == 1 else Or(tuple(rows))


def _one_of(dimension: str, values: list[Any]) -> Predicate:
    reference = DimensionRef(parse_group_by(dimension))
    given = tuple(Literal(_plain(value)) for value in values if value is not None)
    parts: list[Predicate] = []
    if given:
        parts.append(In(reference, given) if len(given) > 1 else Compare("=", reference, given[0]))
    if None in values:
        parts.append(IsNull(reference))
    return parts[0] if len(parts) == 1 else Or(tuple(parts))


def _plain(value: Any) -> Any:
    """Times as ISO text, which the condition language compares as times."""
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None).isoformat(sep=" ")
    if isinstance(value, dt.date):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool | Decimal) else str(value)
