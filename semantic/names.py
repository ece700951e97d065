"""Turn the names of a question into specs: checked names, grains told from names, a column name each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from semantic.definitions import METRIC_TIME, Glossary
from semantic.errors import BadValue, UnknownName
from semantic.paths import find, known_dimensions
from semantic.predicates import DATE_PARTS, GRAINS, DimensionRef, GroupBy, Predicate, transform


@dataclass(frozen=True)
class Spec:
    """A dimension of the question: its name, grain or date part, and the answer's column that holds it."""

    name: str
    grain: str | None = None
    date_part: str | None = None
    column: str = ""

    @property
    def is_metric_time(self) -> bool:
        return self.name == METRIC_TIME


def split_grain(glossary: Glossary, group_by: GroupBy) -> GroupBy:
    """Tell a custom grain at the end of a name from the name, and check grain and date part."""
    name, grain = group_by.name, group_by.grain
    if grain is None and group_by.date_part is None:
        stem, _, last = name.rpartition("__")
        if stem and (last in GRAINS or last in glossary.custom_grains):
            return GroupBy(stem, last)
    if grain is not None and grain not in GRAINS and grain not in glossary.custom_grains:
        raise UnknownName.of("grain", grain, glossary.grains, f" for {name!r}")
    if group_by.date_part is not None and group_by.date_part not in DATE_PARTS:
        raise UnknownName.of("date part", group_by.date_part, DATE_PARTS, f" for {name!r}")
    return GroupBy(name, grain, group_by.date_part)


def split_grains(glossary: Glossary, predicate: Predicate) -> Predicate:
    """The condition with its custom grains told from its names."""

    def split(node: object) -> object:
        return DimensionRef(split_grain(glossary, node.dimension)) if isinstance(node, DimensionRef) else node

    result: Predicate = transform(predicate, split)
    return result


def specs_of(glossary: Glossary, group_by: tuple[GroupBy, ...]) -> tuple[Spec, ...]:
    """Give every grouped dimension its column: as asked; two grains of metric time are told apart."""
    split = [split_grain(glossary, item) for item in group_by]
    clocks = sum(item.name == METRIC_TIME for item in split)
    specs = []
    for item in split:
        check_known(glossary, item.name)
        plain = item.name == METRIC_TIME and clocks == 1 and item.date_part is None
        specs.append(Spec(item.name, item.grain, item.date_part, METRIC_TIME if plain else item.text))
    twice = [column for column, count in Counter(spec.column for spec in specs).items() if count > 1]
    if twice:
        raise BadValue(f"The question groups by {twice[0]!r} twice.")
    return tuple(specs)


def check_known(glossary: Glossary, name: str) -> None:
    """Raise UnknownName with the nearest names unless some model has this dimension."""
    if name == METRIC_TIME or name in glossary.shared_dimensions:
        return
    if any(find(glossary, model, name) for model in glossary.models):
        return
    raise UnknownName.of("dimension", name, known_dimensions(glossary))
