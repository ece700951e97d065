"""Which metrics stand for the data: one of each model, the one whose own conditions leave out least."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from semantic.definitions import Glossary, Metric, Simple
from semantic.errors import AccessDenied, UserError
from semantic.predicates import walk
from semantic.query import Query
from semantic.rights import Rights


def anchors(
    query: Query, glossary: Glossary, rights: Rights, compiles: Callable[[Query], object]
) -> tuple[str, ...]:
    """The metrics, one of each model, that a question about members can be asked of.

    Together they have every member that occurs in the data. Only metrics that the principal may see are tried, so
    that no refusal names another. Raises the first refusal when none can.
    """
    found: dict[str, str] = {}
    refusals: list[UserError] = []
    for metric, model in _widest_first(glossary):
        if model in found or not rights.grants(metric.name):
            continue
        try:
            compiles(replace(query, metrics=(metric.name,)))
            found[model] = metric.name
        except UserError as refusal:
            refusals.append(refusal)
    if found:
        return tuple(found.values())
    raise refusals[0] if refusals else AccessDenied(f"{rights.name!r} may see no metric with these members.")


def _widest_first(glossary: Glossary) -> Iterable[tuple[Metric, str]]:
    simple = [(m, m.recipe.model) for m in glossary.metrics.values() if isinstance(m.recipe, Simple)]
    return sorted(simple, key=lambda pair: _narrowness(pair[0], glossary))


def _narrowness(metric: Metric, glossary: Glossary) -> int:
    """How much a metric's own conditions leave out."""
    filters = list(metric.filters)
    if isinstance(metric.recipe, Simple):
        filters += glossary.models[metric.recipe.model].measure_by_name[metric.recipe.measure].filters
    return sum(1 for predicate in filters for _ in walk(predicate))
