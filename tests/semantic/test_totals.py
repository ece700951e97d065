"""Invariants 2 to 4: totals equal parts, ratios come last, asking together changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from semantic.errors import Refusal
from tests.semantic.conftest import Shop, table_rows

ADDITIVE = ["orders", "order_total", "spend", "quantity"]
DIMENSIONS = ["channel", "region", "metric_time:month", "metric_time:fiscal_month"]


@pytest.mark.parametrize("metric", ["orders", "order_total"])
@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_parts_add_up_to_the_whole(shop: Shop, metric: str, dimension: str) -> None:
    """Also where the key is missing: order 4 has no customer, order 5 one that does not exist."""
    whole = shop.rows(metrics=[metric])[0][0]
    assert sum(row[1] for row in shop.rows(metrics=[metric], group_by=[dimension])) == whole


def test_missing_keys_of_two_facts_meet(shop: Shop) -> None:
    """A FULL JOIN on `=` would give two rows without a channel."""
    rows = shop.rows(metrics=["orders", "spend"], group_by=["channel"])
    assert [row for row in rows if row[0] is None] == [(None, 1, 3.0)]


def test_a_ratio_is_divided_at_the_asked_grain(shop: Shop) -> None:
    whole = shop.rows(metrics=["cost_per_order"])
    assert whole == [(58 / 6,)]
    by_month = shop.rows(metrics=["cost_per_order"], group_by=["metric_time:month"])
    assert by_month == [("2026-01-01", 45 / 2), ("2026-02-01", 13 / 2), ("2026-03-01", None)]


def test_the_grand_total_of_a_ratio_is_not_a_sum(shop: Shop) -> None:
    answer = shop.answer(metrics=["cost_per_order", "buyers"], group_by=["channel"], totals=True)
    assert answer.totals is not None
    assert table_rows(answer.totals) == [(58 / 6, 4)]


def test_subtotals_come_from_the_facts(shop: Shop) -> None:
    """Ann bought in January only on the web; two buyers by channel are one buyer in all."""
    answer = shop.answer(metrics=["buyers"], group_by=["metric_time:month", "channel"], totals="subtotals")
    assert answer.totals is not None
    rows = {row[:3]: row[3] for row in table_rows(answer.totals)}
    assert rows[("2026-01-01", None, 1)] == 1
    assert rows[(None, None, 0)] == 4


@pytest.mark.parametrize("dimension", ["channel", "metric_time:month"])
def test_asked_together_each_metric_has_the_number_it_has_alone(shop: Shop, dimension: str) -> None:
    names = ["orders", "paid_orders", "spend", "cost_per_order", "buyers", "margin", "stock"]
    together = shop.rows(metrics=names, group_by=[dimension])
    for position, name in enumerate(names, 1):
        alone = dict(shop.rows(metrics=[name], group_by=[dimension]))
        assert {row[0]: row[position] for row in together if row[position] is not None} == {
            key: value for key, value in alone.items() if value is not None
        }


def test_shares_are_of_the_whole(shop: Shop) -> None:
    rows = shop.rows(metrics=["order_total"], group_by=["channel"], share_of_total=["order_total"])
    assert [round(row[2], 4) for row in rows] == [round(v / 218, 4) for v in (37, 170, 11)]


def test_top_members_keep_their_name_and_the_others_are_together(shop: Shop) -> None:
    """Buyers among the others are counted distinct over all of them, not added up by channel."""
    question = {"metrics": ["order_total", "buyers", "spend"], "group_by": ["channel"]}
    top = {"dimension": "channel", "metric": "order_total", "count": 1}
    assert shop.rows(**question, top=top) == [("Other", 48.0, 3, 8.0), ("web", 170.0, 1, 50.0)]
    assert shop.rows(**question, top={**top, "other": None}) == [("web", 170.0, 1, 50.0)]


def test_what_counts_the_same_thing_again_has_no_total(shop: Shop) -> None:
    """first: ad 100; last: ad 40, mail 60. Their total would be 200, or that of the default."""
    by_model: dict[str, Any] = {
        "metrics": ["credited", "spend"],
        "group_by": ["channel", "attribution_model"],
    }
    with pytest.raises(Refusal):
        shop.answer(**by_model)
    by_model["metrics"] = ["credited"]
    answer = shop.answer(**by_model, totals="subtotals")
    assert answer.totals is not None
    assert {row["credited"] for row in answer.totals.to_pylist()} == {None}
    assert answer.notes == (
        "credited has no total over attribution_model: its members count the same thing again.",
    )
    assert not answer.columns[2].additive
    for fixed in ({"where": ["attribution_model = 'last'"]}, {"attribution_model": "last"}):
        answer = shop.answer(**by_model, totals=True, share_of_total=["credited"], **fixed)
        assert answer.totals is not None
        assert table_rows(answer.table) == [("ad", "last", 40.0, 0.4), ("mail", "last", 60.0, 0.6)]
        assert table_rows(answer.totals) == [(100.0,)]


@pytest.mark.parametrize(
    "part",
    [
        {"share_of_total": ["credited"]},
        {"top": {"dimension": "attribution_model", "metric": "credited", "count": 1}},
    ],
    ids=str,
)
def test_what_counts_the_same_thing_again_is_not_put_together(shop: Shop, part: dict[str, Any]) -> None:
    with pytest.raises(Refusal, match="count the same thing again"):
        shop.answer(metrics=["credited"], group_by=["attribution_model"], **part)
    top = {"dimension": "attribution_model", "metric": "credited", "count": 1, "other": None}
    assert shop.rows(metrics=["credited"], group_by=["attribution_model"], top=top) == [("first", 100.0)]
