"""The last step of a statement: names, arithmetic, HAVING, order and limit over rows that are already right."""

from __future__ import annotations

import duckdb
import pyarrow as pa
from sqlglot import exp

from api.sql_door.allow import row_count
from api.sql_door.conditions import TIME_PARTS
from api.sql_door.level import Level, key
from api.sql_door.measured import measured_name
from api.sql_door.question import group_name, measure_name
from api.sql_door.refused import Refused
from api.sql_door.scratch import scratch
from api.sql_door.view import is_measure

ROWS = "rows"


def reshape_level(level: Level, table: pa.Table, max_rows: int) -> pa.Table:
    """Run a level's SELECT over its rows: no WHERE, no GROUP BY, HAVING as a filter of finished rows."""
    select = name_columns(level.select.copy())
    shown = {item.alias for item in select.expressions}
    source = exp.select(*[_over_rows(item, level, set()) for item in select.expressions]).from_(ROWS)
    having = select.args.get("having")
    if having:
        source = source.where(_over_rows(having.this, level, set()))
    if select.args.get("distinct") or not level.measures:
        source = source.distinct()
    order = select.args.get("order")
    asked = [_ordered(item, level, shown) for item in order.expressions] if order else []
    source.set("order", exp.Order(expressions=asked) if asked else None)
    for clause in ("limit", "offset"):
        source.set(clause, select.args.get(clause))
    return run_over(total_order(source), table, max_rows)


def total_order(select: exp.Select) -> exp.Select:
    """Break ties by the shown columns; rows that only pass through stay in the order that they came in."""
    order = select.args.get("order")
    if not (order or select.args.get("group") or select.args.get("distinct")):
        return select
    ties = [exp.Ordered(this=exp.Literal.number(i + 1)) for i in range(len(select.expressions))]
    select.set("order", exp.Order(expressions=[*(order.expressions if order else ()), *ties]))
    return select


def run_over(select: exp.Select, table: pa.Table, max_rows: int) -> pa.Table:
    """Run a checked statement over one table called `rows`; an answer over `max_rows` is refused."""
    limit = row_count(select.args.get("limit"), "LIMIT")
    row_count(select.args.get("offset"), "OFFSET")
    select = _divided(select).limit(min(limit if limit is not None else max_rows + 1, max_rows + 1))
    cursor = scratch()
    try:
        cursor.register(ROWS, table)
        found = cursor.execute(select.sql(dialect="duckdb", identify=True)).to_arrow_table()
    except duckdb.Error as error:
        raise Refused(f"The statement cannot be computed: {str(error).splitlines()[0]}") from None
    finally:
        cursor.close()
    if found.num_rows > max_rows:
        raise Refused(f"The answer has more than {max_rows} rows. Add a LIMIT, or group more coarsely.")
    return pa.table([_whole(column) for column in found.columns], names=found.column_names)


def _divided(select: exp.Select) -> exp.Select:
    """By nothing is missing, as in a ratio metric: not infinite, and no failure."""
    for node in list(select.find_all(exp.Div, exp.Mod)):
        if not isinstance(node.expression.unnest(), exp.Nullif):
            bottom = exp.Nullif(this=node.expression.copy(), expression=exp.Literal.number(0))
            node.set("expression", bottom)
    return select


def _whole(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A sum of whole numbers is a whole number again (DuckDB gives it 128 bits), as long as it fits."""
    if not (pa.types.is_decimal(column.type) and column.type.scale == 0):
        return column
    try:
        return column.cast(pa.int64())
    except pa.ArrowInvalid:
        return column


def name_columns(select: exp.Select) -> exp.Select:
    """Give each selected expression the name that it has in the answer."""
    for number, item in enumerate(list(select.expressions)):
        if not isinstance(item, exp.Alias | exp.Star):
            item.replace(exp.alias_(item.copy(), _name(item, number), quoted=True))
    return select


def _name(item: exp.Expr, number: int) -> str:
    if is_measure(item):
        return measured_name(item)
    if isinstance(item, TIME_PARTS):
        return item.this.name or f"column_{number + 1}"
    if isinstance(item, exp.AggFunc):
        return item.key
    return item.output_name or f"column_{number + 1}"


def _ordered(item: exp.Expr, level: Level, shown: set[str]) -> exp.Expr:
    """An ORDER BY item: a position, a shown name, or an expression over groups and metrics."""
    node = item.this.unnest()
    if isinstance(node, exp.Literal) and not node.is_string:
        if not 1 <= int(node.this) <= len(level.select.expressions):
            raise Refused(f"ORDER BY {node.this} names no selected column.")
        return item.copy()
    item = item.copy()
    item.set("this", _over_rows(node, level, shown))
    return item


def _over_rows(node: exp.Expr, level: Level, shown: set[str]) -> exp.Expr:
    """Put the rows' columns in place of grouped expressions and metrics."""
    groups = {key(group.expression): group_name(i) for i, group in enumerate(level.groups)}
    aliases = {a.alias: a.this for a in level.select.expressions if isinstance(a, exp.Alias)}

    def place(part: exp.Expr) -> exp.Expr:
        if isinstance(part, exp.Identifier) or (isinstance(part, exp.Column) and part.name in shown):
            return part
        if key(part) in groups:
            return exp.column(groups[key(part)])
        if is_measure(part):
            name = measured_name(part)
            number = next(i for i, m in enumerate(level.measures) if m.name == name)
            return exp.column(measure_name(number))
        if isinstance(part, exp.Column) and part.name in aliases:
            return _over_rows(aliases[part.name].copy(), level, set())
        if isinstance(part, exp.Column):
            raise Refused(f"Add {part.name!r} to GROUP BY: metrics are shown for each group.")
        if isinstance(part, exp.AggFunc):
            raise Refused(
                f"{part.sql(dialect='postgres')[:60]}: this table has no rows to aggregate; use MEASURE(metric)."
            )
        return part

    return node.copy().transform(place)
