"""Invariant 11: with the router or without it, the same rows; and it is taken only where that is so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from semantic.ask import compile_query
from semantic.definitions import Rollup
from semantic.query import query_from_document
from tests.semantic.conftest import Shop, table_rows

BY_DAY = Rollup(
    name="orders_by_day",
    model="orders",
    relation="shop.orders_by_day",
    dimensions=(("channel", "channel"), ("is_paid", "paid")),
    time=(("ordered_at", "day", "ordered_on"),),
    measures=(("order_total", "total"), ("orders", "orders")),
)
JANUARY = {"from": "2026-01-01", "to": "2026-01-31"}
TAKEN: list[dict[str, Any]] = [
    {"metrics": ["orders", "order_total"]},
    {"metrics": ["orders"], "group_by": ["channel", "metric_time:month"]},
    {"metrics": ["paid_orders"], "group_by": ["metric_time:week"]},
    {"metrics": ["order_total"], "time_range": JANUARY, "where": ["channel = 'web'"]},
    {"metrics": ["orders"], "where": ["channel = 'nowhere'"]},
    {"metrics": ["cost_per_order"], "group_by": ["channel"]},
]
NOT_TAKEN: list[dict[str, Any]] = [
    {"metrics": ["buyers"], "group_by": ["channel"]},
    {"metrics": ["mean_order"]},
    {"metrics": ["orders"], "group_by": ["region"]},
    {"metrics": ["orders"], "group_by": ["metric_time:hour"]},
    {"metrics": ["orders"], "time_range": JANUARY, "time_zone": "Europe/Berlin"},
    {"metrics": ["orders"], "time_range": {"from": "2026-01-01", "to": "2026-01-05T09:00:00"}},
    {"metrics": ["order_total"], "group_by": ["line__ship_mode"]},
    {"metrics": ["bought_after_visit"]},
]


@pytest.fixture(scope="module")
def rolled() -> Iterator[Shop]:
    shop = Shop()
    shop.run(
        "CREATE TABLE shop.orders_by_day AS SELECT channel, is_paid AS paid, CAST(ordered_at AS DATE) AS ordered_on, "
        "SUM(total) AS total, COUNT(order_id) AS orders FROM shop.orders GROUP BY ALL"
    )
    shop.glossary = replace(shop.glossary, rollups=(BY_DAY,))
    yield shop
    shop.connection.close()


@pytest.mark.parametrize("question", TAKEN, ids=str)
def test_a_rollup_is_taken_and_changes_no_row(rolled: Shop, question: dict[str, Any]) -> None:
    query = query_from_document(question)
    with_rollup = compile_query(query, rolled.glossary)
    assert "orders_by_day" in with_rollup.sql
    assert "rollup orders_by_day" in with_rollup.explain()
    without = compile_query(query, rolled.glossary, rollups=False)
    assert "orders_by_day" not in without.sql
    assert table_rows(rolled.run(with_rollup.sql)) == table_rows(rolled.run(without.sql))


@pytest.mark.parametrize("question", NOT_TAKEN, ids=str)
def test_a_rollup_is_not_taken_where_it_could_differ(rolled: Shop, question: dict[str, Any]) -> None:
    assert "orders_by_day" not in compile_query(query_from_document(question), rolled.glossary).sql


def test_a_filtered_rollup_answers_only_questions_with_its_filter(rolled: Shop) -> None:
    paid = replace(BY_DAY, filters=rolled.glossary.metrics["paid_orders"].filters)
    glossary = replace(rolled.glossary, rollups=(paid,))
    assert "orders_by_day" not in compile_query(query_from_document({"metrics": ["orders"]}), glossary).sql
    assert "orders_by_day" in compile_query(query_from_document({"metrics": ["paid_orders"]}), glossary).sql
