"""A question on its way to a plan."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from semantic.allocation import spread_of
from semantic.definitions import Dimension, Glossary
from semantic.expand import Leaf
from semantic.names import specs_of
from semantic.paths import find
from semantic.plan import Range, Spread
from semantic.query import Query
from semantic.reported import Reported
from semantic.rights import Rights
from semantic.scans import MetricPlanner, ScanBuilder


@dataclass(frozen=True, eq=False)
class Asked:
    """What is asked, of which glossary and under whose rights; every part of the plan is made from it.

    notes: what was assumed, for the person who asks. plan_metric: plans the metric of a condition by its keys.
    """

    glossary: Glossary
    query: Query
    rights: Rights
    range: Range | None
    notes: list[str]
    use_rollups: bool | frozenset[str]
    reported: Reported | None
    plan_metric: MetricPlanner

    @property
    def zone(self) -> str:
        return self.query.time_zone or self.glossary.settings.time_zone

    @cached_property
    def masked(self) -> frozenset[tuple[str, str]]:
        """The columns behind the masked names, so that no other name of them shows the values."""
        columns = set()
        for name in self.rights.masked:
            for model in self.glossary.models:
                found = find(self.glossary, model, name, True)
                if found is not None:
                    columns.add((found.model, found.expr))
        return frozenset(columns)

    def spread(self, leaf: Leaf) -> Spread | None:
        """How a target is shared out over the days of its period, where the question cuts through it."""
        if self.glossary.targets is None or self.glossary.targets.allocation == "none":
            return None
        specs = specs_of(self.glossary, self.query.group_by)
        return spread_of(self.glossary, leaf, specs, self.range, self.query.where)

    def builder(self, leaf: Leaf) -> ScanBuilder:
        """Collects the scan of the fact that a leaf is counted from."""
        by_day = Dimension(Spread.DAY, "time", Spread.DAY, "day") if self.spread(leaf) else None
        return ScanBuilder(
            glossary=self.glossary,
            model=self.glossary.models[leaf.model],
            clock=by_day or clock_of(self.glossary, leaf),
            zone=self.zone,
            metric=leaf.label,
            masked=self.masked,
            plan_metric=self.plan_metric,
        )


def clock_of(glossary: Glossary, leaf: Leaf) -> Dimension | None:
    """The time dimension that is this measure's metric_time."""
    model = glossary.models[leaf.model]
    name = model.measure_by_name[leaf.measure].agg_time_dimension or model.default_time_dimension
    return model.dimension_by_name.get(name) if name else None
