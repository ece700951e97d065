"""The page: layout, filters and their scopes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from touchstone_superset.names import identity
from touchstone_superset.spec import Dashboard, Filter, Row

ROOT, GRID = "ROOT_ID", "GRID_ID"
WINDOW_FRAME = 144  # headless Chromium counts its tabs and address bar as part of the window
COLUMNS, UNIT, GAP = 12, 8, 16  # a row's columns; pixels of a unit of height, and between two rows


def dashboard(spec: Dashboard) -> dict[str, Any]:
    """A dashboard as Superset imports it."""
    numbers = {chart.key: number for number, chart in enumerate(spec.charts, start=1)}
    return {
        "dashboard_title": spec.title,
        "description": spec.description,
        "css": CSS,
        "slug": spec.slug,
        "uuid": identity("dashboard", spec.slug),
        "published": True,
        "position": _position(spec, numbers),
        "metadata": {
            "color_scheme": "supersetColors",
            "refresh_frequency": 0,
            # A click in a table must not filter the plan's tiles: there is no plan for a single channel.
            "cross_filters_enabled": False,
            "filter_bar_orientation": "HORIZONTAL",
            "native_filter_configuration": [_filter(one, spec, numbers) for one in spec.filters],
        },
        "version": "1.0.0",
    }


# The tiles are short: Superset's own padding would take half of them.
CSS = """
.dashboard-component-chart-holder { padding: 12px 14px !important; }
.dashboard-component-chart-holder:has(.ts-kpi) .header-title { font-size: 14px; }
.dashboard-component-chart-holder:has(.ts-kpi) .filter-counts { display: none; }
"""


def _position(spec: Dashboard, numbers: dict[str, int]) -> dict[str, Any]:
    rows = {f"ROW-{number}": row for number, row in enumerate(spec.rows, start=1)}
    position: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        ROOT: {"id": ROOT, "type": "ROOT", "children": [GRID]},
        GRID: {"id": GRID, "type": "GRID", "children": list(rows), "parents": [ROOT]},
        "HEADER_ID": {"id": "HEADER_ID", "type": "HEADER", "meta": {"text": spec.title}},
    }
    for key, row in rows.items():
        position.update(_row(key, row, spec, numbers))
    return position


def _row(key: str, row: Row, spec: Dashboard, numbers: dict[str, int]) -> dict[str, Any]:
    parents = [ROOT, GRID, key]
    children = {child["id"]: {**child, "parents": parents} for child in _children(key, row, spec, numbers)}
    holder = {
        "id": key, "type": "ROW", "children": list(children), "parents": [ROOT, GRID],
        "meta": {"background": "BACKGROUND_TRANSPARENT"},
    }  # fmt: skip
    return {key: holder, **children}


def _children(key: str, row: Row, spec: Dashboard, numbers: dict[str, int]) -> Iterator[dict[str, Any]]:
    if row.text:
        width = COLUMNS - sum(cell.width for cell in row.cells)
        meta = {
            "code": row.text,
            "width": width,
            "height": row.height,
            "background": "BACKGROUND_TRANSPARENT",
        }
        yield {"id": f"MARKDOWN-{key}", "type": "MARKDOWN", "children": [], "meta": meta}
    titles = {chart.key: chart.title for chart in spec.charts}
    for cell in row.cells:
        meta = {
            "uuid": chart_identity(spec, cell.chart),
            "chartId": numbers[cell.chart],
            "sliceName": titles[cell.chart],
            "width": cell.width,
            "height": cell.height,
        }
        yield {"id": f"CHART-{cell.chart}", "type": "CHART", "children": [], "meta": meta}


def page_height(spec: Dashboard) -> int:
    """The height of the whole page in pixels, for its picture in a mail: Superset cuts what is below."""
    return sum(row.height * UNIT + GAP for row in spec.rows) + GAP + WINDOW_FRAME


def chart_identity(spec: Dashboard, key: str) -> str:
    """The UUID of a dashboard's chart."""
    return identity("chart", f"{spec.slug}/{key}")


def _filter(one: Filter, spec: Dashboard, numbers: dict[str, int]) -> dict[str, Any]:
    return {
        "id": f"NATIVE_FILTER-{identity('filter', f'{spec.slug}/{one.name}')[:8]}",
        "name": one.name,
        "type": "NATIVE_FILTER",
        "description": "",
        "cascadeParentIds": [],
        "scope": {
            "rootPath": [ROOT],
            "excluded": [number for key, number in numbers.items() if key not in one.charts],
        },
        **(_values(one, spec) if one.column else _range(one, spec)),
    }


def _range(one: Filter, spec: Dashboard) -> dict[str, Any]:
    chosen = spec.ranges[one.default] if one.default else "No filter"
    return {
        "filterType": "filter_time",
        "targets": [{}],
        "controlValues": {"enableEmptyFilter": False},
        "defaultDataMask": {
            "extraFormData": {"time_range": chosen},
            "filterState": {"value": chosen},
            "ownState": {},
        },
    }


def _values(one: Filter, spec: Dashboard) -> dict[str, Any]:
    return {
        "filterType": "filter_select",
        "targets": [{"column": {"name": one.column}, "datasetUuid": identity("dataset", spec.table)}],
        "controlValues": {
            "enableEmptyFilter": False,
            "defaultToFirstItem": False,
            "multiSelect": True,
            "searchAllOptions": False,
            "inverseSelection": False,
        },
        "defaultDataMask": {"extraFormData": {}, "filterState": {}, "ownState": {}},
    }
