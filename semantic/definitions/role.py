"""What the holders of a role may see."""

from __future__ import annotations

from dataclasses import dataclass, field

from semantic.definitions.place import Place
from semantic.predicates import Predicate


@dataclass(frozen=True)
class Role:
    """What holders of a role may see. Patterns are metric names, or prefixes that end in `*`.

    Row filters of one role are joined by and; a principal with several roles sees the union of their rows.
    """

    name: str
    metrics: tuple[str, ...] = ("*",)
    denied_metrics: tuple[str, ...] = ()
    row_filters: tuple[Predicate, ...] = ()
    masked_dimensions: tuple[str, ...] = ()
    description: str = ""
    place: Place | None = field(default=None, compare=False)
