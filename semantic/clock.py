"""What changes while the data stays: metrics whose expression looks at the clock, and the questions that ask them."""

from __future__ import annotations

import sqlglot
from sqlglot import exp

from semantic.definitions import WRITTEN_IN, Glossary, Measure, Simple

CLOCKS = (exp.CurrentTimestamp, exp.CurrentDate, exp.CurrentTime, exp.CurrentDatetime)


def bound_to_clock(glossary: Glossary) -> frozenset[str]:
    """The names of the metrics and saved questions whose answer is another one a minute later.

    An answer that names none of them stays the same until the next publication.
    """
    metrics = {name for name in glossary.metrics if _follows(name, glossary)}
    saved = {
        name
        for name, one in glossary.saved.items()
        if metrics & set(map(str, one.document.get("metrics", ())))
    }
    return frozenset(metrics | saved)


def _follows(metric: str, glossary: Glossary) -> bool:
    recipe = glossary.metrics[metric].recipe
    if isinstance(recipe, Simple):
        measure = glossary.models[recipe.model].measure_by_name[recipe.measure]
        return _looks(measure)
    return any(_follows(one.metric, glossary) for one in glossary.metrics[metric].inputs)


def _looks(measure: Measure) -> bool:
    # Every way to ask the clock is called current_something: the others need not be parsed.
    return "current" in measure.expr.lower() and _parsed(measure.expr).find(*CLOCKS) is not None


def _parsed(expression: str) -> exp.Expr:
    return sqlglot.parse_one(expression, dialect=WRITTEN_IN)
