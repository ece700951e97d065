"""Which metrics of the glossary can be computed with what is connected, which cannot, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlglot
from sqlglot import exp

from infra.audit.ground import Ground, promised_sources
from infra.audit.lineage import NONE, SOME, Reach, Relation, Values, Walk, reach_of, read_models
from infra.audit.nouns import Column, Example, Finding, Section, Table
from ingest.contract import promised
from semantic import predicates
from semantic.definitions import Glossary, Metric, SemanticModel, Simple
from semantic.loader import load_glossary

# Text columns whose few values decide what a row is; the models compare them with literals.
DECIDING = ("stage", "type", "kind", "activity_type", "lifecyclestage", "from_object", "to_object")
BREAKDOWNS = (
    "channel",
    "source",
    "medium",
    "campaign_id",
    "region",
    "segment",
    "industry",
    "product",
    "owner",
)

PLAN = "core.target"
ZERO = frozenset(("0",))  # what a model puts where nothing was delivered

METRICS = Table(
    "metrics",
    "Metrics of the glossary",
    "One row a public metric.",
    (
        Column("metric", "The metric's name"),
        Column("label", "Its label", is_on_page=False),
        Column("area", "Its area in the glossary"),
        Column("computable", "yes or no", is_on_page=False),
        Column("why_not", "The first thing that is missing on the way from the metric to the sources"),
        Column("connect", "The raw columns that could fill it, and are empty"),
        Column("stands_on", "The tables that the metric reads", is_on_page=False),
        Column("no_breakdown_by", "Dimensions of these tables that are empty everywhere"),
    ),
    shown=0,
)
REASONS = Table(
    "gaps",
    "What is missing, and which metrics wait for it",
    "One row a thing that is missing; a metric is listed under the first that stands in its way.",
    (
        Column("missing", "What is missing on the way from the metrics to the sources"),
        Column("metrics", "How many metrics wait for it", "count"),
        Column("names", "Which"),
        Column("connect", "The objects of which one or more would fill it: source (objects)"),
    ),
    shown=40,
)


@dataclass(frozen=True)
class Answer:
    """Whether a metric can be computed; `missing` says why not, `origins` where a value could come from."""

    is_computable: bool
    missing: str = ""
    origins: frozenset[str] = frozenset()
    relations: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()


def gaps(ground: Ground) -> Section:
    """The chapter on what can be reported."""
    glossary = load_glossary(ground.glossary)
    answers = answer_all(glossary, walk_of(ground))
    public = {metric.name: metric for metric in glossary.public_metrics}
    empty = _empty_origins(ground)
    rows = [_row(metric, answers[name], empty) for name, metric in public.items()]
    rows.sort(key=lambda row: (row[3] == "yes", row[2], row[0]))
    good = sum(row[3] == "yes" for row in rows)
    return Section(
        "gaps",
        "What can be reported",
        "Each metric of the glossary is followed to the columns it needs, and those through the models to the raw "
        "tables. It can be computed where something arrives at every one of them.",
        (REASONS.filled(_reasons(rows)), METRICS.filled(rows)),
        tuple(_findings(rows)),
        facts=(
            ("metrics", str(len(rows))),
            ("can be computed", str(good)),
            ("cannot yet", str(len(rows) - good)),
        ),
        ok="Every metric of the glossary can be computed with what is connected.",
    )


def walk_of(ground: Ground) -> Walk:
    """The models over the raw tables as they are: which have rows, which columns have values."""
    raw = {f"raw.{one.name}": _raw(ground, one.name) for one in promised_sources()}
    raw["raw.source_run"] = _raw(ground, "source_run")
    return Walk(read_models(ground.models), raw)


def _raw(ground: Ground, table: str) -> Relation:
    promise = promised(table)
    names = [column.name for column in promise.columns]
    rows = ground.value(f"SELECT COUNT(*) FROM raw.{table}")
    counts = (
        ground.ask(f"SELECT {', '.join(f'COUNT({name})' for name in names)} FROM raw.{table}")[0]
        if rows
        else [0] * len(names)
    )
    columns = {}
    for column, count in zip(promise.columns, counts, strict=True):
        values: Values = SOME if count else NONE
        if count and (column.name in DECIDING or column.type == "BOOLEAN"):
            values = frozenset(
                str(value).lower() if column.type == "BOOLEAN" else str(value)
                for (value,) in ground.ask(
                    f"SELECT DISTINCT {column.name} FROM raw.{table} WHERE {column.name} IS NOT NULL LIMIT 40"
                )
            )
        columns[column.name] = Reach(values, frozenset((f"{table}.{column.name}",)))
    return Relation(bool(rows), columns, frozenset((table,)))


def answer_all(glossary: Glossary, walk: Walk) -> dict[str, Answer]:
    """The answer of every metric, private ones too, by name."""
    models, metrics = glossary.models, glossary.metrics
    answers: dict[str, Answer] = {}

    def answer(name: str) -> Answer:
        if name not in answers:
            answers[name] = _answer(metrics[name])
        return answers[name]

    def _answer(metric: Metric) -> Answer:
        if isinstance(metric.recipe, Simple):
            return _simple(metric, models[metric.recipe.model], walk)
        parts = [answer(one.metric) for one in metric.inputs]
        relations = tuple(dict.fromkeys(name for part in parts for name in part.relations))
        empty = tuple(dict.fromkeys(name for part in parts for name in part.empty))
        for one, part in zip(metric.inputs, parts, strict=True):
            if not part.is_computable:
                return Answer(False, f"{one.metric}: {part.missing}", part.origins, relations, empty)
        return Answer(True, relations=relations, empty=empty)

    for name in metrics:
        answer(name)
    return answers


def _simple(metric: Metric, model: SemanticModel, walk: Walk) -> Answer:
    assert isinstance(metric.recipe, Simple)
    relation = walk.relation(model.relation)
    measure = model.measure_by_name[metric.recipe.measure]
    tables = {model.relation: relation}
    # A plan for the whole company has no breakdowns, and misses none.
    asked = () if model.relation == PLAN else BREAKDOWNS
    empty = tuple(name for name in asked if name in relation.columns and not relation.reach(name).values)
    seen = (model.relation,)
    if not relation.has_rows:
        return Answer(False, f"{model.relation} has no rows", relation.origins, seen, ())
    time = measure.agg_time_dimension or model.default_time_dimension
    needed = [measure.expr]
    if time and time in model.dimension_by_name:
        needed.append(model.dimension_by_name[time].expr)
    for text in needed:
        tree = sqlglot.parse_one(text, dialect="duckdb")
        reach = reach_of(tree, tables) if text != "*" else Reach(SOME)
        if reach.values <= ZERO:
            told = "is 0 in every row" if reach.values else "is empty"
            missing = f"{model.relation}.{_empty_column(tree, relation) or _short(text)} {told}"
            return Answer(False, missing, reach.origins, seen, empty)
    for predicate in (*measure.filters, *metric.filters):
        reach = _predicate(predicate, model, relation)
        if not reach.values:
            told = f"no row of {model.relation} meets {_columns(predicate)}"
            return Answer(False, told, reach.origins, seen, empty)
    return Answer(True, relations=seen, empty=empty)


def _empty_column(tree: exp.Expr, relation: Relation) -> str | None:
    """The first column of an expression that has no value."""
    names = [column.name for column in tree.find_all(exp.Column)]
    return next((name for name in names if not relation.reach(name).values), None)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."


def _predicate(node: Any, model: SemanticModel, relation: Relation) -> Reach:
    """SOME where the predicate can hold, NONE where not, with what it reads."""
    if isinstance(node, predicates.And):
        return _joined([_predicate(one, model, relation) for one in node.items], every=True)
    if isinstance(node, predicates.Or):
        return _joined([_predicate(one, model, relation) for one in node.items], every=False)
    if isinstance(node, predicates.Compare) and node.op in ("=", "eq"):
        left, right = _operand(node.left, model, relation), _operand(node.right, model, relation)
        meets = bool(left.values & right.values) or "*" in left.values | right.values
        return Reach(SOME if left.values and right.values and meets else NONE, left.origins | right.origins)
    if isinstance(node, predicates.IsNull):
        return Reach(SOME)
    if isinstance(node, predicates.Not):
        inner = node.item.operand if isinstance(node.item, predicates.IsNull) else node.item
        reach = _operand(inner, model, relation)
        return reach if reach.values else Reach(NONE, reach.origins)
    return _operand(node, model, relation)


def _joined(parts: list[Reach], every: bool) -> Reach:
    failing = [part for part in parts if not part.values]
    if every and failing:
        return failing[0]
    origins = frozenset(one for part in parts for one in part.origins)
    return Reach(NONE if failing and len(failing) == len(parts) else SOME, origins)


def _operand(node: Any, model: SemanticModel, relation: Relation) -> Reach:
    if isinstance(node, predicates.Literal):
        if node.value is None:
            return Reach()
        text = str(node.value)
        return Reach(frozenset((text.lower() if isinstance(node.value, bool) else text,)))
    name = _dimension_name(node)
    if name is not None:
        dimension = model.dimension_by_name.get(name)
        if dimension is not None:
            return reach_of(sqlglot.parse_one(dimension.expr, dialect="duckdb"), {model.relation: relation})
        return relation.reach(name) if name in relation.columns else Reach(SOME)
    inner = [
        _operand(one, model, relation) for one in predicates.walk(node) if _dimension_name(one) is not None
    ]
    return _joined(inner, every=True) if inner else Reach(SOME)


def _dimension_name(node: Any) -> str | None:
    if isinstance(node, predicates.DimensionRef):
        return node.dimension.name.rpartition("__")[2]
    return node.name if isinstance(node, predicates.Attribute) else None


def _columns(node: Any) -> str:
    names = [name for one in predicates.walk(node) if (name := _dimension_name(one)) is not None]
    return f"its filter on {', '.join(dict.fromkeys(names)) or 'its rows'}"


def _empty_origins(ground: Ground) -> frozenset[str]:
    """The raw tables without rows, and the raw columns without a value."""
    return frozenset(
        origin
        for one in promised_sources()
        for relation in [_raw(ground, one.name)]
        for origin in (
            *(() if relation.has_rows else (one.name,)),
            *(f"{one.name}.{name}" for name, reach in relation.columns.items() if not reach.values),
        )
    )


def _row(metric: Metric, answer: Answer, empty: frozenset[str]) -> tuple[object, ...]:
    return (
        metric.name,
        metric.label,
        metric.area,
        "yes" if answer.is_computable else "no",
        answer.missing,
        _told(answer.origins & empty) if not answer.is_computable else "",
        ", ".join(answer.relations),
        ", ".join(answer.empty) if answer.is_computable else "",
    )


def _told(origins: frozenset[str]) -> str:
    """Raw columns as people read them, a table's columns together: `raw.files__leads (mql_at, sql_at)`."""
    tables: dict[str, list[str]] = {}
    for origin in sorted(origins):
        table, _, column = origin.partition(".")
        tables.setdefault(table, [])
        if column:
            tables[table].append(column)
    return "; ".join(
        f"raw.{table} ({', '.join(names)})" if names else f"raw.{table}" for table, names in tables.items()
    )


def _reasons(rows: list[tuple[object, ...]]) -> list[tuple[str, int, str, str]]:
    """(what is missing, how many metrics, which, what to connect), what most metrics wait for first."""
    waiting: dict[str, list[str]] = {}
    objects: dict[str, str] = {}
    for row in rows:
        if row[3] == "no":
            missing = str(row[4]).rpartition(": ")[2]
            waiting.setdefault(missing, []).append(str(row[0]))
            objects.setdefault(missing, _objects(str(row[5])))
    listed = [(missing, len(names), ", ".join(names), objects[missing]) for missing, names in waiting.items()]
    return sorted(listed, key=lambda one: (-one[1], one[0]))


def _objects(connect: str) -> str:
    """`raw.files__spend (amount); raw.files__deals` as `files (deals, spend)`."""
    found: dict[str, set[str]] = {}
    for source, name in re.findall(r"raw\.(\w+?)__(\w+)", connect):
        found.setdefault(source, set()).add(name)
    return "; ".join(f"{source} ({', '.join(sorted(names))})" for source, names in sorted(found.items()))


def _cut(text: str, most: int = 150) -> str:
    return text if len(text) <= most else f"{text[:most].rpartition(', ')[0]}, ..."


def _findings(rows: list[tuple[object, ...]]) -> Iterator[Finding]:
    without = [row for row in rows if row[3] == "no"]
    if without:
        yield Finding(
            "metrics_missing",
            "Metrics that cannot be computed yet",
            "medium",
            len(without),
            "Dashboards that ask for them stay empty.",
            "Connect what is missing, or leave these metrics out of the pack for now.",
            tuple(
                Example("gap", missing, f"{count} metrics: {_cut(names)}")
                for missing, count, names, _ in _reasons(rows)
            ),
        )
    flat: dict[str, list[str]] = {}
    for row in rows:
        for name in filter(None, str(row[7]).split(", ")):
            flat.setdefault(name, []).append(str(row[0]))
    if flat:
        yield Finding(
            "breakdowns_missing",
            "Breakdowns that stay empty",
            "low",
            len(flat),
            "The metrics can be computed, but every row falls into the blank member.",
            "Map the field in the sources file, or leave the breakdown out.",
            tuple(
                Example("dimension", name, f"{len(names)} metrics, such as {names[0]}")
                for name, names in sorted(flat.items())
            ),
        )
