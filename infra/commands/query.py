"""`touchstone query`: ask what is published, without a server."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from infra import asking
from infra.rows import Format, render

if TYPE_CHECKING:
    from semantic.answer import Answer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(query)


def query(
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
    form: Annotated[Format, typer.Option("--format", help="How the rows are printed.")] = Format.TABLE,
) -> None:
    """Ask for metrics. What is published answers; no server needs to run."""
    from semantic.ask import ask

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
    show(ask(asked, asking.glossary(), asking.warehouse(), closings=asking.closings()), form)


def show(answer: Answer, form: Format) -> None:
    """Print an answer: JSON as the doors give it; otherwise the rows, with the notes on stderr."""
    if form is Format.JSON:
        print(json.dumps(answer.to_document(), indent=2, ensure_ascii=False))
        return
    names = [column.name for column in answer.columns]
    document = answer.to_document()
    rows = document["rows"] + [dict(row) for row in document.get("totals", ())]
    print(render(names, rows, form))
    for note in answer.notes:
        print(f"note: {note}", file=sys.stderr)
