"""The GraphQL door: typed metadata, questions, error codes, limits, and nothing of a failure."""

from __future__ import annotations

from typing import Any

import pytest

from api.errors import INTERNAL
from api.graphql.over_http import RESPONSE_TYPE
from tests.api.conftest import EMEA, KEY, Served

QUESTION = """query ($q: QuestionInput!) { metricQuery(input: $q) {
  rows total sql notes freshness columns { name type role metric label format additive status grain } } }"""


def test_a_question_has_the_rows_of_rest(served: Served) -> None:
    question = {
        "metrics": ["mqls", "marketing_spend", "cost_per_mql"],
        "groupBy": ["channel", "metric_time:month"],
        "where": ["region is not null"],
        "filters": [{"dimension": "channel", "op": "not_in", "values": ["unknown", "display"]}],
        "timeRange": {"from": "2026-01-01", "to": "2026-03-31"},
        "orderBy": ["-marketing_spend", "channel", "metric_time"],
        "limit": 7,
    }
    answer = served.graphql(QUESTION, q=question)["data"]["metricQuery"]
    rest = served.post(
        "/v1/query",
        {
            "metrics": question["metrics"],
            "group_by": question["groupBy"],
            "where": ["region is not null", "channel not in ('unknown', 'display')"],
            "time_range": question["timeRange"],
            "order_by": question["orderBy"],
            "limit": 7,
        },
    ).json()
    assert answer["rows"] == rest["rows"]
    assert len(answer["rows"]) > 3
    assert answer["columns"] == rest["columns"]
    assert answer["total"] == rest["total"]
    assert answer["freshness"]["version"] == "v1"


def test_metrics_carry_their_meaning(served: Served) -> None:
    text = """{ metrics(names: ["cost_per_mql"]) { name label definition type format owner status better target
      fingerprint madeOf thresholds { name value } dimensions { name type grains } } }"""
    (metric,) = served.graphql(text)["data"]["metrics"]
    assert (metric["type"], metric["status"], metric["better"]) == ("RATIO", "ASSUMED", "LOWER")
    assert metric["madeOf"] == ["marketing_spend", "mqls"]
    assert {"channel", "metric_time"} <= {dimension["name"] for dimension in metric["dimensions"]}
    assert "product" not in {dimension["name"] for dimension in metric["dimensions"]}


def test_metrics_and_dimensions_of_an_area(served: Served) -> None:
    found = served.graphql('{ metrics(area: "funnel") { name area } }')["data"]["metrics"]
    assert {"leads", "mqls"} <= {metric["name"] for metric in found}
    assert {metric["area"] for metric in found} == {"funnel"}
    shared = served.graphql('{ dimensions(metrics: ["mqls", "marketing_spend"]) { name } }')["data"][
        "dimensions"
    ]
    assert "channel" in {dimension["name"] for dimension in shared}
    assert "product" not in {dimension["name"] for dimension in shared}


def test_values_of_a_dimension_are_of_the_callers_rows(served: Served) -> None:
    text = '{ dimensionValues(dimension: "region") { dimension values } }'
    assert None in served.graphql(text)["data"]["dimensionValues"]["values"]
    assert served.graphql(text, EMEA)["data"]["dimensionValues"]["values"] == ["EMEA"]


@pytest.mark.parametrize(
    ("question", "code", "suggestion"),
    [
        ({"metrics": ["mqlz"]}, "UNKNOWN_METRIC", "mqls"),
        ({"metrics": ["mqls"], "groupBy": ["chanel"]}, "UNKNOWN_DIMENSION", "channel"),
        ({"metrics": ["mqls"], "where": ["regon = 'x'"]}, "UNKNOWN_DIMENSION", "region"),
        ({"metrics": ["mqls"], "limit": 999_999}, "LIMIT_TOO_LARGE", None),
        ({"metrics": []}, "BAD_QUERY", None),
        ({"metrics": ["marketing_spend"], "groupBy": ["product"]}, "UNREACHABLE_DIMENSION", None),
        ({"metrics": ["mqls"], "where": ["region in (select 1)"]}, "BAD_QUERY", None),
    ],
)
def test_errors_have_a_code_and_suggestions(
    served: Served, question: Any, code: str, suggestion: str | None
) -> None:
    found = served.graphql(QUESTION, q=question)
    assert found["data"] is None
    (error,) = found["errors"]
    assert error["extensions"]["code"] == code
    assert suggestion is None or suggestion in error["extensions"]["suggestions"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "Syntax Error"),
        ("{ nope }", "Cannot query field 'nope'"),
        ("mutation { x }", "mutation"),
        ("{" + " ".join(f"a{i}: __typename" for i in range(60)) + "}", "aliases"),
        ("{" + "__typename " * 5000 + "}", "tokens"),
    ],
)
def test_documents_that_are_wrong_or_too_large_are_refused(served: Served, text: str, said: str) -> None:
    response = served.post("/graphql", {"query": text})
    assert (response.status_code, response.headers["content-type"].partition(";")[0]) == (
        200,
        "application/json",
    )
    (error, *_) = response.json()["errors"]
    assert said in error["message"]
    assert error["extensions"]["code"] == "BAD_QUERY"
    assert "data" not in response.json(), "nothing was executed"
    newer = served.post("/graphql", {"query": text}, Accept=f"{RESPONSE_TYPE}, application/json;q=0.9")
    assert (newer.status_code, newer.headers["content-type"].partition(";")[0]) == (400, RESPONSE_TYPE)
    assert newer.json() == response.json()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (
            {
                "query": "query ($q: QuestionInput!) { metricQuery(input: $q) { total } }",
                "variables": {"q": 3},
            },
            400,
        ),
        ({"query": "query a { __typename }", "operationName": "b"}, 400),
        ({"query": '{ metricQuery(input: {metrics: ["mqlz"]}) { total } }'}, 200),
        ({"query": "{ __typename }"}, 200),
        ({"query": 3}, 400),
        ({}, 400),
        ([], 400),
    ],
    ids=str,
)
def test_a_status_says_whether_it_was_executed(served: Served, body: Any, status: int) -> None:
    """As the GraphQL-over-HTTP specification has it: of a wrong document 400, of a field that failed 200."""
    response = served.post("/graphql", body, Accept=RESPONSE_TYPE)
    assert response.status_code == status, response.text
    assert ("data" in response.json()) == (status == 200)
    assert status == 200 or response.json()["errors"][0]["extensions"]["code"].startswith("BAD_")


def test_a_deep_document_is_refused(served: Served) -> None:
    fragments = "fragment f0 on Metric { dimensions { name } }"
    deep = "{ metrics { " + "dimensions { " * 12 + "name" + " }" * 12 + " } }"
    assert "errors" in served.graphql(deep)
    assert "errors" not in served.graphql(fragments + ' { metrics(names: ["mqls"]) { ...f0 } }')


def test_a_failure_is_masked(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the secret is xyzzy")

    monkeypatch.setattr("api.graphql.resolvers.read_question", fail)
    found = served.graphql(QUESTION, q={"metrics": ["mqls"]})
    assert found["errors"][0]["message"] == INTERNAL
    assert found["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert "xyzzy" not in str(found)


def test_a_key_is_needed_and_the_explorer_needs_none(served: Served) -> None:
    assert served.post("/graphql", {"query": "{ __typename }"}, None).status_code == 401
    assert served.get("/graphql?query={__typename}", None).status_code == 401
    assert served.get("/graphql?query={__typename}", KEY).json() == {"data": {"__typename": "Query"}}
    page = served.get("/graphql", None, Accept="text/html")
    assert page.status_code == 200
    assert "<html" in page.text


def test_introspection_describes_what_an_app_developer_needs(served: Served) -> None:
    text = """{ __schema { types { name description fields { name description }
      inputFields { name description } } } }"""
    found = {t["name"]: t for t in served.graphql(text)["data"]["__schema"]["types"]}
    for name in ("Query", "Metric", "Answer", "Column", "QuestionInput", "BigInt", "Rows"):
        assert found[name]["description"], name
    assert all(field["description"] for field in found["Query"]["fields"])


def test_whole_numbers_of_any_size_survive() -> None:
    from api.graphql.scalars import SCALARS, BigInt

    scalar = SCALARS[BigInt]
    assert scalar.serialize(2**31) == 2**31
    assert scalar.serialize(2**60) == str(2**60)
    assert scalar.parse_value(str(2**60)) == 2**60
    with pytest.raises(ValueError, match="whole number"):
        scalar.parse_value(1.5)


def test_parsing_and_validation_are_cached(served: Served) -> None:
    """The rules are made once: a new rule for each request would never find its document again."""
    from strawberry.extensions import validation_cache

    cached = validation_cache._get_validate_cache(500)
    served.graphql("{ dimensions { name label } }")
    before = cached.cache_info().hits
    served.graphql("{ dimensions { name label } }")
    assert cached.cache_info().hits == before + 1
