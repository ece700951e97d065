"""Invariants 6 and 7: a running number from periods is the one from rows, or it is made from rows."""

from __future__ import annotations

from typing import Any

import pytest

from semantic.ask import compile_query
from semantic.plan import Scan, scan_of
from semantic.query import query_from_document
from tests.semantic.conftest import Shop

NUMBERS = {
    "total_ever": ("SUM(o.total)", "TRUE"),
    "orders_ever": ("COUNT(o.order_id)", "TRUE"),
    "buyers_ever": ("COUNT(DISTINCT o.customer_id)", "TRUE"),
    "total_7_days": ("SUM(o.total)", "CAST(o.ordered_at AS DATE) > d.day - INTERVAL 7 DAY"),
    "total_to_date": ("SUM(o.total)", "CAST(o.ordered_at AS DATE) >= date_trunc('month', d.day)"),
    "buyers_to_date": (
        "COUNT(DISTINCT o.customer_id)",
        "CAST(o.ordered_at AS DATE) >= date_trunc('year', d.day)",
    ),
    "mean_ever": ("AVG(o.total)", "TRUE"),
}
KEYS = {
    "metric_time:day": "",
    "channel": "o.channel,",
    "region": "c.region,",
    "order__is_paid": "o.is_paid,",
}


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("metric", NUMBERS)
def test_a_running_number_is_that_of_the_rows(shop: Shop, metric: str, key: str) -> None:
    """Every day of three months against a join of each day to all rows that it looks back at."""
    number, window = NUMBERS[metric]
    rows = shop.sql(f"""
        SELECT {KEYS[key]} d.day, {number}
        FROM shop.days AS d JOIN shop.orders AS o ON CAST(o.ordered_at AS DATE) <= d.day AND {window}
        LEFT JOIN shop.customers AS c ON o.customer_id = c.customer_id
        WHERE d.day BETWEEN DATE '2026-01-20' AND DATE '2026-03-31' GROUP BY ALL ORDER BY ALL NULLS LAST
    """)
    group_by = list(dict.fromkeys([key, "metric_time:day"]))
    range_ = {"from": "2026-01-20", "to": "2026-03-31"}
    assert shop.rows(metrics=[metric], group_by=group_by, time_range=range_) == rows


@pytest.mark.parametrize(
    ("metric", "where", "from_periods"),
    [
        ("total_ever", [], True),
        ("total_7_days", ["region = 'north'"], True),
        ("buyers_ever", ["channel = 'web'"], True),
        ("buyers_ever", ["metric_time >= '2026-02-01'"], True),  # on the days that are shown
        ("buyers_ever", ["metric_time >= '2026-02-01' or channel = 'web'"], False),  # on both
        ("buyers_to_date", [], False),
        ("mean_ever", [], False),
    ],
)
def test_rows_are_added_up_first_where_that_is_exact(
    shop: Shop, metric: str, where: list[str], from_periods: bool
) -> None:
    document: dict[str, Any] = {"metrics": [metric], "group_by": ["metric_time:day"], "where": where}
    [source] = compile_query(query_from_document(document), shop.glossary).plan.sources
    scan = scan_of(source)
    assert isinstance(scan, Scan)
    assert (scan.of is not None) is from_periods


def test_a_row_without_a_time_never_counts(shop: Shop) -> None:
    before = shop.rows(metrics=["total_ever", "buyers_ever"], group_by=["metric_time:month"])
    shop.connection.execute("BEGIN")
    shop.connection.execute("INSERT INTO shop.orders VALUES (50, 77, NULL, 'web', TRUE, 1000)")
    try:
        assert shop.rows(metrics=["total_ever", "buyers_ever"], group_by=["metric_time:month"]) == before
    finally:
        shop.connection.execute("ROLLBACK")
