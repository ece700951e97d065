"""Semantic models: tables with their keys, dimensions and measures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from semantic.definitions.measure import Measure
from semantic.definitions.place import Place
from semantic.predicates import Scalar

EntityKind = Literal["primary", "unique", "foreign", "natural"]
DimensionKind = Literal["categorical", "time"]


@dataclass(frozen=True)
class Entity:
    """A key of a model. `foreign` keys join to a `primary`, `unique` or `natural` key of the same name.

    A natural key identifies a row together with the model's validity dates (a type 2 dimension).
    """

    name: str
    kind: EntityKind
    expr: str
    column_path: str | None = None


@dataclass(frozen=True)
class Dimension:
    """An attribute of a model's rows.

    `grain` is a time dimension's finest grain. `is_partition` joins must match on this column too.
    `validity` marks the first instant a row is valid, or the first instant it no longer is.
    `time_zone`: 'UTC' timestamps are moved to the question's zone before truncation; None leaves dates alone.
    """

    name: str
    kind: DimensionKind
    expr: str
    grain: str | None = None
    is_partition: bool = False
    validity: Literal["start", "end"] | None = None
    label: str = ""
    description: str = ""
    time_zone: str | None = None
    sensitive: bool = False


@dataclass(frozen=True)
class RequiredDimension:
    """A dimension that a question must fix or group by, else the default member is taken and named."""

    dimension: str
    default: Scalar = None


@dataclass(frozen=True)
class SemanticModel:
    """A table or view with its keys, dimensions and measures. One row of it is `grain_note`."""

    name: str
    relation: str
    entities: tuple[Entity, ...] = ()
    dimensions: tuple[Dimension, ...] = ()
    measures: tuple[Measure, ...] = ()
    primary_entity: str | None = None
    default_time_dimension: str | None = None
    shared: tuple[tuple[str, str], ...] = ()
    required: tuple[RequiredDimension, ...] = ()
    label: str = ""
    description: str = ""
    place: Place | None = field(default=None, compare=False)

    @cached_property
    def entity_by_name(self) -> Mapping[str, Entity]:
        return {entity.name: entity for entity in self.entities}

    @cached_property
    def dimension_by_name(self) -> Mapping[str, Dimension]:
        return {dimension.name: dimension for dimension in self.dimensions}

    @cached_property
    def measure_by_name(self) -> Mapping[str, Measure]:
        return {measure.name: measure for measure in self.measures}

    @cached_property
    def shared_path(self) -> Mapping[str, str]:
        return dict(self.shared)

    @cached_property
    def identity(self) -> str | None:
        """The entity that names this model's dimensions: its primary key, declared or virtual."""
        for entity in self.entities:
            if entity.kind == "primary":
                return entity.name
        return self.primary_entity

    @cached_property
    def validity(self) -> tuple[Dimension, Dimension] | None:
        """The dimensions that say from when and until when a row is valid, or None."""
        start = next((d for d in self.dimensions if d.validity == "start"), None)
        end = next((d for d in self.dimensions if d.validity == "end"), None)
        return (start, end) if start and end else None


@dataclass(frozen=True)
class SharedDimension:
    """A conformed dimension: one bare name that means the same on every model that maps it."""

    name: str
    kind: DimensionKind = "categorical"
    label: str = ""
    description: str = ""
    path: str | None = None
    values: tuple[str, ...] = ()
    sensitive: bool = False
    place: Place | None = field(default=None, compare=False)
