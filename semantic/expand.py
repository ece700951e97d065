"""Take a metric apart: which measures of which models it needs, and how the number is made from them.

`revenue / spend` becomes two leaves and a formula. A filter on a metric goes down to its leaves;
an offset of a derived metric is an offset of each leaf; the division happens last, at the asked grain.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from semantic.definitions import (
    Conversion,
    Cumulative,
    Derived,
    Glossary,
    Measure,
    Metric,
    MetricInput,
    Ratio,
    Simple,
    Window,
)
from semantic.errors import Refusal, UnknownName
from semantic.predicates import Predicate

if TYPE_CHECKING:
    from semantic.plan import Range


@dataclass(frozen=True)
class Offset:
    """Look at another period: a window back, or the start of the grain that the shown instant is in."""

    window: Window | None = None
    to_grain: str | None = None


@dataclass(frozen=True)
class Sliding:
    """Collect what lies in a window up to the shown instant; with neither field, all that came before."""

    window: Window | None = None
    grain_to_date: str | None = None
    period_agg: str = "first"


@dataclass(frozen=True)
class Leaf:
    """One aggregated column: a measure with its filters, at the shown time or another.

    `offsets` apply from the outside in. `metric` is the metric for messages and for its default grain.
    `called`: the metric whose running number it is, for names and messages.
    `single`: the one value there is, missing where there are several (they may not be added up).
    `is_target`: a growth-model target, which is not split by what the metric alone requires.
    `periods_of`: not the value but how many of these periods, and of members of these dimensions, there are.
    `is_reported`: a closed number, which was split by what its metric requires when it was closed.
    """

    metric: str
    model: str
    measure: str
    filters: tuple[Predicate, ...] = ()
    offsets: tuple[Offset, ...] = ()
    sliding: Sliding | None = None
    on_spine: bool = False
    fill: int | float | None = None
    conversion: Pairing | None = None
    called: str = ""
    single: bool = False
    is_target: bool = False
    is_reported: bool = False
    periods_of: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The name that a reader knows it by."""
        return self.called or self.metric


@dataclass(frozen=True)
class Pairing:
    """The leaf counts conversions, shown with the base event that each belongs to."""

    base: Leaf
    entity: str
    window: Window | None
    same: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Take:
    """The value of a leaf."""

    leaf: Leaf


@dataclass(frozen=True)
class Divide:
    """Numerator over denominator; missing where the denominator is zero or missing."""

    numerator: Formula
    denominator: Formula


@dataclass(frozen=True)
class Evaluate:
    """SQL arithmetic over named parts."""

    expr: str
    parts: tuple[tuple[str, Formula], ...]


@dataclass(frozen=True)
class Fill:
    """The formula's value, or this one where it is missing."""

    formula: Formula
    value: int | float


@dataclass(frozen=True)
class WhereFound:
    """The formula, missing in groups where none of its parts has a row, whatever its parts are filled with."""

    formula: Formula


@dataclass(frozen=True)
class Difference:
    """The one less the other."""

    left: Formula
    right: Formula


@dataclass(frozen=True)
class Share:
    """A part over the size of another number, whatever the sign of that: the change since then."""

    part: Formula
    of: Formula


@dataclass(frozen=True)
class Status:
    """green, yellow or red, by an attainment's thresholds; missing where the attainment is."""

    attainment: Formula
    green: float
    red: float
    lower_is_better: bool


@dataclass(frozen=True)
class Earlier:
    """A key column's period, a window earlier."""

    key: str
    window: Window


@dataclass(frozen=True)
class OfTotal:
    """A metric as a share of the same metric over everything that the question asks for."""

    metric: str
    formula: Formula


@dataclass(frozen=True)
class Known:
    """The formula, which is never missing in these periods of a key: there, nothing is `fill`."""

    formula: Formula
    key: str
    periods: tuple[dt.date, ...]
    fill: int | float


@dataclass(frozen=True)
class Complete:
    """The formula, missing where `count` is less than the periods of `grain` in the row's time, times `members`.

    `key` and `window`: the column that holds the row's period, and how long that is; without them it is the range.
    """

    formula: Formula
    count: Formula
    grain: str
    members: int
    key: str | None
    window: Window | None
    range: Range | None


@dataclass(frozen=True)
class Label:
    """A word for these periods of a key; missing in others. Without a key, the word for all."""

    key: str | None
    words: tuple[tuple[str, tuple[dt.date, ...]], ...]


Formula = (
    Take
    | Divide
    | Evaluate
    | Fill
    | WhereFound
    | Difference
    | Share
    | Status
    | Earlier
    | OfTotal
    | Known
    | Label
    | Complete
)


def metric_of(glossary: Glossary, name: str) -> Metric:
    """Look a metric up by name; raises UnknownName with the nearest names."""
    metric = glossary.metrics.get(name)
    if metric is None:
        raise UnknownName.of("metric", name, [m.name for m in glossary.public_metrics])
    return metric


def measure_of(glossary: Glossary, leaf: Leaf) -> Measure:
    return glossary.models[leaf.model].measure_by_name[leaf.measure]


def expand(
    glossary: Glossary,
    name: str,
    filters: tuple[Predicate, ...] = (),
    offsets: tuple[Offset, ...] = (),
    sliding: Sliding | None = None,
) -> Formula:
    """The formula of a metric, with the filters and offsets that apply to it from outside."""
    metric = metric_of(glossary, name)
    filters = (*metric.filters, *filters)
    formula = _recipe(glossary, metric, filters, offsets, sliding)
    if glossary.settings.semantics == "metricflow" and _fills(formula):
        formula = WhereFound(formula)
    if metric.fill_nulls_with is not None and not isinstance(metric.recipe, Simple | Cumulative):
        return Fill(formula, metric.fill_nulls_with)
    return formula


def _fills(formula: Formula) -> bool:
    """The formula has a value where its parts have none."""
    if isinstance(formula, Take):
        return formula.leaf.fill is not None and formula.leaf.sliding is not None
    if isinstance(formula, WhereFound):
        return False
    parts = parts_of(formula)
    filled = any(isinstance(part, Take) and part.leaf.fill is not None for part in parts)
    text = formula.expr.lower() if isinstance(formula, Evaluate) else ""
    return filled or any(word in text for word in ("coalesce", "ifnull", "case")) or any(map(_fills, parts))


def _recipe(
    glossary: Glossary,
    metric: Metric,
    filters: tuple[Predicate, ...],
    offsets: tuple[Offset, ...],
    sliding: Sliding | None,
) -> Formula:
    recipe = metric.recipe
    if isinstance(recipe, Simple):
        return Take(_leaf(glossary, metric, recipe, filters, offsets, sliding))
    if isinstance(recipe, Ratio):
        sides = (
            _input(glossary, side, filters, offsets, sliding)
            for side in (recipe.numerator, recipe.denominator)
        )
        return Divide(*sides)
    if isinstance(recipe, Derived):
        parts = tuple((i.name, _input(glossary, i, filters, offsets, sliding)) for i in recipe.inputs)
        return Evaluate(recipe.expr, parts)
    if isinstance(recipe, Cumulative):
        return _cumulative(glossary, metric, recipe, filters, offsets, sliding)
    return _conversion(glossary, metric, recipe, filters, offsets, sliding)


def _leaf(
    glossary: Glossary,
    metric: Metric,
    recipe: Simple,
    filters: tuple[Predicate, ...],
    offsets: tuple[Offset, ...],
    sliding: Sliding | None,
) -> Leaf:
    measure = glossary.models[recipe.model].measure_by_name[recipe.measure]
    return Leaf(
        metric=metric.name,
        model=recipe.model,
        measure=recipe.measure,
        filters=tuple(dict.fromkeys((*measure.filters, *filters))),
        offsets=offsets,
        sliding=sliding,
        on_spine=metric.join_to_timespine,
        fill=metric.fill_nulls_with,
    )


def _input(
    glossary: Glossary,
    item: MetricInput,
    filters: tuple[Predicate, ...],
    offsets: tuple[Offset, ...],
    sliding: Sliding | None,
) -> Formula:
    """An input's own offset lies inside the offsets that its metric is asked with."""
    if item.offset_window:
        offsets = (*offsets, Offset(window=item.offset_window))
    if item.offset_to_grain:
        offsets = (*offsets, Offset(to_grain=item.offset_to_grain))
    return expand(glossary, item.metric, (*item.filters, *filters), offsets, sliding)


def _cumulative(
    glossary: Glossary,
    metric: Metric,
    recipe: Cumulative,
    filters: tuple[Predicate, ...],
    offsets: tuple[Offset, ...],
    sliding: Sliding | None,
) -> Formula:
    if sliding is not None:
        raise Refusal(
            f"{metric.name!r} is cumulative and is itself taken over a window: a window of a window has no "
            f"single meaning. Define a cumulative metric directly over {recipe.input.metric!r}."
        )
    window = Sliding(recipe.window, recipe.grain_to_date, recipe.period_agg)
    formula = _input(glossary, recipe.input, filters, offsets, window)
    if recipe.period_agg == "average" and not isinstance(formula, Take):
        raise Refusal(
            f"{metric.name!r} averages a running {recipe.input.metric!r} over a period, and {recipe.input.metric!r} is "
            f"made of several numbers: the mean of a ratio is not the ratio of means. Use period_agg first or last."
        )
    if isinstance(formula, Take):
        formula = Take(replace(formula.leaf, called=metric.name))
    if metric.fill_nulls_with is None and not metric.join_to_timespine:
        return formula
    return _with_fill(formula, metric)


def _with_fill(formula: Formula, metric: Metric) -> Formula:
    """A cumulative metric's own fill and spine replace those of the metric it is made of."""
    if not isinstance(formula, Take):
        return Fill(formula, metric.fill_nulls_with) if metric.fill_nulls_with is not None else formula
    leaf = formula.leaf
    fill = metric.fill_nulls_with if metric.fill_nulls_with is not None else leaf.fill
    return Take(replace(leaf, on_spine=leaf.on_spine or metric.join_to_timespine, fill=fill))


def _conversion(
    glossary: Glossary,
    metric: Metric,
    recipe: Conversion,
    filters: tuple[Predicate, ...],
    offsets: tuple[Offset, ...],
    sliding: Sliding | None,
) -> Formula:
    if sliding:
        raise Refusal(
            f"{metric.name!r} is a conversion metric; it cannot be accumulated, because a conversion "
            f"belongs to the date of its base event. Ask for it at the period that you want."
        )
    base = _input(glossary, recipe.base, filters, offsets, None)
    conversion = _input(glossary, recipe.conversion, (), (), None)
    if not isinstance(base, Take) or not isinstance(conversion, Take):
        raise Refusal(f"The base and the conversion of {metric.name!r} must be simple metrics.")
    same = tuple((p.base, p.conversion) for p in recipe.constant_properties)
    pairing = Pairing(base.leaf, recipe.entity, recipe.window, same)
    converted = Take(replace(conversion.leaf, metric=metric.name, conversion=pairing))
    if recipe.calculation == "conversions":
        return Evaluate(
            "converted", (("converted", converted), ("base", base))
        )  # groups without any are shown too
    return Divide(converted, base)


def leaves_of(formula: Formula) -> tuple[Leaf, ...]:
    """The leaves of a formula, each once, in the order of writing."""
    if isinstance(formula, Take):
        return (formula.leaf,)
    return tuple(dict.fromkeys(leaf for part in parts_of(formula) for leaf in leaves_of(part)))


def parts_of(formula: Formula) -> tuple[Formula, ...]:
    """The formulas that a formula is made of."""
    if isinstance(formula, Evaluate):
        return tuple(part for _, part in formula.parts)
    return tuple(part for part in vars(formula).values() if isinstance(part, Formula))


def with_takes(formula: Formula, change: Callable[[Take], Formula]) -> Formula:
    """The formula with what `change` makes of each number that it takes."""
    if isinstance(formula, Take):
        return change(formula)
    if isinstance(formula, Evaluate):
        return replace(formula, parts=tuple((name, with_takes(part, change)) for name, part in formula.parts))
    inner: dict[str, Any] = {
        name: with_takes(part, change) for name, part in vars(formula).items() if isinstance(part, Formula)
    }
    return replace(formula, **inner)
