"""The SQL of an aggregation."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from semantic.plan import Aggregate


def aggregate(item: Aggregate, node: exp.Expr) -> exp.Expr:
    """Aggregate an expression in the way that the measure says."""
    if item.agg == "percentile":
        return _percentile(item, node)
    return _AGGREGATES[item.agg](node)


def _count(node: exp.Expr) -> exp.Expr:
    return exp.Count(this=exp.Star() if isinstance(node, exp.Literal | exp.Star) else node)


def _count_distinct(node: exp.Expr) -> exp.Expr:
    return exp.Count(this=exp.Distinct(expressions=[node]))


def _sum_boolean(node: exp.Expr) -> exp.Expr:
    one = exp.Case().when(node, exp.Literal.number(1)).else_(exp.Literal.number(0))
    return exp.Sum(this=one)


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
