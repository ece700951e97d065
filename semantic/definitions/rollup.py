"""Aggregate tables that stand in for a model's."""

from __future__ import annotations

from dataclasses import dataclass, field

from semantic.definitions.place import Place
from semantic.predicates import Predicate


@dataclass(frozen=True)
class Rollup:
    """An aggregate table of one model: its dimensions, time grains, and which column holds which measure."""

    name: str
    model: str
    relation: str
    dimensions: tuple[tuple[str, str], ...] = ()
    time: tuple[tuple[str, str, str], ...] = ()
    measures: tuple[tuple[str, str], ...] = ()
    filters: tuple[Predicate, ...] = ()
    place: Place | None = field(default=None, compare=False)
