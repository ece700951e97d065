"""Questions over REST: by address and as JSON, in each format, cached, compressed, and refused with a lesson."""

from __future__ import annotations

import csv
import io
from typing import Any

import pyarrow as pa
import pytest

from tests.api.conftest import EMEA, KEY, Served

ADDRESS = (
    "/v1/query?metrics=mqls,cost_per_mql&group_by=channel,metric_time:month&where=region%20in%20('EMEA','AMER')"
    "&from=2026-01-01&to=2026-03-31&order_by=-mqls,channel,metric_time&limit=5"
)
DOCUMENT: dict[str, Any] = {
    "metrics": ["mqls", "cost_per_mql"],
    "group_by": ["channel", "metric_time:month"],
    "where": [{"dimension": "region", "op": "in", "value": ["EMEA", "AMER"]}],
    "time_range": {"from": "2026-01-01", "to": "2026-03-31"},
    "order_by": ["-mqls", "channel", "metric_time"],
    "limit": 5,
}


def test_an_address_and_a_document_ask_the_same_question(served: Served) -> None:
    by_address, by_document = served.get(ADDRESS).json(), served.post("/v1/query", DOCUMENT).json()
    assert by_address["rows"] == by_document["rows"]
    assert len(by_address["rows"]) == 5
    assert by_address["total"] > 5
    assert set(by_address) >= {"columns", "rows", "total", "sql", "freshness", "notes"}
    assert by_address["freshness"]["watermark"] == {"hubspot": "2026-04-15T05:00:00"}


def test_the_same_cells_in_every_format(served: Served) -> None:
    document = served.get(ADDRESS).json()
    names = [column["name"] for column in document["columns"]]
    table = pa.ipc.open_stream(served.get(ADDRESS + "&format=arrow").content).read_all()
    assert table.column_names == names
    assert table.num_rows == len(document["rows"])
    text = served.get(ADDRESS, KEY, Accept="text/csv").text
    read = list(csv.DictReader(io.StringIO(text, newline="")))
    for row, cells in zip(document["rows"], read, strict=True):
        assert cells == {name: "" if row[name] is None else str(row[name]) for name in names}


def test_columns_say_whether_they_add_up(served: Served) -> None:
    columns = {column["name"]: column for column in served.get(ADDRESS).json()["columns"]}
    assert columns["mqls"]["additive"] is True
    assert columns["cost_per_mql"]["additive"] is False
    assert columns["cost_per_mql"]["format"] == "currency"


def test_rows_beyond_the_usual_limit_are_announced(served: Served) -> None:
    path = "/v1/query?metrics=leads&group_by=metric_time:day,channel,region,campaign,segment,industry,owner"
    found = served.get(path + "&limit=3").json()
    assert len(found["rows"]) == 3
    pages = [served.get(f"{path}&limit=3&offset={offset}").json()["rows"] for offset in (0, 3)]
    assert pages[0] == found["rows"]
    assert not [row for row in pages[1] if row in pages[0]]


def test_an_answer_that_is_known_already_is_304(served: Served) -> None:
    first = served.get(ADDRESS)
    assert first.headers["cache-control"] == "private, no-cache"
    assert first.headers["last-modified"] == "Wed, 15 Apr 2026 06:00:00 GMT"
    tag = first.headers["etag"]
    again = served.get(ADDRESS, KEY, If_None_Match=tag)
    assert again.status_code == 304
    assert not again.content
    assert served.get(ADDRESS, EMEA, If_None_Match=tag).status_code == 200, "another person, another answer"
    assert served.get(ADDRESS + "&offset=1", KEY, If_None_Match=tag).status_code == 200
    assert served.get(ADDRESS + "&format=csv", KEY, If_None_Match=tag).status_code == 200


def test_large_answers_are_compressed(served: Served) -> None:
    response = served.get("/v1/meta", KEY, Accept_Encoding="gzip")
    assert response.headers["content-encoding"] == "gzip"
    assert "mqls" in {metric["name"] for metric in response.json()["metrics"]}


@pytest.mark.parametrize(
    ("document", "code", "suggested"),
    [
        ({"metrics": ["mqlz"]}, "unknown_metric", "mqls"),
        ({"metrics": ["mqls"], "group_by": ["chanel"]}, "unknown_dimension", "channel"),
        ({"metrics": ["mqls"], "group_by": ["metric_time:mont"]}, "unknown_grain", "month"),
        ({"metrics": ["mqls"], "grup_by": ["channel"]}, "unknown_key", "group_by"),
        ({"metrics": ["mqls"], "where": ["regon = 'EMEA'"]}, "unknown_dimension", "region"),
        ({"metrics": ["mqls"], "order_by": ["-mqlz"]}, "unknown_column", "mqls"),
        ({"metrics": ["mqls"], "compare": "last_year"}, "bad_value", "previous_year"),
        (
            {"metrics": ["attributed_revenue"], "attribution_model": "liner"},
            "unknown_attribution_model",
            "linear",
        ),
        ({"metrics": ["marketing_spend"], "currency": "EUR"}, "refused", "USD"),
    ],
)
def test_a_wrong_name_is_told_the_nearest(served: Served, document: Any, code: str, suggested: str) -> None:
    response = served.post("/v1/query", document)
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (400, code)
    assert suggested in error["suggestions"]


BAD: list[dict[str, Any]] = [
    {},
    {"metrics": []},
    {"metrics": None},
    {"metrics": [None]},
    {"metrics": ["mqls"] * 100},
    {"metrics": ["mqls", "mqls"]},
    {"metrics": ["mqls"], "as_of": "2026-01"},
    {"metrics": ["x" * 100_000]},
    {"metrics": ["mqls\0"]},
    {"metrics": ["mqls"], "limit": 10**9},
    {"metrics": ["mqls"], "limit": -1},
    {"metrics": ["mqls"], "limit": "5"},
    {"metrics": ["mqls"], "limit": 1.5},
    {"metrics": ["mqls"], "offset": 10**30},
    {"metrics": ["mqls"], "group_by": [{}]},
    {"metrics": ["mqls"], "group_by": ["channel", "channel"]},
    {"metrics": ["mqls"], "time_range": {"from": "soon"}},
    {"metrics": ["mqls"], "time_range": {"from": "2026-02-01", "to": "2026-01-01"}},
    {"metrics": ["mqls"], "time_range": {"from": "0001-01-01", "to": "9999-12-31"}},
    {"metrics": ["mqls"], "time_zone": "Mars/Base"},
    {"metrics": ["mqls"], "time_zone": "../../etc/passwd"},
    {"metrics": ["mqls"], "totals": "x"},
    {"metrics": ["mqls"], "having": ["nope > 1"]},
    {"metrics": ["mqls"], "where": [5]},
    {"metrics": ["mqls"], "where": [""]},
    {"metrics": ["mqls"], "where": [{"and": 5}]},
    {"metrics": ["mqls"], "where": [{"dimension": "region", "op": "drop", "value": 1}]},
    {"metrics": ["mqls"], "where": [{"dimension": "region", "op": "eq", "value": {"a": 1}}]},
    {"metrics": ["mqls"], "where": [{"dimension": "region", "op": "in", "value": [[1]]}]},
    {"metrics": ["mqls"], "where": ["(" * 500 + "region = 'a'" + ")" * 500]},
    {"metrics": ["mqls"], "where": ["not " * 2000 + "region = 'a'"]},
    {"metrics": ["mqls"], "where": ["region = 'EMEA'; drop table x"]},
    {"metrics": ["mqls"], "where": ["1=1) or (1=1"]},
    {"metrics": ["mqls"], "where": ["region in (select email from core.person)"]},
    {"metrics": ["mqls"], "where": ["exists (select 1 from core.person)"]},
    {"metrics": ["mqls"], "where": ["read_text('/etc/passwd') = 'x'"]},
    {"metrics": ["mqls"], "where": ["core.person.email = 'x'"]},
    {"metrics": ["mqls"], "where": ["cast(region as int) > 3"]},
    {"metrics": ["mqls"], "where": ["region > 3"]},
    {"metrics": ["mqls"], "where": ["region like 3"]},
    {"metrics": ["mqls"], "where": ["abs(metric_time) > 1"]},
    {"metrics": ["mqls"], "where": ["metric_time between 1 and 2"]},
    {"metrics": ["mqls"], "where": ["attribute('region') = 'EMEA'"]},
    {"metrics": ["mqls"], "where": ["metric_time > 'soon'"]},
    {"metrics": ["mqls"], "order_by": ["mqls; drop table x"]},
    {"metrics": ["mqls"], "group_by": ["channel"], "order_by": ["(select 1)"]},
    {"metrics": ["mqls"], "order_by": ["mqls desc nulls first"]},
]


@pytest.mark.parametrize("document", BAD, ids=lambda document: str(document)[:60])
def test_bad_input_is_400_with_a_message_and_leaks_nothing(served: Served, document: Any) -> None:
    response = served.post("/v1/query", document)
    assert response.status_code == 400, response.text
    error = response.json()["error"]
    assert error["message"]
    assert set(error) == {"code", "message", "suggestions"}
    for leaked in ("Traceback", "duckdb", ".py", "LINE ", "core.person LEFT", "warehouse.duckdb"):
        assert leaked not in response.text


def test_a_value_with_quotes_is_a_value(served: Served) -> None:
    for value in ("x'; drop table a; --", "O'Brien \\ % :x {{}}", "$1", "?", "' or '1'='1"):
        found = served.post(
            "/v1/query", {"metrics": ["mqls"], "where": [{"dimension": "region", "value": value}]}
        )
        assert found.json()["rows"] == [{"mqls": 0}]


@pytest.mark.parametrize("body", [b"", b"{nope", b"[1]", b"\xff\xfe", b'"x"', b"[" * 9000, b"1" * 400])
def test_a_body_that_is_no_object_is_400(served: Served, body: bytes) -> None:
    for path in ("/v1/query", "/v1/compile", "/v1/sql"):
        response = served.client.post(path, content=body, headers={"Authorization": f"Bearer {KEY}"})
        assert (response.status_code, response.json()["error"]["code"]) == (400, "bad_json")


def test_a_body_over_the_limit_is_413_however_it_is_sent(served: Served) -> None:
    headers = {"Authorization": f"Bearer {KEY}"}
    for content in (b"x" * 1_100_000, iter([b"x" * 100_000] * 11)):
        response = served.client.post("/v1/query", content=content, headers=headers)
        assert (response.status_code, response.json()["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/query?metric=mqls", 400),
        ("/v1/query?metrics=mqls&limit=1&limit=2", 400),
        ("/v1/query?metrics=mqls&limit=-1", 400),
        ("/v1/query?metrics=mqls&format=xml", 400),
        ("/v1/dimensions/nope/values", 400),
        ("/v1/dimensions/channel/values?limit=x", 400),
        ("/v1/dimensions/channel/values?serch=x", 400),
        ("/v1/nope", 404),
        ("/v1/query%00", 404),
        ("/", 404),
    ],
)
def test_wrong_addresses_are_told_so_in_json(served: Served, path: str, status: int) -> None:
    response = served.get(path)
    assert response.status_code == status
    assert response.json()["error"]["message"]


def test_a_parameter_may_repeat_where_it_is_a_list(served: Served) -> None:
    found = served.get(
        "/v1/query?metrics=mqls&metrics=sqls&where=region='EMEA'&where=segment is not null"
    ).json()
    assert [column["name"] for column in found["columns"]] == ["mqls", "sqls"]


def test_compile_shows_the_sql_of_a_dialect_and_runs_nothing(served: Served) -> None:
    found = served.post("/v1/compile", {"query": DOCUMENT, "dialect": "snowflake"}).json()
    assert "SELECT" in found["sql"]
    assert found["explain"]
    assert served.post("/v1/compile", {"query": DOCUMENT, "dialect": "cobol"}).status_code == 400


def test_meta_says_what_an_app_needs(served: Served) -> None:
    meta = served.get("/v1/meta").json()
    metrics = {metric["name"]: metric for metric in meta["metrics"]}
    assert metrics["cost_per_mql"]["type"] == "ratio"
    assert metrics["cost_per_mql"]["made_of"] == ["marketing_spend", "mqls"]
    assert metrics["cost_per_mql"]["definition"]
    assert metrics["mqls"]["better"] == "higher"
    assert "channel" in metrics["mqls"]["dimensions"]
    assert "product" not in metrics["marketing_spend"]["dimensions"]
    dimensions = {dimension["name"]: dimension for dimension in meta["dimensions"]}
    assert {"month", "fiscal_quarter"} <= set(dimensions["metric_time"]["grains"])
    assert "/v1/saved/funnel_by_month.xlsx" in meta["saved"][-1]["files"] or any(
        "/v1/saved/funnel_by_month.xlsx" in saved["files"] for saved in meta["saved"]
    )


def test_every_dimension_that_meta_promises_is_answered(served: Served) -> None:
    """For a handful of metrics of different kinds, each promised dimension can really be asked."""
    metrics = {m["name"]: m for m in served.get("/v1/meta").json()["metrics"]}
    for name in ("mqls", "cost_per_mql", "closed_won_revenue", "attributed_revenue"):
        for dimension in metrics[name]["dimensions"]:
            group = "metric_time:month" if dimension == "metric_time" else dimension
            response = served.get(f"/v1/query?metrics={name}&group_by={group}")
            assert response.status_code == 200, response.text


def test_values_of_a_dimension(served: Served) -> None:
    values = served.get("/v1/dimensions/channel/values").json()["values"]
    assert values == [*sorted(v for v in values if v is not None), None]
    assert {"display", "organic_search", "unknown"} <= set(values), "of every fact: spend, people, deals"
    assert served.get("/v1/dimensions/channel/values?search=PAID").json()["values"] == [
        "paid_search",
        "paid_social",
    ]
    assert served.get("/v1/dimensions/region/values", EMEA).json()["values"] == ["EMEA"]


def test_openapi_describes_every_address(served: Served) -> None:
    document = served.client.get("/openapi.json").json()
    assert {"/v1/query", "/v1/value", "/v1/saved/{file}", "/v1/sql", "/v1/meta", "/health"} <= set(
        document["paths"]
    )
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation.get("summary"), f"{method} {path}"
    names = {p["name"] for p in document["paths"]["/v1/query"]["get"]["parameters"]}
    assert {"metrics", "group_by", "where", "from", "to", "format"} <= names
    ids = [op["operationId"] for methods in document["paths"].values() for op in methods.values()]
    assert len(ids) == len(set(ids))
