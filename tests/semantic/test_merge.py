"""Invariant 4 where one scan answers several metrics: each keeps the number, and the absence, that it has alone.

    orders   1 web paid   2 web   3 shop paid   4 web paid   5 shop ?   6 (none) paid

By channel, `web_orders` has no row for the shop. Read in one scan with `orders` it must not say 0 there.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from semantic.ask import compile_query
from semantic.explain import condition_words
from semantic.plan import Scan
from semantic.query import Principal, query_from_document
from tests.semantic.conftest import Shop

METRICS = (
    "orders", "paid_orders", "web_orders", "web_buyers", "buyers", "paid_median", "mean_order", "north_total",
    "south_buyers", "orders_every_day", "paid_every_day", "total_7_days", "stock", "big_buyers",
)  # fmt: skip
GROUPINGS: tuple[list[str], ...] = ([], ["channel"], ["region"], ["metric_time:month"], ["line__ship_mode"])


def scans(shop: Shop, **document: Any) -> int:
    return len(compile_query(query_from_document(document), shop.glossary).plan.sources)


def stacked(shop: Shop, metrics: tuple[str, ...], group_by: list[str]) -> list[tuple[Any, ...]]:
    """Every metric asked alone, met by hand under equal keys."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for metric in metrics:
        for *key, number in shop.rows(metrics=[metric], group_by=group_by):
            found.setdefault(tuple(key), {})[metric] = number
    return [(*key, *(numbers.get(metric) for metric in metrics)) for key, numbers in found.items()]


@pytest.mark.parametrize("group_by", GROUPINGS, ids=str)
def test_asked_together_each_metric_is_what_it_is_alone(shop: Shop, group_by: list[str]) -> None:
    """All pairs; a metric that fills in a number of its own says it for the groups of the others too."""
    asked = [m for m in METRICS if _is_answered(shop, m, group_by)]
    for pair in combinations(asked, 2):
        together = shop.rows(metrics=list(pair), group_by=group_by)
        fills = [0 if metric == "orders_every_day" else None for metric in pair]
        alone = [
            (*row[: len(group_by)], *(f if n is None else n for n, f in zip(row[-2:], fills, strict=True)))
            for row in stacked(shop, pair, group_by)
        ]
        assert sorted(together, key=repr) == sorted(alone, key=repr), pair


def _is_answered(shop: Shop, metric: str, group_by: list[str]) -> bool:
    try:
        shop.rows(metrics=[metric], group_by=group_by)
    except Exception:  # a metric that lacks the dimension is refused, alone and together
        return False
    return True


def test_what_is_missing_is_not_zero(shop: Shop) -> None:
    rows = shop.rows(metrics=["orders", "web_orders"], group_by=["channel"])
    assert rows == [("shop", 2, None), ("web", 3, 3), (None, 1, None)]
    assert shop.rows(metrics=["orders", "web_orders"], where=["channel = 'nowhere'"]) == [(0, 0)]


def test_no_group_appears_that_none_of_the_metrics_has(shop: Shop) -> None:
    """Orders 4, 5 and 6 are of no region."""
    rows = shop.rows(metrics=["north_total", "south_buyers"], group_by=["order"])
    assert rows == [(1, 100.0, None), (2, 50.0, None), (3, None, 1)]


@pytest.mark.parametrize(
    ("metrics", "group_by", "count"),
    [
        (["orders", "paid_orders", "web_orders", "web_buyers"], ["channel"], 1),
        (["north_total", "south_buyers"], ["metric_time:month"], 1),
        (["north_total", "web_orders"], ["metric_time:month"], 2),  # one needs a join, the other does not
        (["paid_orders", "web_orders"], ["channel"], 2),  # nothing to share
        (["paid_orders", "web_orders", "web_buyers"], ["channel"], 2),
        (["orders", "paid_orders"], ["line__ship_mode"], 2),  # each row once, by its own conditions
        (["orders_every_day", "paid_every_day"], ["metric_time:day"], 1),  # by periods alone
        (["orders", "growth"], ["metric_time:month"], 2),  # another time
        (["order_total", "spend"], ["channel"], 2),
    ],
)
def test_one_scan_where_that_is_the_same(
    shop: Shop, metrics: list[str], group_by: list[str], count: int
) -> None:
    assert scans(shop, metrics=metrics, group_by=group_by) == count


def test_rights_stay_in_where(shop: Shop) -> None:
    north = Principal("n@example.com", ("north",))
    query = query_from_document({"metrics": ["paid_orders", "web_orders"], "group_by": ["channel"]})
    [scan] = compile_query(query, shop.glossary, principal=north).plan.sources
    assert isinstance(scan, Scan)
    assert [condition_words(condition.predicate) for condition in scan.conditions] == ["region = 'north'"]
    assert shop.rows(north, metrics=["paid_orders", "web_orders"]) == [(1.0, 2.0)]


def test_the_plan_says_which_number_has_which_condition(shop: Shop) -> None:
    query = query_from_document({"metrics": ["orders", "web_orders"], "group_by": ["metric_time:month"]})
    words = compile_query(query, shop.glossary).explain()
    assert "orders is the count of order_id over shop.orders\n" in words
    assert "web_orders is the count of order_id over shop.orders, only where channel = 'web'" in words
