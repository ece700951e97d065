"""Build the scan of one fact: find its dimensions, make its joins, bind its conditions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from semantic.definitions import METRIC_TIME, Dimension, Glossary, SemanticModel
from semantic.errors import AccessDenied, BadValue, FanOut, Refusal, Unreachable
from semantic.names import Spec, split_grains
from semantic.paths import Found, Hop, find, known_dimensions
from semantic.plan import Answer, Calendar, Condition, Join, MetricJoin, Reach
from semantic.predicates import (
    GRAINS,
    GroupBy,
    MetricRef,
    Predicate,
    dimensions_of,
    metrics_of,
)

MetricPlanner = Callable[[MetricRef], tuple[Answer, tuple[str, ...]]]


@dataclass
class ScanBuilder:
    """Collects what one scan needs; the planner freezes it into a Scan."""

    glossary: Glossary
    model: SemanticModel
    clock: Dimension | None
    zone: str | None
    metric: str
    masked: frozenset[tuple[str, str]] = frozenset()
    plan_metric: MetricPlanner | None = None
    clock_alias: str | None = None
    of_members: bool = False
    joins: dict[tuple[Hop, ...], tuple[Join, ...]] = field(default_factory=dict)
    calendars: dict[tuple[Reach, str], Calendar] = field(default_factory=dict)
    metric_joins: dict[MetricRef, MetricJoin] = field(default_factory=dict)

    def reach(self, spec: Spec | GroupBy, local: bool = False, shown: bool = False) -> Reach:
        """Find a dimension, joining what lies between; raises Unreachable with what would work."""
        if spec.name == METRIC_TIME:
            return self._time(self._clock_found(), spec, True)
        found = find(self.glossary, self.model.name, spec.name, local)
        if found is None:
            raise self._unreachable(spec.name)
        is_clock = not found.hops and self.clock is not None and found.dimension == self.clock
        if found.dimension is not None and found.dimension.kind == "time":
            return self._time(found, spec, is_clock)
        if spec.grain or spec.date_part:
            asked = spec.grain or spec.date_part
            raise BadValue(f"{spec.name!r} is no time dimension, so it has no {asked!r}.")
        masked = self._is_masked(found)
        if masked and not shown:
            raise AccessDenied(f"{spec.name!r} is masked for this user, so it cannot be used in a condition.")
        return Reach(self._join(found.hops), found.expr, "categorical", masked=masked)

    def condition(self, predicate: Predicate, local: bool = False) -> Condition:
        """Bind a predicate to this scan; `local` for one of the definition, which may use the model's own names."""
        predicate = split_grains(self.glossary, predicate)
        reaches = tuple((item, self.reach(item, local)) for item in dimensions_of(predicate))
        metrics = tuple((ref, *self._metric(ref)) for ref in metrics_of(predicate))
        return Condition(predicate, reaches, metrics, on_data=local)

    @property
    def fans_out(self) -> bool:
        return any(join.reverse for join in self.all_joins)

    def key(self) -> str:
        """The expression that tells this fact's rows apart; needed when a join repeats them."""
        for entity in self.model.entities:
            if entity.kind in ("primary", "unique"):
                return entity.expr
        raise FanOut(
            f"{self.metric!r} would be counted once for each row of the other table, and {self.model.name!r} "
            f"has no primary key to count its own rows once by. Declare a primary entity on {self.model.name!r}, "
            f"or group by a dimension that {self.model.name!r} reaches many-to-one."
        )

    def _clock_found(self) -> Found:
        if self.clock is None:
            raise Refusal(
                f"{self.metric!r} has no metric_time: {self.model.name!r} declares no default_time_dimension "
                f"and the measure names none. Ask it without a time range or a time grouping."
            )
        return Found((), self.model.name, self.clock.expr, self.clock)

    def _time(self, found: Found, spec: Spec | GroupBy, is_clock: bool) -> Reach:
        dimension = found.dimension
        assert dimension is not None
        data_grain = dimension.grain or "day"
        grain = spec.grain
        if grain is None and spec.date_part is None:
            grain = max((data_grain, "day"), key=GRAINS.index)
        self._check_grain(spec, grain, data_grain)
        zone = self.zone if dimension.time_zone and self.zone != dimension.time_zone else None
        if self._is_masked(found):
            raise AccessDenied(f"{spec.name!r} is masked for this user.")
        alias = self.clock_alias if is_clock and self.clock_alias else self._join(found.hops)
        reach = Reach(alias, found.expr, "time", grain, spec.date_part, data_grain, zone, is_clock)
        return self._on_calendar(reach) if grain in self.glossary.custom_grains else reach

    def _check_grain(self, spec: Spec | GroupBy, grain: str | None, data_grain: str) -> None:
        if grain in GRAINS and GRAINS.index(grain) < GRAINS.index(data_grain):
            coarser = [g for g in GRAINS if GRAINS.index(g) >= GRAINS.index(data_grain)]
            raise Refusal(
                f"{self.metric!r} cannot be shown by {grain}: {spec.name!r} is kept by {data_grain} in "
                f"{self.model.name!r}. Ask for {', '.join(coarser)}.",
                coarser,
            )

    def _on_calendar(self, reach: Reach) -> Reach:
        """An own period is read from the time spine's row of the day."""
        assert reach.grain is not None
        spine, grain = self.glossary.custom_grains[reach.grain]
        key = (reach, reach.grain)
        if key not in self.calendars:
            alias = self._free_alias(f"calendar_{len(self.calendars) + 1}" if self.calendars else "calendar")
            self.calendars[key] = Calendar(alias, spine, grain.column, reach)
        calendar = f"{self.calendars[key].alias}.{grain.column}"
        return Reach(
            reach.alias, reach.expr, "time", reach.grain, reach.date_part, reach.data_grain, reach.zone,
            reach.is_clock, calendar,
        )  # fmt: skip

    def _metric(self, ref: MetricRef) -> tuple[str, str]:
        """Join the value of a metric by the keys it is asked for; returns its alias and column."""
        assert self.plan_metric is not None
        if ref not in self.metric_joins:
            answer, columns = self.plan_metric(ref)
            keys = tuple(
                (self._metric_key(item), column) for item, column in zip(ref.by, columns[:-1], strict=True)
            )
            alias = self._free_alias(f"{ref.metric}_by_{'_'.join(i.name for i in ref.by)}")
            self.metric_joins[ref] = MetricJoin(alias, ref, keys, columns[-1], answer)
        join = self.metric_joins[ref]
        return join.alias, join.value

    def _metric_key(self, item: GroupBy) -> Reach:
        """`view__listing` and `account__customer` are met by this fact's own key of the last name."""
        found = find(self.glossary, self.model.name, item.name)
        if found is None and find(self.glossary, self.model.name, item.name.split("__")[-1]) is not None:
            return self.reach(GroupBy(item.name.split("__")[-1], item.grain))
        return self.reach(item)

    def _join(self, hops: tuple[Hop, ...]) -> str:
        """The alias of the last model of a path, joining every step that is not joined yet."""
        if not hops:
            return self.model.name
        known = next((chain for chain in self.joins if self._serves(chain, hops)), None)
        if known is None:
            known = hops
            for length in range(1, len(hops) + 1):
                self._add_join(hops, length)
        return self.joins[known][len(hops) - 1].alias

    def _serves(self, chain: tuple[Hop, ...], hops: tuple[Hop, ...]) -> bool:
        return chain[: len(hops)] == hops and len(self.joins[chain]) >= len(hops)

    def _add_join(self, hops: tuple[Hop, ...], length: int) -> None:
        """Join the next step of a path; steps that another path has joined are shared if the glossary says so."""
        steps = self.joins.setdefault(hops, ())
        prefix = hops[:length]
        if self.glossary.settings.semantics == "touchstone":
            for chain, joined in self.joins.items():
                if chain != hops and chain[:length] == prefix:
                    self.joins[hops] = (*steps, joined[length - 1])
                    return
        models = [self.model, *(self.glossary.models[hop.model] for hop in prefix)]
        aliases = [self.model.name, *(join.alias for join in steps)]
        join = self._new_join(prefix, aliases, models)
        self.joins[hops] = (*steps, join)

    @property
    def all_joins(self) -> tuple[Join, ...]:
        """Every join once, parents first."""
        return tuple(dict.fromkeys(join for steps in self.joins.values() for join in steps))

    def _new_join(self, hops: tuple[Hop, ...], aliases: list[str], models: list[SemanticModel]) -> Join:
        hop, target, parent = hops[-1], models[-1], models[-2]
        key = target.entity_by_name[hop.entity]
        validity = target.validity if key.kind == "natural" else None
        if validity and self.of_members:
            raise Refusal(
                f"Which row of {target.name!r} counts depends on the time of a fact, and this question has none. "
                f"Ask it with a metric."
            )
        if validity and self.clock is None:
            raise Refusal(
                f"{self.metric!r} has no clock to choose the valid row of {target.name!r} by. "
                f"Give {self.model.name!r} a default_time_dimension."
            )
        return Join(
            alias=self._free_alias("__".join(h.model if h.reverse else h.entity for h in hops)),
            model=target.name,
            relation=target.relation,
            parent=aliases[-1],
            entity=hop.entity,
            left=parent.entity_by_name[hop.entity].expr,
            right=key.expr,
            partitions=_partitions(models[:-1], aliases, target),
            validity=(validity[0].expr, validity[1].expr) if validity else None,
            reverse=hop.reverse,
        )

    def _free_alias(self, wanted: str) -> str:
        taken = {self.model.name, *(join.alias for join in self.all_joins)}
        taken |= {c.alias for c in self.calendars.values()} | {m.alias for m in self.metric_joins.values()}
        alias, count = wanted, 1
        while alias in taken:
            count += 1
            alias = f"{wanted}_{count}"
        return alias

    def _is_masked(self, found: Found) -> bool:
        return (found.model, found.expr) in self.masked

    def _unreachable(self, name: str) -> Unreachable:
        works = reachable(self.glossary, [self.model.name])
        near = ", ".join(works[:12]) + (", ..." if len(works) > 12 else "")
        return Unreachable(
            f"{self.metric!r} cannot be shown or filtered by {name!r}: its model {self.model.name!r} has no "
            f"many-to-one path to it. It can be by: {near or 'nothing'}.",
            works,
        )


def reachable(glossary: Glossary, models: Sequence[str]) -> tuple[str, ...]:
    """The dimensions that every one of these models can be grouped by."""

    def works(name: str) -> bool:
        if name == METRIC_TIME:
            return all(glossary.models[model].default_time_dimension for model in models)
        try:
            return all(find(glossary, model, name) is not None for model in models)
        except Refusal:
            return False

    shared_first = sorted(known_dimensions(glossary), key=lambda n: ("__" in n, n))
    return tuple(name for name in shared_first if works(name))


def _partitions(
    models: list[SemanticModel], aliases: list[str], target: SemanticModel
) -> tuple[tuple[str, str, str], ...]:
    """Rows of partitioned tables only belong together within one partition: (alias, its column, the target's).

    The partition is that of the nearest model before it on the path that has one.
    """
    pairs = []
    for theirs in (d for d in target.dimensions if d.is_partition):
        for model, alias in zip(reversed(models), reversed(aliases), strict=True):
            ours = model.dimension_by_name.get(theirs.name)
            if ours is not None and ours.is_partition:
                pairs.append((alias, ours.expr, theirs.expr))
                break
    return tuple(pairs)
