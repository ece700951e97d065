"""The SQL of an aggregation."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from semantic.plan import Aggregate

FILTERS = ("duckdb", "postgres")
"""Dialects in which an aggregate can have a condition; the others aggregate nothing in its place."""
_WITH_FILTER = {
    "sum",
    "count",
    "count_distinct",
    "average",
    "min",
    "max",
    "sum_boolean",
    "approximate_count_distinct",
}
_COUNTS = {"count", "count_distinct", "approximate_count_distinct", "sum_of_counts"}


def aggregate(item: Aggregate, node: exp.Expr) -> exp.Expr:
    """Aggregate an expression in the way that the measure says."""
    if item.agg == "percentile":
        return _percentile(item, node)
    return _AGGREGATES[item.agg](node)


def aggregate_where(
    item: Aggregate, node: exp.Expr, condition: exp.Expr, dialect: str, grouped: bool
) -> exp.Expr:
    """Aggregate what meets a condition: missing in a group where nothing does, as in a scan of its own."""
    found = _filtered(item, node, condition, dialect)
    if item.agg not in _COUNTS or item.filled or not grouped:
        return found
    if isinstance(node, exp.Literal):
        return exp.Nullif(this=found, expression=exp.Literal.number(0))
    rows = _filtered(Aggregate("", "count", "1"), exp.Literal.number(1), condition.copy(), dialect)
    return exp.Case().when(exp.GT(this=rows, expression=exp.Literal.number(0)), found)


def _filtered(item: Aggregate, node: exp.Expr, condition: exp.Expr, dialect: str) -> exp.Expr:
    if dialect in FILTERS and item.agg in _WITH_FILTER:
        return exp.Filter(this=aggregate(item, node), expression=exp.Where(this=condition))
    if item.agg == "sum_boolean":
        return exp.Sum(this=exp.Case().when(condition, _one_if(node)))
    return aggregate(item, exp.Case().when(condition, node))


def _count(node: exp.Expr) -> exp.Expr:
    return exp.Count(this=exp.Star() if isinstance(node, exp.Literal | exp.Star) else node)


def _count_distinct(node: exp.Expr) -> exp.Expr:
    return exp.Count(this=exp.Distinct(expressions=[node]))


def _sum_boolean(node: exp.Expr) -> exp.Expr:
    return exp.Sum(this=_one_if(node))


def _one_if(node: exp.Expr) -> exp.Expr:
    return exp.Case().when(node, exp.Literal.number(1)).else_(exp.Literal.number(0))


def _within(kind: Callable[..., exp.Expr], share: float, node: exp.Expr) -> exp.Expr:
    """The SQL standard's ordered-set percentile, exact."""
    order = exp.Order(expressions=[exp.Ordered(this=node)])
    return exp.WithinGroup(this=kind(this=exp.Literal.number(str(share))), expression=order)


def _single(node: exp.Expr) -> exp.Expr:
    """The only value there is; missing where there are several, which must not be added up."""
    one = exp.EQ(this=exp.Count(this=node.copy()), expression=exp.Literal.number(1))
    return exp.Case().when(one, exp.Max(this=node))


def _percentile(item: Aggregate, node: exp.Expr) -> exp.Expr:
    assert item.percentile is not None
    share = item.percentile.value
    if item.percentile.approximate and not item.percentile.discrete:
        return exp.ApproxQuantile(this=node, quantile=exp.Literal.number(str(share)))
    kind = exp.PercentileDisc if item.percentile.discrete else exp.PercentileCont
    return _within(kind, share, node)


_AGGREGATES: dict[str, Callable[[exp.Expr], exp.Expr]] = {
    "sum": lambda node: exp.Sum(this=node),
    "count": _count,
    "count_distinct": _count_distinct,
    "average": lambda node: exp.Avg(this=node),
    "min": lambda node: exp.Min(this=node),
    "max": lambda node: exp.Max(this=node),
    "median": lambda node: _within(exp.PercentileCont, 0.5, node),
    "sum_boolean": _sum_boolean,
    "single": _single,
    "sum_of_counts": lambda node: exp.Coalesce(this=exp.Sum(this=node), expressions=[exp.Literal.number(0)]),
    "approximate_count_distinct": lambda node: exp.ApproxDistinct(this=node),
}
