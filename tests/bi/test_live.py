"""Superset, its worker, a browser and a mail server, all real, over the hand-written company."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
import subprocess
from datetime import date, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from infra.bi import send_report
from infra.errors import MistakeError
from semantic.clock import bound_to_clock
from tests.bi.client import Superset
from tests.bi.company import last_month
from tests.bi.conftest import Room
from tests.shared import ROOT

pytestmark = pytest.mark.superset
PICTURES = ROOT / "build" / "screenshots"
TREND = "DATEADD"
RUNNING = 'DATEADD(DATETRUNC(DATETIME("now"), MONTH), 1, MONTH)'  # until the running month ends
GRAINS = {"P1D": "day", "P1M": "month"}
TILES = ("MQLs", "SQLs", "Cost per MQL", "Marketing spend", "Pipeline created", "Closed-won revenue")
DIMENSIONS = (
    "channel", "metric_time", "region", "segment", "campaign", "source_system", "finding_rule", "severity",
    "content", "content_rank", "content_sequence", "sequence_length", "journey_stage", "content_met",
)  # fmt: skip
DAYS = 'DATEADD(DATETRUNC(DATETIME("now"), DAY), -30, DAY)'
BOARDS = [path.stem.replace("_", "-") for path in sorted((ROOT / "superset" / "assets").glob("*.yml"))]


@pytest.mark.parametrize("dashboard", BOARDS)
def test_every_panel_shows_what_the_engine_answers(room: Room, dashboard: str) -> None:
    charts = room.admin.get(f"/api/v1/dashboard/{dashboard}/charts")["result"]
    asked = 0
    for chart in charts:
        question = json.loads(room.admin.get(f"/api/v1/chart/{chart['id']}")["result"]["query_context"])
        query = question["queries"][0]
        if isinstance(query["metrics"][0], str):  # "data until" asks for a time, which is no metric
            shown = room.admin.chart_data(question)["data"]
            expected = room.engine(_document(query, room.today))
            # What follows the clock has grown between the two questions.
            apart = 1e-3 if set(query["metrics"]) & bound_to_clock(room.glossary) else 1e-6
            wanted = pytest.approx(_by_key(expected), rel=apart, nan_ok=True)
            assert _by_key(shown) == wanted, chart["slice_name"]
            assert shown
            asked += 1
    assert asked >= len(charts) - 1


def test_the_totals_of_the_table_are_asked_not_added_up(room: Room) -> None:
    question = json.loads(room.admin.charts()["Channel performance"]["query_context"])
    question["queries"][0]["columns"] = []
    total = room.admin.chart_data(question)["data"][0]
    rows = room.admin.chart_data(json.loads(room.admin.charts()["Channel performance"]["query_context"]))[
        "data"
    ]
    assert total["mqls"] == sum(row["mqls"] for row in rows)
    known = [row["cost_per_mql"] for row in rows if row["cost_per_mql"] is not None]
    assert total["cost_per_mql"] == pytest.approx(total["marketing_spend"] / total["mqls"])
    assert total["cost_per_mql"] != pytest.approx(sum(known))


def test_a_filter_offers_the_members_and_asks_the_door(room: Room) -> None:
    question = json.loads(room.admin.charts()["Channel performance"]["query_context"])
    question["queries"][0]["filters"].append({"col": "region", "op": "IN", "val": ["EMEA"]})
    shown = room.admin.chart_data(question)["data"]
    document = _document(question["queries"][0], room.today) | {"where": ["region = 'EMEA'"]}
    assert _by_key(shown) == pytest.approx(_by_key(room.engine(document)), nan_ok=True)


def test_the_plan_is_not_broken_down_in_silence(room: Room) -> None:
    question = json.loads(room.admin.charts()["MQLs"]["query_context"])
    question["queries"][0]["filters"].append({"col": "region", "op": "IN", "val": ["EMEA"]})
    answer = room.admin.http.post("/api/v1/chart/data", json={**question, "force": True})
    assert answer.status_code >= 400
    assert "region" in answer.text


def test_nobody_is_served_what_another_may_see(room: Room) -> None:
    """Without caching by user the second person gets the first one's rows: the same question, both cached."""
    question = json.loads(room.admin.charts()["Funnel"]["query_context"])
    question["queries"][0]["columns"] = ["region"]
    question["queries"][0]["metrics"] = ["leads"]
    question["queries"][0]["filters"] = []
    erika = _person(room, "erika")
    everything = _regions(room.admin, question, force=True)
    assert {"EMEA"} < everything
    assert _regions(erika, question, force=False) == {"EMEA"}
    assert _regions(room.admin, question, force=False) == everything
    assert room.admin.chart_data(question, force=False)["is_cached"]


def test_who_is_unknown_to_the_door_sees_nothing(room: Room) -> None:
    stranger = _person(room, "stranger")
    question = json.loads(room.admin.charts()["Funnel"]["query_context"])
    assert stranger.http.post("/api/v1/chart/data", json={**question, "force": True}).status_code >= 400


def test_what_the_door_refuses_is_explained_in_sql_lab(room: Room) -> None:
    database = room.admin.get("/api/v1/database/")["result"][0]["id"]
    body = {"database_id": database, "sql": "SELECT MEASURE(mqlz) FROM semantic.metrics", "client_id": "t1"}
    answer = room.admin.http.post(
        "/api/v1/sqllab/execute/", json={**body, "schema": "semantic", "runAsync": False}
    )
    assert answer.status_code >= 400
    assert "mqls" in answer.text


def test_the_dashboard_opens_in_a_browser(room: Room, chromium: None) -> None:
    room.plan_mqls(1)
    picture = PICTURES / "executive-summary.png"
    page = _browse(room, picture)
    assert page["errors"] == []
    assert page["overflow"] == []
    assert page["empty"] == []
    assert not any("No data" in text or "No results" in text for text in page["panels"])
    tiles = dict(zip(TILES, page["tiles"], strict=True))
    assert "ts-green" in tiles["MQLs"]["class"]
    assert "On plan" in tiles["MQLs"]["text"]
    assert "of plan 1" in tiles["MQLs"]["text"]
    assert picture.stat().st_size > 20_000


def test_a_missed_plan_is_red(room: Room, chromium: None) -> None:
    room.plan_mqls(1_000)
    tile = _browse(room, PICTURES / "missed-plan.png")["tiles"][0]
    assert "ts-red" in tile["class"]
    assert "Under plan" in tile["text"]


def test_each_source_has_a_tile_whose_colour_is_its_age(room: Room, chromium: None) -> None:
    """linkedin_ads was loaded two days ago and is expected within 12 hours; the others yesterday, within 26."""
    page = _browse(room, PICTURES / "data-health.png", "data-health")
    assert page["errors"] == []
    assert page["empty"] == []
    tiles = [tile for tile in page["tiles"] if "expected within" in tile["text"]]
    assert next(tile["text"].partition("\n")[0] for tile in tiles) == "linkedin_ads", "the worst first"
    assert len(tiles) == 3
    assert "ts-red" in tiles[0]["class"]
    assert "Far too old" in tiles[0]["text"]
    assert not any("ts-red" in tile["class"] for tile in tiles[1:])


def test_the_alert_stays_silent_and_then_fires(room: Room) -> None:
    room.plan_mqls(1)
    send_report(room.settings, "mqls_under_target")
    room.wait(lambda: bool(room.admin.outcomes("MQLs under target")), "the alert's evaluation")
    assert room.admin.outcomes("MQLs under target") == ["Not triggered"]
    assert not [letter for letter in room.letters() if "under target" in str(letter["Subject"])]

    room.plan_mqls(1_000)
    send_report(room.settings, "mqls_under_target")
    letter = room.wait_for_letter("MQLs of last month are under target")
    assert "marketing-ops@example.com" in str(letter["To"])
    text = _html(letter)
    cells = re.findall(r"<td>(.*?)</td>", text)
    assert "email" in cells
    assert any(cell.startswith("$") for cell in cells)
    assert not [cell for cell in cells if re.search(r"\.\d\d\d", cell)]


def test_the_month_end_mail_brings_the_dashboard_and_its_table(room: Room, chromium: None) -> None:
    send_report(room.settings, "month_end_pack")
    letter = room.wait_for_letter("Executive summary")
    month = f"{last_month(date.today())[0]:%B %Y}"
    assert month in str(letter["Subject"])
    parts = {str(part.get_filename()): part for part in letter.walk() if part.get_filename()}
    pdf = parts[f"Executive summary, {month}.pdf"]
    assert pdf.get_content_type() == "application/pdf"
    content = pdf.get_payload(decode=True)
    assert isinstance(content, bytes)
    assert content.startswith(b"%PDF-")
    assert len(content) > 30_000
    PICTURES.mkdir(parents=True, exist_ok=True)
    (PICTURES / "month-end-pack.pdf").write_bytes(content)
    _check_table(room, parts["Channel performance.csv"])


def test_an_unknown_report_is_a_mistake_that_names_the_known_ones(room: Room) -> None:
    with pytest.raises(MistakeError, match="month_end_pack"):
        send_report(room.settings, "month_end")


def test_metrics_are_certified_only_when_signed(room: Room) -> None:
    dataset = room.admin.get("/api/v1/dataset/")["result"][0]["id"]
    metrics = room.admin.get(f"/api/v1/dataset/{dataset}")["result"]["metrics"]
    confirmed = {name for name, one in room.glossary.metrics.items() if one.status == "confirmed"}
    certified = {one["metric_name"] for one in metrics if "certified_by" in (one.get("extra") or "")}
    assert certified <= confirmed
    assert {one["metric_name"] for one in metrics} >= {"mqls", "cost_per_mql", "mqls_attainment"}


def _document(query: dict[str, Any], today: date) -> dict[str, Any]:
    """A chart's stored question in the engine's words."""
    group_by = [
        f"metric_time:{GRAINS[column['timeGrain']]}" if isinstance(column, dict) else column
        for column in query["columns"]
    ]
    where = [f"{one['col']} = '{one['val']}'" for one in query["filters"] if one["op"] == "=="]
    document = {"metrics": query["metrics"], "group_by": group_by, "where": where}
    first, last = last_month(today)
    if query["filters"][0]["val"] == "No filter":
        return document
    if query["filters"][0]["val"].startswith(DAYS):
        first, last = today - timedelta(days=30), today
    elif query["filters"][0]["val"].startswith(TREND):
        if query["filters"][0]["val"].endswith(RUNNING):
            _, last = last_month((today.replace(day=1) + timedelta(days=31)).replace(day=1))
            first = last.replace(day=1)
        first = _eleven_months_before(first)
    span = {"from": first.isoformat(), "to": last.isoformat()}
    return {**document, "time_range": span}


def _eleven_months_before(first: date) -> date:
    """Of the first day of a month: that of the month after it, a year before."""
    return (first.replace(year=first.year - 1) + timedelta(days=31)).replace(day=1)


def _by_key(rows: list[dict[str, Any]]) -> dict[str, float]:
    """`{"<dimensions> <metric>": number}`; months as dates, a missing number as NaN."""
    found = {}
    for row in rows:
        names = {name: value for name, value in row.items() if name in DIMENSIONS}
        key = " ".join(_text(value, name == "metric_time") for name, value in names.items())
        for name, value in row.items():
            if name not in names:
                found[f"{key} {name}"] = math.nan if value is None else float(value)
    return found


def _text(value: Any, is_time: bool) -> str:
    if is_time and isinstance(value, int | float):  # Superset's JSON has milliseconds since 1970
        return (date(1970, 1, 1) + timedelta(milliseconds=value)).isoformat()
    return str(value)[:10] if hasattr(value, "year") else str(value)


def _regions(person: Superset, question: dict[str, Any], force: bool) -> set[str]:
    return {row["region"] for row in person.chart_data(question, force)["data"]}


def _person(room: Room, name: str) -> Superset:
    """A Superset user who may read everything in Superset; the door decides on the rows."""
    known = [one["username"] for one in room.admin.get("/api/v1/security/users/")["result"]]
    if name not in known:
        roles = room.admin.get("/api/v1/security/roles/?q=(page_size:100)")["result"]
        alpha = next(role["id"] for role in roles if role["name"] == "Alpha")
        body = {"username": name, "first_name": name, "last_name": "Test", "email": f"{name}@example.com"}
        room.admin.post(
            "/api/v1/security/users/", {**body, "active": True, "roles": [alpha], "password": "a word"}
        )
    return Superset(room.dashboards.url, name, "a word")


def _browse(room: Room, picture: Path, board: str = "executive-summary") -> dict[str, Any]:
    """Run browse.py in Superset's environment, which has selenium."""
    arguments = [room.dashboards.url, f"/superset/dashboard/{board}/?force=true"]
    login = [room.dashboards.user, room.dashboards.password]
    done = subprocess.run(
        [room.settings.python, Path(__file__).with_name("browse.py"), *arguments, *login, picture],
        env={**os.environ, **room.settings.environment()},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _html(letter: EmailMessage) -> str:
    return next(str(part.get_content()) for part in letter.walk() if part.get_content_type() == "text/html")


def _check_table(room: Room, part: Any) -> None:
    rows = list(csv.DictReader(io.StringIO(part.get_payload(decode=True).decode())))
    first, last = last_month(room.today)
    span = {"from": first.isoformat(), "to": last.isoformat()}
    expected = room.engine({"metrics": ["mqls"], "group_by": ["channel"], "time_range": span})
    assert {row["Channel"]: int(row["MQLs"]) for row in rows if int(row["MQLs"])} == {
        row["channel"] or "": row["mqls"] for row in expected if row["mqls"]
    }
