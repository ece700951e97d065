"""Metrics: a number with a name, its recipe and its owner."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from semantic.definitions.model import RequiredDimension
from semantic.definitions.place import Place
from semantic.definitions.time import Window
from semantic.predicates import Predicate

PeriodAggregation = Literal["first", "last", "average"]


@dataclass(frozen=True)
class MetricInput:
    """A metric as a part of another: filtered, renamed, or looked at in another period."""

    metric: str
    alias: str | None = None
    filters: tuple[Predicate, ...] = ()
    offset_window: Window | None = None
    offset_to_grain: str | None = None

    @property
    def name(self) -> str:
        return self.alias or self.metric


@dataclass(frozen=True)
class Simple:
    """One measure of one model."""

    model: str
    measure: str


@dataclass(frozen=True)
class Ratio:
    """Numerator over denominator, divided last; nothing over nothing is missing, not zero."""

    numerator: MetricInput
    denominator: MetricInput


@dataclass(frozen=True)
class Derived:
    """An expression over other metrics, named by their alias or name."""

    expr: str
    inputs: tuple[MetricInput, ...]


@dataclass(frozen=True)
class Cumulative:
    """A metric over a sliding window, from the start of a period to date, or over all time.

    When asked at a coarser grain than the data's, `period_agg` says which of the period's values is shown.
    """

    input: MetricInput
    window: Window | None = None
    grain_to_date: str | None = None
    period_agg: PeriodAggregation = "first"


@dataclass(frozen=True)
class ConstantProperty:
    """A property that must be the same on the base and on the conversion event."""

    base: str
    conversion: str


@dataclass(frozen=True)
class Conversion:
    """Base events that are followed by a conversion of the same entity, within `window` (None: ever)."""

    base: MetricInput
    conversion: MetricInput
    entity: str
    calculation: Literal["conversions", "conversion_rate"] = "conversion_rate"
    window: Window | None = None
    constant_properties: tuple[ConstantProperty, ...] = ()


Recipe = Simple | Ratio | Derived | Cumulative | Conversion


@dataclass(frozen=True)
class Approval:
    """Who confirmed which meaning: valid only while the metric's fingerprint is the same."""

    role: str
    by: str
    on: str
    fingerprint: str


@dataclass(frozen=True)
class Metric:
    """A number with a name, one definition and an owner."""

    name: str
    recipe: Recipe
    label: str = ""
    definition: str = ""
    filters: tuple[Predicate, ...] = ()
    fill_nulls_with: int | float | None = None
    join_to_timespine: bool = False
    time_granularity: str | None = None
    required: tuple[RequiredDimension, ...] = ()
    format: str = "number"
    unit: str = ""
    better: Literal["higher", "lower", ""] = ""
    owner: str = ""
    area: str = ""
    status: Literal["assumed", "confirmed", "deprecated"] = "assumed"
    approvals: tuple[Approval, ...] = ()
    target: str | None = None
    thresholds: tuple[tuple[str, float], ...] = ()
    synonyms: tuple[str, ...] = ()
    notes: str = ""
    private: bool = False
    meta: tuple[tuple[str, Any], ...] = field(default=(), compare=False)
    place: Place | None = field(default=None, compare=False)

    @property
    def kind(self) -> str:
        return type(self.recipe).__name__.lower()

    @property
    def inputs(self) -> tuple[MetricInput, ...]:
        """The metrics that this one is made of."""
        recipe = self.recipe
        if isinstance(recipe, Ratio):
            return (recipe.numerator, recipe.denominator)
        if isinstance(recipe, Derived):
            return recipe.inputs
        if isinstance(recipe, Cumulative):
            return (recipe.input,)
        if isinstance(recipe, Conversion):
            return (recipe.base, recipe.conversion)
        return ()
