"""Invariant 5: filtering commutes with grouping, and what cannot be filtered is refused by name."""

from __future__ import annotations

from typing import Any

import pytest

from semantic.errors import Refusal, UnknownName, Unreachable, UserError
from tests.semantic.conftest import Shop

METRICS = ["orders", "order_total", "cost_per_order", "buyers", "stock", "median_order"]


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("member", ["web", "shop", "tv"])
def test_filtering_inside_is_choosing_from_the_unfiltered(shop: Shop, metric: str, member: str) -> None:
    """For a balance too: on the last day of February the shop has no stock, whatever it had before."""
    inside = shop.rows(metrics=[metric], group_by=["channel"], where=[f"channel = '{member}'"])
    after = [row for row in shop.rows(metrics=[metric], group_by=["channel"]) if row[0] == member]
    assert [row for row in inside if row[1] is not None] == [row for row in after if row[1] is not None]


def test_a_dimension_that_one_metric_lacks_is_refused_with_what_would_work(shop: Shop) -> None:
    with pytest.raises(
        Unreachable, match=r"'spend' cannot be shown or filtered by 'region'.*channel, metric_time"
    ):
        shop.rows(metrics=["orders", "spend"], where=["region = 'north'"])


def test_a_missing_member_is_a_member(shop: Shop) -> None:
    where = [{"dimension": "region", "op": "in", "value": ["south", None]}]
    assert shop.rows(metrics=["orders"], group_by=["region"], where=where) == [("south", 1), (None, 3)]


def test_conditions_on_a_metric_by_a_key(shop: Shop) -> None:
    assert shop.rows(metrics=["big_buyers"]) == [(1,)]
    assert shop.rows(metrics=["customers"], where=["METRIC('order_total', 'customer') < 100"]) == [(2,)]


def test_conditions_on_the_answer(shop: Shop) -> None:
    assert shop.rows(metrics=["orders"], group_by=["channel"], having=["orders > 2"]) == [("web", 3)]


def test_names_that_do_not_exist_have_near_ones(shop: Shop) -> None:
    with pytest.raises(UnknownName, match="Did you mean 'orders'"):
        shop.rows(metrics=["order"])
    with pytest.raises(UnknownName, match="Did you mean 'channel'"):
        shop.rows(metrics=["orders"], where=["chanel = 'web'"])


def test_a_model_of_credit_is_fixed_or_grouped(shop: Shop) -> None:
    """100 by first touch and 100 by last touch are the same 100."""
    answer = shop.answer(metrics=["credited"])
    assert [row["credited"] for row in answer.table.to_pylist()] == [100]
    assert answer.notes == ("credited: attribution_model is 'first', the glossary's default.",)
    assert shop.rows(metrics=["credited"], group_by=["channel"], attribution_model="last") == [
        ("ad", 40.0),
        ("mail", 60.0),
    ]
    assert shop.rows(metrics=["credited"], group_by=["attribution_model"]) == [
        ("first", 100.0),
        ("last", 100.0),
    ]
    with pytest.raises(Refusal, match="several members of 'attribution_model'"):
        shop.rows(metrics=["credited"], where=["attribution_model in ('first', 'last')"])


def test_another_currency_is_refused_not_ignored(shop: Shop) -> None:
    with pytest.raises(UserError, match="reporting currency 'EUR'"):
        shop.rows(metrics=["order_total"], currency="USD")


def test_by_nothing_is_missing_in_conditions_too(shop: Shop) -> None:
    """tv has spend and no order: 5 / 0 is not infinite, and so not over 10."""
    asked: dict[str, Any] = {"metrics": ["spend", "orders"], "group_by": ["channel"]}
    assert shop.rows(**asked, having=["spend / orders > 10"]) == [("web", 50.0, 3)]
    assert shop.rows(metrics=["spend", "visits"], having=["spend / (visits - 5) > 10"]) == []
    assert shop.rows(metrics=["orders"], where=["length(channel) % (length(channel) - 3) = 0"]) == [(2,)]
    assert shop.rows(metrics=["orders"], where=["length(channel) / 2 = 1.5"]) == [(3,)]


def test_a_metric_in_a_condition_is_under_the_questions_attribution_model(shop: Shop) -> None:
    """By the last touch ad has 40 and mail 60; by the first, the default, ad has all 100 and mail nothing."""
    asked: dict[str, Any] = {"metrics": ["credited"], "group_by": ["channel"]}
    where = ["METRIC('credited', 'channel') > 50"]
    assert shop.rows(**asked, attribution_model="last", where=where) == [("mail", 60.0)]
    assert shop.rows(**asked, where=where) == [("ad", 100.0)]
