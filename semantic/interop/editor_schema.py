"""The shape of the glossary's files as JSON Schema, for editors that complete and underline while one types.

`touchstone check` is the judge: it also knows what the names refer to. A test holds both to the same keys.
"""

from __future__ import annotations

from typing import Any

from semantic.definitions import AGGREGATIONS
from semantic.predicates import GRAINS

Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
NAME: Schema = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}
BOOLEAN: Schema = {"type": "boolean"}
NUMBER: Schema = {"type": "number"}
NAMES: Schema = {"type": "array", "items": {"type": "string"}}


def text(description: str) -> Schema:
    return {"type": "string", "description": description}


def choice(*values: str, description: str = "") -> Schema:
    return {"enum": list(values)} | ({"description": description} if description else {})


def mapping(required: tuple[str, ...], /, **properties: Schema) -> Schema:
    """A closed object: other keys are errors."""
    shape = {"type": "object", "properties": properties, "additionalProperties": False}
    return shape | ({"required": list(required)} if required else {})


def listed(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def named(values: Schema, description: str) -> Schema:
    """A mapping from names to values."""
    return {"type": "object", "additionalProperties": values, "description": description}


CONDITION: Schema = {
    "description": "A condition like `region = 'EMEA'`; of a list, all must hold.",
    "anyOf": [{"type": "string"}, {"type": "object"}, listed({"type": ["string", "object"]})],
}
WINDOW: Schema = {
    "description": "A length of time like `7 days`.",
    "anyOf": [
        {"type": "string", "pattern": "^[0-9]+ [a-z_]+$"},
        mapping(("count", "grain"), count={"type": "integer", "minimum": 1}, grain={"type": "string"}),
    ],
}
LABEL = text("What readers see.")
DESCRIPTION = text("What it is, for readers.")
EXPR = text("SQL over the table's own columns.")
RELATION = text("The table or view, like core.person.")
REQUIRED = named(
    {"type": ["string", "number", "boolean", "null"]},
    "Dimensions that a question must fix or group by, each with the member that is taken otherwise.",
)
INPUT: Schema = {
    "description": "A metric, or a metric that is filtered, renamed or looked at in another period.",
    "anyOf": [
        NAME,
        mapping(
            ("metric",),
            metric=NAME,
            alias=NAME,
            filter=CONDITION,
            offset_window=WINDOW,
            offset_to_grain=text("Look at the start of this period instead."),
        ),
    ],
}


def schemas() -> dict[str, Schema]:
    """Each kind of file, by the name of its schema's file."""
    kinds = {
        "model": _model(),
        "metric": _metric(),
        "dimensions": mapping(("dimensions",), dimensions=listed(_shared_dimension())),
        "calendar": _calendar(),
        "saved": _saved(),
        "access": mapping(("roles",), roles=listed(_role())),
        "rollup": _rollup(),
        "targets": mapping(("targets",), targets=_targets()),
        "closing": mapping(("closing",), closing=_closing()),
        "settings": mapping(("settings",), settings=_settings()),
    }
    return {f"{name}.json": {"$schema": DRAFT, "title": name, **shape} for name, shape in kinds.items()}


def _model() -> Schema:
    return mapping(
        ("name", "relation"),
        name=NAME,
        relation=RELATION,
        label=LABEL,
        description=DESCRIPTION,
        entities=listed(_entity()),
        primary_entity=text("A name for the rows of a table without a key column."),
        default_time_dimension=text("The clock of measures that name none."),
        dimensions=listed(_dimension()),
        shared=named({"type": "string"}, "Shared dimension -> own dimension, or a path through entities."),
        required=REQUIRED,
        measures=listed(mapping(("name", "agg"), name=NAME, **_measure())),
    )


def _entity() -> Schema:
    kinds = choice("primary", "unique", "foreign", "natural")
    return mapping(("name", "type"), name=NAME, type=kinds, expr=EXPR, description=DESCRIPTION)


def _dimension() -> Schema:
    return mapping(
        ("name",),
        name=NAME,
        type=choice("categorical", "time"),
        expr=EXPR,
        grain=choice(*GRAINS, description="The finest grain of a time dimension."),
        partition=BOOLEAN | {"description": "Joins must match on this column as well."},
        validity=choice("start", "end", description="From when, until just before when, a row is valid."),
        label=LABEL,
        description=DESCRIPTION,
        time_zone=text("UTC: a timestamp that is moved to the question's zone. Without it dates stay."),
        sensitive=BOOLEAN | {"description": "Names or numbers of people."},
    )


def _measure() -> dict[str, Schema]:
    exact = mapping(("value",), value={"minimum": 0, "maximum": 1}, discrete=BOOLEAN, approximate=BOOLEAN)
    balance = mapping(
        ("dimension",),
        dimension={"type": "string"},
        choice=choice("min", "max"),
        groupings=NAMES,
        length={"type": "string"},
    )
    return {
        "agg": choice(*AGGREGATIONS),
        "expr": EXPR,
        "time": text("The time dimension that dates this measure."),
        "percentile": {"anyOf": [NUMBER, exact]},
        "non_additive": balance | {"description": "A balance: the first or last instant of a period counts."},
        "filter": CONDITION,
        "label": LABEL,
        "description": DESCRIPTION,
    }


def _metric() -> Schema:
    in_place = mapping(("agg",), name=NAME, **_measure())
    events = mapping(("base", "conversion"), base={"type": "string"}, conversion={"type": "string"})
    period = choice("first", "last", "average", description="Which value of a longer period is shown.")
    recipes = [
        _kind("simple", ("measure",), model=NAME, measure={"anyOf": [NAME, in_place]}),
        _kind("ratio", ("numerator", "denominator"), numerator=INPUT, denominator=INPUT),
        _kind("derived", ("expr", "metrics"), expr=text("SQL over the inputs."), metrics=listed(INPUT)),
        _kind(
            "cumulative",
            ("metric",),
            metric=INPUT,
            window=WINDOW,
            grain_to_date=text("Begin anew with each of these periods."),
            period_agg=period,
        ),
        _kind(
            "conversion",
            ("base", "conversion", "entity"),
            base=INPUT,
            conversion=INPUT,
            entity=NAME,
            window=WINDOW,
            calculation=choice("conversion_rate", "conversions"),
            constant_properties=listed(events),
        ),
    ]
    return {"type": "object", "oneOf": recipes}


def _kind(kind: str, required: tuple[str, ...], /, **keys: Schema) -> Schema:
    return mapping(("name", "type", *required), name=NAME, type={"const": kind}, **keys, **_about())


def _about() -> dict[str, Schema]:
    """What every metric has, whatever it is made of."""
    parts = ("role", "by", "on", "fingerprint")
    approval = mapping(parts, **{part: {"type": "string"} for part in parts})
    return {
        "label": LABEL,
        "definition": text("The definition that is signed, in the words of the business."),
        "filter": CONDITION,
        "fill_nulls_with": NUMBER | {"description": "What a missing value is: 0 where nothing happened."},
        "join_to_timespine": BOOLEAN | {"description": "A row for every period, even an empty one."},
        "time_granularity": text("The grain of a bare metric_time."),
        "required": REQUIRED,
        "format": choice("number", "integer", "currency", "percent", "days", "text"),
        "unit": text("The unit, where the format does not say it."),
        "better": choice("higher", "lower", ""),
        "owner": text("Who answers for the definition."),
        "area": text("The chapter of the glossary: funnel, spend, pipeline, ..."),
        "status": choice(
            "assumed", "confirmed", "deprecated", description="Signatures decide what is confirmed."
        ),
        "approvals": listed(approval),
        "target": text("The name under which the growth model keeps targets."),
        "thresholds": named(NUMBER, "Colours and the share of the target from which they hold."),
        "synonyms": NAMES,
        "notes": text("What a reader should know besides."),
        "private": BOOLEAN | {"description": "A part of others, not offered by itself."},
        "meta": {"type": "object"},
    }


def _shared_dimension() -> Schema:
    return mapping(
        ("name",),
        name=NAME,
        type=choice("categorical", "time"),
        label=LABEL,
        description=DESCRIPTION,
        path=text("How a model reaches it that does not say so itself."),
        values=NAMES,
        sensitive=BOOLEAN,
    )


def _calendar() -> Schema:
    period = mapping(("name",), name=NAME, column=text("The column that holds the period."), label=LABEL)
    return mapping(
        ("name", "relation", "column", "grain"),
        name=NAME,
        relation=RELATION,
        description=DESCRIPTION,
        column=text("The column with the instants."),
        grain=choice(*GRAINS),
        periods=listed(period),
    )


def _saved() -> Schema:
    query = {"type": "object", "description": "A question, as every door writes it."}
    return mapping(("name", "query"), name=NAME, label=LABEL, description=DESCRIPTION, query=query)


def _role() -> Schema:
    return mapping(
        ("name",),
        name=NAME,
        description=DESCRIPTION,
        metrics=NAMES | {"description": "Metrics, or beginnings of names that end in *."},
        denied_metrics=NAMES,
        row_filters=CONDITION,
        masked_dimensions=NAMES,
    )


def _rollup() -> Schema:
    time = mapping(
        ("dimension", "grain", "column"), dimension=NAME, grain=choice(*GRAINS), column={"type": "string"}
    )
    return mapping(
        ("name", "model", "relation"),
        name=NAME,
        model=NAME,
        relation=RELATION,
        description=DESCRIPTION,
        dimensions=named({"type": "string"}, "Dimension of the model -> column."),
        time=listed(time),
        measures=named({"type": "string"}, "Measure of the model -> column."),
        filter=CONDITION,
    )


def _targets() -> Schema:
    return mapping(
        ("model", "metric", "time", "grain", "value"),
        model=NAME,
        metric=text("The dimension that holds the metric's name."),
        time=text("The time dimension of the target's period."),
        grain=choice(*GRAINS),
        value=text("The measure that holds the target."),
        dimensions=NAMES | {"description": "The shared dimensions that a target may be set by."},
        filter=CONDITION,
        allocation=choice("none", "even_by_day"),
    )


def _closing() -> Schema:
    sets = {"type": "array", "items": NAMES}
    return mapping(
        (),
        metrics=NAMES | {"description": "What closing a month keeps: names of metrics, or patterns."},
        by=sets
        | {"description": "The dimensions it is kept by, beside the whole: [[channel], [channel, region]]."},
        **{"except": NAMES | {"description": "Metrics, by name or pattern, that are not kept."}},
    )


def _settings() -> Schema:
    return mapping(
        (),
        dialect=text("The SQL of the expressions."),
        time_zone=text("The zone of a question that names none."),
        reporting_currency=text("The currency of money, like USD."),
        required_approvals=NAMES | {"description": "The roles that must sign a metric."},
        required_money_approvals=NAMES | {"description": "The roles that must sign money besides."},
        semantics=choice("touchstone", "metricflow", description="Whose reading of ranges and offsets."),
    )
