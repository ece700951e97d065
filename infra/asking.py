"""What the question commands share: their options, and the question, glossary and warehouse they lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.home import Home
from infra.settings import settings

if TYPE_CHECKING:
    from semantic.definitions import Glossary
    from semantic.query import Query
    from semantic.warehouse.closed_files import ClosedFiles
    from semantic.warehouse.duckdb import DuckDBWarehouse

Metrics = Annotated[list[str], typer.Argument(help="Metrics, by name: `touchstone glossary list` has them.")]
By = Annotated[
    list[str] | None, typer.Option("--by", help="Group by a dimension, e.g. channel or metric_time:month.")
]
Where = Annotated[
    list[str] | None, typer.Option("--where", help="Only these rows, e.g. \"region = 'EMEA'\".")
]
Having = Annotated[list[str] | None, typer.Option("--having", help='Only these results, e.g. "mqls > 10".')]
From = Annotated[str | None, typer.Option("--from", help="First day, e.g. 2026-01-01.")]
To = Annotated[str | None, typer.Option("--to", help="Last day, all of it included.")]
TimeZone = Annotated[str | None, typer.Option("--time-zone", help="The zone days begin in: Europe/Oslo.")]
Compare = Annotated[
    str | None, typer.Option("--compare", help="previous_period, previous_year, target or as_reported.")
]
Totals = Annotated[bool, typer.Option("--totals", help="Add the grand total, computed from the facts.")]
OrderBy = Annotated[
    list[str] | None, typer.Option("--order-by", help="A column; with a minus before it, descending.")
]
Limit = Annotated[int | None, typer.Option("--limit", help="At most this many rows.")]
Offset = Annotated[int, typer.Option("--offset", help="Leave out this many rows first.")]
Attribution = Annotated[
    str | None, typer.Option("--attribution-model", help="Who gets the credit: first, last, ...")
]
Currency = Annotated[str | None, typer.Option("--currency", help="The currency of money.")]
AsOf = Annotated[str | None, typer.Option("--as-of", help="A closed period, to get what was reported.")]


def document(**options: Any) -> dict[str, Any]:
    """The question as every door writes it, from the options that were given.

    >>> document(metrics=["mqls"], group_by=None, start="2026-01-01", end=None, limit=0)
    {'metrics': ['mqls'], 'limit': 0, 'time_range': {'from': '2026-01-01'}}
    """
    period = {"from": options.pop("start", None), "to": options.pop("end", None)}
    given = {name: value for name, value in options.items() if value is not None}
    bounds = {name: value for name, value in period.items() if value is not None}
    return given | ({"time_range": bounds} if bounds else {})


def question(**options: Any) -> Query:
    """The frozen question of the given options; raises QueryError."""
    from semantic.query import query_from_document

    return query_from_document(document(**options))


def glossary() -> Glossary:
    """The glossary in force; raises GlossaryError with every problem."""
    from semantic.loader import load_glossary

    return load_glossary(settings().glossary)


def closings() -> ClosedFiles:
    """The closed months."""
    from semantic.warehouse.closed_files import ClosedFiles

    return ClosedFiles(Home(settings().home).closed)


def warehouse() -> DuckDBWarehouse:
    """What is published; raises WarehouseError when asked before anything is."""
    from semantic.warehouse.duckdb import DuckDBWarehouse

    return DuckDBWarehouse(Home(settings().home).pointer)
