"""Constant expressions are worked out before the question is asked: `CURRENT_DATE - INTERVAL '1 year'`."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import duckdb
from sqlglot import exp

from api.sql_door.refused import Refused
from api.sql_door.scratch import scratch

_SIMPLE = (exp.Literal, exp.Null, exp.Boolean)
_FOLDED = (
    exp.Cast, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg, exp.CurrentDate, exp.CurrentTimestamp, exp.StrToTime,
    exp.TimestampTrunc, exp.DateTrunc, exp.Paren, exp.Lower, exp.Upper, exp.Coalesce,
)  # fmt: skip


def is_constant(node: exp.Expr) -> bool:
    """Whether a node depends on no column and no metric."""
    return not node.find(exp.Column, exp.Anonymous, exp.Star)


def constant_value(node: exp.Expr, now: dt.datetime) -> Any:
    """Work a constant out; `now` (naive UTC) is what CURRENT_DATE and CURRENT_TIMESTAMP mean.

    >>> from sqlglot import parse_one
    >>> constant_value(parse_one("CURRENT_DATE - INTERVAL '1 day'", dialect="postgres"), dt.datetime(2026, 3, 1))
    datetime.datetime(2026, 2, 28, 0, 0)
    """
    tree = exp.paren(node.copy())
    for clock in list(tree.find_all(exp.CurrentDate, exp.CurrentTimestamp)):
        clock.replace(_clock(clock, now))
    sql = exp.select(tree).sql(dialect="duckdb")
    cursor = scratch()
    try:
        row = cursor.execute(sql).fetchone()
    except duckdb.Error:
        raise Refused(f"{node.sql(dialect='postgres')[:80]} cannot be worked out as a constant.") from None
    finally:
        cursor.close()
    return row[0] if row else None


def fold(tree: exp.Expr, now: dt.datetime) -> exp.Expr:
    """Replace each constant expression in a copy of the tree by its value."""

    def fold_node(node: exp.Expr) -> exp.Expr:
        if isinstance(node, _SIMPLE) or not isinstance(node, _FOLDED) or not is_constant(node):
            return node
        return literal(constant_value(node, now))

    return tree.copy().transform(fold_node)


def literal(value: Any) -> exp.Expr:
    """A Python value as a literal; times become ISO text, which conditions compare as times."""
    if isinstance(value, bool) or value is None:
        return exp.convert(value)
    if isinstance(value, dt.datetime):
        return exp.Literal.string(value.replace(tzinfo=None).isoformat(sep=" "))
    if isinstance(value, dt.date):
        return exp.Literal.string(value.isoformat())
    if isinstance(value, int | float | Decimal):
        return exp.Literal.number(str(value)) if value >= 0 else exp.Neg(this=exp.Literal.number(str(-value)))
    return exp.Literal.string(str(value))


def _clock(node: exp.Expr, now: dt.datetime) -> exp.Expr:
    if isinstance(node, exp.CurrentDate):
        return exp.cast(exp.Literal.string(now.date().isoformat()), "DATE")
    return exp.cast(exp.Literal.string(now.isoformat(sep=" ")), "TIMESTAMP")
