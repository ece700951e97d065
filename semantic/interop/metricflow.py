"""Read a MetricFlow semantic manifest (the JSON that dbt writes) as a glossary.

`import_manifest` carries semantic models, metrics, time spines, custom granularities and saved
queries. What has no place here (exports, tags, dbt configuration) is listed in `losses`, so that
nothing disappears without a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from semantic.definitions import (
    AGGREGATIONS,
    ConstantProperty,
    Conversion,
    Cumulative,
    CustomGrain,
    Derived,
    Dimension,
    Entity,
    Glossary,
    Measure,
    Metric,
    MetricInput,
    NonAdditive,
    Percentile,
    Ratio,
    Recipe,
    SavedQuery,
    SemanticModel,
    Settings,
    Simple,
    TimeSpine,
    Window,
)
from semantic.errors import UserError
from semantic.interop.manifest_faults import Faults, one_of, readable, sections
from semantic.interop.metricflow_jinja import read_reference, read_template
from semantic.predicates import GRAINS, Predicate, parse_predicate

Document = Mapping[str, Any]
METRIC_TYPES = ("simple", "ratio", "derived", "cumulative", "conversion")


@dataclass(frozen=True)
class Imported:
    """The glossary of a manifest, and a line for each thing that could not be carried."""

    glossary: Glossary
    losses: tuple[str, ...] = ()


def import_manifest(manifest: Document) -> Imported:
    """Turn a manifest into a glossary; raises UserError with everything in it that is malformed or unknown."""
    faults = Faults()
    items = sections(manifest, faults)
    models = {
        item["name"]: model for item, model in faults.each("semantic model", items["semantic_models"], _model)
    }
    losses = _Losses()
    reader = _MetricReader(models, {item["name"]: item for item in items["metrics"]})
    metrics = [metric for _, metric in faults.each("metric", items["metrics"], reader.metric)]
    asked = faults.each("saved query", items["saved_queries"], lambda item: _saved_query(item, losses))
    saved = [query for _, query in asked]
    spines = faults.one("project_configuration", manifest, lambda item: _time_spines(item or {})) or ()
    faults.raise_any()
    glossary = Glossary.of(
        models=reader.models.values(),
        metrics=[*metrics, *reader.added.values()],
        saved=saved,
        time_spines=spines,
        settings=Settings(semantics="metricflow"),
    )
    return Imported(glossary, tuple(losses))


class _Losses(list[str]):
    """The lines of the loss report, in the manifest's order."""

    def note(self, owner: str, item: Document, keys: Iterable[str]) -> None:
        """One line for each filled key that has no place in a glossary."""
        self.extend(f"{owner}: {key!r} is not carried" for key in keys if item.get(key))


# -- semantic models ---------------------------------------------------------------------------


def _model(item: Document) -> SemanticModel:
    defaults = item.get("defaults") or {}
    relation = item["node_relation"]
    return SemanticModel(
        name=item["name"],
        relation=_relation(relation),
        entities=tuple(_entity(entity) for entity in item.get("entities") or ()),
        dimensions=tuple(_dimension(dimension) for dimension in item.get("dimensions") or ()),
        measures=tuple(_measure(measure) for measure in item.get("measures") or ()),
        primary_entity=item.get("primary_entity"),
        default_time_dimension=defaults.get("agg_time_dimension"),
        label=item.get("label") or "",
        description=item.get("description") or "",
    )


def _relation(relation: Document) -> str:
    if relation.get("relation_name"):
        return str(relation["relation_name"])
    parts = (relation.get("database"), relation.get("schema_name"), relation["alias"])
    return ".".join(str(part) for part in parts if part)


def _entity(item: Document) -> Entity:
    kind = one_of(
        item["type"], ("primary", "unique", "foreign", "natural"), f"entity {item['name']!r} has the type"
    )
    return Entity(name=item["name"], kind=kind, expr=str(item.get("expr") or item["name"]))  # type: ignore[arg-type]


def _dimension(item: Document) -> Dimension:
    time = item.get("type_params") or {}
    validity = time.get("validity_params") or {}
    named = f"dimension {item['name']!r}"
    kind, grain = (
        one_of(item["type"], ("categorical", "time"), f"{named} has the type"),
        time.get("time_granularity"),
    )
    return Dimension(
        name=item["name"],
        kind=kind,  # type: ignore[arg-type]
        expr=str(item.get("expr") or item["name"]),
        grain=one_of(grain, GRAINS, f"{named} has the granularity") if grain else None,
        is_partition=bool(item.get("is_partition")),
        validity="start" if validity.get("is_start") else "end" if validity.get("is_end") else None,
        label=item.get("label") or "",
        description=item.get("description") or "",
    )


def _measure(item: Document, name: str | None = None) -> Measure:
    """A measure, or a metric's own aggregation parameters (which have the same keys)."""
    agg = one_of(item["agg"], AGGREGATIONS, f"measure {item.get('name', name)!r} aggregates by")
    return Measure(
        name=name or item["name"],
        agg=agg,  # type: ignore[arg-type]
        expr=readable(
            str(item.get("expr") or item.get("name") or name), f"measure {item.get('name', name)!r}"
        ),
        agg_time_dimension=item.get("agg_time_dimension"),
        percentile=_percentile(item.get("agg_params") or {}),
        non_additive=_non_additive(item.get("non_additive_dimension")),
        label=item.get("label") or "",
        description=item.get("description") or "",
    )


def _percentile(item: Document) -> Percentile | None:
    if item.get("percentile") is None:
        return None
    return Percentile(
        value=float(item["percentile"]),
        discrete=bool(item.get("use_discrete_percentile")),
        approximate=bool(item.get("use_approximate_percentile")),
    )


def _non_additive(item: Document | None) -> NonAdditive | None:
    if not item:
        return None
    return NonAdditive(
        item["name"], item.get("window_choice") or "min", tuple(item.get("window_groupings") or ())
    )


def _time_spines(project: Document) -> tuple[TimeSpine, ...]:
    """The spines with their custom granularities; older manifests have a plain list of tables."""
    spines = tuple(_time_spine(item) for item in project.get("time_spines") or ())
    if spines:
        return spines
    legacy = project.get("time_spine_table_configurations") or ()
    return tuple(
        TimeSpine(item["location"], item["location"], item["column_name"], item["grain"]) for item in legacy
    )


def _time_spine(item: Document) -> TimeSpine:
    primary = item["primary_column"]
    grains = item.get("custom_granularities") or ()
    return TimeSpine(
        name=item["node_relation"]["alias"],
        relation=_relation(item["node_relation"]),
        column=primary["name"],
        grain=one_of(primary["time_granularity"], GRAINS, "a time spine has the granularity"),
        custom_grains=tuple(
            CustomGrain(grain["name"], grain.get("column_name") or grain["name"]) for grain in grains
        ),
    )


# -- metrics -----------------------------------------------------------------------------------


class _MetricReader:
    """Reads metrics; adds the measures and the private metrics that a manifest leaves implicit."""

    def __init__(self, models: dict[str, SemanticModel], documents: dict[str, Document]) -> None:
        self.models = models
        self.documents = documents
        self.added: dict[str, Metric] = {}
        self._owner = {measure.name: model.name for model in models.values() for measure in model.measures}

    def metric(self, item: Document) -> Metric:
        params = item["type_params"]
        kind = one_of(item["type"], METRIC_TYPES, "its type is")
        recipe = getattr(self, f"_{kind}")(item["name"], params)
        shape = self._shape(item["type"], params, recipe)
        filters = (*_filters((params.get("measure") or {}).get("filter")), *_filters(item.get("filter")))
        return Metric(
            name=item["name"],
            recipe=recipe,
            label=item.get("label") or "",
            definition=item.get("description") or "",
            filters=tuple(dict.fromkeys(filters)),
            fill_nulls_with=shape.get("fill_nulls_with"),
            join_to_timespine=bool(shape.get("join_to_timespine")),
            time_granularity=item.get("time_granularity"),
            private=bool(params.get("is_private")),
        )

    def _shape(self, kind: str, params: Document, recipe: Recipe) -> Document:
        """Where `fill_nulls_with` and `join_to_timespine` are said: on metric, measure or input."""
        places = [params, params.get("measure") or {}]
        if kind == "cumulative" and isinstance(recipe, Cumulative):
            inner = (self.documents.get(recipe.input.metric) or {}).get("type_params") or {}
            places += [inner, inner.get("measure") or {}]
        fills = [place["fill_nulls_with"] for place in places if place.get("fill_nulls_with") is not None]
        joins = any(place.get("join_to_timespine") for place in places)
        return {"fill_nulls_with": fills[0] if fills else None, "join_to_timespine": joins}

    def _simple(self, name: str, params: Document) -> Simple:
        """A manifest names a measure of a model, or writes the aggregation into the metric, or both."""
        measure = (params.get("measure") or {}).get("name")
        if measure in self._owner:
            return Simple(self._owner[measure], measure)
        written = params.get("metric_aggregation_params")
        if not written:
            raise UserError(
                f"measure {measure!r} is on no semantic model" if measure else "it names no measure"
            )
        model = self.models[one_of(written["semantic_model"], self.models, "its semantic model is")]
        added = _measure({**written, "expr": params.get("expr")}, name=measure or name)
        self.models[model.name] = replace(model, measures=(*model.measures, added))
        self._owner[added.name] = model.name
        return Simple(model.name, added.name)

    def _ratio(self, name: str, params: Document) -> Ratio:
        return Ratio(_input(params["numerator"]), _input(params["denominator"]))

    def _derived(self, name: str, params: Document) -> Derived:
        return Derived(
            readable(str(params["expr"]), "its expression"),
            tuple(_input(item) for item in params["metrics"] or ()),
        )

    def _cumulative(self, name: str, params: Document) -> Cumulative:
        own = params.get("cumulative_type_params") or {}
        return Cumulative(
            input=self._either(own.get("metric"), params.get("measure")),
            window=_window(own.get("window") or params.get("window")),
            grain_to_date=own.get("grain_to_date") or params.get("grain_to_date"),
            period_agg=own.get("period_agg") or "first",
        )

    def _conversion(self, name: str, params: Document) -> Conversion:
        own = params["conversion_type_params"]
        properties = own.get("constant_properties") or ()
        return Conversion(
            base=self._either(own.get("base_metric"), own.get("base_measure")),
            conversion=self._either(own.get("conversion_metric"), own.get("conversion_measure")),
            entity=own["entity"],
            calculation=own.get("calculation") or "conversion_rate",
            window=_window(own.get("window")),
            constant_properties=tuple(
                ConstantProperty(item["base_property"], item["conversion_property"]) for item in properties
            ),
        )

    def _either(self, metric: Document | None, measure: Document | None) -> MetricInput:
        """An input metric, or an input measure: then a private metric of that measure stands for it."""
        if metric:
            found = _input(metric)
            return replace(found, filters=(*found.filters, *_filters((measure or {}).get("filter"))))
        if not measure:
            raise UserError("a cumulative or conversion metric names neither an input metric nor a measure")
        name = measure["name"]
        if name not in self._owner:
            raise UserError(f"measure {name!r} is on no semantic model")
        stand_in = Metric(
            name=f"{name}__measure",
            recipe=Simple(self._owner[name], name),
            fill_nulls_with=measure.get("fill_nulls_with"),
            join_to_timespine=bool(measure.get("join_to_timespine")),
            private=True,
        )
        self.added.setdefault(stand_in.name, stand_in)
        return MetricInput(stand_in.name, filters=_filters(measure.get("filter")))


def _input(item: Document | str) -> MetricInput:
    if isinstance(item, str):
        return MetricInput(item)
    return MetricInput(
        metric=item["name"],
        alias=item.get("alias"),
        filters=_filters(item.get("filter")),
        offset_window=_window(item.get("offset_window")),
        offset_to_grain=item.get("offset_to_grain"),
    )


def _window(item: Document | str | None) -> Window | None:
    if not item:
        return None
    if isinstance(item, str):
        count, _, grain = item.partition(" ")
        if not count.isdigit() or not grain:
            raise UserError(f"the window {item!r} should be a number and a granularity, as in '7 days'")
        return Window(int(count), grain.rstrip("s"))
    return Window(int(item["count"]), str(item["granularity"]).lower())


def _filters(item: Document | None) -> tuple[Predicate, ...]:
    """The filters of an intersection, each read into our own condition tree."""
    found = (item or {}).get("where_filters") or ()
    return tuple(parse_predicate(read_template(each["where_sql_template"])) for each in found)


# -- saved queries -----------------------------------------------------------------------------


def _saved_query(item: Document, losses: _Losses) -> SavedQuery:
    params = item["query_params"]
    losses.note(f"saved query {item['name']!r}", item, ("exports", "tags", "config"))
    document: dict[str, Any] = {
        "metrics": list(params.get("metrics") or ()),
        "group_by": [_object(text) for text in params.get("group_by") or ()],
        "where": [read_template(each["where_sql_template"]) for each in _where(params)],
        "order_by": [_order(text) for text in params.get("order_by") or ()],
    }
    if params.get("limit") is not None:
        document["limit"] = params["limit"]
    return SavedQuery(
        item["name"], document, label=item.get("label") or "", description=item.get("description") or ""
    )


def _where(params: Document) -> Iterable[Document]:
    return (params.get("where") or {}).get("where_filters") or ()


def _object(text: str) -> str:
    """`TimeDimension('metric_time', 'day')` or a plain dunder name."""
    return read_reference(text).dimension if "(" in text else text


def _order(text: str) -> str:
    if "(" not in text:
        return text
    reference = read_reference(text)
    return f"-{reference.dimension}" if reference.descending else reference.dimension
