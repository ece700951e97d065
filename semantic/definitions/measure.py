"""What is added up of a model's rows, and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from semantic.predicates import Predicate

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
AGGREGATIONS: tuple[str, ...] = get_args(Aggregation)


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
