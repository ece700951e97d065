"""Base events, each with the conversion that follows it."""

from __future__ import annotations

from dataclasses import replace

from semantic.asked import Asked
from semantic.conditions import row_filters
from semantic.definitions import METRIC_TIME, SemanticModel
from semantic.errors import FanOut, Refusal
from semantic.expand import Leaf
from semantic.facts import aggregate, scan_of_leaves
from semantic.names import Spec
from semantic.plan import Paired, Scan
from semantic.predicates import GroupBy


def paired(
    asked: Asked, name: str, group: list[Leaf], specs: tuple[Spec, ...], names: dict[Leaf, str]
) -> Paired:
    """The base event gives keys, conditions and range; the conversion only its own conditions."""
    leaf = group[0]
    pairing = leaf.conversion
    assert pairing is not None
    base_leaf = replace(pairing.base, metric=leaf.metric)
    one_by_one = replace(asked, use_rollups=False)  # events are matched one by one
    base = scan_of_leaves(one_by_one, name, [base_leaf], specs, {base_leaf: names[leaf]})
    if base.fact_key is not None:
        raise FanOut(
            f"{leaf.metric!r} counts each conversion once, and the question joins its base event to many rows: it "
            f"would belong to several groups. Ask without the dimension on the many side."
        )
    builder = asked.builder(leaf)
    unmasked = replace(builder, masked=frozenset())
    own = tuple(unmasked.condition(predicate, local=True) for predicate in leaf.filters)
    same = [builder.reach(GroupBy(name), local=True) for _, name in pairing.same]
    conditions = (*own, *row_filters(asked, builder))
    if base.clock is None or builder.clock is None:
        raise Refusal(
            f"{leaf.metric!r} needs a clock on both events: a default_time_dimension on both models."
        )
    conversion = Scan(
        name=f"{name}_conversion",
        model=leaf.model,
        relation=builder.model.relation,
        alias=builder.model.name,
        keys=(),
        aggregates=tuple(aggregate(asked.glossary, item, names[item]) for item in group),
        joins=builder.all_joins,
        metric_joins=tuple(builder.metric_joins.values()),
        conditions=conditions,
        clock=builder.reach(GroupBy(METRIC_TIME, builder.clock.grain or "day")),
    )
    base_model = asked.glossary.models[base.model]
    same_base = [asked.builder(base_leaf).reach(GroupBy(b), local=True) for b, _ in pairing.same]
    return Paired(
        name=name,
        base=base,
        conversion=conversion,
        base_entity=base_model.entity_by_name[pairing.entity].expr,
        conversion_entity=builder.model.entity_by_name[pairing.entity].expr,
        window=pairing.window,
        same=tuple(zip(same_base, same, strict=True)),
        tie=_primary_key(base_model),
        conversion_id=_primary_key(builder.model),
    )


def _primary_key(model: SemanticModel) -> str | None:
    """The expression of the model's primary key, if it has a column for it."""
    return next((entity.expr for entity in model.entities if entity.kind == "primary"), None)
