"""Write a glossary as the YAML files that `semantic.loader` reads, one noun a file.

Keys that hold their default are left out, so that a file says only what its author meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from semantic import definitions as d
from semantic.interop.condition_text import condition_text
from semantic.predicates import Predicate

Document = dict[str, Any]


def write_glossary(glossary: d.Glossary, folder: Path) -> tuple[Path, ...]:
    """Write every definition below `folder`; returns the files, in order. Existing files are replaced."""
    written = []
    for name, document in glossary_files(glossary).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100), encoding="utf-8"
        )
        written.append(path)
    return tuple(written)


def glossary_files(glossary: d.Glossary) -> dict[str, Document]:
    """Each file's name and content."""
    files: dict[str, Document] = {}
    for model in glossary.models.values():
        files[f"models/{model.name}.yml"] = model_document(model)
    for metric in glossary.metrics.values():
        files[f"metrics/{metric.name}.yml"] = metric_document(metric)
    for spine in glossary.time_spines:
        files[f"calendars/{spine.name}.yml"] = _spine(spine)
    for saved in glossary.saved.values():
        files[f"saved/{saved.name}.yml"] = _saved(saved)
    whole = _whole(glossary)
    for section, name in (("dimensions", "dimensions"), ("targets", "targets"), ("settings", "settings")):
        if section in whole:
            files[f"{name}.yml"] = {section: whole[section]}
    return files


def glossary_document(glossary: d.Glossary) -> Document:
    """Everything that `glossary_files` writes, as the one document that `loader.glossary_from_text` reads."""
    return _filled(
        models=[model_document(each) for each in glossary.models.values()],
        metrics=[metric_document(each) for each in glossary.metrics.values()],
        calendars=[_spine(each) for each in glossary.time_spines],
        saved=[_saved(each) for each in glossary.saved.values()],
        **_whole(glossary),
    )


def not_written(glossary: d.Glossary) -> tuple[str, ...]:
    """What a glossary holds that these documents leave at home: who may see what, who has signed, what is stored."""
    signed = [each.name for each in glossary.metrics.values() if each.approvals]
    parts = {
        "roles": list(glossary.roles),
        "rollups": [each.name for each in glossary.rollups],
        "approvals": signed,
        "closing": ["what closing a month keeps"] if glossary.closing != d.ClosingRule() else [],
    }
    return tuple(f"{part}: {', '.join(map(repr, names))}" for part, names in parts.items() if names)


def _whole(glossary: d.Glossary) -> Document:
    """What holds for the glossary as a whole: shared dimensions, targets, settings that are not the default."""
    usual, found = vars(d.Settings()), vars(glossary.settings)
    settings = {key: list(v) if isinstance(v, tuple) else v for key, v in found.items() if v != usual[key]}
    targets = glossary.targets
    return _filled(
        dimensions=[_shared(each) for each in glossary.shared_dimensions.values()],
        targets=targets and _targets(targets),
        settings=settings,
    )


def _targets(table: d.TargetTable) -> Document:
    return _filled(
        model=table.model,
        metric=table.metric_column,
        time=table.time_dimension,
        grain=table.grain,
        value=table.value,
        dimensions=list(table.dimensions),
        filter=_conditions(table.filters),
        allocation=table.allocation,
    )


def _saved(saved: d.SavedQuery) -> Document:
    query = {key: value for key, value in saved.document.items() if value not in (None, [], False)}
    return _filled(name=saved.name, label=saved.label, description=saved.description, query=query)


def _filled(**values: Any) -> Document:
    """The keys that say something."""
    return {
        key: value for key, value in values.items() if value is not None and value not in ("", [], {}, False)
    }


def _conditions(filters: Iterable[Predicate]) -> str | list[str] | None:
    texts = [condition_text(each) for each in filters]
    return texts[0] if len(texts) == 1 else texts or None


# -- models ------------------------------------------------------------------------------------


def model_document(model: d.SemanticModel) -> Document:
    """A model's file."""
    return _filled(
        name=model.name,
        label=model.label,
        description=model.description,
        relation=model.relation,
        primary_entity=model.primary_entity,
        entities=[_entity(entity) for entity in model.entities],
        default_time_dimension=model.default_time_dimension,
        dimensions=[_dimension(dimension) for dimension in model.dimensions],
        shared=dict(model.shared),
        required={each.dimension: each.default for each in model.required},
        measures=[measure_document(measure) for measure in model.measures],
    )


def _entity(entity: d.Entity) -> Document:
    return _filled(
        name=entity.name, type=entity.kind, expr=entity.expr if entity.expr != entity.name else None
    )


def _dimension(dimension: d.Dimension) -> Document:
    return _filled(
        name=dimension.name,
        type=dimension.kind if dimension.kind != "categorical" else None,
        expr=dimension.expr if dimension.expr != dimension.name else None,
        grain=dimension.grain,
        partition=dimension.is_partition,
        validity=dimension.validity,
        time_zone=dimension.time_zone,
        sensitive=dimension.sensitive,
        label=dimension.label,
        description=dimension.description,
    )


def measure_document(measure: d.Measure) -> Document:
    """A measure, as it stands in a model's list."""
    percentile, balance = measure.percentile, measure.non_additive
    return _filled(
        name=measure.name,
        label=measure.label,
        description=measure.description,
        agg=measure.agg,
        expr=measure.expr,
        time=measure.agg_time_dimension,
        percentile=percentile
        and _filled(value=percentile.value, discrete=percentile.discrete, approximate=percentile.approximate),
        non_additive=balance
        and _filled(
            dimension=balance.dimension,
            choice=balance.choice,
            groupings=list(balance.groupings),
            length=balance.length,
        ),
        filter=_conditions(measure.filters),
    )


def _shared(dimension: d.SharedDimension) -> Document:
    return _filled(
        name=dimension.name,
        type=dimension.kind if dimension.kind != "categorical" else None,
        label=dimension.label,
        description=dimension.description,
        path=dimension.path,
        values=list(dimension.values),
        sensitive=dimension.sensitive,
    )


def _spine(spine: d.TimeSpine) -> Document:
    periods = [
        _filled(name=grain.name, column=grain.column, label=grain.label) for grain in spine.custom_grains
    ]
    return _filled(
        name=spine.name, relation=spine.relation, column=spine.column, grain=spine.grain, periods=periods
    )


# -- metrics -----------------------------------------------------------------------------------


def metric_document(metric: d.Metric) -> Document:
    """A metric's file."""
    document = _filled(
        name=metric.name,
        label=metric.label,
        definition=metric.definition,
        type=metric.kind,
        **_recipe(metric.recipe),
        filter=_conditions(metric.filters),
        join_to_timespine=metric.join_to_timespine,
        time_granularity=metric.time_granularity,
        required={each.dimension: each.default for each in metric.required},
        format=metric.format if metric.format != "number" else None,
        unit=metric.unit,
        better=metric.better,
        owner=metric.owner,
        area=metric.area,
        status=metric.status if metric.status != "assumed" else None,
        target=metric.target,
        thresholds=dict(metric.thresholds),
        synonyms=list(metric.synonyms),
        notes=metric.notes,
        private=metric.private,
        meta=dict(metric.meta),
    )
    if metric.fill_nulls_with is not None:
        document["fill_nulls_with"] = metric.fill_nulls_with
    return document


def _recipe(recipe: d.Recipe) -> Mapping[str, Any]:
    match recipe:
        case d.Simple(model, measure):
            return {"model": model, "measure": measure}
        case d.Ratio(numerator, denominator):
            return {"numerator": _input(numerator), "denominator": _input(denominator)}
        case d.Derived(expr, inputs):
            return {"expr": expr, "metrics": [_input(each) for each in inputs]}
        case d.Cumulative():
            return {
                "metric": _input(recipe.input),
                "window": recipe.window and str(recipe.window),
                "grain_to_date": recipe.grain_to_date,
                "period_agg": recipe.period_agg if recipe.period_agg != "first" else None,
            }
        case d.Conversion():
            return {
                "base": _input(recipe.base),
                "conversion": _input(recipe.conversion),
                "entity": recipe.entity,
                "window": recipe.window and str(recipe.window),
                "calculation": recipe.calculation,
                "constant_properties": [
                    {"base": each.base, "conversion": each.conversion} for each in recipe.constant_properties
                ],
            }


def _input(part: d.MetricInput) -> str | Document:
    document = _filled(
        metric=part.metric,
        alias=part.alias,
        filter=_conditions(part.filters),
        offset_window=part.offset_window and str(part.offset_window),
        offset_to_grain=part.offset_to_grain,
    )
    return part.metric if list(document) == ["metric"] else document
