"""From dashboard files and the door's catalogue to what Superset imports; no Superset needed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from api import ApiSettings
from semantic.definitions import Glossary
from semantic.warehouse.duckdb import DuckDBWarehouse
from tests.api.conftest import publish, serve
from tests.bi.conftest import SERVICE_KEY, USERS
from tests.fixtures.core import build_core
from tests.shared import ROOT
from touchstone_superset.attachments import last_month
from touchstone_superset.bundle import build
from touchstone_superset.dashboard import page_height
from touchstone_superset.glossary import Metric
from touchstone_superset.names import identity
from touchstone_superset.reports import read_reports
from touchstone_superset.spec import SpecError, read_dashboard
from touchstone_superset.tables import formatted
from touchstone_superset.tiles import kpi_template
from touchstone_superset.workrounds import as_utc

ASSETS, REPORTS = ROOT / "superset" / "assets", ROOT / "superset" / "reports"
HIGHER = Metric("mqls_attainment", {"thresholds": {"green": 1.0, "red": 0.9}, "better": "higher"})
LOWER = Metric("cost_attainment", {"thresholds": {"green": 1.0, "red": 1.2}, "better": "lower"})


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory, glossary: Glossary) -> Iterator[dict[str, Any]]:
    home = tmp_path_factory.mktemp("serving")
    publish(home, build_core(home / "warehouse.duckdb"), "v1")
    with serve(ApiSettings(DuckDBWarehouse(home / "current.json"), glossary, lambda: USERS)) as address:
        headers = {"Authorization": f"Bearer {SERVICE_KEY}"}
        yield httpx.get(f"{address}/v1/tables", headers=headers, timeout=60).json()


def test_every_dashboard_file_fits_the_glossary(catalog: dict[str, Any]) -> None:
    bundle = build(ASSETS, catalog)
    dashboards = {path for path in bundle if path.startswith("dashboards/")}
    assert len(dashboards) == len(list(ASSETS.glob("*.yml")))
    assert build(ASSETS, catalog) == bundle


def test_every_chart_has_a_stored_question_over_declared_names(catalog: dict[str, Any]) -> None:
    table = catalog["metrics"]
    for path, text in build(ASSETS, catalog).items():
        if path.startswith("charts/"):
            query = json.loads(yaml.safe_load(text)["query_context"])["queries"][0]
            names = {one if isinstance(one, str) else one["sqlExpression"] for one in query["columns"]}
            assert names <= set(table["columns"]), path
            assert {one for one in query["metrics"] if isinstance(one, str)} <= set(table["metrics"]), path


def test_no_secret_and_no_address_in_what_is_imported(catalog: dict[str, Any]) -> None:
    database = yaml.safe_load(build(ASSETS, catalog)["databases/touchstone.yaml"])
    assert database["sqlalchemy_uri"] == "touchstone://"
    assert database["impersonate_user"]
    assert database["extra"]["per_user_caching"]


def test_money_is_in_the_reporting_currency(catalog: dict[str, Any]) -> None:
    dataset = yaml.safe_load(build(ASSETS, catalog)["datasets/touchstone/metrics.yaml"])
    metrics = {metric["metric_name"]: metric for metric in dataset["metrics"]}
    assert metrics["cost_per_mql"]["currency"] == {"symbol": "USD", "symbolPosition": "prefix"}
    assert metrics["cost_per_mql"]["expression"] == "MEASURE(cost_per_mql)"
    assert metrics["mqls"]["d3format"] == ",d"
    assert metrics["mqls"]["currency"] is None


def test_targets_are_outside_the_filters_that_they_do_not_know(catalog: dict[str, Any]) -> None:
    board = yaml.safe_load(build(ASSETS, catalog)["dashboards/executive_summary.yaml"])
    numbers = {one["meta"]["sliceName"]: one["meta"]["chartId"] for one in _charts(board)}
    filters = {
        one["name"]: one["scope"]["excluded"] for one in board["metadata"]["native_filter_configuration"]
    }
    for name in ("Channel", "Region"):
        assert {numbers["MQLs"], numbers["Closed-won revenue"]} < set(filters[name])
        assert numbers["Channel performance"] not in filters[name]


def test_all_problems_of_a_file_at_once(catalog: dict[str, Any], tmp_path: Path) -> None:
    document = yaml.safe_load((ASSETS / "executive_summary.yml").read_text())
    document["charts"]["plan_mqls"]["metric"] = "mqlz"
    document["charts"]["channels"]["by"] = ["chanel"]
    (tmp_path / "broken.yml").write_text(yaml.safe_dump(document))
    with pytest.raises(SpecError, match=r"(?s)channels: .*'chanel'.*plan_mqls: .*'mqlz'"):
        build(tmp_path, catalog)


def test_a_layout_is_checked_when_it_is_read(tmp_path: Path) -> None:
    document = yaml.safe_load((ASSETS / "executive_summary.yml").read_text())
    document["layout"] = [{"height": 10, "charts": {"funnel": 8, "channels": 8, "nothing": 1}}]
    document["charts"]["funnel"]["range"] = "forever"
    (tmp_path / "broken.yml").write_text(yaml.safe_dump(document))
    with pytest.raises(SpecError, match=r"(?s)'nothing'.*'data_until' is in no row.*17 wide.*'forever'"):
        read_dashboard(tmp_path / "broken.yml")


@pytest.mark.parametrize(
    ("attainment", "good", "bad"),
    [
        (HIGHER, "gte mqls_attainment 0.999999999", "lt mqls_attainment 0.899999999"),
        (LOWER, "lte", "gt cost_attainment 1.200000001"),
    ],
)
def test_the_colour_turns_where_the_glossary_says(attainment: Metric, good: str, bad: str) -> None:
    value = Metric("value", {"format": "integer", "better": attainment.facts["better"]})
    template = kpi_template(value, Metric("target", {}), attainment)
    assert template.index(good) < template.index("ts-green") < template.index(bad) < template.index("ts-red")
    assert "no plan for this period" in template


def test_a_mailed_table_reads_as_on_the_dashboard() -> None:
    import pandas as pd

    class Rate:
        metric_name, verbose_name, d3format, currency = "rate", "Rate", ".1%", None

    class Spend:
        metric_name, verbose_name, d3format, currency = "spend", "Spend", ",.0f", '{"symbol": "USD"}'

    columns = pd.MultiIndex.from_tuples([("Channel",), ("Rate",), ("Spend",)])
    rows = pd.DataFrame([["email", 0.0873577, 5719.4], [None, None, 0.0]], columns=columns)
    shown = formatted(rows, [Rate, Spend], pd.isna)
    assert shown.to_numpy().tolist() == [["email", "8.7%", "$5,719"], ["(blank)", "-", "$0"]]


def test_reports_without_a_browser_bring_text() -> None:
    drawn, plain = read_reports(REPORTS, pictures=True), read_reports(REPORTS, pictures=False)
    assert drawn["month_end_pack"]["format"] == "PDF"
    assert plain["month_end_pack"]["format"] == "TEXT"
    assert plain["month_end_pack"]["chart"] == "executive-summary/channels"
    assert plain["mqls_under_target"] == drawn["mqls_under_target"]


def test_a_picture_fits_its_page() -> None:
    assert 900 < page_height(read_dashboard(ASSETS / "executive_summary.yml")) < 1400


def test_identities_never_change() -> None:
    assert identity("dashboard", "executive-summary") == "5676062f-1ff9-5305-aad1-031ed02c1d30"


def test_the_month_that_ended() -> None:
    from datetime import date

    assert last_month(date(2026, 1, 1)) == "December 2025"
    assert last_month(date(2026, 11, 30)) == "October 2026"


def test_a_tasks_time_is_utc_without_zone() -> None:
    assert as_utc("2026-11-01T08:00:00+02:00").isoformat() == "2026-11-01T06:00:00"
    assert as_utc(None).tzinfo is None


def _charts(board: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in board["position"].values() if isinstance(one, dict) and one["type"] == "CHART"]
