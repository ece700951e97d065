"""Read a semantic model: its keys, dimensions and measures."""

from __future__ import annotations

from semantic.definitions import (
    AGGREGATIONS,
    Dimension,
    Entity,
    Measure,
    NonAdditive,
    Percentile,
    RequiredDimension,
    SemanticModel,
)
from semantic.located import Located
from semantic.predicates import GRAINS
from semantic.reader import Reader

_ENTITY_KINDS = ("primary", "unique", "foreign", "natural")
_MEASURE_KEYS = ("agg", "expr", "time", "percentile", "non_additive", "filter", "label", "description")


def read_model(reader: Reader, at: Located) -> SemanticModel:
    """Read one model."""
    optional = (
        "description", "label", "entities", "dimensions", "measures", "primary_entity",
        "default_time_dimension", "shared", "required",
    )  # fmt: skip
    reader.keys(at, "A model", ("name", "relation"), optional)
    return SemanticModel(
        name=reader.text(at, "name"),
        relation=reader.text(at, "relation"),
        entities=tuple(_entity(reader, item) for item in reader.items(at, "entities")),
        dimensions=tuple(_dimension(reader, item) for item in reader.items(at, "dimensions")),
        measures=tuple(read_measure(reader, item) for item in reader.items(at, "measures")),
        primary_entity=reader.optional_text(at, "primary_entity"),
        default_time_dimension=reader.optional_text(at, "default_time_dimension"),
        shared=tuple((key, str(value)) for key, value in reader.mapping(at, "shared").items()),
        required=read_required(reader, at),
        label=reader.text(at, "label"),
        description=reader.text(at, "description"),
        place=reader.place(at),
    )


def read_required(reader: Reader, at: Located) -> tuple[RequiredDimension, ...]:
    """`required: {attribution_model: first}`; a null default means that the question must choose."""
    return tuple(RequiredDimension(key, value) for key, value in reader.mapping(at, "required").items())


def _entity(reader: Reader, at: Located) -> Entity:
    reader.keys(at, "An entity", ("name", "type"), ("expr", "description"))
    name = reader.text(at, "name")
    kind = reader.choice(at, "type", _ENTITY_KINDS, "foreign")
    return Entity(name, kind, reader.sql(at, "expr", name))  # type: ignore[arg-type]


def _dimension(reader: Reader, at: Located) -> Dimension:
    optional = (
        "type", "expr", "grain", "partition", "validity", "label", "description", "time_zone", "sensitive",
    )  # fmt: skip
    reader.keys(at, "A dimension", ("name",), optional)
    name = reader.text(at, "name")
    is_time = reader.choice(at, "type", ("categorical", "time"), "categorical") == "time"
    if "grain" in at and not is_time:
        reader.problem(
            at, "grain", "grain", f"{name!r} has a grain but is no time dimension.", "Add type: time."
        )
    validity = reader.choice(at, "validity", ("start", "end"), "start") if "validity" in at else None
    return Dimension(
        name=name,
        kind="time" if is_time else "categorical",
        expr=reader.sql(at, "expr", name),
        grain=reader.choice(at, "grain", GRAINS, "day") if is_time else None,
        is_partition=reader.flag(at, "partition"),
        validity=validity,  # type: ignore[arg-type]
        label=reader.text(at, "label"),
        description=reader.text(at, "description"),
        time_zone=reader.optional_text(at, "time_zone"),
        sensitive=reader.flag(at, "sensitive"),
    )


def read_measure(reader: Reader, at: Located, name: str | None = None) -> Measure:
    """Read a measure; `name` is given where a metric declares it in place."""
    reader.keys(at, "A measure", ("agg",) if name else ("name", "agg"), ("name", *_MEASURE_KEYS))
    name = name or reader.text(at, "name")
    agg = reader.choice(at, "agg", AGGREGATIONS, "sum")
    percentile = _percentile(reader, at) if agg == "percentile" or "percentile" in at else None
    return Measure(
        name=name,
        agg=agg,  # type: ignore[arg-type]
        expr=reader.sql(at, "expr", "1" if agg == "count" else name),
        agg_time_dimension=reader.optional_text(at, "time"),
        percentile=percentile,
        non_additive=_non_additive(reader, at),
        filters=reader.predicates(at, "filter"),
        label=reader.text(at, "label"),
        description=reader.text(at, "description"),
    )


def _percentile(reader: Reader, at: Located) -> Percentile:
    if isinstance(at.get("percentile"), int | float):
        value, extra = float(at["percentile"]), at
    else:
        extra = reader.mapping(at, "percentile")
        reader.keys(extra, "percentile", ("value",), ("discrete", "approximate"))
        given = reader.number(extra, "value", 0.5)
        value = 0.5 if given is None else float(given)
    if not 0 <= value <= 1:
        reader.problem(at, "percentile", "value", f"The percentile {value} should be between 0 and 1.")
    return Percentile(value, reader.flag(extra, "discrete"), reader.flag(extra, "approximate"))


def _non_additive(reader: Reader, at: Located) -> NonAdditive | None:
    if not at.get("non_additive"):
        return None
    item = reader.mapping(at, "non_additive")
    reader.keys(item, "non_additive", ("dimension",), ("choice", "groupings", "length"))
    choice = reader.choice(item, "choice", ("min", "max"), "max")
    length = reader.text(item, "length") if item.get("length") else None
    return NonAdditive(reader.text(item, "dimension"), choice, reader.texts(item, "groupings"), length)  # type: ignore[arg-type]
