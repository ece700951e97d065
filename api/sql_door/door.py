"""The SQL door: a statement -> questions to the engine -> rows. The engine computes, the door only reshapes."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa
from sqlglot import exp

from api.sql_door.additivity import Adds, Lineage, check_aggregates, lineage_of
from api.sql_door.allow import check_level
from api.sql_door.constants import is_constant
from api.sql_door.level import Level, read_level
from api.sql_door.measured import Measured
from api.sql_door.question import Asker, ask_level
from api.sql_door.refused import Refused
from api.sql_door.reshape import ROWS, name_columns, reshape_level, run_over, total_order
from api.sql_door.samples import ask_sample, count_sample, is_bare_count
from api.sql_door.statement import from_of, read_statement
from api.sql_door.times import ask_time_bounds, is_time_bounds
from api.sql_door.view import expand_star, expand_stars, merge_views, unqualify

MAX_DEPTH = 8


@dataclass(frozen=True)
class Rows:
    """The rows of a statement, and which of their columns add up."""

    table: pa.Table
    lineage: Lineage = field(default_factory=dict)


def answer_sql(sql: str, asker: Asker, max_rows: int) -> pa.Table:
    """Answer one statement; raises Refused, or what the engine raises of a question."""
    return _answer(read_statement(sql), asker, max_rows, 0).table


def _answer(select: exp.Select, asker: Asker, max_rows: int, depth: int) -> Rows:
    if depth > MAX_DEPTH:
        raise Refused(f"Sub-queries go {MAX_DEPTH} levels deep at most.")
    select = merge_views(select, asker.catalog)
    source = from_of(select)
    if source is None:
        return _constants(select, max_rows)
    if isinstance(source, exp.Table):
        asker.catalog.check_table(source)
        return _over_metrics(select, source, asker, max_rows)
    if isinstance(source, exp.Subquery) and isinstance(source.this, exp.Select):
        inner = _answer(source.this, asker, asker.max_rows, depth + 1)
        return _over_rows(select, source, inner, max_rows)
    raise Refused("FROM takes the table metrics, or one sub-query.")


def _constants(select: exp.Select, max_rows: int) -> Rows:
    check_level(select)
    if not all(is_constant(item) for item in select.expressions):
        raise Refused("FROM is missing: SELECT ... FROM metrics.")
    return Rows(run_over(name_columns(select), pa.table({"none": [0]}), max_rows))


def _over_metrics(select: exp.Select, source: exp.Table, asker: Asker, max_rows: int) -> Rows:
    """A SELECT over the table: metrics by groups, the span of time, or members."""
    check_level(select)
    unqualify(select, {source.alias_or_name, source.name})
    if is_time_bounds(select):
        return Rows(ask_time_bounds(select, asker))
    if is_bare_count(select):
        return Rows(count_sample(select, asker))
    if expand_star(select, asker.catalog):
        return Rows(ask_sample(select, asker, max_rows))
    level = read_level(select, asker.catalog, asker.seat.now)
    table = reshape_level(level, ask_level(level, asker), max_rows)
    return Rows(table, lineage_of(name_columns(select), _measure_lineage(level, asker)))


def _measure_lineage(level: Level, asker: Asker) -> dict[str, Adds]:
    """Whether each metric adds up over the groups, by what the answers say of their columns."""
    additive = {
        c.metric for answer in asker.answers for c in answer.columns if c.role == "metric" and c.additive
    }

    def kind(measured: Measured) -> Adds:
        adds_up = measured.metric in additive and measured.compare is None
        return Adds.ADDITIVE if adds_up else Adds.FIXED

    return {f"MEASURE({m.name})": kind(m) for m in level.measures}


def _over_rows(select: exp.Select, source: exp.Subquery, inner: Rows, max_rows: int) -> Rows:
    """A SELECT over the finished rows of a sub-query."""
    named = exp.to_table(ROWS, alias=exp.to_identifier(source.alias or ROWS, quoted=True))
    source.replace(named)
    check_level(select)
    if select.find(exp.Anonymous):
        raise Refused(
            "MEASURE() cannot be taken over rows that are already aggregated: select dimensions only in the inner "
            "query, or put MEASURE() there."
        )
    check_aggregates(select, inner.lineage)
    expand_stars(select, inner.table.column_names)
    select = total_order(name_columns(select))
    return Rows(run_over(select, inner.table, max_rows), lineage_of(select, inner.lineage))
