"""An attribution model that gave nothing: it refused for want of conversions, and 0 would not be its answer.

Every model shares out the same deals, `unattributed` included. So where some model has credit of a kind and the
model that is asked for has none, it was never taught that kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa

from semantic.definitions import Glossary, Metric, Simple
from semantic.errors import Refusal
from semantic.expand import Leaf, expand, leaves_of
from semantic.predicates import And, Compare, DimensionRef, GroupBy, In, Literal, Predicate
from semantic.query import Query

MODEL = "attribution_model"


def check_taught(query: Query, glossary: Glossary, run: Callable[[Query], pa.Table]) -> None:
    """Raise Refusal where the question's attribution model has no credit and others have; `run` asks a question."""
    asked = query.attribution_model or next(_pinned(query.where), None)
    if asked is None or asked == _default(glossary):
        return
    for metric in {name: None for one in query.metrics for name in _totals(one, glossary)}:
        rows = run(Query(metrics=(metric,), group_by=(GroupBy(MODEL),))).to_pylist()
        taught = sorted(row[MODEL] for row in rows if row[metric] is not None)
        if taught and asked not in taught:
            raise Refusal(
                f"The attribution model {asked!r} gives no credit for {metric!r}: it has too few conversions to "
                f"learn from, and refuses. Ask one of {', '.join(taught)}.",
                taught,
            )


def _default(glossary: Glossary) -> object:
    required = (r for model in glossary.models.values() for r in model.required if r.dimension == MODEL)
    return next((r.default for r in required), None)


def _totals(name: str, glossary: Glossary) -> Iterator[str]:
    """The metrics without conditions that hold all the credit which a metric is made of."""
    for leaf in leaves_of(expand(glossary, name)):
        if any(required.dimension == MODEL for required in glossary.models[leaf.model].required):
            yield from (one.name for one in glossary.metrics.values() if _is_all_of(leaf, one))


def _is_all_of(leaf: Leaf, metric: Metric) -> bool:
    return not metric.filters and metric.recipe == Simple(leaf.model, leaf.measure)


def _pinned(where: tuple[Predicate, ...]) -> Iterator[str]:
    """The model that the conditions hold the question to."""
    for predicate in where:
        if isinstance(predicate, And):
            yield from _pinned(predicate.items)
        elif isinstance(predicate, Compare) and predicate.op == "=":
            yield from _member(predicate.left, predicate.right)
        elif isinstance(predicate, In) and len(predicate.values) == 1:
            yield from _member(predicate.operand, predicate.values[0])


def _member(dimension: object, value: object) -> Iterator[str]:
    if (
        isinstance(dimension, DimensionRef)
        and dimension.dimension.name == MODEL
        and isinstance(value, Literal)
    ):
        yield str(value.value)
