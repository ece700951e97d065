"""Panels: one function a kind, from the dashboard file's options to Superset's parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from touchstone_superset.glossary import Metric, Table
from touchstone_superset.spec import SINGLE, Chart, SpecError
from touchstone_superset.tiles import (
    BOARD_STYLE,
    FUNNEL_STYLE,
    KPI_STYLE,
    board_template,
    funnel_template,
    kpi_template,
    number_template,
)

TIME = "metric_time"
GRAINS = {"day": "P1D", "week": "P1W", "month": "P1M", "quarter": "P3M", "year": "P1Y"}
Params = dict[str, Any]


def params(chart: Chart, table: Table, ranges: Mapping[str, str]) -> Params:
    """Superset's parameters of a chart; SpecError names an unknown kind, metric or dimension."""
    builder = BUILDERS.get(chart.kind)
    if builder is None:
        raise SpecError(f"charts: {chart.key}: unknown kind {chart.kind!r}; kinds: {', '.join(BUILDERS)}")
    _check_names(chart, table)
    body = builder(chart, table.metrics)
    in_range = [_in_range(ranges[chart.options["range"]])]
    in_range += [_only(*one) for one in chart.options.get("only", {}).items()]
    if "metrics_b" in body:
        body = {**body, "adhoc_filters_b": in_range}
    return {**body, "adhoc_filters": in_range, "row_limit": int(chart.options.get("most", 1000))}


def query_context(chart: Chart, body: Params) -> dict[str, Any]:
    """The stored question of a chart: without it a mail would have to open a browser to learn it."""
    query = {
        "filters": [
            {"col": one["subject"], "op": one["operator"], "val": one["comparator"]}
            for one in body["adhoc_filters"]
        ],
        "extras": {"having": "", "where": ""},
        "columns": _columns(body),
        "metrics": [*body.get("metrics", []), *body.get("metrics_b", [])],
        "orderby": [[body["timeseries_limit_metric"], False]] if body.get("timeseries_limit_metric") else [],
        "row_limit": body["row_limit"],
        "order_desc": True,
        "post_processing": [],
    }
    return {
        "datasource": {"id": 0, "type": "table"},
        "force": False,
        "queries": [query],
        "form_data": {"viz_type": body["viz_type"]},
        "result_format": "json",
        "result_type": "full",
    }


def _columns(body: Params) -> list[Any]:
    if "x_axis" not in body:
        return list(body.get("groupby", []))
    if body["time_grain_sqla"] is None:
        return [body["x_axis"], *body["groupby"]]
    axis = {
        "columnType": "BASE_AXIS", "expressionType": "SQL", "label": body["x_axis"],
        "sqlExpression": body["x_axis"], "timeGrain": body["time_grain_sqla"],
    }  # fmt: skip
    return [axis, *body.get("groupby", [])]


def _in_range(time_range: str) -> dict[str, Any]:
    return {
        "clause": "WHERE", "expressionType": "SIMPLE", "operator": "TEMPORAL_RANGE",
        "subject": TIME, "comparator": time_range,
    }  # fmt: skip


def _only(dimension: str, member: str) -> dict[str, Any]:
    return {
        "clause": "WHERE", "expressionType": "SIMPLE", "operator": "==",
        "subject": dimension, "comparator": member,
    }  # fmt: skip


def _check_names(chart: Chart, table: Table) -> None:
    asked = [chart.options[key] for key in (*SINGLE, "sort") if key in chart.options]
    for key in ("metrics", "bars", "lines", "stages", "rates"):
        asked += chart.options.get(key, ())
    unknown = [name for name in asked if name not in table.metrics]
    if unknown:
        raise SpecError(f"charts: {chart.key}: the glossary has no metric {', '.join(map(repr, unknown))}")
    dimensions = (*chart.options.get("by", ()), *chart.options.get("only", {}))
    missing = [name for name in dimensions if name not in table.columns]
    if missing:
        raise SpecError(f"charts: {chart.key}: the glossary has no dimension {', '.join(map(repr, missing))}")


def _tile(metrics: list[str], template: str, style: str) -> Params:
    return {
        "viz_type": "handlebars",
        "query_mode": "aggregate",
        "groupby": [],
        "metrics": metrics,
        "handlebarsTemplate": template,
        "styleTemplate": style,
    }


def kpi(chart: Chart, metrics: Mapping[str, Metric]) -> Params:
    """A number with its plan and a status; all three are asked of the door in one question."""
    value = metrics[chart.options["metric"]]
    target, attainment = metrics[chart.options["target"]], metrics[chart.options["attainment"]]
    return _tile(
        [value.name, target.name, attainment.name], kpi_template(value, target, attainment), KPI_STYLE
    )


def board(chart: Chart, metrics: Mapping[str, Metric]) -> Params:
    """A tile for each member of a dimension: a value, its limit and a status in words, the worst first."""
    (dimension,), words = chart.options["by"], tuple(chart.options["words"])
    value, target = metrics[chart.options["metric"]], metrics[chart.options["target"]]
    attainment, also = metrics[chart.options["attainment"]], metrics[chart.options["also"]]
    template = board_template(dimension, (value, target, attainment, also), words)
    names = [value.name, target.name, attainment.name, also.name]
    return {
        **_tile(names, template, BOARD_STYLE),
        "groupby": [dimension],
        "timeseries_limit_metric": attainment.name,
        "order_desc": attainment.lower_is_better,
    }


def number(chart: Chart, metrics: Mapping[str, Metric]) -> Params:
    """A number alone."""
    value = metrics[chart.options["metric"]]
    return _tile([value.name], number_template(value), KPI_STYLE)


def funnel(chart: Chart, metrics: Mapping[str, Metric]) -> Params:
    """Stages that are metrics of their own, widest first, with the conversion rate between them."""
    stages = [metrics[name] for name in chart.options["stages"]]
    rates = [metrics[name] for name in chart.options["rates"]]
    return _tile([one.name for one in (*stages, *rates)], funnel_template(stages, rates), FUNNEL_STYLE)


def trend(chart: Chart, metrics: Mapping[str, Metric]) -> Params:
    """Bars by month: metrics side by side, or one metric stacked `by` a dimension.

    `lines` have an axis of their own; with `one_axis` that of the bars.
    """
    bars, lines = list(chart.options["bars"]), list(chart.options.get("lines", ()))
    grain = chart.options.get("grain", "month")
    short, long = ("%d %b", "%d %B %Y") if grain in ("day", "week") else ("%b %y", "%B %Y")
    shared = {
        "x_axis": TIME, "time_grain_sqla": GRAINS[grain], "x_axis_sort_asc": True,
        "x_axis_time_format": short, "xAxisLabelRotation": 0,
        "metrics": bars, "groupby": list(chart.options.get("by", ())),
        "y_axis_format": _axis(metrics[bars[0]]), "truncateYAxis": False,
        "show_legend": True, "legendType": "plain", "legendOrientation": "top",
        "rich_tooltip": True, "tooltipTimeFormat": long, "truncate_metric": True,
        "color_scheme": "supersetColors", "order_desc": True, "comparison_type": "values",
        "sort_series_type": "name", "sort_series_ascending": True,
    }  # fmt: skip
    if not lines:
        stack = "Stack" if shared["groupby"] else None
        return {**shared, "viz_type": "echarts_timeseries_bar", "orientation": "vertical", "stack": stack}
    return {
        **shared, "viz_type": "mixed_timeseries", "seriesType": "bar", "yAxisIndex": 0,
        "metrics_b": lines, "groupby_b": [], "seriesTypeB": "line", "markerEnabledB": True,
        "yAxisIndexB": 0 if chart.options.get("one_axis") else 1,
        "markerSizeB": 6, "y_axis_format_secondary": _axis(metrics[lines[0]]), "order_desc_b": True,
        "row_limit_b": 1000, "truncate_metric_b": True,
    }  # fmt: skip


def ranking(chart: Chart, metrics: Mapping[str, Metric]) -> Params:
    """The members of one dimension as bars, the largest on top."""
    name, (dimension,) = chart.options["metric"], chart.options["by"]
    return {
        "viz_type": "echarts_timeseries_bar", "orientation": "horizontal",
        "x_axis": dimension, "time_grain_sqla": None, "xAxisForceCategorical": True,
        "x_axis_sort": name, "x_axis_sort_asc": True, "groupby": [], "metrics": [name],
        "timeseries_limit_metric": name, "order_desc": True,
        "y_axis_format": ".3s", "truncateYAxis": False, "show_legend": False, "show_value": True,
        "rich_tooltip": True, "truncate_metric": True, "color_scheme": "supersetColors",
        "comparison_type": "values",
    }  # fmt: skip


def curve(chart: Chart, metrics: Mapping[str, Metric]) -> Params:
    """A metric over the members of a dimension in their own order, as a filled line: a share that grows to 1."""
    name, (dimension,) = chart.options["metric"], chart.options["by"]
    return {
        "viz_type": "echarts_area",
        "x_axis": dimension, "time_grain_sqla": None, "xAxisForceCategorical": True,
        "x_axis_sort": name, "x_axis_sort_asc": True, "groupby": [], "metrics": [name],
        "timeseries_limit_metric": name, "order_desc": False, "stack": None, "opacity": 0.2, "markerEnabled": True,
        "y_axis_format": _axis(metrics[name]), "truncateYAxis": True, "y_axis_bounds": [0, 1],
        "show_legend": False, "rich_tooltip": True, "truncate_metric": True, "color_scheme": "supersetColors",
        "comparison_type": "values",
    }  # fmt: skip


def table(chart: Chart, metrics: Mapping[str, Metric]) -> Params:
    """Metrics by dimension. The totals row is a question of its own: no ratio is summed up here."""
    names = list(chart.options["metrics"])
    config = {name: _column(metrics[name]) for name in names}
    return {
        "viz_type": "table",
        "query_mode": "aggregate",
        "groupby": list(chart.options["by"]),
        "metrics": names,
        "all_columns": [],
        "percent_metrics": [],
        "timeseries_limit_metric": chart.options.get("sort", names[0]),
        "order_desc": True,
        "show_totals": bool(chart.options.get("totals", True)),
        "show_cell_bars": False,
        "color_pn": False,
        "allow_render_html": False,
        "server_pagination": False,
        "table_timestamp_format": "%Y-%m-%d",
        "column_config": config,
    }


def latest(chart: Chart, metrics: Mapping[str, Metric]) -> Params:
    """The last day of the chosen period that has data of some metric."""
    newest = {
        "expressionType": "SQL", "sqlExpression": f"MAX({TIME})", "label": "latest", "hasCustomLabel": True,
        "optionName": "metric_latest",
    }  # fmt: skip
    return {
        "viz_type": "big_number_total",
        "metric": newest,
        "metrics": [newest],
        "time_format": "%-d %B %Y",
        "force_timestamp_formatting": True,
        "header_font_size": 0.6,
    }


def _column(metric: Metric) -> dict[str, Any]:
    config: dict[str, Any] = {"d3NumberFormat": metric.d3, "d3SmallNumberFormat": metric.d3}
    return {**config, "currencyFormat": metric.currency} if metric.currency else config


def _axis(metric: Metric) -> str:
    """An axis has room for few letters: `$ 1.2M`, `350`, `45%`."""
    return ".0%" if metric.format == "percent" else "~s"


BUILDERS: dict[str, Callable[[Chart, Mapping[str, Metric]], Params]] = {
    "kpi": kpi,
    "board": board,
    "number": number,
    "funnel": funnel,
    "trend": trend,
    "ranking": ranking,
    "curve": curve,
    "table": table,
    "latest": latest,
}
