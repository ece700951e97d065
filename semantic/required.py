"""Dimensions that must be fixed: the attribution model, the version of a target, the scenario of a forecast."""

from __future__ import annotations

from collections.abc import Iterable

from semantic.asked import Asked
from semantic.definitions import Glossary, RequiredDimension
from semantic.errors import QueryError, Refusal
from semantic.expand import Leaf
from semantic.names import split_grain
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
from semantic.query import Query


def required_conditions(asked: Asked, leaf: Leaf) -> list[Predicate]:
    """Fix the dimensions that must be fixed: by the question's choice, else by the glossary's default."""
    conditions: list[Predicate] = []
    for required in _required_of(asked.glossary, leaf):
        chosen = asked.query.attribution_model if required.dimension == "attribution_model" else None
        if chosen is not None and required.dimension not in _pinned_by(leaf.filters):
            conditions.append(_equals(required.dimension, chosen))
            continue
        if required.dimension in _fixed(asked, leaf):
            continue
        if required.dimension in _mentioned(asked, leaf):
            raise Refusal(
                f"{leaf.metric!r} is filtered to several members of {required.dimension!r}, and adding it up over "
                f"them would count the same thing several times. Fix one, or group by {required.dimension}."
            )
        if required.default is None:
            raise Refusal(
                f"{leaf.metric!r} must be fixed or grouped by {required.dimension!r}: adding it up over its "
                f"members would count the same thing several times."
            )
        asked.notes.append(
            f"{leaf.metric}: {required.dimension} is {required.default!r}, the glossary's default."
        )
        conditions.append(_equals(required.dimension, required.default))
    return conditions


def apart(glossary: Glossary, query: Query, leaves: Iterable[Leaf]) -> frozenset[str]:
    """The grouped dimensions over whose members these numbers do not add up: the same thing counts under each.

    Held to one member, by the question or by the metric, there is nothing to add up.
    """
    found: set[str] = set()
    for leaf in leaves:
        required = {r.dimension for r in _required_of(glossary, leaf)}
        found |= required - _pinned_by((*query.where, *leaf.filters))
    if query.attribution_model is not None:
        found.discard("attribution_model")
    return frozenset(found & {split_grain(glossary, item).name for item in query.group_by})


def _required_of(glossary: Glossary, leaf: Leaf) -> tuple[RequiredDimension, ...]:
    """What must be fixed for a leaf; a target is set whatever that is."""
    if leaf.is_target:
        return ()
    own = () if leaf.is_reported else glossary.metrics[leaf.metric].required
    return tuple({r.dimension: r for r in (*glossary.models[leaf.model].required, *own)}.values())


def _fixed(asked: Asked, leaf: Leaf) -> set[str]:
    """The dimensions that the question groups by or pins, or that the leaf's own filter pins."""
    grouped = {item.name for item in asked.query.group_by}
    return grouped | _pinned_by((*asked.query.where, *leaf.filters))


def _pinned_by(predicates: Iterable[Predicate]) -> set[str]:
    return {name for predicate in predicates for name in _pinned(predicate)}


def _mentioned(asked: Asked, leaf: Leaf) -> set[str]:
    return {item.name for p in (*asked.query.where, *leaf.filters) for item in dimensions_of(p)}


def check_attribution(asked: Asked, leaves: tuple[Leaf, ...]) -> None:
    """Refuse an attribution model that none of the metrics would heed."""
    if asked.query.attribution_model is None or is_attributed(asked.glossary, leaves):
        return
    raise QueryError(
        f"attribution_model is {asked.query.attribution_model!r}, but none of {', '.join(asked.query.metrics)} "
        f"is an attributed metric. Leave it out, or ask for an attributed one."
    )


def is_attributed(glossary: Glossary, leaves: Iterable[Leaf]) -> bool:
    """Whether one of these numbers depends on the attribution model."""
    required = (
        r
        for leaf in leaves
        for r in (*glossary.models[leaf.model].required, *glossary.metrics[leaf.metric].required)
    )
    return any(r.dimension == "attribution_model" for r in required)


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
