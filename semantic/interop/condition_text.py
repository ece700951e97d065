"""Write a condition tree back as the text it could have been read from.

>>> from semantic.predicates import parse_predicate
>>> condition_text(parse_predicate("region in ('EMEA', 'AMER') or not (amount > 3)"))
"region in ('EMEA', 'AMER') or not (amount > 3)"
"""

from __future__ import annotations

import datetime as dt

from semantic import predicates as p
from semantic.functions import call_text


def condition_text(node: p.Predicate) -> str:
    """The text of a condition; `parse_predicate` reads it back to the same tree."""
    match node:
        case p.Compare(op, left, right):
            return f"{operand_text(left)} {op} {operand_text(right)}"
        case p.In(operand, values):
            return f"{operand_text(operand)} in ({', '.join(operand_text(value) for value in values)})"
        case p.Between(operand, low, high):
            return f"{operand_text(operand)} between {operand_text(low)} and {operand_text(high)}"
        case p.Like(operand, pattern, insensitive):
            return f"{operand_text(operand)} {'ilike' if insensitive else 'like'} {operand_text(pattern)}"
        case p.IsNull(operand):
            return f"{operand_text(operand)} is null"
        case p.Truth(operand):
            return operand_text(operand)
        case p.Not(item):
            return f"not ({condition_text(item)})"
        case p.And(items):
            return " and ".join(_grouped(item) for item in items)
        case p.Or(items):
            return " or ".join(_grouped(item) for item in items)


def _grouped(node: p.Predicate) -> str:
    """Brackets around an inner AND or OR, whichever way round they are nested."""
    return f"({condition_text(node)})" if isinstance(node, p.And | p.Or) else condition_text(node)


def operand_text(node: p.Operand) -> str:
    """The text of an operand."""
    match node:
        case p.DimensionRef(dimension):
            return dimension.text
        case p.MetricRef(metric, by):
            return f"METRIC({', '.join(quoted(name) for name in (metric, *(each.text for each in by)))})"
        case p.Literal(value):
            return literal_text(value)
        case p.Attribute(name):
            return f"ATTRIBUTE({quoted(name)})"
        case p.Cast(operand, kind):
            return f"cast({operand_text(operand)} as {kind})"
        case p.Call(function, arguments):
            return call_text(function, [_argument_text(argument) for argument in arguments])


def _argument_text(node: p.Node) -> str:
    """An argument; a `case` has conditions among its own."""
    return condition_text(node) if isinstance(node, p.Predicate) else operand_text(node)


def literal_text(value: p.Scalar) -> str:
    """A value as SQL writes it; dates as ISO text."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, dt.date):
        return quoted(value.isoformat())
    return str(value)


def quoted(text: str) -> str:
    """Text in single quotes, inner ones doubled."""
    return "'" + text.replace("'", "''") + "'"
