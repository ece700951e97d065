"""From a question to its plan: names, facts, paths, grains, rights; every refusal happens here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

from semantic.definitions import METRIC_TIME, Dimension, Glossary, Scalar
from semantic.errors import AccessDenied, QueryError, Refusal, UnknownName
from semantic.expand import (
    Leaf,
    expand,
    leaves_of,
    measure_of,
)
from semantic.names import Spec, specs_of
from semantic.paths import find
from semantic.plan import Aggregate, Answer, Condition, Order, Output, Range, Scan, Source
from semantic.predicates import (
    GRAINS,
    And,
    Compare,
    DimensionRef,
    GroupBy,
    In,
    Literal,
    MetricRef,
    Predicate,
    dimensions_of,
)
from semantic.query import Query
from semantic.rights import Rights
from semantic.scans import ScanBuilder


@dataclass
class Planner:
    """Plans one question for one principal. Collects notes on what was assumed."""

    glossary: Glossary
    query: Query
    rights: Rights
    range: Range | None = None
    notes: list[str] = field(default_factory=list)

    def plan(self) -> Answer:
        """Plan the question; raises Refusal or QueryError."""
        for name in self.query.metrics:
            self.rights.check_metric(name)
        outputs = tuple(Output(name, expand(self.glossary, name)) for name in self.query.metrics)
        return self._answer(outputs, self._specs(outputs))

    def _specs(self, outputs: tuple[Output, ...]) -> tuple[Spec, ...]:
        """Give a bare `metric_time` the coarsest default grain among the metrics."""
        specs = specs_of(self.glossary, self.query.group_by)
        if not any(s.is_metric_time and not s.grain and not s.date_part for s in specs):
            return specs
        grain = self._default_grain(leaf for output in outputs for leaf in leaves_of(output.formula))
        return tuple(
            replace(s, grain=grain) if s.is_metric_time and not s.grain and not s.date_part else s
            for s in specs
        )

    def _default_grain(self, leaves: Iterable[Leaf]) -> str:
        grains = ["day"]
        named = [self.glossary.metrics[name].time_granularity for name in self.query.metrics]
        if named and all(named):
            grains = []
        grains += [grain for grain in named if grain]
        for leaf in leaves:
            clock = clock_of(self.glossary, leaf)
            if clock is not None and clock.grain:
                grains.append(clock.grain)
        custom = [grain for grain in grains if grain not in GRAINS]
        return custom[0] if custom else max(grains, key=GRAINS.index)

    def _answer(self, outputs: tuple[Output, ...], specs: tuple[Spec, ...]) -> Answer:
        leaves = tuple(dict.fromkeys(leaf for output in outputs for leaf in leaves_of(output.formula)))
        self._check_attribution(leaves)
        names = leaf_columns(leaves, {spec.column for spec in specs})
        sources = self._sources(leaves, specs, names)
        keys = tuple(spec.column for spec in specs)
        return Answer(
            keys=keys,
            sources=tuple(source for source, _ in sources),
            contributing=tuple((source.name, columns) for source, columns in sources),
            columns=tuple(names.items()),
            fills=tuple((names[leaf], leaf.fill) for leaf in leaves if leaf.fill is not None),
            outputs=outputs,
            having=self.query.having,
            order=self._order(keys, outputs),
            limit=self.query.limit,
            offset=self.query.offset,
            distinct=self.query.distinct,
            min_max=self.query.min_max_only,
            notes=tuple(dict.fromkeys(self.notes)),
        )

    def _sources(
        self, leaves: tuple[Leaf, ...], specs: tuple[Spec, ...], names: dict[Leaf, str]
    ) -> list[tuple[Source, tuple[str, ...]]]:
        """One scan for all leaves that read the same rows in the same way."""
        groups: dict[tuple[object, ...], list[Leaf]] = {}
        for leaf in leaves:
            groups.setdefault(scan_key(self.glossary, leaf), []).append(leaf)
        taken: set[str] = set()
        sources: list[tuple[Source, tuple[str, ...]]] = []
        for group in groups.values():
            name = free_name(f"{group[0].model}_facts", taken)
            sources.append((self._scan(name, group, specs, names), tuple(names[leaf] for leaf in group)))
        return sources

    def _scan(self, name: str, group: list[Leaf], specs: tuple[Spec, ...], names: dict[Leaf, str]) -> Scan:
        leaf = group[0]
        builder = self.builder(leaf)
        keys = tuple((spec.column, builder.reach(spec, shown=True)) for spec in specs)
        conditions = self._conditions(builder, leaf)
        range_ = self._range(builder)
        aggregates = tuple(self._aggregate(item, names[item]) for item in group)
        model = builder.model
        return Scan(
            name=name,
            model=model.name,
            relation=model.relation,
            alias=model.name,
            keys=keys,
            aggregates=aggregates,
            joins=tuple(builder.joins.values()),
            calendars=tuple(builder.calendars.values()),
            metric_joins=tuple(builder.metric_joins.values()),
            conditions=conditions,
            clock=builder.reach(GroupBy(METRIC_TIME)) if builder.clock else None,
            range=range_,
            fact_key=builder.key() if builder.fans_out else None,
        )

    def builder(self, leaf: Leaf) -> ScanBuilder:
        return ScanBuilder(
            glossary=self.glossary,
            model=self.glossary.models[leaf.model],
            clock=clock_of(self.glossary, leaf),
            zone=self.query.time_zone or self.glossary.settings.time_zone,
            metric=leaf.metric,
            masked=self._masked,
            plan_metric=self._plan_metric,
        )

    @cached_property
    def _masked(self) -> frozenset[tuple[str, str]]:
        """The columns behind the masked names, so that no other name of them shows the values."""
        columns = set()
        for name in self.rights.masked:
            for model in self.glossary.models:
                found = find(self.glossary, model, name, True)
                if found is not None:
                    columns.add((found.model, found.dimension.name if found.dimension else found.expr))
        return frozenset(columns)

    def _conditions(self, builder: ScanBuilder, leaf: Leaf) -> tuple[Condition, ...]:
        unmasked = replace(builder, masked=frozenset())
        own = [unmasked.condition(predicate, local=True) for predicate in leaf.filters]
        asked = [builder.condition(predicate) for predicate in self.query.where]
        required = [builder.condition(predicate, local=True) for predicate in self._required(leaf)]
        return (*own, *asked, *required, *self._row_filters(builder))

    def _row_filters(self, builder: ScanBuilder) -> tuple[Condition, ...]:
        """The rows that the principal may see. A fact that cannot be filtered so is not shown at all."""
        unmasked = replace(builder, masked=frozenset())
        try:
            return tuple(unmasked.condition(predicate) for predicate in self.rights.rows)
        except Refusal:
            names = sorted({d.name for p in self.rights.rows for d in dimensions_of(p)})
            raise AccessDenied(
                f"{self.rights.name!r} may see only certain rows by {', '.join(names)}, which {builder.metric!r} "
                f"cannot be split by; so it cannot be shown to him."
            ) from None

    def _range(self, builder: ScanBuilder) -> Range | None:
        if self.range is None:
            return None
        if builder.clock is None:
            builder.reach(GroupBy(METRIC_TIME))
        return self.range

    def _aggregate(self, leaf: Leaf, column: str) -> Aggregate:
        measure = measure_of(self.glossary, leaf)
        return Aggregate(column, measure.agg, measure.expr, measure.percentile)

    def _required(self, leaf: Leaf) -> list[Predicate]:
        """Fix the dimensions that must be fixed: by the question's choice, else by the glossary's default."""
        model = self.glossary.models[leaf.model]
        metric = self.glossary.metrics[leaf.metric]
        wanted = {r.dimension: r for r in (*model.required, *metric.required)}
        conditions: list[Predicate] = []
        for required in wanted.values():
            if required.dimension in self._fixed(leaf):
                continue
            asked = self.query.attribution_model if required.dimension == "attribution_model" else None
            value = asked or required.default
            if value is None:
                raise Refusal(
                    f"{leaf.metric!r} must be fixed or grouped by {required.dimension!r}: adding it up over its "
                    f"members would count the same thing several times."
                )
            if asked is None:
                self.notes.append(
                    f"{leaf.metric}: {required.dimension} is {value!r}, the glossary's default."
                )
            conditions.append(equals(required.dimension, value))
        return conditions

    def _fixed(self, leaf: Leaf) -> set[str]:
        """The dimensions that the question groups by or pins, or that the leaf's own filter pins."""
        grouped = {item.name for item in self.query.group_by}
        return grouped | {name for p in (*self.query.where, *leaf.filters) for name in pinned(p)}

    def _check_attribution(self, leaves: tuple[Leaf, ...]) -> None:
        if self.query.attribution_model is None:
            return
        for leaf in leaves:
            required = (
                *self.glossary.models[leaf.model].required,
                *self.glossary.metrics[leaf.metric].required,
            )
            if any(r.dimension == "attribution_model" for r in required):
                return
        raise QueryError(
            f"attribution_model is {self.query.attribution_model!r}, but none of {', '.join(self.query.metrics)} "
            f"is an attributed metric. Leave it out, or ask for an attributed one."
        )

    def _plan_metric(self, ref: MetricRef) -> tuple[Answer, tuple[str, ...]]:
        """Plan the metric of a condition, by its keys, under the same rights."""
        if not ref.by:
            raise QueryError(
                f"METRIC({ref.metric!r}) in a condition needs the keys it is taken by: "
                f"METRIC({ref.metric!r}, 'account'). To filter the answer's rows use `having`."
            )
        query = Query(
            metrics=(ref.metric,),
            group_by=ref.by,
            time_zone=self.query.time_zone,
            attribution_model=None,
        )
        inner = Planner(self.glossary, query, self.rights)
        answer = inner.plan()
        self.notes.extend(inner.notes)
        return replace(answer, order=()), (*answer.keys, ref.metric)

    def _order(self, keys: tuple[str, ...], outputs: tuple[Output, ...]) -> tuple[Order, ...]:
        """The asked order, then every dimension, so that ties cannot move."""
        known = (*keys, *(output.name for output in outputs))
        order = []
        for item in self.query.order_by:
            column = item.name
            if column not in known and METRIC_TIME in keys and column.startswith(f"{METRIC_TIME}__"):
                column = METRIC_TIME
            if column not in known:
                near = [key for key in keys if key.startswith(f"{column}__")]
                if len(near) != 1:
                    raise UnknownName.of("column", column, known, " to order by")
                column = near[0]
            order.append(Order(column, item.descending))
        asked = {item.column for item in order}
        return (*order, *(Order(key) for key in keys if key not in asked))


def clock_of(glossary: Glossary, leaf: Leaf) -> Dimension | None:
    """The time dimension that is this measure's metric_time."""
    model = glossary.models[leaf.model]
    name = model.measure_by_name[leaf.measure].agg_time_dimension or model.default_time_dimension
    return model.dimension_by_name.get(name) if name else None


def scan_key(glossary: Glossary, leaf: Leaf) -> tuple[object, ...]:
    """Leaves with equal keys are aggregated in one pass over the same rows."""
    clock = clock_of(glossary, leaf)
    measure = measure_of(glossary, leaf)
    required = glossary.metrics[leaf.metric].required
    return (
        leaf.model, clock, leaf.filters, leaf.offsets, leaf.sliding, leaf.on_spine, leaf.conversion,
        measure.non_additive, required,
    )  # fmt: skip


def leaf_columns(leaves: tuple[Leaf, ...], taken: set[str]) -> dict[Leaf, str]:
    """A readable column for each leaf: its metric's name, with a number where that is taken."""
    names: dict[Leaf, str] = {}
    used = set(taken)
    for leaf in leaves:
        names[leaf] = free_name(leaf.metric, used)
    return names


def free_name(wanted: str, taken: set[str]) -> str:
    name, count = wanted, 1
    while name in taken:
        count += 1
        name = f"{wanted}_{count}"
    taken.add(name)
    return name


def equals(dimension: str, value: Scalar) -> Predicate:
    return Compare("=", DimensionRef(GroupBy(dimension)), Literal(value))


def pinned(predicate: Predicate) -> set[str]:
    """The dimensions that a condition holds to one value: `attribution_model = 'linear'`."""
    if isinstance(predicate, And):
        return {name for item in predicate.items for name in pinned(item)}
    if isinstance(predicate, Compare) and predicate.op == "=" and isinstance(predicate.left, DimensionRef):
        return {predicate.left.dimension.name} if isinstance(predicate.right, Literal) else set()
    if (
        isinstance(predicate, In)
        and len(predicate.values) == 1
        and isinstance(predicate.operand, DimensionRef)
    ):
        return {predicate.operand.dimension.name}
    return set()
