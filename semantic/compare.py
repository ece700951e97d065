"""Columns beside a metric: another period, the growth-model's target, and how far the number is from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from semantic.additive import is_additive
from semantic.allocation import check_spread, finer
from semantic.complete import complete
from semantic.definitions import METRIC_TIME, Glossary, Metric, Simple, TargetTable, Window
from semantic.errors import Refusal
from semantic.expand import (
    Difference,
    Earlier,
    Evaluate,
    Formula,
    Leaf,
    Offset,
    Share,
    Status,
    Take,
    expand,
    leaves_of,
)
from semantic.lengths import shortest
from semantic.names import Spec
from semantic.plan import Output, Range
from semantic.predicates import (
    GRAINS,
    Compare,
    DimensionRef,
    GroupBy,
    IsNull,
    Literal,
    Not,
    Predicate,
    dimensions_of,
)

_DEFAULT_THRESHOLDS = {"lower": (1.0, 1.1), "higher": (1.0, 0.9), "": (1.0, 0.9)}


@dataclass(frozen=True)
class Comparing:
    """What the comparison needs to know of the question."""

    glossary: Glossary
    metrics: tuple[str, ...]
    specs: tuple[Spec, ...]
    range: Range | None
    where: tuple[Predicate, ...]


def compared(kind: str, question: Comparing) -> tuple[Output, ...]:
    """The extra columns of a comparison."""
    if kind == "target":
        return _targets(question)
    return _earlier(kind, question)


def _earlier(kind: str, question: Comparing) -> tuple[Output, ...]:
    window = earlier_window(kind, question)
    outputs = []
    for spec in question.specs:
        if spec.is_metric_time and spec.grain in GRAINS and window.grain in GRAINS:
            outputs.append(Output(f"{spec.column}__{kind}", Earlier(spec.column, window), "dimension"))
    for name in question.metrics:
        now = expand(question.glossary, name)
        then = expand(question.glossary, name, offsets=(Offset(window=window),))
        outputs += [
            Output(f"{name}__{kind}", then, "comparison", name),
            Output(f"{name}__difference", Difference(now, then), "comparison", name),
            Output(f"{name}__change", Share(Difference(now, then), then), "comparison", name, "percent"),
        ]
    return tuple(outputs)


def earlier_window(kind: str, question: Comparing) -> Window:
    """How far back the comparison looks: a year, the shown period, or the length of the range."""
    grain = next((spec.grain for spec in question.specs if spec.is_metric_time and spec.grain), None)
    if grain is None and question.range is None:
        raise Refusal(
            f"compare: {kind} needs to know the period: group by metric_time, or give a time range."
        )
    if kind == "previous_year":
        return _custom_year(question.glossary, grain) or Window(1, "year")
    if grain is not None:
        return Window(1, grain)
    if question.range is None or question.range.length is None:
        raise Refusal(
            "compare: previous_period needs to know the period: group by metric_time, or give a time range "
            "with both ends."
        )
    return question.range.length


def _custom_year(glossary: Glossary, grain: str | None) -> Window | None:
    """The year of the own calendar that the shown period belongs to: retail_month -> retail_year."""
    if grain is None or grain not in glossary.custom_grains:
        return None
    prefix = grain.rpartition("_")[0]
    year = f"{prefix}_year"
    if year in glossary.custom_grains:
        return Window(1, year)
    raise Refusal(f"{grain!r} has no {year!r} beside it in its calendar, so the year before is not known.")


def _targets(question: Comparing) -> tuple[Output, ...]:
    table = question.glossary.targets
    if table is None:
        raise Refusal("compare: target needs targets, and the glossary declares none (targets.yml).")
    _check_period(table, question)
    outputs: list[Output] = []
    for name in question.metrics:
        metric = question.glossary.metrics[name]
        if metric.target is None:
            continue
        target = complete(
            question.glossary,
            _target(table, metric, question),
            question.specs,
            question.range,
            question.where,
        )
        now = expand(question.glossary, name)
        attainment = _attainment(now, target)
        green, red = _thresholds(metric)
        outputs += [
            Output(f"{name}__target", target, "comparison", name),
            Output(f"{name}__difference", Difference(now, target), "comparison", name),
            Output(f"{name}__attainment", attainment, "comparison", name, "percent"),
            Output(
                f"{name}__status",
                Status(attainment, green, red, metric.better == "lower"),
                "comparison",
                name,
            ),
        ]
    if not outputs:
        raise Refusal(f"None of {', '.join(question.metrics)} has a target. Declare `target:` on the metric.")
    return tuple(outputs)


def _attainment(now: Formula, target: Formula) -> Formula:
    """The number over its target; of a target of 0 or below nobody can say how much of it was attained."""
    return Evaluate("CASE WHEN target > 0 THEN number / target END", (("number", now), ("target", target)))


def _thresholds(metric: Metric) -> tuple[float, float]:
    declared = dict(metric.thresholds)
    green, red = _DEFAULT_THRESHOLDS[metric.better]
    return declared.get("green", green), declared.get("red", red)


def _target(table: TargetTable, metric: Metric, question: Comparing) -> Formula:
    """The target that was set for exactly the parts that the question shows: nothing is added up across levels."""
    asked = asked_dimensions(question)
    extra = sorted(asked - set(table.dimensions))
    if extra:
        known = ", ".join(table.dimensions) or "no dimension"
        raise Refusal(
            f"No target of {metric.name!r} is set by {', '.join(extra)}: targets are set by {known}. "
            f"Leave {', '.join(extra)} out, or ask without compare."
        )
    levels: list[Predicate] = []
    for dimension in table.dimensions:
        missing = IsNull(DimensionRef(GroupBy(dimension)))
        levels.append(Not(missing) if dimension in asked else missing)
    named = Compare("=", DimensionRef(GroupBy(table.metric_column)), Literal(metric.target))
    return Take(
        Leaf(
            metric=metric.name,
            model=table.model,
            measure=table.value,
            filters=(named, *table.filters, *levels),
            single=not _adds_up(table, metric, question),
            is_target=True,
        )
    )


def _adds_up(table: TargetTable, metric: Metric, question: Comparing) -> bool:
    """Whether the targets of a row's periods make the target of the row.

    A forecast of a quarter has the quarter's target, where its row is shown as a quarter: beside that of the month that
    the quarter begins with it would be three times of plan. Raises Refusal where it is shown otherwise.
    """
    if not isinstance(metric.recipe, Simple):
        return is_additive(question.glossary, metric.name)
    measure = question.glossary.models[metric.recipe.model].measure_by_name[metric.recipe.measure]
    grouped = {spec.name for spec in question.specs}
    if measure.non_additive is None or measure.non_additive.length is None:
        return is_additive(question.glossary, metric.name)
    leaf = next(iter(leaves_of(expand(question.glossary, metric.name))))
    length = shortest(measure.non_additive, leaf, question.where, grouped, question.glossary)
    shown = [spec.grain for spec in question.specs if spec.is_metric_time and spec.grain]
    if (shown != [length] and (shown or length != table.grain)) or measure.non_additive.length in grouped:
        raise Refusal(
            f"{metric.name!r} is of a whole {length} here, and so is its target: compare it by metric_time:{length}, "
            f"with {measure.non_additive.length} held to one length."
        )
    known = metric.target in question.glossary.metrics
    return bool(shown) and known and is_additive(question.glossary, str(metric.target))


def asked_dimensions(question: Comparing) -> set[str]:
    """The dimensions that the question splits or filters by, without time and without those that must be fixed."""
    grouped = {spec.name for spec in question.specs}
    filtered = {item.name for p in question.where for item in dimensions_of(p)}
    return (grouped | filtered) - {METRIC_TIME} - _required(question)


def _required(question: Comparing) -> set[str]:
    models: Iterable[object] = question.glossary.models.values()
    return {r.dimension for model in models for r in model.required}  # type: ignore[attr-defined]


def _check_period(table: TargetTable, question: Comparing) -> None:
    """A target exists for whole periods of its grain; for parts of them, where its allocation is declared."""
    if question.range is None and not any(spec.is_metric_time for spec in question.specs):
        raise Refusal("compare: target needs a period: group by metric_time, or give a time range.")
    is_open = question.range is not None and None in (question.range.start, question.range.end)
    if is_open and not any(spec.is_metric_time for spec in question.specs):
        raise Refusal(
            "compare: target needs a period: give the time range both ends, or group by metric_time."
        )
    asked = finer(question.glossary, table, question.specs, question.range, question.where)
    if asked is not None:
        check_spread(table, asked)
