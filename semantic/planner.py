"""From a question to its plan: names, facts, paths, grains, rights; every refusal happens here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

from semantic.asked import Asked, clock_of
from semantic.compare import Comparing, compared
from semantic.complete import complete
from semantic.definitions import Glossary
from semantic.errors import QueryError, Refusal, UnknownName
from semantic.expand import Formula, Leaf, OfTotal, expand, leaves_of, metric_of
from semantic.facts import scan_of_leaves
from semantic.members import members_answer
from semantic.names import Spec, check_known, specs_of, split_grain
from semantic.order import order_of
from semantic.plan import Answer, Output, Range, Scan, Source, TopMembers, scan_of
from semantic.predicates import GRAINS, GroupBy, MetricRef, dimensions_of
from semantic.query import Query, Top, ranking
from semantic.reported import Reported
from semantic.required import apart, check_attribution, is_attributed
from semantic.rights import Rights, check_asked
from semantic.sources import leaf_columns, sources_of
from semantic.top import TOP, top_spec


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

    @cached_property
    def asked(self) -> Asked:
        """The question as the parts of its plan are made from it."""
        return Asked(
            self.glossary, self.query, self.rights, self.range, self.notes, self.use_rollups, self.reported,
            self._plan_metric,
        )  # fmt: skip

    def plan(self) -> Answer:
        """Plan the question; raises Refusal or QueryError."""
        for name in self.query.metrics:
            self.rights.check_metric(name, self.glossary)
        for predicate in (*self.query.where, *self.query.having):
            check_asked(predicate)
        for predicate in self.query.where:
            for dimension in dimensions_of(predicate):
                check_known(self.glossary, split_grain(self.glossary, dimension).name)
        if not self.query.metrics:
            return members_answer(self.asked)
        outputs = tuple(
            Output(name, self.formula(name), metric=name, format=metric_of(self.glossary, name).format)
            for name in self.query.metrics
        )
        specs = self._specs(outputs)
        outputs = tuple(replace(output, formula=self._complete(output.formula, specs)) for output in outputs)
        shares = tuple(self._share(outputs, name) for name in self.query.share_of_total)
        answer = self._answer((*outputs, *self._compared(specs), *shares), specs)
        if shares:
            answer = replace(answer, totals=self._total())
        return replace(answer, top=self._top_members(specs)) if self.query.top else answer

    def _top_members(self, specs: tuple[Spec, ...]) -> TopMembers:
        """The members with the highest number over everything that the question asks for."""
        top = self.query.top
        assert top is not None
        spec = top_spec(top, specs)
        self._check_others(top, spec)
        query = ranking(self.query, replace(top, dimension=GroupBy(spec.name)))
        return TopMembers(
            TOP,
            spec.column,
            self._inner(query).plan(),
            top.other,
        )

    def _check_others(self, top: Top, spec: Spec) -> None:
        """Members that count the same thing again are not put together under one name."""
        leaves = (leaf for name in self.query.metrics for leaf in leaves_of(self.formula(name)))
        if top.other is not None and spec.name in apart(self.glossary, self.query, leaves):
            raise Refusal(
                f"'top' would put the other members of {spec.name!r} together, and they count the same thing again. "
                f'Write "other": null to leave them out.'
            )

    def formula(self, metric: str) -> Formula:
        """How a metric is made of its leaves."""
        if self.reported is not None and self.reported.alone:
            return self.reported.formulas[metric]
        return expand(self.glossary, metric)

    def _complete(self, formula: Formula, specs: tuple[Spec, ...]) -> Formula:
        """Targets that are there for part of a row's time only are missing in it."""
        if self.reported is not None and self.reported.alone:
            return formula
        return complete(self.glossary, formula, specs, self.range, self.query.where)

    def scan_for(self, leaf: Leaf) -> Scan:
        """The scan of one leaf alone, without groups."""
        return scan_of_leaves(
            replace(self.asked, use_rollups=False), "facts", [leaf], (), {leaf: leaf.metric}
        )

    def masked_in(self, model: str) -> set[str]:
        """The expressions of a model that the principal may not see."""
        return {expr for owner, expr in self.asked.masked if owner == model}

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
        split = apart(self.glossary, self.query, leaves_of(found.formula))
        if split:
            raise Refusal(
                f"{name!r} has no total over {', '.join(sorted(split))}, whose members count the same thing again, so "
                f"it has no share of one. Fix {', '.join(sorted(split))} by a condition, or leave share_of_total out."
            )
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
        check_attribution(self.asked, leaves)
        names = leaf_columns(leaves, {spec.column for spec in specs})
        sources = sources_of(self.asked, leaves, specs, names)
        keys = tuple(spec.column for spec in specs)
        return Answer(
            keys=keys,
            sources=tuple(source for source, _ in sources),
            contributing=tuple((source.name, columns) for source, columns in sources),
            columns=tuple(names.items()),
            fills=tuple((names[leaf], leaf.fill) for leaf in leaves if leaf.fill is not None),
            outputs=outputs,
            having=self.query.having,
            order=order_of(self.query, keys, outputs),
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

    def _plan_metric(self, ref: MetricRef) -> tuple[Answer, tuple[str, ...]]:
        """Plan the metric of a condition, by its keys, under the same rights."""
        if not ref.by:
            raise QueryError(
                f"METRIC({ref.metric!r}) in a condition needs the keys it is taken by: "
                f"METRIC({ref.metric!r}, 'account'). To filter the answer's rows use `having`."
            )
        self.rights.check_metric(ref.metric, self.glossary)
        attributed = is_attributed(self.glossary, leaves_of(expand(self.glossary, ref.metric)))
        query = Query(
            metrics=(ref.metric,),
            group_by=ref.by,
            time_zone=self.query.time_zone,
            attribution_model=self.query.attribution_model if attributed else None,
        )
        inner = Planner(self.glossary, query, self.rights, use_rollups=self.use_rollups)
        answer = inner.plan()
        self.notes.extend(inner.notes)
        return replace(answer, order=()), (*answer.keys, ref.metric)
