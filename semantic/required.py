"""Dimensions that must be fixed: the attribution model, the version of a target, the scenario of a forecast."""

from __future__ import annotations

from semantic.asked import Asked
from semantic.errors import QueryError, Refusal
from semantic.expand import Leaf
from semantic.predicates import (
    And,
    Compare,
    DimensionRef,
    GroupBy,
    In,
    Literal,
    Predicate,
    Scalar,
    dimensions_of,
)


def required_conditions(asked: Asked, leaf: Leaf) -> list[Predicate]:
    """Fix the dimensions that must be fixed: by the question's choice, else by the glossary's default."""
    if leaf.is_target:
        return []
    model = asked.glossary.models[leaf.model]
    metric = asked.glossary.metrics[leaf.metric]
    own = () if leaf.is_reported else metric.required
    wanted = {r.dimension: r for r in (*model.required, *own)}
    conditions: list[Predicate] = []
    for required in wanted.values():
        if required.dimension in _fixed(asked, leaf):
            continue
        if required.dimension in _mentioned(asked, leaf):
            raise Refusal(
                f"{leaf.metric!r} is filtered to several members of {required.dimension!r}, and adding it up over "
                f"them would count the same thing several times. Fix one, or group by {required.dimension}."
            )
        chosen = asked.query.attribution_model if required.dimension == "attribution_model" else None
        value = chosen or required.default
        if value is None:
            raise Refusal(
                f"{leaf.metric!r} must be fixed or grouped by {required.dimension!r}: adding it up over its "
                f"members would count the same thing several times."
            )
        if chosen is None:
            asked.notes.append(f"{leaf.metric}: {required.dimension} is {value!r}, the glossary's default.")
        conditions.append(_equals(required.dimension, value))
    return conditions


def _fixed(asked: Asked, leaf: Leaf) -> set[str]:
    """The dimensions that the question groups by or pins, or that the leaf's own filter pins."""
    grouped = {item.name for item in asked.query.group_by}
    return grouped | {name for p in (*asked.query.where, *leaf.filters) for name in _pinned(p)}


def _mentioned(asked: Asked, leaf: Leaf) -> set[str]:
    return {item.name for p in (*asked.query.where, *leaf.filters) for item in dimensions_of(p)}


def check_attribution(asked: Asked, leaves: tuple[Leaf, ...]) -> None:
    if asked.query.attribution_model is None:
        return
    for leaf in leaves:
        required = (
            *asked.glossary.models[leaf.model].required,
            *asked.glossary.metrics[leaf.metric].required,
        )
        if any(r.dimension == "attribution_model" for r in required):
            return
    raise QueryError(
        f"attribution_model is {asked.query.attribution_model!r}, but none of {', '.join(asked.query.metrics)} "
        f"is an attributed metric. Leave it out, or ask for an attributed one."
    )


def _equals(dimension: str, value: Scalar) -> Predicate:
    return Compare("=", DimensionRef(GroupBy(dimension)), Literal(value))


def _pinned(predicate: Predicate) -> set[str]:
    """The dimensions that a condition holds to one value: `attribution_model = 'linear'`."""
    if isinstance(predicate, And):
        return {name for item in predicate.items for name in _pinned(item)}
    if isinstance(predicate, Compare) and predicate.op == "=" and isinstance(predicate.left, DimensionRef):
        return {predicate.left.dimension.name} if isinstance(predicate.right, Literal) else set()
    if (
        isinstance(predicate, In)
        and len(predicate.values) == 1
        and isinstance(predicate.operand, DimensionRef)
    ):
        return {predicate.operand.dimension.name}
    return set()
