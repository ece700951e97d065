"""A dashboard as it is written in superset/assets/*.yml, checked when it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

SINGLE = ("metric", "target", "attainment", "also")  # options that name one metric


class SpecError(ValueError):
    """A dashboard file cannot be read as one; the message lists everything that is wrong with it."""


@dataclass(frozen=True)
class Chart:
    """One panel: `kind` names its builder in charts.py, `options` is what that builder reads."""

    key: str
    kind: str
    title: str
    description: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Filter:
    """A filter of the dashboard: `column` None is a range of time. `charts` are those that it reaches."""

    name: str
    column: str | None
    default: str | None
    charts: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """A chart's place: width in twelfths of the page, height in units of 8 pixels."""

    chart: str
    width: int
    height: int


@dataclass(frozen=True)
class Row:
    """Charts side by side; `text` stands before them and takes the width that they leave."""

    cells: tuple[Cell, ...] = ()
    text: str = ""
    height: int = 0


@dataclass(frozen=True)
class Dashboard:
    """A dashboard file."""

    slug: str
    title: str
    description: str
    table: str
    ranges: Mapping[str, str]
    charts: tuple[Chart, ...]
    filters: tuple[Filter, ...]
    rows: tuple[Row, ...]

    def metrics(self) -> frozenset[str]:
        """Every metric that a chart of this dashboard asks for."""
        found: set[str] = set()
        for chart in self.charts:
            for key in SINGLE:
                found.update([chart.options[key]] if key in chart.options else [])
            for key in ("metrics", "bars", "lines", "stages", "rates"):
                found.update(chart.options.get(key, ()))
        return frozenset(found)


def read_dashboard(path: Path) -> Dashboard:
    """The dashboard in `path`; SpecError with all problems at once."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    charts = tuple(_chart(key, dict(body)) for key, body in document["charts"].items())
    dashboard = Dashboard(
        slug=path.stem.replace("_", "-"),
        title=document["title"],
        description=document.get("description", ""),
        table=document.get("table", "metrics"),
        ranges=document.get("ranges", {}),
        charts=charts,
        filters=tuple(_filter(name, dict(body), charts) for name, body in document["filters"].items()),
        rows=tuple(_row(row) for row in document["layout"]),
    )
    problems = list(_problems(dashboard))
    if problems:
        raise SpecError("\n".join(f"{path.name}: {problem}" for problem in problems))
    return dashboard


def _chart(key: str, body: dict[str, Any]) -> Chart:
    return Chart(key, body.pop("kind"), body.pop("title"), body.pop("description", ""), body)


def _filter(name: str, body: dict[str, Any], charts: tuple[Chart, ...]) -> Filter:
    excluded = set(body.get("not_for", ()))
    only = body.get("for") or [chart.key for chart in charts if chart.key not in excluded]
    return Filter(name, body.get("column"), body.get("default"), tuple(only))


def _row(row: Any) -> Row:
    height = int(row["height"])
    cells = tuple(Cell(key, int(width), height) for key, width in row.get("charts", {}).items())
    return Row(cells, row.get("text", ""), height)


def _problems(dashboard: Dashboard) -> list[str]:
    known = {chart.key for chart in dashboard.charts}
    placed = [cell.chart for row in dashboard.rows for cell in row.cells]
    problems = [f"layout: unknown chart {key!r}" for key in placed if key not in known]
    problems += [f"charts: {key!r} is in no row of the layout" for key in sorted(known - set(placed))]
    for row in dashboard.rows:
        width = sum(cell.width for cell in row.cells)
        if width > (11 if row.text else 12):
            problems.append(f"layout: {[cell.chart for cell in row.cells]} are {width} wide of 12")
    for one in dashboard.filters:
        problems += [
            f"filters: {one.name!r}: unknown chart {key!r}" for key in one.charts if key not in known
        ]
    ranges = [chart.options.get("range") for chart in dashboard.charts]
    ranges += [one.default for one in dashboard.filters if one.column is None]
    problems += [
        f"ranges: {name!r} is not declared" for name in ranges if name and name not in dashboard.ranges
    ]
    return problems
