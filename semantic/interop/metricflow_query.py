"""Put a question asked in MetricFlow's words into ours.

The words differ in two places that change rows. MetricFlow widens a time constraint to whole
periods of the asked grain (or, where `metric_time` is not grouped, of the coarsest clock of the
metrics); our ranges are taken as written. And it shows a bare time dimension at its own grain,
however fine. Both are spelled out here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from semantic.definitions import METRIC_TIME, Glossary, Metric, SemanticModel, Simple
from semantic.errors import Ambiguous, UnknownName
from semantic.interop.metricflow_jinja import read_reference, read_template
from semantic.paths import find
from semantic.predicates import GRAINS, DimensionRef, GroupBy, parse_group_by, transform
from semantic.query import OrderBy, Query, TimeRange, parse_time, query_from_document


def read_question(document: Mapping[str, Any], glossary: Glossary) -> Query:
    """A Query of `metrics`, `group_by`, `group_by_objs`, `where`, `time_constraint`, `order`, `limit` ...

    A `saved_query` is the base that the other keys add to, as on MetricFlow's command line.
    """
    saved = _saved(document.get("saved_query"), glossary)
    where = [*saved.get("where", ()), *(read_template(text) for text in _list(document.get("where")))]
    asked: dict[str, Any] = {
        "metrics": [
            *saved.get("metrics", ()),
            *(str(name).lower() for name in _list(document.get("metrics"))),
        ],
        "group_by": [*saved.get("group_by", ()), *_groups(document)],
        "where": where,
        "order_by": [_order(text) for text in _list(document.get("order"))]
        or list(saved.get("order_by", ())),
        "limit": document["limit"] if document.get("limit") is not None else saved.get("limit"),
        "min_max_only": bool(document.get("min_max_only")),
        "distinct": document.get("apply_group_by") is not False,
    }
    if document.get("time_constraint"):
        grain = _range_grain(asked, glossary)
        asked["time_range"] = _widened(document["time_constraint"], grain)
    return _with_grains(query_from_document(asked), glossary)


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _groups(document: Mapping[str, Any]) -> list[GroupBy]:
    """What is grouped by: names, `Dimension('...')` expressions, or objects with a name, a grain, a date part."""
    names = [_named(str(text)) for text in _list(document.get("group_by"))]
    return names + [_object(item) for item in _list(document.get("group_by_objs"))]


def _named(text: str) -> GroupBy:
    """A dunder name, in any case, or an object expression."""
    return read_reference(text).grouped if "(" in text else parse_group_by(text)


def _object(item: Mapping[str, Any]) -> GroupBy:
    named, grain, part = _named(str(item["name"])), item.get("grain"), item.get("date_part")
    if part:
        return GroupBy(named.name, date_part=str(part).lower())
    return GroupBy(named.name, str(grain).lower()) if grain else named


def _order(item: Any) -> OrderBy:
    """`-name`, or an object expression with `.descending(True)`."""
    text = str(item).strip()
    name = text.removeprefix("-")
    if "(" not in name:
        return OrderBy(name.lower(), text.startswith("-"))
    reference = read_reference(name)
    return OrderBy(reference.dimension, reference.descending or text.startswith("-"))


def _saved(name: str | None, glossary: Glossary) -> Mapping[str, Any]:
    if not name:
        return {}
    if name not in glossary.saved:
        raise UnknownName.of("saved query", name, glossary.saved)
    return glossary.saved[name].document


# -- grains ------------------------------------------------------------------------------------


def _with_grains(query: Query, glossary: Glossary) -> Query:
    """MetricFlow shows a bare time dimension at its own grain; ours would show it by day at the finest."""

    def spelled(item: GroupBy) -> GroupBy:
        own = None if item.grain or item.date_part else _own_grain(item.name, query.metrics, glossary)
        return GroupBy(item.name, own) if own else item

    def told(node: Any) -> Any:
        return DimensionRef(spelled(node.dimension)) if isinstance(node, DimensionRef) else node

    return replace(
        query,
        group_by=tuple(spelled(item) for item in query.group_by),
        where=tuple(transform(condition, told) for condition in query.where),
    )


def _own_grain(name: str, metrics: Iterable[str], glossary: Glossary) -> str | None:
    """The grain of a time dimension as the metrics' models see it; None for anything else."""
    near = [model for metric in metrics for model in _models(metric, glossary)]
    for model in near or list(glossary.models):
        try:
            found = find(glossary, model, name)
        except Ambiguous:
            continue
        if found is not None:
            return found.dimension.grain if found.dimension else None
    return None


def _models(name: str, glossary: Glossary) -> Iterable[str]:
    """The models that a metric's measures are on."""
    metric = glossary.metrics.get(name)
    if metric is not None and isinstance(metric.recipe, Simple):
        yield metric.recipe.model
    for part in metric.inputs if metric else ():
        yield from _models(part.metric, glossary)


# -- time constraints --------------------------------------------------------------------------


def _range_grain(asked: Mapping[str, Any], glossary: Glossary) -> str:
    """The finest grain that `metric_time` is grouped by, else the coarsest clock of the metrics."""
    grouped = [item if isinstance(item, GroupBy) else parse_group_by(item) for item in asked["group_by"]]
    grains = [_base_grain(item, asked["metrics"], glossary) for item in grouped if not item.date_part]
    found = [grain for grain in grains if grain]
    if found:
        return min(found, key=GRAINS.index)
    return clock_grain(asked["metrics"], glossary)


def _base_grain(item: GroupBy, metrics: Iterable[str], glossary: Glossary) -> str | None:
    """The standard grain of a grouped `metric_time`; a custom one counts as its calendar's."""
    if item.name == METRIC_TIME and item.grain in (None, *GRAINS):
        return item.grain or default_grain(metrics, glossary)
    custom = item.grain or item.name.removeprefix(f"{METRIC_TIME}__")
    if item.name.startswith(METRIC_TIME) and custom in glossary.custom_grains:
        return glossary.custom_grains[custom][0].grain
    return None


def default_grain(metrics: Iterable[str], glossary: Glossary) -> str:
    """What `metric_time` means without a grain: the coarsest default of the metrics, a day at the finest."""
    defaults = [
        glossary.metrics[name].time_granularity or max("day", clock_grain([name], glossary), key=GRAINS.index)
        for name in metrics
    ]
    return max(defaults, key=GRAINS.index, default="day")


def clock_grain(metrics: Iterable[str], glossary: Glossary) -> str:
    """The coarsest grain among the clocks of the metrics, at which all of them can be told apart."""
    grains = [grain for name in metrics for grain in _clocks(name, glossary)]
    return max(grains, key=GRAINS.index, default="day")


def _clocks(name: str, glossary: Glossary) -> Iterable[str]:
    metric = glossary.metrics.get(name)
    if metric is None:
        raise UnknownName.of("metric", name, glossary.metrics)
    if isinstance(metric.recipe, Simple):
        yield _clock(metric, metric.recipe, glossary.models[metric.recipe.model])
    for part in metric.inputs:
        yield from _clocks(part.metric, glossary)


def _clock(metric: Metric, recipe: Simple, model: SemanticModel) -> str:
    measure = model.measure_by_name[recipe.measure]
    name = measure.agg_time_dimension or model.default_time_dimension
    dimension = model.dimension_by_name.get(name or "")
    return (dimension.grain if dimension else None) or "day"


def _widened(constraint: Any, grain: str) -> TimeRange:
    """From the start of the first period to the last instant of the last one; either end may be open."""
    first, last = (_instant(value) for value in constraint)
    start = _start_of(first, grain) if first else None
    after = _start_of_next(last, grain) if last else None
    if GRAINS.index(grain) >= GRAINS.index("day"):
        return TimeRange(start and start.date(), after and after.date() - dt.timedelta(days=1))
    return TimeRange(start, after and after - dt.timedelta(microseconds=1))


def _instant(value: Any) -> dt.datetime | None:
    read = parse_time(value, "time_constraint")
    return read if read is None or isinstance(read, dt.datetime) else dt.datetime.combine(read, dt.time())


def _start_of(instant: dt.datetime, grain: str) -> dt.datetime:
    if grain in ("nanosecond", "microsecond"):
        return instant
    if grain == "millisecond":
        return instant.replace(microsecond=instant.microsecond // 1000 * 1000)
    if grain in ("second", "minute", "hour"):
        second = instant.second if grain == "second" else 0
        return instant.replace(minute=0 if grain == "hour" else instant.minute, second=second, microsecond=0)
    day = instant.replace(hour=0, minute=0, second=0, microsecond=0)
    if grain == "week":
        return day - dt.timedelta(days=day.weekday())
    months = {"month": 1, "quarter": 3, "year": 12}.get(grain)
    return day.replace(month=day.month - (day.month - 1) % months, day=1) if months else day


def _start_of_next(instant: dt.datetime, grain: str) -> dt.datetime:
    start = _start_of(instant, grain)
    months = {"month": 1, "quarter": 3, "year": 12}.get(grain)
    if months:
        years, month = divmod(start.month - 1 + months, 12)
        return start.replace(year=start.year + years, month=month + 1)
    if grain == "nanosecond":
        return start + dt.timedelta(microseconds=1)
    return start + dt.timedelta(**{f"{grain}s": 1})
