"""Which columns of a result may be added up by an outer statement, followed through its expressions.

A ratio or a distinct count is right at the grain it was asked at and at no other: SUM or AVG over it is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum

from sqlglot import exp

from api.sql_door.measured import measured_name
from api.sql_door.refused import Refused
from api.sql_door.view import is_measure


class Adds(Enum):
    """How a column may be used: PLAIN holds no metric, ADDITIVE adds up, FIXED does not."""

    PLAIN = "plain"
    ADDITIVE = "additive"
    FIXED = "fixed"


Lineage = Mapping[str, Adds]


def adds(node: exp.Expr, lineage: Lineage) -> Adds:
    """How the value of an expression may be used.

    `lineage` tells it of columns by name, and of metrics by `MEASURE(name)`.

    >>> from sqlglot import parse_one
    >>> adds(parse_one("spend / mqls"), {"spend": Adds.ADDITIVE, "mqls": Adds.ADDITIVE}).value
    'fixed'
    >>> adds(parse_one("spend - fees"), {"spend": Adds.ADDITIVE, "fees": Adds.ADDITIVE}).value
    'additive'
    """
    node = node.unalias()
    if is_measure(node):
        return lineage.get(f"MEASURE({measured_name(node)})", Adds.FIXED)
    if isinstance(node, exp.Column):
        return lineage.get(node.name, Adds.PLAIN)
    if isinstance(node, exp.Paren | exp.Neg | exp.Cast | exp.Sum):
        return adds(node.this, lineage)
    if isinstance(node, exp.Count):
        return Adds.PLAIN
    parts = [adds(child, lineage) for child in node.iter_expressions()]
    if all(part is Adds.PLAIN for part in parts):
        return Adds.PLAIN
    if isinstance(node, exp.Add | exp.Sub) and parts == [Adds.ADDITIVE, Adds.ADDITIVE]:
        return Adds.ADDITIVE
    if isinstance(node, exp.Mul | exp.Div) and parts[0] is Adds.ADDITIVE and _number(node.expression):
        return Adds.ADDITIVE
    if isinstance(node, exp.Coalesce) and parts[0] is Adds.ADDITIVE and _zero(node.expressions):
        return Adds.ADDITIVE
    return Adds.FIXED


def check_aggregates(select: exp.Select, lineage: Lineage) -> None:
    """Refuse SUM and AVG over what does not add up."""
    for node in select.find_all(exp.Sum, exp.Avg):
        shown = node.sql(dialect="postgres")[:80]
        if isinstance(node.this, exp.Distinct):
            raise Refused(f"{shown}: adding up distinct values means nothing here.")
        if adds(node.this, lineage) is Adds.FIXED:
            raise Refused(
                f"{shown}: this is a ratio, a distinct count or the like, which does not add up or average. "
                "Ask MEASURE(metric) at the grain that you want to see."
            )


def lineage_of(select: exp.Select, lineage: Lineage) -> dict[str, Adds]:
    """The lineage of a statement's own columns."""
    found: dict[str, Adds] = {}
    for item in select.expressions:
        if isinstance(item, exp.Star):
            found |= {name: kind for name, kind in lineage.items() if not name.startswith("MEASURE(")}
        elif item.alias_or_name:
            found[item.alias_or_name] = adds(item, lineage)
    return found


def _number(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal) and not node.is_string


def _zero(nodes: Iterable[exp.Expr]) -> bool:
    return all(_number(node) and float(node.this) == 0 for node in nodes)
