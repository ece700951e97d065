"""`touchstone compile`: the SQL of a question, without running it."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer

from infra import asking


class Dialect(StrEnum):
    """The databases that the compiler writes for."""

    DUCKDB = "duckdb"
    SNOWFLAKE = "snowflake"
    POSTGRES = "postgres"
    REDSHIFT = "redshift"
    BIGQUERY = "bigquery"


class CompileFormat(StrEnum):
    """SQL text, or SQL with its parameters as JSON."""

    SQL = "sql"
    JSON = "json"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("compile")(compile_)


def compile_(
    metrics: asking.Metrics,
    by: asking.By = None,
    where: asking.Where = None,
    having: asking.Having = None,
    start: asking.From = None,
    end: asking.To = None,
    time_zone: asking.TimeZone = None,
    compare: asking.Compare = None,
    totals: asking.Totals = False,
    order_by: asking.OrderBy = None,
    limit: asking.Limit = None,
    offset: asking.Offset = 0,
    attribution_model: asking.Attribution = None,
    currency: asking.Currency = None,
    as_of: asking.AsOf = None,
    dialect: Annotated[Dialect, typer.Option(help="The database to write for.")] = Dialect.DUCKDB,
    explain: Annotated[bool, typer.Option(help="Say in words how each number is made.")] = False,
    form: Annotated[
        CompileFormat, typer.Option("--format", help="SQL text, or JSON with the parameters.")
    ] = CompileFormat.SQL,
) -> None:
    """Print the SQL of a question, and with --explain how each number is made."""
    from semantic.answer import plain
    from semantic.ask import compile_query

    asked = asking.question(
        metrics=metrics,
        group_by=by,
        where=where,
        having=having,
        start=start,
        end=end,
        time_zone=time_zone,
        compare=compare,
        totals=totals,
        order_by=order_by,
        limit=limit,
        offset=offset,
        attribution_model=attribution_model,
        currency=currency,
        as_of=as_of,
    )
    compiled = compile_query(asked, asking.glossary(), dialect.value, closings=asking.closings())
    if form is CompileFormat.JSON:
        values = [plain(value) for value in compiled.parameters]
        told = {"explain": compiled.explain()} if explain else {}
        print(json.dumps({"sql": compiled.sql, "parameters": values} | told, indent=2))
        return
    if explain:
        print(compiled.explain(), end="\n\n")
    print(compiled.sql)
    for place, value in enumerate(compiled.parameters, start=1):
        print(f"-- parameter {place}: {value!r}")
