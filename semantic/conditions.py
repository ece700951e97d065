"""Which rows of a fact are counted: its definition's conditions, the question's, and the principal's rights."""

from __future__ import annotations

from dataclasses import replace

from semantic.asked import Asked
from semantic.errors import AccessDenied, Refusal
from semantic.expand import Leaf, measure_of
from semantic.plan import Condition
from semantic.predicates import Predicate, dimensions_of
from semantic.required import required_conditions
from semantic.scans import ScanBuilder


def conditions_of(asked: Asked, builder: ScanBuilder, leaf: Leaf) -> tuple[Condition, ...]:
    """The conditions on a leaf's scan; those that always hold, whatever is asked, are marked."""
    unmasked = replace(builder, masked=frozenset())
    own = [
        replace(unmasked.condition(p, local=True), always=p in measure_of(asked.glossary, leaf).filters)
        for p in leaf.filters
    ]
    in_question = [builder.condition(predicate) for predicate in _where(asked, leaf)]
    required = [
        replace(builder.condition(p, local=True), always=True) for p in required_conditions(asked, leaf)
    ]
    return (*own, *in_question, *required, *row_filters(asked, builder))


def row_filters(asked: Asked, builder: ScanBuilder) -> tuple[Condition, ...]:
    """The rows that the principal may see. A fact that cannot be filtered so is not shown at all."""
    unmasked = replace(builder, masked=frozenset())
    joined_many = builder.fans_out
    try:
        found = tuple(replace(unmasked.condition(p), always=True) for p in asked.rights.rows)
        if builder.fans_out and not joined_many:
            raise Refusal("a row would be seen through one of many others")
        return found
    except Refusal:
        names = sorted({d.name for p in asked.rights.rows for d in dimensions_of(p)})
        raise AccessDenied(
            f"{asked.rights.name!r} may see only certain rows by {', '.join(names)}, which {builder.metric!r} "
            f"cannot be split by; so it cannot be shown to him."
        ) from None


def _where(asked: Asked, leaf: Leaf) -> tuple[Predicate, ...]:
    """The question's conditions; a target is set whatever the attribution model is."""
    if not leaf.is_target:
        return asked.query.where
    required = {r.dimension for model in asked.glossary.models.values() for r in model.required}
    return tuple(p for p in asked.query.where if not {d.name for d in dimensions_of(p)} <= required)
