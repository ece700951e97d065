"""Invariant 8: a conversion counts once, with the latest base event before it."""

from __future__ import annotations

from tests.semantic.conftest import Shop


def test_two_visits_at_one_instant_share_one_order(shop: Shop) -> None:
    """Order 1 of 5 January follows two visits of 4 January: it counts once, for the first of them by name."""
    rows = shop.rows(metrics=["buyers_by_visit"], group_by=["channel"])
    assert sum(row[1] or 0 for row in rows) == 1
    assert ("ad", 1) in rows


def test_the_rate_is_of_all_visits(shop: Shop) -> None:
    assert shop.rows(metrics=["bought_after_visit"]) == [(1 / 5,)]


def test_the_order_of_rows_changes_nothing(shop: Shop) -> None:
    question = {"metrics": ["buyers_by_visit", "bought_after_visit"], "group_by": ["channel"]}
    before = shop.rows(**question)
    shop.run("CREATE TABLE shop.turned AS SELECT * FROM shop.visits ORDER BY channel DESC, visited_at DESC")
    shop.run("ALTER TABLE shop.visits RENAME TO straight")
    shop.run("ALTER TABLE shop.turned RENAME TO visits")
    try:
        assert shop.rows(**question) == before
    finally:
        shop.run("DROP TABLE shop.visits")
        shop.run("ALTER TABLE shop.straight RENAME TO visits")
