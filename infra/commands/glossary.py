"""`touchstone glossary`: what the metrics are, and the members of a dimension."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra import asking
from infra.rows import Format, render

if TYPE_CHECKING:
    from semantic.definitions import Metric

app = typer.Typer(no_args_is_help=True, help="What the metrics mean, who owns them, and how they are made.")

Form = Annotated[Format, typer.Option("--format", help="How the rows are printed.")]


@app.command("list")
def list_(
    area: Annotated[str | None, typer.Option(help="Only this area, e.g. funnel or spend.")] = None,
    form: Form = Format.TABLE,
) -> None:
    """List the metrics: name, label, area, kind, status, owner."""
    found = [metric for metric in asking.glossary().metrics.values() if not metric.private]
    rows = [
        {
            "name": metric.name,
            "label": metric.label,
            "area": metric.area,
            "type": metric.kind,
            "status": metric.status,
            "owner": metric.owner,
        }
        for metric in sorted(found, key=lambda metric: (metric.area, metric.name))
        if area in (None, metric.area)
    ]
    print(render(("name", "label", "area", "type", "status", "owner"), rows, form))


@app.command()
def show(
    metric: Annotated[str, typer.Argument(help="The metric's name.")], form: Form = Format.TABLE
) -> None:
    """Show one metric: its definition, what it is made of, status and owner."""
    from semantic.errors import UnknownName

    known = asking.glossary().metrics
    if metric not in known:
        raise UnknownName.of("metric", metric, known)
    rows = [{"key": key, "value": value} for key, value in _facts(known[metric]).items() if value]
    print(render(("key", "value"), rows, form))


@app.command()
def values(
    dimension: Annotated[str, typer.Argument(help="The dimension, e.g. channel.")],
    search: Annotated[str | None, typer.Option(help="Only members that contain this.")] = None,
    limit: Annotated[int, typer.Option(help="At most this many members.")] = 1000,
    form: Form = Format.TABLE,
) -> None:
    """List the members of a dimension in what is published."""
    from semantic.answer import rows_of
    from semantic.ask import dimension_values

    table = dimension_values(dimension, asking.glossary(), asking.warehouse(), search=search, limit=limit)
    print(render(table.column_names, rows_of(table), form))


def _facts(metric: Metric) -> dict[str, Any]:
    return {
        "name": metric.name,
        "label": metric.label,
        "definition": metric.definition,
        "type": metric.kind,
        "made of": ", ".join(part.metric for part in metric.inputs),
        "format": metric.format,
        "better": metric.better,
        "owner": metric.owner,
        "status": metric.status,
        "approved by": ", ".join(f"{approval.by} ({approval.role})" for approval in metric.approvals),
        "target": metric.target,
        "synonyms": ", ".join(metric.synonyms),
        "notes": metric.notes,
        "written in": str(metric.place) if metric.place else "",
    }
