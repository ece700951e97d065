"""Invariant 10: the answer for a principal is the answer over the rows that he may see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from semantic.ask import dimension_values, drill_through
from semantic.errors import AccessDenied, UnknownName
from semantic.predicates import parse_predicate
from semantic.query import Principal, query_from_document
from tests.semantic.conftest import Shop

NORTH = Principal("nora", roles=("north",))
ANALYST = Principal("alan", roles=("analyst",))
MASKED = Principal("mia", roles=("masked",))

QUESTIONS: list[dict[str, Any]] = [
    {"metrics": ["orders", "order_total", "buyers", "mean_order"]},
    {"metrics": ["orders"], "group_by": ["channel"]},
    {"metrics": ["order_total"], "group_by": ["metric_time:month"], "compare": "previous_period"},
    {"metrics": ["total_ever"], "group_by": ["metric_time:month"]},
    {"metrics": ["growth"], "group_by": ["metric_time:month"]},
    {"metrics": ["bought_after_visit", "buyers_by_visit"]},
    {"metrics": ["big_buyers"]},
    {"metrics": ["customers"], "where": ["METRIC('orders', 'customer') >= 1"]},
    {"metrics": ["order_total"], "group_by": ["channel"], "share_of_total": ["order_total"]},
    {
        "metrics": ["orders"],
        "group_by": ["channel"],
        "top": {"dimension": "channel", "metric": "orders", "count": 1},
    },
    {"metrics": ["order_total"], "group_by": ["line__ship_mode"]},
    {"metrics": ["quantity"], "where": ["order__channel = 'web'"]},
    {"group_by": ["customer__name"]},
]


@pytest.fixture(scope="module")
def north_only() -> Iterator[Shop]:
    """A shop that holds nothing but what the north may see."""
    found = Shop()
    found.run("DELETE FROM shop.customers WHERE region IS DISTINCT FROM 'north'")
    found.run("DELETE FROM shop.orders WHERE customer_id IS DISTINCT FROM 1")
    found.run("DELETE FROM shop.visits WHERE customer_id IS DISTINCT FROM 1")
    found.run("DELETE FROM shop.lines WHERE order_id NOT IN (1, 2)")
    yield found
    found.connection.close()


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: " ".join([*q.get("metrics", []), *map(str, q)]))
def test_no_kind_of_question_sees_around_the_row_filter(
    shop: Shop, north_only: Shop, question: dict[str, Any]
) -> None:
    assert shop.rows(NORTH, **question) == north_only.rows(**question)


def test_totals_see_no_more_than_the_rows(shop: Shop, north_only: Shop) -> None:
    question = {"metrics": ["order_total"], "group_by": ["channel"], "totals": True}
    mine, theirs = shop.answer(NORTH, **question), north_only.answer(**question)
    assert mine.totals == theirs.totals


def test_drill_through_and_members_see_no_more(shop: Shop) -> None:
    query = query_from_document({"metrics": ["orders"], "group_by": ["channel"]})
    behind = drill_through(query, "orders", {"channel": "web"}, shop.glossary, shop, NORTH)
    assert [row["order"] for row in behind[0].table.to_pylist()] == [1, 2]
    assert dimension_values("region", shop.glossary, shop, NORTH).column(0).to_pylist() == ["north"]


def test_a_fact_that_cannot_be_filtered_is_not_shown(shop: Shop) -> None:
    with pytest.raises(AccessDenied, match="certain rows by region"):
        shop.rows(NORTH, metrics=["spend"])


def test_a_denied_metric_is_denied_everywhere(shop: Shop) -> None:
    for question in (
        {"metrics": ["margin"]},
        {"metrics": ["customers"], "where": ["METRIC('margin', 'channel') > 1"]},
    ):
        with pytest.raises(AccessDenied, match="margin"):
            shop.rows(ANALYST, **question)
    assert shop.rows(ANALYST, metrics=["orders"]) == [(6,)]


def test_a_masked_dimension_shows_no_member_and_filters_nothing(shop: Shop) -> None:
    assert shop.rows(MASKED, metrics=["orders"], group_by=["customer__name"]) == [("***", 6)]
    with pytest.raises(AccessDenied, match="masked"):
        shop.rows(MASKED, metrics=["orders"], where=["customer__name = 'Ann'"])
    assert shop.rows(MASKED, group_by=["customer__name"]) == [("***",)]


def test_without_a_role_there_is_nothing(shop: Shop) -> None:
    with pytest.raises(AccessDenied, match="has no role"):
        shop.rows(Principal("nobody"), metrics=["orders"])


def test_attributes_fill_row_filters(shop: Shop) -> None:
    own_region = parse_predicate("region = ATTRIBUTE('region')")
    south = Principal("s", row_filters=(own_region,), attributes=(("region", "south"),), see_all=True)
    assert shop.rows(south, metrics=["orders"]) == [(1,)]
    with pytest.raises(AccessDenied, match="no attribute 'region'"):
        shop.rows(Principal("t", row_filters=(own_region,), see_all=True), metrics=["orders"])


@pytest.mark.parametrize(
    "question", [{"metrics": ["margn"]}, {"where": ["METRIC('margn', 'customer') > 1"]}], ids=str
)
def test_a_name_that_may_not_be_seen_is_not_suggested(shop: Shop, question: dict[str, Any]) -> None:
    asked = {"metrics": ["orders"], **question}
    with pytest.raises(UnknownName, match="'margin'"):
        shop.rows(**asked)
    with pytest.raises(UnknownName) as found:
        shop.rows(ANALYST, **asked)
    assert "margin" not in found.value.message
    assert not found.value.suggestions
