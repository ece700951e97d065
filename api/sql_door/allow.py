"""The closed list of what a statement may contain; everything else is refused, never passed through.

A list of node types alone is not enough (`channel IN (SELECT channel FROM raw)` consists of listed nodes),
so each level may hold one SELECT and one table, and each clause of it is listed as well.
"""

from __future__ import annotations

from sqlglot import exp

from api.sql_door.refused import Refused

CLAUSES = frozenset(
    {"expressions", "from_", "where", "group", "having", "order", "limit", "offset", "distinct"}
)
CAST_TYPES = frozenset(
    {"TEXT", "VARCHAR", "CHAR", "INT", "BIGINT", "SMALLINT", "DOUBLE", "FLOAT", "DECIMAL"}
    | {"BOOLEAN", "DATE", "TIMESTAMP", "TIMESTAMPNTZ"}
)
_SHAPE = (
    exp.Select, exp.From, exp.Table, exp.TableAlias, exp.Subquery, exp.Where, exp.Group, exp.Having,
    exp.Order, exp.Ordered, exp.Limit, exp.Offset, exp.Distinct, exp.Alias, exp.Star, exp.Identifier, exp.Column,
)  # fmt: skip
_LOGIC = (
    exp.And, exp.Or, exp.Not, exp.Paren, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Between,
    exp.Like, exp.ILike, exp.Is, exp.Literal, exp.Boolean, exp.Null, exp.Case, exp.If, exp.Tuple,
    exp.Cast, exp.DataType, exp.DataTypeParam, exp.Lower, exp.Upper, exp.Trim, exp.Length, exp.DPipe,
)  # fmt: skip
_TIME = (
    exp.TimestampTrunc, exp.DateTrunc, exp.Extract, exp.Var, exp.CurrentDate, exp.CurrentTimestamp,
    exp.StrToTime, exp.Interval,
)  # fmt: skip
_NUMBERS = (
    exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg, exp.Nullif, exp.Coalesce, exp.Round, exp.Abs,
    exp.Min, exp.Max, exp.Count, exp.Sum, exp.Avg,
)  # fmt: skip
ALLOWED = (*_SHAPE, *_LOGIC, *_TIME, *_NUMBERS, exp.Anonymous)

_TEACH: dict[type, str] = {
    exp.Join: "JOIN is not needed here: metrics and dimensions are already joined. Name them in one SELECT.",
    exp.Window: "window functions are not computed here: a metric's own definition is (see `cumulative`).",
    exp.Union: "UNION is not supported; send two statements.",
    exp.Filter: "FILTER is not supported; put the condition in WHERE, or define a filtered metric.",
    exp.Rollup: "ROLLUP is not computed here: ask /v1/query with `totals`, which is right for ratios too.",
    exp.Cube: "CUBE is not computed here: ask /v1/query with `totals`, which is right for ratios too.",
    exp.GroupingSets: "GROUPING SETS are not computed here: ask /v1/query with `totals`.",
}


def check_level(select: exp.Select) -> None:
    """Refuse a SELECT (whose FROM is one table, named or standing for a sub-query) that is not all allowed."""
    for clause, value in select.args.items():
        if value and clause not in CLAUSES:
            kind = value[0] if isinstance(value, list) else value
            raise Refused(_TEACH.get(type(kind), f"{clause.upper().strip('_')} is not supported."))
    if len(list(select.find_all(exp.Select))) > 1 or len(list(select.find_all(exp.Table))) > 1:
        raise Refused("A sub-query inside an expression is not supported; write the values out.")
    for node in select.walk():
        _check_node(node)


def _check_node(node: exp.Expr) -> None:
    if type(node) in _TEACH:
        raise Refused(_TEACH[type(node)])
    if not isinstance(node, ALLOWED):
        raise Refused(f"{node.key.upper()} is not supported: {node.sql(dialect='postgres')[:80]}")
    if isinstance(node, exp.Anonymous) and node.name.upper() != "MEASURE":
        raise Refused(f"The function {node.name}() is not supported; a metric is MEASURE(name).")
    if isinstance(node, exp.Cast) and getattr(node.to.this, "name", None) not in CAST_TYPES:
        raise Refused(f"A cast to {node.to.sql(dialect='postgres')} is not supported.")
    if isinstance(node, exp.Group) and {k for k, v in node.args.items() if v} - {"expressions"}:
        kind = next(
            v[0] if isinstance(v, list) else v for k, v in node.args.items() if v and k != "expressions"
        )
        raise Refused(_TEACH.get(type(kind), "GROUP BY takes a list of expressions only."))
    if isinstance(node, exp.Distinct) and node.args.get("on"):
        raise Refused("DISTINCT ON is not supported; group by the column.")
    if isinstance(node, exp.Table) and {k for k, v in node.args.items() if v} - {
        "this",
        "db",
        "catalog",
        "alias",
    }:
        raise Refused(f"{node.sql(dialect='postgres')} is not supported in FROM.")


def row_count(clause: exp.Expr | None, word: str) -> int | None:
    """The number in a LIMIT or OFFSET clause; anything but a whole number is refused."""
    if clause is None:
        return None
    value = clause.expression
    if isinstance(value, exp.Literal) and not value.is_string and value.this.isdigit():
        return int(value.this)
    raise Refused(f"{word} takes a whole number.")
