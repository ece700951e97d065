"""`touchstone glossary`: what the metrics are, and the members of a dimension."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra import asking
from infra.rows import Format, render

if TYPE_CHECKING:
    from semantic.definitions import Glossary, Metric

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
    """Show one metric: its definition, how it is made, what it can be asked by, status and owner."""
    from semantic.errors import UnknownName

    glossary = asking.glossary()
    if metric not in glossary.metrics:
        raise UnknownName.of("metric", metric, glossary.metrics)
    facts = _facts(glossary.metrics[metric], glossary)
    rows = [{"key": key, "value": value} for key, value in facts.items() if value]
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


def _facts(metric: Metric, glossary: Glossary) -> dict[str, Any]:
    from semantic.fingerprint import standing
    from semantic.interop.markdown import dimensions_of_metric
    from semantic.interop.words import recipe_words

    current = standing(metric, glossary)
    return {
        "name": metric.name,
        "label": metric.label,
        "definition": metric.definition,
        "type": metric.kind,
        "made of": recipe_words(metric, glossary),
        "by": ", ".join(dimensions_of_metric(metric, glossary)),
        "format": metric.format,
        "better": metric.better,
        "owner": metric.owner,
        "status": metric.status,
        "meaning": current.fingerprint,
        "to sign": ", ".join(current.missing),
        "lapsed": ", ".join(f"{approval.by} ({approval.role})" for approval in current.lapsed),
        "approved by": ", ".join(f"{approval.by} ({approval.role})" for approval in metric.approvals),
        "target": metric.target,
        "synonyms": ", ".join(metric.synonyms),
        "notes": metric.notes,
        "written in": str(metric.place) if metric.place else "",
    }
