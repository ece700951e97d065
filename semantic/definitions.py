"""The nouns of the glossary: frozen, hashable, and free of behaviour beyond look-ups.

Names follow the field: semantic model, entity, dimension, measure, metric, time spine (MetricFlow);
conformed dimension, semi-additive measure, conversion (Kimball). Expressions are SQL text in one dialect,
WRITTEN_IN, over the model's own columns, whatever dialect the files are written in and whatever database is asked;
conditions are the trees of `semantic.predicates`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from semantic.predicates import GRAINS, Predicate, Scalar

WRITTEN_IN = "duckdb"
EntityKind = Literal["primary", "unique", "foreign", "natural"]
DimensionKind = Literal["categorical", "time"]
Aggregation = Literal[
    "sum",
    "count",
    "count_distinct",
    "average",
    "min",
    "max",
    "median",
    "percentile",
    "sum_boolean",
    "approximate_count_distinct",
]
AGGREGATIONS: tuple[str, ...] = (
    "sum",
    "count",
    "count_distinct",
    "average",
    "min",
    "max",
    "median",
    "percentile",
    "sum_boolean",
    "approximate_count_distinct",
)
PeriodAggregation = Literal["first", "last", "average"]
METRIC_TIME = "metric_time"


@dataclass(frozen=True)
class Place:
    """Where something is written: a file below the glossary and a line in it, and the lines of its keys.

    A key of a part is written with the part: `measures.mqls`, `shared.campaign`.
    """

    file: str
    line: int
    keys: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)

    def at(self, *keys: str) -> Place:
        """The place of the first of these keys that is written; else of the whole."""
        line = next((self.keys[key] for key in keys if key in self.keys), self.line)
        return Place(self.file, line)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Window:
    """A length of time: `7 days`, `2 months`, `1 fiscal_month`."""

    count: int
    grain: str

    def __str__(self) -> str:
        return f"{self.count} {self.grain}{'s' if self.count != 1 else ''}"


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
class Percentile:
    """Which percentile (0 to 1), whether it must be a value that occurs, whether an estimate will do."""

    value: float
    discrete: bool = False
    approximate: bool = False


@dataclass(frozen=True)
class NonAdditive:
    """A balance: sum only the rows at the first (`min`) or last (`max`) instant of `dimension`.

    The instant is found per period asked and per member of the `groupings` (entity names). `length` names a dimension
    whose members are grains: each row then speaks of a whole period of that length, and a longer one has no value.
    """

    dimension: str
    choice: Literal["min", "max"] = "max"
    groupings: tuple[str, ...] = ()
    length: str | None = None


@dataclass(frozen=True)
class Measure:
    """An aggregation over a model's rows."""

    name: str
    agg: Aggregation
    expr: str
    agg_time_dimension: str | None = None
    percentile: Percentile | None = None
    non_additive: NonAdditive | None = None
    filters: tuple[Predicate, ...] = ()
    label: str = ""
    description: str = ""


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


@dataclass(frozen=True)
class CustomGrain:
    """A period of an own calendar: the spine's column that holds, for each day, the period it is in."""

    name: str
    column: str
    label: str = ""


@dataclass(frozen=True)
class TimeSpine:
    """A table with one row for each instant of a grain, and the own periods each instant lies in."""

    name: str
    relation: str
    column: str
    grain: str
    custom_grains: tuple[CustomGrain, ...] = ()
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True)
class TargetTable:
    """Where growth-model targets are kept: a model whose rows are metric x period x dimensions -> value.

    `dimensions` are the shared dimensions a target may be set by. `allocation` 'even_by_day' declares that
    a period's target may be spread evenly over its days; without it a finer question is refused.
    """

    model: str
    metric_column: str
    time_dimension: str
    grain: str
    value: str
    dimensions: tuple[str, ...] = ()
    filters: tuple[Predicate, ...] = ()
    allocation: Literal["none", "even_by_day"] = "none"


@dataclass(frozen=True)
class ClosingRule:
    """What closing a month keeps: which metrics (patterns), and by which dimensions beside the whole."""

    metrics: tuple[str, ...] = ("*",)
    left_out: tuple[str, ...] = ()
    grouping_sets: tuple[tuple[str, ...], ...] = ((),)
    place: Place | None = field(default=None, compare=False)


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


@dataclass(frozen=True)
class SavedQuery:
    """A question with a name; `document` is the question as every door writes it."""

    name: str
    document: Mapping[str, Any] = field(hash=False)
    label: str = ""
    description: str = ""
    place: Place | None = field(default=None, compare=False)


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


@dataclass(frozen=True)
class Settings:
    """What holds for the whole glossary.

    dialect: the one that the expressions of its files are written in; loading brings them into WRITTEN_IN.
    semantics: 'metricflow' follows that engine where ours differs on purpose, so that an imported manifest gives
    the numbers it gave before. There, two dimensions behind one join are each joined by themselves (the same rows
    wherever keys are unique); an offset by months goes day by day where longer periods are shown, so that the last
    days of a month are met several times or never (for running numbers too); the range of an offset running number
    bounds its data too; and filled parts, balances by several times and starts of periods are read as in
    docs/differences-from-metricflow.md.
    """

    dialect: str = WRITTEN_IN
    time_zone: str = "UTC"
    reporting_currency: str = ""
    semantics: Literal["touchstone", "metricflow"] = "touchstone"
    required_approvals: tuple[str, ...] = ()
    required_money_approvals: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Glossary:
    """Everything that is defined, by name. Compare and hash by identity: one load, one glossary."""

    models: Mapping[str, SemanticModel]
    metrics: Mapping[str, Metric]
    shared_dimensions: Mapping[str, SharedDimension] = field(default_factory=dict)
    time_spines: tuple[TimeSpine, ...] = ()
    saved: Mapping[str, SavedQuery] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    targets: TargetTable | None = None
    rollups: tuple[Rollup, ...] = ()
    settings: Settings = field(default_factory=Settings)
    closing: ClosingRule = field(default_factory=ClosingRule)

    @classmethod
    def of(
        cls,
        models: Iterable[SemanticModel],
        metrics: Iterable[Metric],
        shared_dimensions: Iterable[SharedDimension] = (),
        saved: Iterable[SavedQuery] = (),
        roles: Iterable[Role] = (),
        **rest: Any,
    ) -> Glossary:
        """Build a glossary from lists; of two definitions with one name the later wins."""
        return cls(
            models={item.name: item for item in models},
            metrics={item.name: item for item in metrics},
            shared_dimensions={item.name: item for item in shared_dimensions},
            saved={item.name: item for item in saved},
            roles={item.name: item for item in roles},
            **rest,
        )

    @cached_property
    def custom_grains(self) -> Mapping[str, tuple[TimeSpine, CustomGrain]]:
        """The own calendars' grains, by name."""
        return {grain.name: (spine, grain) for spine in self.time_spines for grain in spine.custom_grains}

    @cached_property
    def grains(self) -> tuple[str, ...]:
        """Every grain a question may use, standard ones from fine to coarse, then the custom ones."""
        return (*GRAINS, *self.custom_grains)

    @cached_property
    def spine_by_grain(self) -> Mapping[str, TimeSpine]:
        return {spine.grain: spine for spine in self.time_spines}

    @property
    def public_metrics(self) -> tuple[Metric, ...]:
        return tuple(metric for metric in self.metrics.values() if not metric.private)
