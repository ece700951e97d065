"""The SQL of a time spine at a grain."""

from __future__ import annotations

from sqlglot import exp

from semantic.compile.expressions import alias, column, relation, selected, truncated
from semantic.definitions import TimeSpine


def spine_table(spine: TimeSpine, grain: str, name: str) -> exp.Expr:
    """The spine, made coarser where it is finer than the grain."""
    if spine.grain == grain:
        return relation(spine.relation, name)
    cut = alias(truncated(column(spine.column, spine.name), grain), spine.column)
    return (
        selected(cut)
        .from_(relation(spine.relation, spine.name), copy=False)
        .distinct(copy=False)
        .subquery(alias=name, copy=False)
    )
