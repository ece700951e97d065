"""Read a metric: its recipe, and who stands for it."""

from __future__ import annotations

from collections.abc import Callable

from semantic.definitions import (
    Approval,
    ConstantProperty,
    Conversion,
    Cumulative,
    Derived,
    Measure,
    Metric,
    MetricInput,
    Ratio,
    Recipe,
    Simple,
)
from semantic.located import Located
from semantic.read_models import read_measure, read_required
from semantic.reader import Reader

_COMMON = (
    "label", "definition", "filter", "fill_nulls_with", "join_to_timespine", "time_granularity", "required",
    "format", "unit", "better", "owner", "area", "status", "approvals", "target", "thresholds", "synonyms",
    "notes", "private", "meta",
)  # fmt: skip
_RECIPE_KEYS = {
    "simple": (("measure",), ("model",)),
    "ratio": (("numerator", "denominator"), ()),
    "derived": (("expr", "metrics"), ()),
    "cumulative": (("metric",), ("window", "grain_to_date", "period_agg")),
    "conversion": (("base", "conversion", "entity"), ("window", "calculation", "constant_properties")),
}
_FORMATS = ("number", "integer", "currency", "percent", "days", "text")


def read_metric(reader: Reader, at: Located) -> tuple[Metric, Measure | None]:
    """Read one metric, and the measure that it declares in place, if it does."""
    kind = reader.choice(at, "type", tuple(_RECIPE_KEYS), "simple")
    required, optional = _RECIPE_KEYS[kind]
    reader.keys(at, f"A {kind} metric", ("name", "type", *required), (*optional, *_COMMON))
    recipe, measure = (_simple(reader, at)) if kind == "simple" else (_RECIPES[kind](reader, at), None)
    metric = Metric(
        name=reader.text(at, "name"),
        recipe=recipe,
        label=reader.text(at, "label"),
        definition=reader.text(at, "definition"),
        filters=reader.predicates(at, "filter"),
        fill_nulls_with=reader.number(at, "fill_nulls_with"),
        join_to_timespine=reader.flag(at, "join_to_timespine"),
        time_granularity=reader.optional_text(at, "time_granularity"),
        required=read_required(reader, at),
        format=reader.choice(at, "format", _FORMATS, "number"),
        unit=reader.text(at, "unit"),
        better=reader.choice(at, "better", ("higher", "lower", ""), ""),  # type: ignore[arg-type]
        owner=reader.text(at, "owner"),
        area=reader.text(at, "area"),
        status=reader.choice(at, "status", ("assumed", "confirmed", "deprecated"), "assumed"),  # type: ignore[arg-type]
        approvals=tuple(_approval(reader, item) for item in reader.items(at, "approvals")),
        target=reader.optional_text(at, "target"),
        thresholds=_thresholds(reader, at),
        synonyms=reader.texts(at, "synonyms"),
        notes=reader.text(at, "notes"),
        private=reader.flag(at, "private"),
        meta=tuple(reader.mapping(at, "meta").items()),
        place=reader.place(at),
    )
    return metric, measure


def _simple(reader: Reader, at: Located) -> tuple[Recipe, Measure | None]:
    if not isinstance(at.get("measure"), Located):
        return Simple(reader.text(at, "model"), reader.text(at, "measure")), None
    model, name = reader.text(at, "model"), reader.text(at, "name")
    if not model:
        reader.problem(at, "measure", "missing-key", "A measure in place needs `model:` beside it.")
    return Simple(model, name), read_measure(reader, reader.mapping(at, "measure"), name)


def _ratio(reader: Reader, at: Located) -> Recipe:
    return Ratio(_input(reader, at, "numerator"), _input(reader, at, "denominator"))


def _derived(reader: Reader, at: Located) -> Recipe:
    inputs = tuple(_read_input(reader, item) for item in reader.items(at, "metrics", "metric"))
    return Derived(reader.sql(at, "expr", "0"), inputs)


def _cumulative(reader: Reader, at: Located) -> Recipe:
    if at.get("window") and at.get("grain_to_date"):
        reader.problem(
            at, "window", "value", "A cumulative metric has a window or a grain to date, not both."
        )
    period = reader.choice(at, "period_agg", ("first", "last", "average"), "first")
    return Cumulative(
        _input(reader, at, "metric"),
        reader.window(at, "window"),
        reader.optional_text(at, "grain_to_date"),
        period,  # type: ignore[arg-type]
    )


def _conversion(reader: Reader, at: Located) -> Recipe:
    calculation = reader.choice(at, "calculation", ("conversion_rate", "conversions"), "conversion_rate")
    same = []
    for item in reader.items(at, "constant_properties"):
        reader.keys(item, "A constant property", ("base", "conversion"))
        same.append(ConstantProperty(reader.text(item, "base"), reader.text(item, "conversion")))
    return Conversion(
        base=_input(reader, at, "base"),
        conversion=_input(reader, at, "conversion"),
        entity=reader.text(at, "entity"),
        calculation=calculation,  # type: ignore[arg-type]
        window=reader.window(at, "window"),
        constant_properties=tuple(same),
    )


def _input(reader: Reader, at: Located, key: str) -> MetricInput:
    value = at.get(key)
    return _read_input(reader, value) if isinstance(value, Located) else MetricInput(reader.text(at, key))


def _read_input(reader: Reader, at: Located) -> MetricInput:
    reader.keys(at, "An input", ("metric",), ("alias", "filter", "offset_window", "offset_to_grain"))
    return MetricInput(
        metric=reader.text(at, "metric"),
        alias=reader.optional_text(at, "alias"),
        filters=reader.predicates(at, "filter"),
        offset_window=reader.window(at, "offset_window"),
        offset_to_grain=reader.optional_text(at, "offset_to_grain"),
    )


def _approval(reader: Reader, at: Located) -> Approval:
    reader.keys(at, "An approval", ("role", "by", "on", "fingerprint"))
    return Approval(*(reader.text(at, key) for key in ("role", "by", "on", "fingerprint")))


def _thresholds(reader: Reader, at: Located) -> tuple[tuple[str, float], ...]:
    item = reader.mapping(at, "thresholds")
    return tuple((key, float(reader.number(item, key, 0) or 0)) for key in item)


_RECIPES: dict[str, Callable[[Reader, Located], Recipe]] = {
    "ratio": _ratio,
    "derived": _derived,
    "cumulative": _cumulative,
    "conversion": _conversion,
}
