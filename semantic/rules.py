"""The rules that a glossary keeps: each is one function that yields the problems it finds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import sqlglot
from sqlglot import exp

from semantic.definitions import (
    Conversion,
    Derived,
    Glossary,
    Metric,
    MetricInput,
    Place,
    SemanticModel,
    Simple,
)
from semantic.errors import Problem, UserError
from semantic.findings import found, near, problem
from semantic.names import split_grain
from semantic.paths import known_dimensions
from semantic.predicates import GroupBy, Predicate, dimensions_of, metrics_of
from semantic.query import query_from_document
from semantic.rules_of_access import roles
from semantic.rules_of_closing import closing
from semantic.rules_of_rollups import rollups

Rule = Callable[[Glossary], Iterator[Problem]]


def check_glossary(
    glossary: Glossary, models: Iterable[SemanticModel] = (), metrics: Iterable[Metric] = ()
) -> list[Problem]:
    """Every problem of a glossary; the lists (as read, before names collapsed) show names used twice."""
    problems = [*_names_once("model", models), *_names_once("metric", metrics)]
    for rule in RULES:
        problems.extend(rule(glossary))
    return problems


def _names_once(kind: str, items: Iterable[SemanticModel | Metric]) -> Iterator[Problem]:
    items = list(items)
    twice = {name for name, count in Counter(item.name for item in items).items() if count > 1}
    for item in items:
        if item.name in twice:
            yield problem(item.place, "name-once", f"There are several {kind}s named {item.name!r}.")


def model_times(glossary: Glossary) -> Iterator[Problem]:
    """Clocks and balances name time dimensions that exist."""
    for model in glossary.models.values():
        times = [d.name for d in model.dimensions if d.kind == "time"]
        named = [("default_time_dimension", model.default_time_dimension, "default_time_dimension")]
        named += [
            (f"the time of {m.name!r}", m.agg_time_dimension, f"measures.{m.name}") for m in model.measures
        ]
        named += [
            (f"non_additive of {m.name!r}", m.non_additive.dimension, f"measures.{m.name}")
            for m in model.measures
            if m.non_additive
        ]
        for what, name, key in named:
            if name and name not in times:
                message = f"Model {model.name!r}: {what} is {name!r}, which is no time dimension of it."
                yield problem(model.place, "time-dimension", message, near(name, times), key)


def model_names(glossary: Glossary) -> Iterator[Problem]:
    """Within a model, a name means one thing."""
    for model in glossary.models.values():
        for kind, names in (
            ("entity", [e.name for e in model.entities]),
            ("dimension", [d.name for d in model.dimensions]),
            ("measure", [m.name for m in model.measures]),
        ):
            for name, count in Counter(names).items():
                if count > 1:
                    message = f"Model {model.name!r} has {count} {kind} entries named {name!r}."
                    yield problem(model.place, "name-once", message)
        if sum(e.kind == "primary" for e in model.entities) > 1:
            yield problem(model.place, "primary-key", f"Model {model.name!r} has several primary entities.")


def shared_paths(glossary: Glossary) -> Iterator[Problem]:
    """A model's `shared` map names shared dimensions, and paths that lead somewhere."""
    for model in glossary.models.values():
        for name, path in model.shared:
            if name not in glossary.shared_dimensions:
                message = f"Model {model.name!r} maps {name!r}, which is no shared dimension."
                remedy = near(name, glossary.shared_dimensions)
                yield problem(model.place, "shared", message, remedy, f"shared.{name}")
            elif path not in model.dimension_by_name and found(glossary, model.name, path) is None:
                message = f"Model {model.name!r} maps {name!r} to {path!r}, which leads nowhere from it."
                remedy = near(path, known_dimensions(glossary))
                yield problem(model.place, "shared", message, remedy, f"shared.{name}")
        for required in model.required:
            if found(glossary, model.name, required.dimension, True) is None:
                message = f"Model {model.name!r} requires {required.dimension!r}, which it does not have."
                yield problem(model.place, "required", message, "", f"required.{required.dimension}")


def metric_parts(glossary: Glossary) -> Iterator[Problem]:
    """A metric is made of metrics and measures that exist."""
    for metric in glossary.metrics.values():
        for part in metric.inputs:
            if part.metric not in glossary.metrics:
                message = f"Metric {metric.name!r} uses {part.metric!r}, which is no metric."
                remedy = near(part.metric, glossary.metrics)
                yield problem(metric.place, "unknown-metric", message, remedy, *_keys_of(metric, part))
        if isinstance(metric.recipe, Simple):
            yield from _measure_exists(glossary, metric, metric.recipe)
        if isinstance(metric.recipe, Derived):
            yield from _expression_names(metric, metric.recipe)
        if isinstance(metric.recipe, Conversion):
            yield from _conversion_parts(glossary, metric, metric.recipe)


def _keys_of(metric: Metric, part: MetricInput) -> tuple[str, ...]:
    """The keys under which a part of a metric may be written."""
    named = [
        key
        for key in ("numerator", "denominator", "base", "conversion")
        if getattr(metric.recipe, key, None) == part
    ]
    return (*named, f"metrics.{part.metric}", "metrics", "metric")


def _measure_exists(glossary: Glossary, metric: Metric, recipe: Simple) -> Iterator[Problem]:
    model = glossary.models.get(recipe.model)
    if model is None:
        if recipe.model:
            message = f"Metric {metric.name!r} uses the model {recipe.model!r}, which does not exist."
            yield problem(
                metric.place, "unknown-model", message, near(recipe.model, glossary.models), "model"
            )
    elif recipe.measure not in model.measure_by_name:
        message = f"Metric {metric.name!r}: model {recipe.model!r} has no measure {recipe.measure!r}."
        remedy = near(recipe.measure, model.measure_by_name)
        yield problem(metric.place, "measure", message, remedy, "measure")


def _expression_names(metric: Metric, recipe: Derived) -> Iterator[Problem]:
    names = {part.name for part in recipe.inputs}
    used = {node.name for node in sqlglot.parse_one(recipe.expr, dialect="duckdb").find_all(exp.Column)}
    for name in sorted(used - names):
        message = f"Metric {metric.name!r}: its expression uses {name!r}, which is none of its inputs."
        yield problem(metric.place, "expression", message, near(name, names), "expr")


def _conversion_parts(glossary: Glossary, metric: Metric, recipe: Conversion) -> Iterator[Problem]:
    for part in (recipe.base, recipe.conversion):
        source = glossary.metrics.get(part.metric)
        if source is None or not isinstance(source.recipe, Simple):
            if source is not None:
                message = f"Metric {metric.name!r}: {part.metric!r} should be a simple metric."
                yield problem(metric.place, "conversion", message, "", *_keys_of(metric, part))
            continue
        model = glossary.models.get(source.recipe.model)
        if model and recipe.entity not in model.entity_by_name:
            message = f"Metric {metric.name!r}: model {model.name!r} has no entity {recipe.entity!r}."
            remedy = near(recipe.entity, model.entity_by_name)
            yield problem(metric.place, "conversion", message, remedy, "entity")


def no_cycles(glossary: Glossary) -> Iterator[Problem]:
    """A metric is not made of itself."""
    done: set[str] = set()

    def cycle(name: str, path: tuple[str, ...]) -> tuple[str, ...] | None:
        if name in path:
            return (*path[path.index(name) :], name)
        if name in done or name not in glossary.metrics:
            return None
        for part in glossary.metrics[name].inputs:
            loop = cycle(part.metric, (*path, name))
            if loop:
                return loop
        done.add(name)
        return None

    for metric in glossary.metrics.values():
        loop = cycle(metric.name, ())
        if loop and metric.name in loop:
            message = f"Metric {metric.name!r} is made of itself: {' -> '.join(loop)}."
            yield problem(metric.place, "cycle", message)


def conditions(glossary: Glossary) -> Iterator[Problem]:
    """Filters name dimensions and metrics that exist and can be reached."""
    for model in glossary.models.values():
        for measure in model.measures:
            what = f"Measure {measure.name!r} of model {model.name!r}"
            for predicate in measure.filters:
                place = model.place.at(f"measures.{measure.name}") if model.place else None
                yield from _condition(glossary, predicate, [model.name], what, place)
    for metric in glossary.metrics.values():
        models = sorted(_models_of(glossary, metric.name, ()))
        for predicate in metric.filters:
            place = metric.place.at("filter") if metric.place else None
            yield from _condition(glossary, predicate, models, f"Metric {metric.name!r}", place)
        for part in metric.inputs:
            models = sorted(_models_of(glossary, part.metric, ()))
            for predicate in part.filters:
                what = f"Metric {metric.name!r}, input {part.name!r}"
                place = metric.place.at(*_keys_of(metric, part)) if metric.place else None
                yield from _condition(glossary, predicate, models, what, place)


def _condition(
    glossary: Glossary, predicate: Predicate, models: list[str], what: str, place: Place | None
) -> Iterator[Problem]:
    for ref in metrics_of(predicate):
        if ref.metric not in glossary.metrics:
            message = f"{what}: its filter uses METRIC({ref.metric!r}), which is no metric."
            yield problem(place, "unknown-metric", message, near(ref.metric, glossary.metrics))
    for item in dimensions_of(predicate):
        name = split_grain(glossary, item).name
        if name == "metric_time":
            continue
        for model in models:
            if model in glossary.models and found(glossary, model, name, True) is None:
                known = (*glossary.models[model].dimension_by_name, *known_dimensions(glossary))
                message = f"{what}: its filter uses {name!r}, which model {model!r} cannot reach."
                yield problem(place, "filter", message, near(name, known))


def _models_of(glossary: Glossary, name: str, seen: tuple[str, ...]) -> set[str]:
    metric = glossary.metrics.get(name)
    if metric is None or name in seen:
        return set()
    if isinstance(metric.recipe, Simple):
        return {metric.recipe.model}
    parts = metric.inputs
    if isinstance(metric.recipe, Conversion):
        parts = (metric.recipe.base,)  # a conversion is filtered by its base event
    return {m for part in parts for m in _models_of(glossary, part.metric, (*seen, name))}


def saved_questions(glossary: Glossary) -> Iterator[Problem]:
    """Saved questions can be read, and name what exists."""
    for saved in glossary.saved.values():
        try:
            query = query_from_document(saved.document)
        except UserError as error:
            message = f"Saved question {saved.name!r}: {error.message}"
            yield problem(saved.place, "saved", message, "", "query")
            continue
        for name in query.metrics:
            if name not in glossary.metrics:
                message = f"Saved question {saved.name!r} asks for {name!r}, which is no metric."
                remedy = near(name, glossary.metrics)
                yield problem(saved.place, "unknown-metric", message, remedy, "query.metrics", "query")
        for item in query.group_by:
            yield from _saved_dimension(glossary, item, saved.name, saved.place)


def _saved_dimension(glossary: Glossary, item: GroupBy, name: str, place: Place | None) -> Iterator[Problem]:
    try:
        split = split_grain(glossary, item).name
    except UserError as error:
        message = f"Saved question {name!r}: {error.message}"
        yield problem(place, "saved", message, "", "query.group_by", "query")
        return
    if split != "metric_time" and all(found(glossary, model, split) is None for model in glossary.models):
        message = f"Saved question {name!r} groups by {split!r}, which is no dimension."
        remedy = near(split, known_dimensions(glossary))
        yield problem(place, "unknown-dimension", message, remedy, "query.group_by", "query")


def targets(glossary: Glossary) -> Iterator[Problem]:
    """The table of targets is a model with the columns that are named."""
    table = glossary.targets
    if table is None:
        return
    model = glossary.models.get(table.model)
    if model is None:
        message = f"targets: there is no model {table.model!r}."
        yield problem(None, "targets", message, near(table.model, glossary.models))
        return
    for name in (table.metric_column, table.time_dimension):
        if name not in model.dimension_by_name:
            message = f"targets: model {table.model!r} has no dimension {name!r}."
            yield problem(model.place, "targets", message, near(name, model.dimension_by_name))
    if table.value not in model.measure_by_name:
        message = f"targets: model {table.model!r} has no measure {table.value!r}."
        yield problem(model.place, "targets", message, near(table.value, model.measure_by_name))


def grains(glossary: Glossary) -> Iterator[Problem]:
    """Windows, offsets and default grains name grains that exist."""
    for metric in glossary.metrics.values():
        named = [metric.time_granularity]
        for part in metric.inputs:
            named += [part.offset_to_grain, part.offset_window.grain if part.offset_window else None]
        window = getattr(metric.recipe, "window", None)
        named += [window.grain if window else None, getattr(metric.recipe, "grain_to_date", None)]
        for grain in named:
            if grain and grain not in glossary.grains:
                message = f"Metric {metric.name!r} uses the grain {grain!r}, which does not exist."
                keys = ("time_granularity", "window", "grain_to_date", "metrics")
                yield problem(metric.place, "grain", message, near(grain, glossary.grains), *keys)


RULES: tuple[Rule, ...] = (
    model_names,
    model_times,
    shared_paths,
    metric_parts,
    no_cycles,
    conditions,
    saved_questions,
    targets,
    grains,
    roles,
    rollups,
    closing,
)
