"""Superset as a door: a real web server, asked through its chart-data interface as a chart asks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.bi import BISettings, start
from infra.processes import Processes
from tests.bi.client import Superset
from tests.bi.conftest import free_ports
from tests.doors.cells import Rows, rows_of_documents
from tests.doors.companies import Company
from tests.doors.questions import Question
from tests.shared import ROOT

ENVIRONMENT = Path(os.environ.get("TOUCHSTONE_SUPERSET_ENV", ROOT / ".venv-superset"))


@contextmanager
def running_superset(home: Path, api_url: str, key: str) -> Iterator[Superset]:
    """Superset over the running doors, and its administrator's session."""
    [port] = free_ports(1)
    settings = BISettings(
        home=home / "superset",
        api_url=api_url,
        service_token=key,
        secret_key="a session key that is long enough for it",
        admin_password="the admin's word",
        port=port,
        environment_folder=ENVIRONMENT,
    )
    with Processes(home / "logs") as processes:
        dashboards = start(processes, settings)
        yield Superset(dashboards.url, dashboards.user, dashboards.password)


def chart_data(superset: Superset, company: Company, question: Question) -> Rows:
    """POST /api/v1/chart/data."""
    listed = superset.get("/api/v1/dataset/?q=(page_size:100)")["result"]
    [dataset] = [one["id"] for one in listed if one["table_name"] == "metrics"]
    query: dict[str, Any] = {
        "columns": [_column(name) for name in question.keys],
        "metrics": list(question.metrics),
        "orderby": [],
        "row_limit": 10_000,
        "extras": {"where": question.where},
    }
    if question.has_range:
        query |= {"granularity": "metric_time", "time_range": "{start} : {after}".format(**company.words)}
    asked = {"datasource": {"id": dataset, "type": "table"}, "queries": [query], "result_format": "json"}
    answer = superset.chart_data({**asked, "result_type": "full"})
    assert answer["error"] is None, answer["error"]
    return rows_of_documents(question, answer["data"])


def _column(name: str) -> Any:
    if name != "metric_time":
        return name
    return {
        "timeGrain": "P1M",
        "columnType": "BASE_AXIS",
        "sqlExpression": name,
        "label": name,
        "expressionType": "SQL",
    }
