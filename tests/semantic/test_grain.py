"""Invariant 1: every fact is filtered and aggregated at its own grain before it meets another."""

from __future__ import annotations

import pytest

from semantic.errors import FanOut
from tests.semantic.conftest import Shop


def test_an_order_counts_once_for_each_ship_mode_it_has(shop: Shop) -> None:
    """Order 1 (100) has two lines by air and one by sea: 100 for air, not 200.

    order | total      line | order | mode
        1 |   100         1 |     1 | air
                          2 |     1 | air
                          3 |     1 | sea
    """
    rows = shop.rows(metrics=["order_total"], group_by=["line__ship_mode"])
    assert rows == [("air", 130.0), ("sea", 150.0), (None, 38.0)]


def test_a_filter_on_the_many_side_keeps_each_order_once(shop: Shop) -> None:
    rows = shop.rows(metrics=["order_total", "orders", "mean_order"], where=["line__ship_mode = 'air'"])
    assert rows == [(130.0, 2, 65.0)]


def test_two_facts_of_different_grain_are_not_multiplied(shop: Shop) -> None:
    """Three web orders and two days of web spend: a join of the rows would give 6 of each."""
    rows = shop.rows(metrics=["orders", "spend"], group_by=["channel"])
    assert rows == [("shop", 2, None), ("tv", None, 5.0), ("web", 3, 50.0), (None, 1, 3.0)]


def test_a_distinct_count_over_a_join_counts_keys(shop: Shop) -> None:
    rows = shop.rows(metrics=["buyers"], group_by=["line__ship_mode"])
    assert rows == [("air", 2), ("sea", 1), (None, 2)]


def test_a_line_sees_its_orders_customer_over_three_joins(shop: Shop) -> None:
    rows = shop.rows(metrics=["quantity"], group_by=["order__customer__city__country__country_name"])
    assert rows == [("Italy", 4), ("Norway", 9)]


def test_a_running_number_is_not_spread_over_many_lines(shop: Shop) -> None:
    with pytest.raises(FanOut, match="'total_ever' is a running number"):
        shop.rows(metrics=["total_ever"], group_by=["metric_time:month", "line__ship_mode"])
