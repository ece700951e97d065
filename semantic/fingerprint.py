"""What a metric means, as a hash: the same while the meaning is the same, another as soon as it changes.

The hash covers everything that can change the number: the recipe, the filters, the metrics it is made of,
the measure, its clock, the tables and keys, how each shared dimension is reached, and the glossary's zone. It
does not cover labels, definitions, notes, owners, formats or targets. An approval is signed over it, so an
approval of another meaning simply does not count any more.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from decimal import Decimal
from typing import Any, Literal
from weakref import WeakKeyDictionary

from semantic.definitions import (
    Approval,
    Conversion,
    Cumulative,
    Derived,
    Glossary,
    Measure,
    Metric,
    MetricInput,
    NonAdditive,
    Ratio,
    SemanticModel,
    Simple,
)
from semantic.predicates import GroupBy, Predicate, dimensions_of, metrics_of

LENGTH = 16
"""Hexadecimal digits of a fingerprint: 64 bits, far more than any glossary has metrics."""

Status = Literal["assumed", "confirmed", "deprecated"]


@dataclass(frozen=True)
class Standing:
    """Where a metric stands with those who must sign it.

    `status` is what every door shows. `missing` are the roles that have not signed this meaning, `lapsed` the
    approvals of a meaning that is no more.
    """

    status: Status
    fingerprint: str
    missing: tuple[str, ...] = ()
    lapsed: tuple[Approval, ...] = ()


def standing(metric: Metric, glossary: Glossary) -> Standing:
    """Say whether a metric is confirmed: signed by every required role over the meaning it has today.

    A glossary that requires no signatures is taken at its word.
    """
    current = fingerprint(metric.name, glossary)
    required = required_roles(metric, glossary)
    signed = {approval.role for approval in metric.approvals if approval.fingerprint == current}
    lapsed = tuple(approval for approval in metric.approvals if approval.fingerprint != current)
    missing = tuple(role for role in required if role not in signed)
    if metric.status == "deprecated" or not required:
        return Standing(metric.status, current, missing, lapsed)
    return Standing("assumed" if missing else "confirmed", current, missing, lapsed)


def with_standing(glossary: Glossary) -> Glossary:
    """The same glossary, in which each metric's status is where it stands, whatever its file claims."""
    metrics = {
        name: replace(metric, status=standing(metric, glossary).status)
        for name, metric in glossary.metrics.items()
    }
    settled = replace(glossary, metrics=metrics)
    _KNOWN[settled] = _KNOWN.get(glossary, {})
    return settled


def required_roles(metric: Metric, glossary: Glossary) -> tuple[str, ...]:
    """The roles that must sign a metric; money needs finance besides."""
    settings = glossary.settings
    money = settings.required_money_approvals if metric.format == "currency" else ()
    return tuple(dict.fromkeys((*settings.required_approvals, *money)))


_KNOWN: WeakKeyDictionary[Glossary, dict[str, str]] = WeakKeyDictionary()


def fingerprint(name: str, glossary: Glossary) -> str:
    """The hash of a metric's meaning, remembered for as long as the glossary is loaded.

    Raises KeyError where the glossary has no such metric.
    """
    known = _KNOWN.setdefault(glossary, {})
    if name not in known:
        known[name] = _hash(name, glossary)
    return known[name]


def _hash(name: str, glossary: Glossary) -> str:
    text = json.dumps(_metric(glossary.metrics[name], glossary), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:LENGTH]


def _metric(metric: Metric, glossary: Glossary) -> dict[str, Any]:
    models = [glossary.models[metric.recipe.model]] if isinstance(metric.recipe, Simple) else []
    return {
        "recipe": _recipe(metric, glossary),
        "filters": _conditions(metric.filters, models, glossary),
        "fill": metric.fill_nulls_with,
        "every_period": metric.join_to_timespine,
        "grain": metric.time_granularity,
        "required": sorted((item.dimension, repr(item.default)) for item in metric.required),
        "zone": glossary.settings.time_zone,
        "semantics": glossary.settings.semantics,
    }


def _recipe(metric: Metric, glossary: Glossary) -> list[Any]:
    recipe = metric.recipe
    match recipe:
        case Simple(model=model, measure=measure):
            described = glossary.models[model]
            return ["simple", _model(described, glossary), _measure(described, measure, glossary)]
        case Ratio(numerator=numerator, denominator=denominator):
            return ["ratio", _input(numerator, glossary), _input(denominator, glossary)]
        case Derived(expr=expr, inputs=inputs):
            return ["derived", _sql(expr), [[item.name, _input(item, glossary)] for item in inputs]]
        case Cumulative():
            frame = [str(recipe.window), recipe.grain_to_date, recipe.period_agg]
            frame += _own(recipe.grain_to_date, glossary)
            return ["cumulative", _input(recipe.input, glossary), frame]
        case Conversion():
            window = [recipe.entity, recipe.calculation, str(recipe.window)]
            constant = [[item.base, item.conversion] for item in recipe.constant_properties]
            events = [_input(recipe.base, glossary), _input(recipe.conversion, glossary)]
            return ["conversion", events, window, constant]
    raise AssertionError(f"{metric.name}: no such recipe as {recipe!r}")


def _input(item: MetricInput, glossary: Glossary) -> dict[str, Any]:
    return {
        "metric": fingerprint(item.metric, glossary),
        "filters": _conditions(item.filters, [], glossary),
        "offset": [
            str(item.offset_window),
            item.offset_to_grain,
            *_own(item.offset_to_grain, glossary),
            *_own(item.offset_window.grain if item.offset_window else None, glossary),
        ],
    }


def _model(model: SemanticModel, glossary: Glossary) -> dict[str, Any]:
    """The table, its keys, and where it says each shared dimension."""
    usual = {item.name: item.path for item in glossary.shared_dimensions.values() if item.path}
    reached = {name: path for name, path in usual.items() if path.split("__")[0] in model.entity_by_name}
    own = {name: name for name in model.dimension_by_name if name in glossary.shared_dimensions}
    paths = {**reached, **own, **model.shared_path}
    return {
        "relation": model.relation,
        "keys": sorted([entity.name, entity.kind, _sql(entity.expr)] for entity in model.entities),
        "shared": {name: _path(path, model, glossary) for name, path in sorted(paths.items())},
        "required": sorted((item.dimension, repr(item.default)) for item in model.required),
    }


def _measure(model: SemanticModel, name: str, glossary: Glossary) -> dict[str, Any]:
    measure: Measure = model.measure_by_name[name]
    clock = measure.agg_time_dimension or model.default_time_dimension
    return {
        "agg": measure.agg,
        "expr": _sql(measure.expr),
        "clock": _path(clock, model, glossary) if clock else None,
        "percentile": _plain(measure.percentile),
        "balance": _balance(measure.non_additive),
        "filters": _conditions(measure.filters, [model], glossary),
    }


def _conditions(filters: tuple[Predicate, ...], models: list[SemanticModel], glossary: Glossary) -> list[Any]:
    """Conditions with the dimensions and metrics that they speak of; their order does not matter."""
    return sorted(
        (
            [
                _plain(condition),
                [_path(item.name, model, glossary) for item in dimensions_of(condition) for model in models],
                [fingerprint(item.metric, glossary) for item in metrics_of(condition)],
                *(
                    own
                    for item in dimensions_of(condition)
                    if (own := _own(_grain(item, glossary), glossary))
                ),
            ]
            for condition in filters
        ),
        key=json.dumps,
    )


def _own(grain: str | None, glossary: Glossary) -> list[str]:
    """Where a period of an own calendar is read from; nothing for a standard grain."""
    if grain is None or grain not in glossary.custom_grains:
        return []
    spine, period = glossary.custom_grains[grain]
    return [spine.relation, spine.column, period.column]


def _grain(item: GroupBy, glossary: Glossary) -> str | None:
    """The own calendar's grain of a dimension, written after it: `metric_time__retail_month`."""
    return item.grain or (
        item.name.rpartition("__")[2] if item.name not in glossary.shared_dimensions else None
    )


def _path(path: str, model: SemanticModel, glossary: Glossary) -> list[Any]:
    """A dimension as it is reached: the tables and keys that are passed, and the expression at the end."""
    own = model.dimension_by_name.get(path)
    if own is not None:
        return [model.relation, own.kind, _sql(own.expr), own.grain, own.time_zone, own.is_partition]
    if path in model.shared_path and model.shared_path[path] != path:
        return _path(model.shared_path[path], model, glossary)
    head, _, rest = path.partition("__")
    return [[head, [_hop(target, head, rest, glossary) for target in _targets(head, glossary)]]]


def _hop(target: SemanticModel, entity: str, rest: str, glossary: Glossary) -> list[Any]:
    key = target.entity_by_name[entity]
    valid = [_sql(item.expr) for item in target.validity or ()] if key.kind == "natural" else []
    parts = [_sql(item.expr) for item in target.dimensions if item.is_partition]
    return [target.relation, _sql(key.expr), _path(rest, target, glossary) if rest else None, *valid, *parts]


def _targets(entity: str, glossary: Glossary) -> Iterator[SemanticModel]:
    for name in sorted(glossary.models):
        key = glossary.models[name].entity_by_name.get(entity)
        if key is not None and key.kind != "foreign":
            yield glossary.models[name]


def _sql(expr: str) -> str:
    """SQL text without the layout of its lines."""
    return " ".join(expr.split())


def _balance(rule: NonAdditive | None) -> Any:
    # Its `length` is left out: it refuses questions and changes no number.
    return rule and ["NonAdditive", rule.dimension, rule.choice, list(rule.groupings)]


def _plain(value: Any) -> Any:
    """Frozen nodes as lists that JSON can hold: the class's name, then its fields in order."""
    if is_dataclass(value):
        return [type(value).__name__, *(_plain(getattr(value, item.name)) for item in fields(value))]
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value) if isinstance(value, Decimal) else repr(value)
