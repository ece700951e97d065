"""Whether the rows of an answer may be added up."""

from __future__ import annotations

import sqlglot
from sqlglot import exp

from semantic.definitions import Derived, Glossary, Simple
from semantic.errors import UserError
from semantic.paths import find

_ADDITIVE = ("sum", "count", "sum_boolean")


def is_additive(glossary: Glossary, name: str, grouped: tuple[str, ...] = ()) -> bool:
    """A plain sum or count may be added up; a ratio, a distinct count, a balance or a mean may not.

    A derived metric may where it only adds and subtracts additive ones without an offset, none of which can be missing
    beside the others: 30 less nothing is nothing, and a sum over groups would lose the 30. Grouped by the many
    side (a deal under each campaign that touched it) nothing adds up.
    """
    metric = glossary.metrics[name]
    if isinstance(metric.recipe, Simple):
        measure = glossary.models[metric.recipe.model].measure_by_name[metric.recipe.measure]
        paths = [find(glossary, metric.recipe.model, dimension) for dimension in grouped]
        split = any(path is not None and path.fans_out for path in paths)
        return measure.agg in _ADDITIVE and measure.non_additive is None and not split
    if not isinstance(metric.recipe, Derived):
        return False
    plain = all(i.offset_window is None and i.offset_to_grain is None for i in metric.recipe.inputs)
    return (
        plain
        and _only_sums(metric.recipe.expr)
        and (len(metric.inputs) == 1 or all(_never_missing(glossary, i.metric) for i in metric.inputs))
        and all(_safe(glossary, i.metric, grouped) for i in metric.recipe.inputs)
    )


def _safe(glossary: Glossary, name: str, grouped: tuple[str, ...]) -> bool:
    try:
        return is_additive(glossary, name, grouped)
    except UserError:
        return False


def _never_missing(glossary: Glossary, name: str) -> bool:
    return glossary.metrics[name].fill_nulls_with == 0


def _only_sums(expr: str) -> bool:
    tree = sqlglot.parse_one(expr, dialect="duckdb")
    return all(
        isinstance(node, exp.Add | exp.Sub | exp.Column | exp.Identifier | exp.Paren) for node in tree.walk()
    )
