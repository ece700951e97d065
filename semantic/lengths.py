"""Rows that speak of a whole period: a forecast of a month is no forecast of the quarter that it ends."""

from __future__ import annotations

from collections.abc import Iterable

from semantic.definitions import METRIC_TIME, Glossary, NonAdditive
from semantic.errors import Refusal
from semantic.expand import Leaf
from semantic.predicates import GRAINS, And, Compare, DimensionRef, In, Literal, Operand, Predicate, Scalar
from semantic.query import Query


def check_length(rule: NonAdditive, leaf: Leaf, query: Query, glossary: Glossary) -> None:
    """Refuse a period longer than the rows speak of: it would show its last part for the whole.

    The `length` of the rule is held by a condition, or by the glossary's default; grouped by it, the shortest counts.
    """
    length = shortest(rule, leaf, query.where, {item.name for item in query.group_by}, glossary)
    if length is None:
        return
    for item in query.group_by:
        if item.name not in (METRIC_TIME, rule.dimension) or item.grain in (None, f"fiscal_{length}"):
            continue  # the fiscal quarter is the quarter that the rows speak of
        if item.grain not in GRAINS or GRAINS.index(item.grain) > GRAINS.index(length):
            raise Refusal(
                f"{leaf.metric!r} is of a whole {length} here: by {item.grain} its last {length} would stand for all "
                f"of them. Ask by {length}, or hold {rule.length} to another length, as {rule.length} = 'quarter'."
            )


def shortest(
    rule: NonAdditive, leaf: Leaf, where: Iterable[Predicate], grouped: set[str], glossary: Glossary
) -> str | None:
    """The shortest period that the rows of a question speak of; None where the measure is of no length."""
    if rule.length is None:
        return None
    model = glossary.models[leaf.model]
    lengths = {value for p in (*where, *leaf.filters) for value in _members(p, rule.length)}
    lengths = lengths or {
        required.default for required in model.required if required.dimension == rule.length
    }
    if rule.length in grouped:
        lengths = {model.dimension_by_name[rule.dimension].grain}
    known = [GRAINS.index(length) for length in lengths if length in GRAINS]
    return GRAINS[min(known)] if known else None


def _members(predicate: Predicate, dimension: str) -> set[Scalar]:
    """The members that a condition holds the dimension to."""
    if isinstance(predicate, And):
        return {value for item in predicate.items for value in _members(item, dimension)}
    if isinstance(predicate, Compare) and predicate.op == "=" and _is_of(predicate.left, dimension):
        return _values((predicate.right,))
    if isinstance(predicate, In) and _is_of(predicate.operand, dimension):
        return _values(predicate.values)
    return set()


def _is_of(operand: object, dimension: str) -> bool:
    return isinstance(operand, DimensionRef) and operand.dimension.name.split("__")[-1] == dimension


def _values(operands: tuple[Operand, ...]) -> set[Scalar]:
    return {operand.value for operand in operands if isinstance(operand, Literal)}
