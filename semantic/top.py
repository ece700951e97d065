"""The members that are shown by name: the first of an order, the others left out or put together."""

from __future__ import annotations

from dataclasses import replace

from semantic.errors import BadValue
from semantic.names import Spec
from semantic.plan import Reach
from semantic.query import Query, Top

TOP = "top_members"


def top_spec(top: Top, specs: tuple[Spec, ...]) -> Spec:
    """The grouped dimension whose members are ranked."""
    for spec in specs:
        if spec.name == top.dimension.name and not spec.grain and not spec.date_part:
            return spec
    raise BadValue(f"'top' is by {top.dimension.text!r}, which the question does not group by.")


def folded(
    query: Query, keys: tuple[tuple[str, Reach], ...], specs: tuple[Spec, ...]
) -> tuple[tuple[str, Reach], ...]:
    """The key columns; the members of a `top` question are folded into the top ones and the others.

    Without a name for the others, their rows are left out of the answer only when every number is made: which
    visit an order follows, or when a balance is taken, does not depend on who is shown.
    """
    if query.top is None or query.top.other is None or not specs:
        return keys
    column, other = top_spec(query.top, specs).column, query.top.other
    return tuple(
        (name, replace(reach, top=(TOP, other)) if name == column else reach) for name, reach in keys
    )
