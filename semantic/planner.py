"""From a question to its plan: names, facts, paths, grains, rights; every refusal happens here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

from semantic.allocation import spread_of
from semantic.compare import Comparing, compared
from semantic.definitions import METRIC_TIME, Dimension, Glossary, Scalar, SemanticModel, TimeSpine
from semantic.errors import AccessDenied, BadValue, FanOut, QueryError, Refusal, UnknownName
from semantic.expand import Formula, Leaf, OfTotal, Pairing, expand, leaves_of, measure_of, metric_of
from semantic.lengths import check_length
from semantic.members import base_model
from semantic.merge import merged
from semantic.names import Spec, check_known, specs_of, split_grain
from semantic.paths import find
from semantic.plan import (
    Aggregate,
    Answer,
    Balance,
    Calendar,
    Condition,
    Members,
    Order,
    Output,
    Paired,
    Range,
    Reach,
    Scan,
    Source,
    SpineFill,
    Spread,
    TopMembers,
    scan_of,
)
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
    metrics_of,
    transform,
)
from semantic.query import Query, ranking
from semantic.reported import Reported
from semantic.rights import Rights
from semantic.rollups import routed
from semantic.running import by_period, by_rows
from semantic.scans import ScanBuilder
from semantic.shifts import finest, shift_of, spine_for, standard

TOP = "top_members"


@dataclass
class Planner:
    """Plans one question for one principal. Collects notes on what was assumed."""

    glossary: Glossary
    query: Query
    rights: Rights
    range: Range | None = None
    notes: list[str] = field(default_factory=list)
    use_rollups: bool | frozenset[str] = True
    reported: Reported | None = None

    def plan(self) -> Answer:
        """Plan the question; raises Refusal or QueryError."""
        for name in self.query.metrics:
            self.rights.check_metric(name)
        for predicate in self.query.where:
            for dimension in dimensions_of(predicate):
                check_known(self.glossary, split_grain(self.glossary, dimension).name)
        if not self.query.metrics:
            return self._members()
        outputs = tuple(
            Output(name, self.formula(name), metric=name, format=metric_of(self.glossary, name).format)
            for name in self.query.metrics
        )
        specs = self._specs(outputs)
        shares = tuple(self._share(outputs, name) for name in self.query.share_of_total)
        answer = self._answer((*outputs, *self._compared(specs), *shares), specs)
        if shares:
            answer = replace(answer, totals=self._total())
        return replace(answer, top=self._top_members(specs)) if self.query.top else answer

    def _top_members(self, specs: tuple[Spec, ...]) -> TopMembers:
        """The members with the highest number over everything that the question asks for."""
        top = self.query.top
        assert top is not None
        spec = self._top_spec(specs)
        query = ranking(self.query, replace(top, dimension=GroupBy(spec.name)))
        return TopMembers(
            TOP,
            spec.column,
            self._inner(query).plan(),
            top.other,
        )

    def _top_spec(self, specs: tuple[Spec, ...]) -> Spec:
        top = self.query.top
        assert top is not None
        for spec in specs:
            if spec.name == top.dimension.name and not spec.grain and not spec.date_part:
                return spec
        raise BadValue(f"'top' is by {top.dimension.text!r}, which the question does not group by.")

    def _keys(self, builder: ScanBuilder, specs: tuple[Spec, ...]) -> tuple[tuple[str, Reach], ...]:
        """The key columns; the members of a `top` question are folded into the top ones and the others.

        Without a name for the others, their rows are left out of the answer only when every number is made: which
        visit an order follows, or when a balance is taken, does not depend on who is shown.
        """
        keys = tuple((spec.column, builder.reach(spec, shown=True)) for spec in specs)
        if self.query.top is None or self.query.top.other is None or not specs:
            return keys
        column, other = self._top_spec(specs).column, self.query.top.other
        return tuple(
            (name, replace(reach, top=(TOP, other)) if name == column else reach) for name, reach in keys
        )

    def formula(self, metric: str) -> Formula:
        """How a metric is made of its leaves."""
        if self.reported is not None and self.reported.alone:
            return self.reported.formulas[metric]
        return expand(self.glossary, metric)

    def scan_for(self, leaf: Leaf) -> Scan:
        """The scan of one leaf alone, without groups."""
        return replace(self, use_rollups=False)._scan("facts", [leaf], (), {leaf: leaf.metric})

    def masked_in(self, model: str) -> set[str]:
        """The expressions of a model that the principal may not see."""
        return {expr for owner, expr in self._masked if owner == model}

    def _compared(self, specs: tuple[Spec, ...]) -> tuple[Output, ...]:
        if self.query.compare is None:
            return ()
        if self.query.compare == "as_reported":
            assert self.reported is not None
            return self.reported.beside({name: expand(self.glossary, name) for name in self.query.metrics})
        question = Comparing(self.glossary, self.query.metrics, specs, self.range, self.query.where)
        return compared(self.query.compare, question)

    def _share(self, outputs: tuple[Output, ...], name: str) -> Output:
        found = next((output for output in outputs if output.name == name), None)
        if found is None:
            raise UnknownName.of("metric", name, self.query.metrics, " in share_of_total")
        return Output(f"{name}__share", OfTotal(name, found.formula), "share", name, "percent")

    def _total(self) -> Answer:
        """The same question in one row."""
        query = replace(
            self.query, group_by=(), share_of_total=(), compare=None, order_by=(), limit=None, offset=0, having=(),
            top=None,
        )  # fmt: skip
        return self._inner(query).plan()

    def _inner(self, query: Query) -> Planner:
        """A planner of a part of this question, with notes of its own."""
        return replace(self, query=query, notes=[])

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
            until=self._until(specs, sources),
        )

    def _until(
        self, specs: tuple[Spec, ...], sources: list[tuple[Source, tuple[str, ...]]]
    ) -> tuple[str, tuple[str, ...]] | None:
        """Compared with an earlier time and without a range, periods that are not there yet are not shown."""
        clock = next((spec.column for spec in specs if spec.is_metric_time and not spec.date_part), None)
        earlier = self.query.compare in ("previous_year", "previous_period")
        if not earlier or clock is None or (self.range is not None and self.range.end is not None):
            return None
        now = tuple(source.name for source, _ in sources if scan_of(source).shift is None)
        return (clock, now) if now else None

    def _sources(
        self, leaves: tuple[Leaf, ...], specs: tuple[Spec, ...], names: dict[Leaf, str]
    ) -> list[tuple[Source, tuple[str, ...]]]:
        """One scan for all leaves that read the same rows in the same way."""
        groups: dict[tuple[object, ...], list[Leaf]] = {}
        for leaf in leaves:
            key = (*scan_key(self.glossary, leaf), self._spread(leaf))
            groups.setdefault(key, []).append(leaf)
        taken: set[str] = set()
        sources: list[tuple[Source, tuple[str, ...]]] = []
        for group in groups.values():
            name = free_name(f"{group[0].model}_facts", taken)
            sources.append((self._source(name, group, specs, names), tuple(names[leaf] for leaf in group)))
        route = partial(routed, glossary=self.glossary, allowed=self.use_rollups)
        return [(by_period(source, route), columns) for source, columns in merged(sources)]

    def _source(
        self, name: str, group: list[Leaf], specs: tuple[Spec, ...], names: dict[Leaf, str]
    ) -> Source:
        """A scan, or conversions; with a row for each period where the metric wants one."""
        inner: Scan | Paired
        inner = (
            self._paired(name, group, specs, names)
            if group[0].conversion
            else self._scan(name, group, specs, names)
        )
        scan = scan_of(inner)
        clocks = tuple((column, reach) for column, reach in scan.keys if reach.is_clock)
        if not group[0].on_spine or not clocks:
            return inner
        fill = self._spine_fill(inner, scan, clocks, specs, tuple(names[leaf] for leaf in group))
        if self.glossary.settings.semantics != "metricflow" or scan.shift is None or not scan.shift.pick:
            return fill
        fills = tuple((names[leaf], leaf.fill) for leaf in group if leaf.fill is not None)
        return replace(fill, spine=scan.shift.spine or fill.spine, instants=scan.shift.grain, fills=fills)

    def _scan(self, name: str, group: list[Leaf], specs: tuple[Spec, ...], names: dict[Leaf, str]) -> Scan:
        leaf = group[0]
        builder = self.builder(leaf)
        keys = self._keys(builder, specs)
        conditions = self._conditions(builder, leaf)
        clock = builder.reach(GroupBy(METRIC_TIME, builder.clock.grain or "day")) if builder.clock else None
        data_grain = clock.data_grain if clock and clock.data_grain else "day"
        clock_keys = tuple(reach for _, reach in keys if reach.is_clock)
        shift, range_ = shift_of(
            self.glossary, leaf, clock_keys, conditions, self._range(builder), data_grain
        )
        balance, conditions = self._balance(builder, leaf, keys, conditions)
        spread = self._spread(leaf)
        if builder.fans_out and shift is not None and shift.sliding is not None:
            raise FanOut(
                f"{leaf.label!r} is a running number, and the question joins its rows to many others; each row would "
                f"have to be counted once per group and instant. Ask without the dimension on the many side."
            )
        scan = Scan(
            name=name,
            model=builder.model.name,
            relation=builder.model.relation,
            alias=builder.model.name,
            keys=keys,
            aggregates=tuple(self._aggregate(item, names[item], spread) for item in group),
            joins=builder.all_joins,
            calendars=tuple(builder.calendars.values()),
            metric_joins=tuple(builder.metric_joins.values()),
            conditions=conditions,
            clock=clock,
            range=range_,
            shift=shift,
            balance=balance,
            fact_key=Spread.ROW if spread and leaf.single else builder.key() if builder.fans_out else None,
            notes=(f"the value of each {spread.grain} is spread evenly over its days",) if spread else (),
            spread=spread,
            literal=self.reported.rows.get(builder.model.name) if self.reported else None,
        )
        return routed(scan, self.glossary, self.use_rollups)

    def _balance(
        self,
        builder: ScanBuilder,
        leaf: Leaf,
        keys: tuple[tuple[str, Reach], ...],
        conditions: tuple[Condition, ...],
    ) -> tuple[Balance | None, tuple[Condition, ...]]:
        """A balance finds its instant per shown period, before any condition but those on time and on rights."""
        rule = measure_of(self.glossary, leaf).non_additive
        if rule is None:
            return None, conditions
        check_length(rule, leaf, self.query, self.glossary)
        grain = builder.model.dimension_by_name[rule.dimension].grain
        time = builder.reach(GroupBy(rule.dimension, grain), local=True)
        periods = tuple(name for name, reach in keys if (reach.alias, reach.expr) == (time.alias, time.expr))
        groupings = tuple(builder.reach(GroupBy(name), local=True) for name in rule.groupings)
        if self.glossary.settings.semantics == "metricflow":
            return Balance(time, rule.choice, periods[:1], groupings), conditions
        own_time = (time.alias, time.expr)
        before = tuple(c for c in conditions if c.always or on_time_only(c, own_time))
        after = tuple(c for c in conditions if c not in before)
        return Balance(time, rule.choice, periods, groupings, after), before

    def _spine_fill(
        self,
        inner: Scan | Paired,
        scan: Scan,
        clocks: tuple[tuple[str, Reach], ...],
        specs: tuple[Spec, ...],
        columns: tuple[str, ...],
    ) -> SpineFill:
        spine = spine_for(self.glossary, finest(standard(reach) for _, reach in clocks))
        calendars: dict[tuple[str, str], Calendar] = {}

        def rebased(reach: Reach) -> Reach:
            on_spine = replace(
                reach, alias="spine", expr=spine.column, zone=None, calendar=None, is_clock=False
            )
            if not reach.calendar or reach.grain is None:
                return on_spine
            table, grain = self.glossary.custom_grains[reach.grain]
            calendar = Calendar(f"calendar_{grain.name}", table, grain.column, on_spine)
            calendars[(grain.name, grain.column)] = calendar
            return replace(on_spine, calendar=f"{calendar.alias}.{grain.column}")

        shown = tuple((name, rebased(reach)) for name, reach in clocks)
        by_column = {spec.column: reach for spec, (_, reach) in zip(specs, scan.keys, strict=True)}
        on_clock, again = [], []
        asked = self._asked_conditions(scan)
        for condition in scan.conditions:
            if condition.reaches and all(reach.is_clock for _, reach in condition.reaches):
                pairs = tuple((item, rebased(reach)) for item, reach in condition.reaches)
                on_clock.append(Condition(condition.predicate, pairs))
            elif condition in asked and not condition.metrics:
                found = {item: _column_of(reach, by_column) for item, reach in condition.reaches}
                if all(found.values()):
                    again.append((condition.predicate, tuple((k, v) for k, v in found.items() if v)))
        return SpineFill(
            name=inner.name,
            inner=inner,
            spine=spine,
            clocks=shown,
            calendars=tuple(calendars.values()),
            keys=tuple(name for name, _ in scan.keys),
            columns=columns,
            range=self.range,
            on_clock=tuple(on_clock),
            again=tuple(again),
        )

    def _asked_conditions(self, scan: Scan) -> list[Condition]:
        """The scan's conditions that stand in the question."""
        asked = {transform(p, lambda node: split_ref(self.glossary, node)) for p in self.query.where}
        return [condition for condition in scan.conditions if condition.predicate in asked]

    def _paired(
        self, name: str, group: list[Leaf], specs: tuple[Spec, ...], names: dict[Leaf, str]
    ) -> Paired:
        """The base event gives keys, conditions and range; the conversion only its own conditions."""
        leaf = group[0]
        pairing = leaf.conversion
        assert pairing is not None
        base_leaf = replace(pairing.base, metric=leaf.metric)
        facts = replace(self, use_rollups=False)  # events are matched one by one
        base = facts._scan(name, [base_leaf], specs, {base_leaf: names[leaf]})
        if base.fact_key is not None:
            raise FanOut(
                f"{leaf.metric!r} counts each conversion once, and the question joins its base event to many rows: it "
                f"would belong to several groups. Ask without the dimension on the many side."
            )
        builder = self.builder(leaf)
        unmasked = replace(builder, masked=frozenset())
        own = tuple(unmasked.condition(predicate, local=True) for predicate in leaf.filters)
        same = self._same_properties(pairing, builder)
        conditions = (*own, *self._row_filters(builder))
        if base.clock is None or builder.clock is None:
            raise Refusal(
                f"{leaf.metric!r} needs a clock on both events: a default_time_dimension on both models."
            )
        conversion = Scan(
            name=f"{name}_conversion",
            model=leaf.model,
            relation=builder.model.relation,
            alias=builder.model.name,
            keys=(),
            aggregates=tuple(self._aggregate(item, names[item]) for item in group),
            joins=builder.all_joins,
            metric_joins=tuple(builder.metric_joins.values()),
            conditions=conditions,
            clock=builder.reach(GroupBy(METRIC_TIME, builder.clock.grain or "day")),
        )
        base_model = self.glossary.models[base.model]
        same_base = [self.builder(base_leaf).reach(GroupBy(b), local=True) for b, _ in pairing.same]
        return Paired(
            name=name,
            base=base,
            conversion=conversion,
            base_entity=base_model.entity_by_name[pairing.entity].expr,
            conversion_entity=builder.model.entity_by_name[pairing.entity].expr,
            window=pairing.window,
            same=tuple(zip(same_base, same, strict=True)),
            tie=primary_key(base_model),
            conversion_id=primary_key(builder.model),
        )

    def _same_properties(self, pairing: Pairing, builder: ScanBuilder) -> list[Reach]:
        return [builder.reach(GroupBy(name), local=True) for _, name in pairing.same]

    def _members(self) -> Answer:
        """Members of dimensions, without a fact."""
        specs = tuple(
            replace(s, grain="day") if s.is_metric_time and not s.grain and not s.date_part else s
            for s in specs_of(self.glossary, self.query.group_by)
        )
        conditions = [d.name for p in self.query.where for d in dimensions_of(self._split(p))]
        rights = [d.name for p in self.rights.rows for d in dimensions_of(self._split(p))]
        keys = [ref.by[0].name for p in self.query.where for ref in metrics_of(p) if ref.by]
        model = base_model(self.glossary, [*(s.name for s in specs), *conditions, *keys, *rights])
        needs_spine = (
            self.range is not None or any(s.is_metric_time for s in specs) or METRIC_TIME in conditions
        )
        spine = self._members_spine(specs) if needs_spine else None
        builder = self._members_builder(model, spine)
        bound_keys = tuple((spec.column, builder.reach(spec, shown=True)) for spec in specs)
        where = tuple(builder.condition(p) for p in self.query.where)
        scan = Scan(
            name="members",
            model=builder.model.name,
            relation=builder.model.relation,
            alias=builder.model.name,
            keys=bound_keys,
            aggregates=(),
            joins=builder.all_joins,
            calendars=tuple(builder.calendars.values()),
            metric_joins=tuple(builder.metric_joins.values()),
            conditions=(*where, *self._row_filters(builder)),
            range=self.range,
        )
        names = tuple(spec.column for spec in specs)
        return Answer(
            keys=names,
            sources=(Members("members", scan, spine),),
            contributing=(),
            columns=(),
            fills=(),
            outputs=(),
            order=self._order(names, ()),
            limit=self.query.limit,
            offset=self.query.offset,
            distinct=self.query.distinct,
            min_max=self.query.min_max_only,
        )

    def _split(self, predicate: Predicate) -> Predicate:
        return transform(predicate, lambda node: split_ref(self.glossary, node))

    def _members_spine(self, specs: tuple[Spec, ...]) -> TimeSpine:
        grains = [s.grain for s in specs if s.is_metric_time and s.grain in GRAINS and s.grain]
        return spine_for(self.glossary, finest(["day", *grains]))

    def _members_builder(self, model: SemanticModel | None, spine: TimeSpine | None) -> ScanBuilder:
        """A model whose clock is the spine."""
        base = model or SemanticModel("members", "")
        clock = Dimension("metric_time", "time", spine.column, spine.grain) if spine else None
        builder = ScanBuilder(
            glossary=self.glossary,
            model=base,
            clock=clock,
            zone=self.query.time_zone or self.glossary.settings.time_zone,
            metric="this question",
            masked=self._masked,
            plan_metric=self._plan_metric,
            clock_alias="spine" if spine else None,
        )
        return builder

    def _spread(self, leaf: Leaf) -> Spread | None:
        """How a target is shared out over the days of its period, where the question cuts through it."""
        if self.glossary.targets is None or self.glossary.targets.allocation == "none":
            return None
        specs = specs_of(self.glossary, self.query.group_by)
        return spread_of(self.glossary, leaf, specs, self.range, self.query.where)

    def builder(self, leaf: Leaf) -> ScanBuilder:
        by_day = Dimension(Spread.DAY, "time", Spread.DAY, "day") if self._spread(leaf) else None
        return ScanBuilder(
            glossary=self.glossary,
            model=self.glossary.models[leaf.model],
            clock=by_day or clock_of(self.glossary, leaf),
            zone=self.query.time_zone or self.glossary.settings.time_zone,
            metric=leaf.label,
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
                    columns.add((found.model, found.expr))
        return frozenset(columns)

    def _conditions(self, builder: ScanBuilder, leaf: Leaf) -> tuple[Condition, ...]:
        unmasked = replace(builder, masked=frozenset())
        own = [
            replace(unmasked.condition(p, local=True), always=p in measure_of(self.glossary, leaf).filters)
            for p in leaf.filters
        ]
        asked = [builder.condition(predicate) for predicate in self._where(leaf)]
        required = [replace(builder.condition(p, local=True), always=True) for p in self._required(leaf)]
        return (*own, *asked, *required, *self._row_filters(builder))

    def _where(self, leaf: Leaf) -> tuple[Predicate, ...]:
        """The question's conditions; a target is set whatever the attribution model is."""
        if not leaf.is_target:
            return self.query.where
        required = {r.dimension for model in self.glossary.models.values() for r in model.required}
        return tuple(p for p in self.query.where if not {d.name for d in dimensions_of(p)} <= required)

    def _row_filters(self, builder: ScanBuilder) -> tuple[Condition, ...]:
        """The rows that the principal may see. A fact that cannot be filtered so is not shown at all."""
        unmasked = replace(builder, masked=frozenset())
        joined_many = builder.fans_out
        try:
            found = tuple(replace(unmasked.condition(p), always=True) for p in self.rights.rows)
            if builder.fans_out and not joined_many:
                raise Refusal("a row would be seen through one of many others")
            return found
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

    def _aggregate(self, leaf: Leaf, column: str, spread: Spread | None = None) -> Aggregate:
        measure = measure_of(self.glossary, leaf)
        if spread is not None and not leaf.single:
            return Aggregate(column, measure.agg, Spread.SHARE)
        agg = "single" if leaf.single else measure.agg
        return Aggregate(column, agg, measure.expr, measure.percentile, filled=leaf.fill == 0)

    def _required(self, leaf: Leaf) -> list[Predicate]:
        """Fix the dimensions that must be fixed: by the question's choice, else by the glossary's default."""
        if leaf.is_target:
            return []
        model = self.glossary.models[leaf.model]
        metric = self.glossary.metrics[leaf.metric]
        own = () if leaf.is_reported else metric.required
        wanted = {r.dimension: r for r in (*model.required, *own)}
        conditions: list[Predicate] = []
        for required in wanted.values():
            if required.dimension in self._fixed(leaf):
                continue
            if required.dimension in self._mentioned(leaf):
                raise Refusal(
                    f"{leaf.metric!r} is filtered to several members of {required.dimension!r}, and adding it up over "
                    f"them would count the same thing several times. Fix one, or group by {required.dimension}."
                )
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

    def _mentioned(self, leaf: Leaf) -> set[str]:
        return {item.name for p in (*self.query.where, *leaf.filters) for item in dimensions_of(p)}

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
        inner = Planner(self.glossary, query, self.rights, use_rollups=self.use_rollups)
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
        measure.non_additive, required, leaf.is_target, leaf.sliding and by_rows(measure),
    )  # fmt: skip


def leaf_columns(leaves: tuple[Leaf, ...], taken: set[str]) -> dict[Leaf, str]:
    """A readable column for each leaf: its metric's name, with a number where that is taken."""
    names: dict[Leaf, str] = {}
    used = set(taken)
    for leaf in leaves:
        names[leaf] = free_name(leaf.label, used)
    return names


def on_time_only(condition: Condition, time: tuple[str, str]) -> bool:
    """The condition is about the balance's own time and nothing else."""
    return not condition.metrics and all((reach.alias, reach.expr) == time for _, reach in condition.reaches)


def primary_key(model: SemanticModel) -> str | None:
    """The expression of the model's primary key, if it has a column for it."""
    return next((entity.expr for entity in model.entities if entity.kind == "primary"), None)


def split_ref(glossary: Glossary, node: object) -> object:
    return DimensionRef(split_grain(glossary, node.dimension)) if isinstance(node, DimensionRef) else node


def _column_of(reach: Reach, by_column: dict[str, Reach]) -> str | None:
    return next((column for column, other in by_column.items() if other == reach), None)


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
