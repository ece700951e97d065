"""What a question can do besides rows: totals, shares, top members, comparisons, the rows behind a number."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import httpx
import openpyxl
import pytest

from api import ApiSettings
from semantic.definitions import Glossary, SavedQuery
from tests.api.conftest import EMEA, KEY, SERVICE, Served, serve

BY_CHANNEL: dict[str, Any] = {"metrics": ["mqls", "cost_per_mql"], "group_by": ["channel"]}


def asked(served: Served, **question: Any) -> dict[str, Any]:
    response = served.post("/v1/query", question)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def test_totals_are_the_numbers_asked_without_groups(served: Served) -> None:
    """The total of a ratio is the ratio of everything; the doors add nothing up."""
    found = asked(served, **BY_CHANNEL, totals=True)
    (whole,) = asked(served, metrics=BY_CHANNEL["metrics"])["rows"]
    (total,) = found["totals"]
    assert {name: total[name] for name in whole} == whole
    answer = served.graphql(
        '{ metricQuery(input: {metrics: ["mqls", "cost_per_mql"], groupBy: ["channel"], totals: true}) { totals } }'
    )
    assert answer["data"]["metricQuery"]["totals"] == found["totals"]


@pytest.mark.parametrize("form", ["csv", "arrow"])
def test_totals_do_not_slip_into_a_table_of_rows(served: Served, form: str) -> None:
    response = served.get(f"/v1/query?metrics=mqls&group_by=channel&totals=true&format={form}")
    assert response.status_code == 400
    assert "JSON" in response.json()["error"]["message"]


def test_totals_have_a_sheet_of_their_own(settings: ApiSettings, glossary: Glossary) -> None:
    saved = {"with_totals": SavedQuery("with_totals", {**BY_CHANNEL, "totals": True})}
    with serve(replace(settings, glossary=replace(glossary, saved=saved))) as address:
        headers = {"Authorization": f"Bearer {KEY}"}
        response = httpx.get(f"{address}/v1/saved/with_totals.xlsx", headers=headers, timeout=30)
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    assert book.sheetnames == ["Data", "Totals", "Definitions"]
    head, total = list(book["Totals"].values)
    assert dict(zip(head, total, strict=True))["mqls"] == 15


def test_shares_top_members_and_comparisons_come_as_columns_and_rows(served: Served) -> None:
    shares = asked(served, **BY_CHANNEL, share_of_total=["mqls"])
    assert sum(row["mqls__share"] for row in shares["rows"]) == pytest.approx(1)
    assert {c["name"]: c["role"] for c in shares["columns"]}["mqls__share"] == "share"
    top = asked(served, **BY_CHANNEL, top={"dimension": "channel", "metric": "mqls", "count": 1})
    others = {row["channel"]: row for row in top["rows"]}
    assert set(others) == {"paid_search", "Other"}
    (rest,) = asked(
        served, metrics=BY_CHANNEL["metrics"], where=["channel is null or channel <> 'paid_search'"]
    )["rows"]
    assert others["Other"]["cost_per_mql"] == rest["cost_per_mql"]
    target = asked(served, metrics=["mqls"], group_by=["metric_time:month"], compare="target")
    march = next(row for row in target["rows"] if row["metric_time"] == "2026-03-01")
    assert {"mqls__target", "mqls__attainment", "mqls__status"} <= set(march)


def behind(served: Served, key: str = KEY, **body: Any) -> dict[str, Any]:
    response = served.post("/v1/rows", body, key)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def test_the_rows_behind_a_number_are_as_many_as_it_counts(served: Served) -> None:
    for row in asked(served, **BY_CHANNEL)["rows"]:
        cell = {"channel": row["channel"]}
        (fact,) = behind(served, query=BY_CHANNEL, metric="mqls", cell=cell)["facts"]
        assert len(fact["rows"]) == row["mqls"], cell
        assert {found["channel"] for found in fact["rows"]} <= {row["channel"]}


def test_a_ratio_has_the_rows_of_each_of_its_facts(served: Served) -> None:
    facts = behind(served, query=BY_CHANNEL, metric="cost_per_mql", cell={"channel": "paid_search"})["facts"]
    assert {fact["model"] for fact in facts} == {"person", "spend_day"}
    text = """query ($c: Document) { rowsBehind(input: {metrics: ["cost_per_mql"], groupBy: ["channel"]},
      metric: "cost_per_mql", cell: $c) { model rows sql columns { name type } } }"""
    same = served.graphql(text, c={"channel": "paid_search"})["data"]["rowsBehind"]
    assert [fact["rows"] for fact in same] == [fact["rows"] for fact in facts]


def test_rows_behind_a_number_are_those_the_person_may_see(served: Served) -> None:
    (mine,) = behind(served, EMEA, query=BY_CHANNEL, metric="mqls")["facts"]
    assert {row["region"] for row in mine["rows"]} == {"EMEA"}
    body = {"query": BY_CHANNEL, "metric": "mqls"}
    masked = served.post("/v1/rows", body, SERVICE, X_On_Behalf_Of="bob").json()["facts"][0]
    owners = {row.get("owner") for row in masked["rows"]}
    assert owners <= {None, "***"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"query": 5},
        {"query": BY_CHANNEL},
        {"query": BY_CHANNEL, "metric": "sqls"},
        {"query": BY_CHANNEL, "metric": "mqls", "cell": 5},
        {"query": BY_CHANNEL, "metric": "mqls", "cell": {"region": "EMEA"}},
        {"query": BY_CHANNEL, "metric": "mqls", "cell": {"channel": {"a": 1}}},
        {"query": BY_CHANNEL, "metric": "mqls", "limit": 10**9},
        {"query": BY_CHANNEL, "metric": "mqls", "celll": {}},
    ],
    ids=lambda body: str(body)[-60:],
)
def test_a_number_that_is_not_there_has_no_rows(served: Served, body: Any) -> None:
    assert served.post("/v1/rows", body).status_code == 400
