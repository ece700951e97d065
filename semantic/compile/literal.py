"""The SQL of rows that are written into the statement: text in VALUES, cast to the types of the columns."""

from __future__ import annotations

from sqlglot import exp

from semantic.compile.expressions import alias, column, identifier
from semantic.plan import LiteralRows

_KEPT = "kept"
_MARKER = "touchstone_slot_"


def literal_rows(rows: LiteralRows, name: str) -> exp.Subquery:
    """A sub-query of the rows. Without any, one row of nothing is written and left out again."""
    nothing = (None,) * len(rows.columns)
    tuples = [exp.Tuple(expressions=[_text(item) for item in row]) for row in rows.rows or (nothing,)]
    names = [identifier(column_name) for column_name, _ in rows.columns]
    values = exp.Values(expressions=tuples, alias=exp.TableAlias(this=identifier(_KEPT), columns=names))
    select = exp.Select().from_(values, copy=False)
    for column_name, kind in rows.columns:
        typed = exp.cast(column(column_name, _KEPT), exp.DataType.build(kind))
        select = select.select(alias(typed, column_name), copy=False)
    if not rows.rows:
        select = select.where(exp.Boolean(this=False), copy=False)
    return select.subquery(alias=name, copy=False)


def _text(item: str | None) -> exp.Expr:
    """A literal; a member that is written like a marker for a value of the question is taken apart."""
    if item is None:
        return exp.Null()
    first, *rest = item.split(_MARKER)
    node: exp.Expr = exp.Literal.string(first)
    for part in rest:
        for piece in (_MARKER[:4], f"{_MARKER[4:]}{part}"):
            node = exp.DPipe(this=node, expression=exp.Literal.string(piece))
    return node
