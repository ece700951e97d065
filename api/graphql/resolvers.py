"""What the fields of the GraphQL door answer with. Each runs in a thread: the engine is synchronous."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import strawberry
from starlette.concurrency import run_in_threadpool
from strawberry.types import Info

from api.catalogue import MetricEntry, shared_dimensions
from api.door import Doors
from api.graphql import types
from api.graphql.questions import document_of
from api.graphql.scalars import BigInt, Document, Rows
from api.rest.questions import read_question
from api.rest.rows import facts_behind
from api.room import Sitting
from semantic.answer import column_type, rows_of
from semantic.definitions import SharedDimension
from semantic.errors import UnknownName

T = TypeVar("T")


@strawberry.type(description="One glossary, the same number from every door.")
class Query:
    @strawberry.field(description="The metrics that the caller may see, by area and name.")
    async def metrics(
        self,
        info: Info,
        names: Annotated[list[str] | None, strawberry.argument(description="Only these.")] = None,
        area: Annotated[
            str | None, strawberry.argument(description="Only of this area, e.g. funnel.")
        ] = None,
    ) -> list[types.Metric]:
        return await _seated(info, lambda doors, seat: _metrics(doors, seat, names, area))

    @strawberry.field(description="The dimensions that mean the same on every metric.")
    async def dimensions(
        self,
        info: Info,
        metrics: Annotated[
            list[str] | None, strawberry.argument(description="Only those that all these metrics have.")
        ] = None,
    ) -> list[types.Dimension]:
        return await _seated(info, lambda doors, seat: _dimensions(doors, seat, metrics))

    @strawberry.field(description="The members of a dimension in rows that the caller may see.")
    async def dimension_values(
        self,
        info: Info,
        dimension: str,
        metrics: Annotated[
            list[str] | None, strawberry.argument(description="Only members that these metrics have.")
        ] = None,
        search: Annotated[
            str | None, strawberry.argument(description="Only those that contain this.")
        ] = None,
        limit: int = 1000,
    ) -> types.DimensionValues:
        return await _seated(info, lambda _, seat: _values(seat, dimension, metrics, search, limit))

    @strawberry.field(description="Ask a question.")
    async def metric_query(self, info: Info, input: types.QuestionInput) -> types.Answer:
        return await _seated(info, lambda _, seat: _answer(seat, input))

    @strawberry.field(description="The rows behind one number of a question; of each fact, for a ratio.")
    async def rows_behind(
        self,
        info: Info,
        input: types.QuestionInput,
        metric: str,
        cell: Annotated[
            Document | None, strawberry.argument(description='The row\'s dimensions: {channel: "email"}.')
        ] = None,
        limit: int = 1000,
    ) -> list[types.Fact]:
        return await _seated(info, lambda _, seat: _facts(seat, input, metric, cell or Document({}), limit))


async def _seated(info: Info, work: Callable[[Doors, Sitting], T]) -> T:
    """Do the work of a field in a sitting of the caller."""
    doors: Doors = info.context["doors"]

    def run() -> T:
        with doors.sit(info.context["caller"]) as seat:
            return work(doors, seat)

    return await run_in_threadpool(run)


def _metrics(doors: Doors, seat: Sitting, names: list[str] | None, area: str | None) -> list[types.Metric]:
    entries = _entries(doors, seat, names)
    return [_metric(entry, seat) for entry in entries if area is None or entry.metric.area == area]


def _entries(doors: Doors, seat: Sitting, names: list[str] | None) -> list[MetricEntry]:
    """The visible metrics of these names, or all; raises UnknownName."""
    visible = {metric.name: metric for metric in seat.metrics()}
    for name in names or ():
        if name not in visible:
            raise UnknownName.of("metric", name, visible)
    return [doors.entry(seat, visible[name]) for name in (visible if names is None else names)]


def _metric(entry: MetricEntry, seat: Sitting) -> types.Metric:
    metric = entry.metric
    known = {d.name: d for d in shared_dimensions(seat.glossary)}
    return types.Metric(
        name=metric.name,
        label=metric.label,
        definition=metric.definition,
        type=types.MetricType(metric.kind),
        area=metric.area,
        format=metric.format,
        unit=metric.unit,
        owner=metric.owner,
        status=types.Status(entry.standing.status),
        fingerprint=entry.standing.fingerprint,
        better=types.Better(metric.better) if metric.better else None,
        target=metric.target,
        thresholds=[types.Threshold(name=name, value=value) for name, value in metric.thresholds],
        synonyms=list(metric.synonyms),
        dimensions=[_dimension(known[name], seat) for name in entry.dimensions],
        made_of=[part.metric for part in metric.inputs],
    )


def _dimensions(doors: Doors, seat: Sitting, metrics: list[str] | None) -> list[types.Dimension]:
    shared = shared_dimensions(seat.glossary)
    entries = _entries(doors, seat, metrics or [])
    return [_dimension(d, seat) for d in shared if all(d.name in entry.dimensions for entry in entries)]


def _dimension(dimension: SharedDimension, seat: Sitting) -> types.Dimension:
    return types.Dimension(
        name=dimension.name,
        label=dimension.label,
        description=dimension.description,
        type=dimension.kind,
        grains=list(seat.glossary.grains) if dimension.kind == "time" else [],
        values=list(dimension.values),
    )


def _values(
    seat: Sitting, dimension: str, metrics: list[str] | None, search: str | None, limit: int
) -> types.DimensionValues:
    members = seat.members(dimension, tuple(metrics or ()), search, limit)
    return types.DimensionValues(
        dimension=dimension, values=[None if member is None else str(member) for member in members]
    )


def _answer(seat: Sitting, question: types.QuestionInput) -> types.Answer:
    answer = seat.answer(read_question(document_of(question), seat.limits))
    document: dict[str, Any] = answer.to_document()
    return types.Answer(
        columns=[types.Column(**column) for column in document["columns"]],
        rows=Rows(document["rows"]),
        total=BigInt(answer.total),
        totals=None if answer.totals is None else Rows(rows_of(answer.totals)),
        sql=answer.sql,
        freshness=Document(dict(answer.freshness)),
        notes=list(answer.notes),
    )


def _facts(
    seat: Sitting, question: types.QuestionInput, metric: str, cell: Document, limit: int
) -> list[types.Fact]:
    body = {"query": document_of(question), "metric": metric, "cell": cell, "limit": limit}
    return [
        types.Fact(
            metric=fact.metric,
            model=fact.model,
            columns=[types.FactColumn(name=f.name, type=column_type(f.type)) for f in fact.table.schema],
            rows=Rows(rows_of(fact.table)),
            sql=fact.sql,
        )
        for fact in facts_behind(seat, body)
    ]
