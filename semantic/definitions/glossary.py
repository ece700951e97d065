"""Everything that is defined, by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from semantic.definitions.closing_rule import ClosingRule
from semantic.definitions.metric import Metric
from semantic.definitions.model import SemanticModel, SharedDimension
from semantic.definitions.role import Role
from semantic.definitions.rollup import Rollup
from semantic.definitions.saved_query import SavedQuery
from semantic.definitions.settings import Settings
from semantic.definitions.target_table import TargetTable
from semantic.definitions.time import CustomGrain, TimeSpine
from semantic.predicates import GRAINS


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

    @property
    def public_metrics(self) -> tuple[Metric, ...]:
        return tuple(metric for metric in self.metrics.values() if not metric.private)
