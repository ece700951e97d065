"""The plan says in words how a number is made."""

from __future__ import annotations

from semantic.ask import compile_query
from semantic.query import query_from_document
from tests.semantic.conftest import Shop


def test_a_plan_names_facts_paths_conditions_and_grain(shop: Shop) -> None:
    document = {
        "metrics": ["cost_per_order"],
        "group_by": ["channel", "metric_time:month"],
        "where": ["channel in ('web', 'tv') or channel is null"],
        "time_range": {"from": "2026-01-01", "to": "2026-01-31"},
    }
    words = compile_query(query_from_document(document), shop.glossary).explain().splitlines()
    assert words[0] == "1. spend is the sum of amount over shop.spend"
    assert "   only where (channel in (?, ?)) or (channel is missing)" in words
    assert "   shown by metric_time: ordered_at of orders by month" in words
    assert words[-2].startswith("3. Stack these facts and group them again by channel, metric_time")
    assert words[-1].startswith("4. Work out cost_per_order")


def test_a_plan_says_what_time_is_looked_at(shop: Shop) -> None:
    def words(**document: object) -> str:
        return compile_query(query_from_document(document), shop.glossary).explain()

    assert "collected over 7 days" in words(metrics=["total_7_days"], group_by=["metric_time:day"])
    assert "shown 1 month later" in words(metrics=["growth"], group_by=["metric_time:month"])
    assert "only at the last stock_date" in words(metrics=["stock"])
    assert "each order_id counted once" in words(metrics=["orders"], group_by=["line__ship_mode"])
    assert "with the latest row of shop.visits before it within 7 days" in words(
        metrics=["bought_after_visit"]
    )
