"""How a metric is made, in words: for the pages that an owner reads before he signs."""

from __future__ import annotations

from collections.abc import Iterable

from semantic.definitions import (
    Conversion,
    Cumulative,
    Derived,
    Glossary,
    Measure,
    Metric,
    MetricInput,
    NonAdditive,
    Ratio,
    SemanticModel,
    Simple,
)
from semantic.interop.condition_text import condition_text
from semantic.predicates import Predicate

AGGREGATES = {
    "sum": "The sum of {expr}",
    "average": "The mean of {expr}",
    "min": "The least {expr}",
    "max": "The greatest {expr}",
    "median": "The median of {expr}",
    "percentile": "A percentile of {expr}",
    "count_distinct": "The number of different values of {expr}",
    "approximate_count_distinct": "About the number of different values of {expr}",
    "sum_boolean": "The number of rows where {expr}",
}


def recipe_words(metric: Metric, glossary: Glossary) -> str:
    """One or two sentences that say how a metric is made, in Markdown.

    >>> from semantic.definitions import Glossary, Metric, MetricInput, Ratio
    >>> rate = Metric("rate", Ratio(MetricInput("won"), MetricInput("mqls")))
    >>> recipe_words(rate, Glossary.of((), (rate,)))
    '`won` divided by `mqls`, after each was added up.'
    """
    recipe = metric.recipe
    match recipe:
        case Simple(model=model, measure=measure):
            words = _measure(glossary.models[model], glossary.models[model].measure_by_name[measure])
        case Ratio(numerator=numerator, denominator=denominator):
            words = f"{_input(numerator)} divided by {_input(denominator)}, after each was added up"
        case Derived(expr=expr, inputs=inputs):
            parts = [_input(item) for item in inputs if item.filters or item.offset_window]
            words = f"`{expr}`" + (f", with {_listed(parts)}" if parts else "")
        case Cumulative():
            words = f"{_input(recipe.input)} {_frame(recipe)}"
        case Conversion():
            words = _conversion(recipe)
    return f"{words}{_where(metric.filters)}.{_fill(metric)}"


def _measure(model: SemanticModel, measure: Measure) -> str:
    clock = measure.agg_time_dimension or model.default_time_dimension
    dated = f", dated by `{clock}`" if clock else ""
    balance = _balance(measure.non_additive) if measure.non_additive else ""
    return f"{_aggregate(measure)} in `{model.relation}`{_where(measure.filters)}{dated}{balance}"


def _aggregate(measure: Measure) -> str:
    expr = f"`{' '.join(measure.expr.split())}`"
    if measure.agg == "count":
        return "The number of rows" if measure.expr in ("1", "*") else f"The number of rows with {expr}"
    if measure.percentile:
        kind = "discrete" if measure.percentile.discrete else "continuous"
        return f"The {kind} percentile {measure.percentile.value:g} of {expr}"
    return AGGREGATES[measure.agg].format(expr=expr)


def _balance(balance: NonAdditive) -> str:
    end = "last" if balance.choice == "max" else "first"
    each = f" of each {_listed(f'`{name}`' for name in balance.groupings)}" if balance.groupings else ""
    return f", on the {end} `{balance.dimension}`{each} in the period asked: a balance, never added over time"


def _input(item: MetricInput) -> str:
    offset = f" of {item.offset_window} before" if item.offset_window else ""
    start = f" at the start of the {item.offset_to_grain}" if item.offset_to_grain else ""
    return f"`{item.metric}`{_where(item.filters)}{offset}{start}"


def _frame(recipe: Cumulative) -> str:
    if recipe.window:
        return f"over the last {recipe.window}"
    return f"from the start of the {recipe.grain_to_date}" if recipe.grain_to_date else "since the beginning"


def _conversion(recipe: Conversion) -> str:
    within = f" within {recipe.window}" if recipe.window else ""
    start = "The share of" if recipe.calculation == "conversion_rate" else "The number of"
    return (
        f"{start} {_input(recipe.base)} that {_input(recipe.conversion)} of the same {recipe.entity} "
        f"followed{within}"
    )


def _where(filters: tuple[Predicate, ...]) -> str:
    return f" where {' and '.join(f'`{condition_text(item)}`' for item in filters)}" if filters else ""


def _fill(metric: Metric) -> str:
    return (
        f" Where nothing happened it is {metric.fill_nulls_with}."
        if metric.fill_nulls_with is not None
        else ""
    )


def _listed(words: Iterable[str]) -> str:
    listed = list(words)
    return ", ".join(listed[:-1]) + " and " + listed[-1] if len(listed) > 1 else "".join(listed)
