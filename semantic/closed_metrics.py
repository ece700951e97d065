"""For each metric, the kept rows that give exactly the number asked for; or why there are none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from semantic.allocation import is_kept_target
from semantic.closings import ClosedMetric, ClosedSet, Closing, Closings, first_day
from semantic.definitions import (
    Derived,
    Dimension,
    Glossary,
    Measure,
    Ratio,
    RequiredDimension,
    SemanticModel,
)
from semantic.errors import AccessDenied, Refusal
from semantic.expand import Divide, Evaluate, Fill, Formula, Known, Leaf, Take, expand, leaves_of
from semantic.fingerprint import fingerprint
from semantic.plan import LiteralRows
from semantic.predicates import And, Compare, DimensionRef, In, IsNull, Literal, Or, Predicate, dimensions_of
from semantic.rights import Rights

MODEL = "attribution_model"
TIME, VALUE = "closed_month", "closed_value"


@dataclass(frozen=True)
class Wanted:
    """What a question needs of kept rows.

    dimensions: those that it groups or filters by, or that rights need. fixed: those of which one row shows one
    member. unseen: those whose members are not written out. sums_only: several kept rows may become one shown row.
    one_row: nothing is grouped by. filtered: not all rows count. months: what the question is about.
    """

    dimensions: tuple[str, ...]
    fixed: frozenset[str]
    by_rows: tuple[Predicate, ...]
    unseen: tuple[str, ...]
    months: tuple[str, ...]
    key: str | None
    grain: str | None
    attribution_model: str | None
    sums_only: bool
    one_row: bool
    filtered: bool
    alone: bool
    rights: Rights

    def period(self, month: str) -> dt.date:
        """The first day of the shown period that a month is in; without a key, the month itself."""
        day = first_day(month)
        if self.grain == "quarter":
            return day.replace(month=day.month - (day.month - 1) % 3)
        return day.replace(month=1) if self.grain == "year" else day

    def whole(self, available: set[str]) -> tuple[str, ...]:
        """The months of those shown periods of which every month is available: a part is no number of the whole."""
        if self.grain == "month":
            return tuple(month for month in self.months if month in available)
        periods = self._periods().values()
        return tuple(m for months in periods if available.issuperset(months) for m in months)

    @property
    def puts_months_together(self) -> bool:
        """Whether a shown row is about more than one month."""
        return self.grain != "month" and any(len(months) > 1 for months in self._periods().values())

    def _periods(self) -> dict[dt.date | None, list[str]]:
        """The months of each shown period, or all of them."""
        periods: dict[dt.date | None, list[str]] = {}
        for month in self.months:
            periods.setdefault(self.period(month) if self.key else None, []).append(month)
        return periods


@dataclass(frozen=True)
class Chosen:
    """Where a metric's number comes from: kept sets by month, or parts that it is made of again."""

    name: str
    months: tuple[str, ...]
    dimensions: tuple[str, ...] = ()
    agg: str = "sum"
    sets: Mapping[str, tuple[ClosedMetric, ClosedSet]] = field(default_factory=dict)
    parts: tuple[Chosen, ...] = ()

    def within(self, months: tuple[str, ...]) -> Chosen:
        """The same, of these months only."""
        return replace(self, months=months, parts=tuple(part.within(months) for part in self.parts))


@dataclass
class Built:
    """Formulas and rows for the planner, and the glossary in which it finds them."""

    glossary: Glossary
    formulas: dict[str, Formula] = field(default_factory=dict)
    rows: dict[str, LiteralRows] = field(default_factory=dict)
    models: dict[str, SemanticModel] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    splits_models: bool = False


def choice(
    name: str, glossary: Glossary, wanted: Wanted, held: Mapping[str, Closing], closings: Closings
) -> Chosen | Refusal:
    """The kept rows of a metric for a question; a Refusal where nothing was kept that gives the number.

    Raises AccessDenied where rights cannot be held to.
    """
    kept = {m: found for m in wanted.months if m in held and (found := closings.metric(held[m], name))}
    if not kept:
        closed = [month for month in wanted.months if month in held]
        where = f"in {', '.join(closed)}" if closed else "for the months asked"
        return Refusal(f"{name!r}: nothing was reported of it {where}.")
    if wanted.by_rows and not all(item.by_rows for item in kept.values()):
        raise AccessDenied(
            f"{wanted.rights.name!r} may see only certain rows, and what was reported of {name!r} is no sum of rows "
            f"that could be left out. Ask for it without as_of and as_reported, or as somebody who sees all rows."
        )
    if wanted.key and wanted.filtered and _shows_every_period(name, glossary):
        return Refusal(
            f"{name!r} has a row for periods without any facts, and closed rows do not tell which those are under a "
            "condition. Group by the dimension of the condition, without the condition."
        )
    if wanted.alone and (absent := [month for month in wanted.months if month not in kept]):
        return Refusal(f"{name!r}: nothing was reported of it in {', '.join(absent)}.")
    if wanted.puts_months_together and _is_target(name, glossary):
        return Refusal(
            f"{name!r} of several months is known only where each of them has a target, which closed rows do not tell. "
            "Group by metric_time:month."
        )
    direct = _summed(name, kept, wanted) or _exact(name, kept, wanted)
    if direct is None or (wanted.alone and len(direct.months) < len(wanted.months)):
        again = _again(name, kept, glossary, wanted, held, closings)
        if isinstance(again, Chosen):
            return again
        if direct is None or wanted.alone:
            return _no_set(name, kept, wanted)
    return direct


def _shows_every_period(name: str, glossary: Glossary) -> bool:
    metric = glossary.metrics[name]
    return metric.join_to_timespine or any(_shows_every_period(one.metric, glossary) for one in metric.inputs)


def _is_target(name: str, glossary: Glossary) -> bool:
    table = glossary.targets
    if table is None:
        return False
    return any(is_kept_target(glossary, table, leaf) for leaf in leaves_of(expand(glossary, name)))


def _needed(kept: ClosedMetric, wanted: Wanted) -> tuple[str, ...]:
    """The dimensions that rows must have; another attribution model than the closing's is one."""
    required = dict(kept.required)
    other = wanted.attribution_model is not None and MODEL in required
    if other and wanted.attribution_model != required[MODEL]:
        return tuple(sorted({*wanted.dimensions, MODEL}))
    return wanted.dimensions


def _fixed(wanted: Wanted) -> frozenset[str]:
    return wanted.fixed | ({MODEL} if wanted.attribution_model is not None else frozenset())


def _summed(name: str, kept: Mapping[str, ClosedMetric], wanted: Wanted) -> Chosen | None:
    """An additive metric, from the set itself or a finer one; what must be fixed is never added up over."""
    found = {}
    for month, metric in kept.items():
        need = set(_needed(metric, wanted))
        required = {dimension for dimension, _ in metric.required}
        sets = [
            item
            for item in metric.sets
            if item.additive
            and need <= set(item.dimensions)
            and not (set(item.dimensions) & required) - _fixed(wanted)
        ]
        if sets:
            found[month] = (metric, min(sets, key=lambda item: (len(item.dimensions), item.dimensions)))
    if len(found) < len(kept):
        return None
    return _chosen(name, found, wanted, "sum")


def _exact(name: str, kept: Mapping[str, ClosedMetric], wanted: Wanted) -> Chosen | None:
    """A metric that does not add up, where each shown number is one kept row."""
    one_month = wanted.grain == "month" or (wanted.key is None and len(wanted.months) == 1)
    if wanted.sums_only or not one_month:
        return None
    found = {}
    for month, metric in kept.items():
        need = set(_needed(metric, wanted))
        known = not metric.runs or wanted.grain == "month"
        sets = [item for item in metric.sets if set(item.dimensions) == need]
        if sets and known and need <= _fixed(wanted):
            found[month] = (metric, sets[0])
    return _chosen(name, found, wanted, "max") if found else None


def _chosen(name: str, found: dict[str, tuple[ClosedMetric, ClosedSet]], wanted: Wanted, agg: str) -> Chosen:
    dimensions = _needed(next(iter(found.values()))[0], wanted)
    same = {month: pair for month, pair in found.items() if _needed(pair[0], wanted) == dimensions}
    return Chosen(name, wanted.whole(set(same)), dimensions, agg, same)


def _again(
    name: str,
    kept: Mapping[str, ClosedMetric],
    glossary: Glossary,
    wanted: Wanted,
    held: Mapping[str, Closing],
    closings: Closings,
) -> Chosen | None:
    """A ratio or sum of metrics, made again from its parts: where it means today what it meant then."""
    metric = glossary.metrics[name]
    inputs = metric.inputs if isinstance(metric.recipe, Ratio | Derived) else ()
    plain = inputs and not metric.filters
    if not plain or any(i.filters or i.offset_window or i.offset_to_grain for i in inputs):
        return None
    now = fingerprint(name, glossary)
    months = {month for month, item in kept.items() if item.fingerprint == now}
    parts = []
    for item in inputs:
        try:
            wanted.rights.check_metric(item.metric)
            part = choice(item.metric, glossary, wanted, held, closings)
        except AccessDenied:
            return None
        if isinstance(part, Refusal):
            return None
        months &= set(part.months)
        parts.append(part)
    whole = wanted.whole(months)
    if wanted.alone and set(whole) != set(wanted.months):
        return None
    return Chosen(name, whole, parts=tuple(part.within(whole) for part in parts))


def _no_set(name: str, kept: Mapping[str, ClosedMetric], wanted: Wanted) -> Refusal:
    sets = dict.fromkeys(item.dimensions for metric in kept.values() for item in metric.sets)
    stored = "; ".join(", ".join(dimensions) or "the whole" for dimensions in sets)
    additive = all(item.additive for metric in kept.values() for item in metric.sets if not item.dimensions)
    asked = ", ".join(wanted.dimensions) or "the whole"
    why = (
        ""
        if additive
        else f" {name!r} does not add up, so each shown number must be one that was kept, month by month."
    )
    rows = sorted({item.name for predicate in wanted.by_rows for item in dimensions_of(predicate)})
    if rows:
        by = ", ".join(rows)
        why += f" {wanted.rights.name!r} sees rows by {by}: add a set with {by} to closing.yml, for the next closing."
    return Refusal(f"{name!r} was not reported by {asked}. It was kept by month for: {stored}.{why}")


def built(
    chosen: Mapping[str, Chosen], glossary: Glossary, wanted: Wanted, held: Mapping[str, Closing]
) -> Built:
    """The formulas of the chosen metrics over models of kept rows."""
    made = Built(glossary)
    for name, item in chosen.items():
        made.formulas[name] = _formula(item, glossary, wanted, held, made)
        if item.parts:
            made.notes.append(f"{name}: made again from what was reported of its parts.")
    made.glossary = _with_models(glossary, tuple(made.models.values()))
    return made


@lru_cache(maxsize=256)
def _with_models(glossary: Glossary, models: tuple[SemanticModel, ...]) -> Glossary:
    return replace(glossary, models={**glossary.models, **{model.name: model for model in models}})


def _formula(
    item: Chosen, glossary: Glossary, wanted: Wanted, held: Mapping[str, Closing], made: Built
) -> Formula:
    if not item.parts:
        return _taken(item, wanted, held, made)
    metric = glossary.metrics[item.name]
    parts = [_formula(part, glossary, wanted, held, made) for part in item.parts]
    formula: Formula
    if isinstance(metric.recipe, Ratio):
        formula = Divide(*parts)
    else:
        assert isinstance(metric.recipe, Derived)
        names = (part.name for part in metric.recipe.inputs)
        formula = Evaluate(metric.recipe.expr, tuple(zip(names, parts, strict=True)))
    return _filled(formula, metric.fill_nulls_with, item, wanted)


def _taken(item: Chosen, wanted: Wanted, held: Mapping[str, Closing], made: Built) -> Formula:
    model, rows = _model(item), _rows(item, wanted, held)
    made.models[model.name], made.rows[model.name] = model, rows
    made.splits_models = made.splits_models or bool(model.required)
    called = item.name if wanted.alone else f"{item.name}_as_reported"
    leaf = Leaf(item.name, model.name, VALUE, called=called, is_reported=True)
    fills = {metric.empty if wanted.one_row else metric.fill for metric, _ in item.sets.values()}
    return _filled(Take(leaf), fills.pop() if len(fills) == 1 else None, item, wanted)


def _filled(formula: Formula, fill: float | int | None, item: Chosen, wanted: Wanted) -> Formula:
    """In a month that was reported, nothing is what the metric says it is; in others it is not known."""
    if fill is None or not item.months:
        return formula
    if wanted.alone or wanted.key is None:
        return Fill(formula, fill)
    return Known(formula, wanted.key, tuple(sorted({wanted.period(month) for month in item.months})), fill)


def _model(item: Chosen) -> SemanticModel:
    name = f"closed_{item.name}"
    defaults = {d: v for metric, _ in item.sets.values() for d, v in metric.required}
    return SemanticModel(
        name=name,
        relation=name,
        primary_entity=name,
        default_time_dimension=TIME,
        dimensions=(
            Dimension(TIME, "time", TIME, grain="month"),
            *(Dimension(dimension, "categorical", dimension) for dimension in item.dimensions),
        ),
        measures=(Measure(VALUE, "sum" if item.agg == "sum" else "max", VALUE),),
        required=tuple(
            RequiredDimension(dimension, default)
            for dimension, default in sorted(defaults.items())
            if dimension in item.dimensions
        ),
    )


def _rows(item: Chosen, wanted: Wanted, held: Mapping[str, Closing]) -> LiteralRows:
    """The kept rows with the dimensions that are needed; rows and members that may not be seen are left out."""
    kinds: dict[str, set[str]] = {}
    for _, kept in item.sets.values():
        for name, kind in zip((*kept.dimensions, VALUE), kept.types, strict=True):
            kinds.setdefault(name, set()).add(kind)
    rows = []
    for month in item.months:
        kept = item.sets[month][1]
        for row in kept.rows:
            members = dict(zip(kept.dimensions, row, strict=False))
            if all(met(condition, members) for condition in wanted.by_rows):
                shown = (None if d in wanted.unseen else members[d] for d in item.dimensions)
                rows.append((first_day(month).isoformat(), *shown, row[-1]))
    names = (*item.dimensions, VALUE)
    columns = ((TIME, "DATE"), *((name, widest(kinds[name])) for name in names))
    by = " and ".join(item.dimensions) or "no dimension"
    when = ", ".join(held[month].words for month in item.months) or "nothing that answers this"
    return LiteralRows(columns, tuple(rows), f"what was reported of {item.name} by {by}: {when}")


def widest(kinds: set[str]) -> str:
    """One SQL type for values that were kept as several.

    >>> widest({"BIGINT", "DECIMAL(38, 2)"}), widest({"TEXT"})
    ('DECIMAL(38, 2)', 'TEXT')
    """
    if len(kinds) == 1:
        return next(iter(kinds))
    exact = [kind for kind in kinds if kind.startswith("DECIMAL")]
    if kinds <= {"BIGINT", *exact}:
        return f"DECIMAL(38, {max(int(kind.split(', ')[1].rstrip(')')) for kind in exact)})"
    return "DOUBLE" if kinds <= {"BIGINT", "DOUBLE", *exact} else "TEXT"


def met(predicate: Predicate, members: Mapping[str, str | None]) -> bool:
    """Whether a kept row meets a plain condition; a missing member equals nothing."""
    if isinstance(predicate, And):
        return all(met(item, members) for item in predicate.items)
    if isinstance(predicate, Or):
        return any(met(item, members) for item in predicate.items)
    if isinstance(predicate, IsNull):
        return _member(predicate.operand, members) is None
    assert isinstance(predicate, Compare | In)
    operand, values = (
        (predicate.left, (predicate.right,))
        if isinstance(predicate, Compare)
        else (predicate.operand, predicate.values)
    )
    member = _member(operand, members)
    wanted = {_text(value) for value in values}
    return member is not None and member in wanted


def _member(operand: object, members: Mapping[str, str | None]) -> str | None:
    assert isinstance(operand, DimensionRef)
    return members[operand.dimension.name]


def _text(value: object) -> str | None:
    assert isinstance(value, Literal)
    if isinstance(value.value, bool):
        return str(value.value).lower()
    return None if value.value is None else str(value.value)
