"""Where targets are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from semantic.predicates import Predicate


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
