"""Numbers that were once wrong, each as small as it can be drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from semantic.ask import compile_query, drill_through
from semantic.definitions import Role
from semantic.errors import AccessDenied, QueryError
from semantic.loader import load_glossary
from semantic.query import Principal, query_from_document
from tests.semantic.conftest import Rows, Shop, table_rows


@pytest.fixture(scope="module")
def leap(shop: Shop) -> Iterator[Shop]:
    """One order on the last day of February 2025, one on the first of each month around it."""
    found = Shop()
    found.run("DELETE FROM shop.orders")
    found.run(
        "INSERT INTO shop.orders VALUES (1, 1, '2025-02-28 12:00', 'web', TRUE, 1), "
        "(2, 1, '2025-01-31', 'web', TRUE, 10), (3, 1, '2025-03-31', 'web', TRUE, 100)"
    )
    yield found
    found.connection.close()


def test_a_range_a_month_earlier_counts_each_day_once(leap: Shop) -> None:
    """29, 30 and 31 March look back at 28 February; together they are still one order.

    shown      | the day a month before
    2025-03-28 | 2025-02-28
    2025-03-29 | (2025-02-29)
    """
    rows = leap.rows(metrics=["growth", "order_total"], time_range={"from": "2025-03-02", "to": "2025-04-15"})
    assert rows == [(100 - 1, 100.0)]


def test_a_running_numbers_earlier_month_is_what_that_month_shows(leap: Shop) -> None:
    """January to date is 10 on its last day; 28 January, a month before 28 February, had nothing yet."""
    rows = leap.rows(
        metrics=["total_to_date"],
        group_by=["metric_time:month"],
        time_range={"from": "2025-02-01", "to": "2025-02-28"},
        compare="previous_period",
    )
    assert rows == [("2025-02-01", 1.0, "2025-01-01", 10.0, -9.0, -0.9)]


def behind(shop: Shop, cell: dict[str, object], metric: str, **document: object) -> Rows:
    [rows] = drill_through(query_from_document(document), metric, cell, shop.glossary, shop)
    return table_rows(rows.table)


def test_the_rows_behind_a_balance_are_those_of_its_day(shop: Shop) -> None:
    """Four counts in all; the number of January is the one of the shop on the 31st."""
    question = {"metrics": ["stock"], "group_by": ["metric_time:month", "channel"]}
    rows = behind(shop, {"metric_time": "2026-01-01", "channel": "shop"}, "stock", **question)
    assert [row[-1] for row in rows] == [6]
    assert behind(shop, {"metric_time": "2026-01-01", "channel": "web"}, "stock", **question) == []


def test_the_rows_behind_the_others_are_theirs(shop: Shop) -> None:
    top = {"dimension": "channel", "metric": "orders", "count": 1}
    question = {"metrics": ["orders"], "group_by": ["channel"], "top": top}
    rows = behind(shop, {"channel": "Other"}, "orders", **question)
    assert [row[0] for row in rows] == [3, 5, 6]


def test_a_members_number_does_not_depend_on_who_is_left_out(shop: Shop) -> None:
    """The web had no stock on the last day, whether the shop is shown or not."""
    top = {"dimension": "channel", "metric": "orders", "count": 1, "other": None}
    question = {
        "metrics": ["stock"],
        "group_by": ["channel"],
        "time_range": {"from": "2026-01-01", "to": "2026-01-31"},
    }
    assert shop.rows(**question) == [("shop", 6)]
    assert shop.rows(**question, top=top) == []


def test_subtotals_show_the_members_that_the_rows_show(shop: Shop) -> None:
    top = {"dimension": "channel", "metric": "orders", "count": 1}
    question = {"metrics": ["orders"], "group_by": ["channel", "metric_time:month"], "top": top}
    answer = shop.answer(**question, totals="subtotals")
    assert answer.totals is not None
    assert [row for row in table_rows(answer.totals) if row[2] == 1] == [
        ("Other", None, 1, 3),
        ("web", None, 1, 3),
    ]


def test_a_number_by_a_key_is_no_condition_on_the_answer(shop: Shop) -> None:
    """Taken for the row's own number it would answer another question."""
    with pytest.raises(QueryError, match="write it under `where`"):
        shop.rows(metrics=["orders"], group_by=["channel"], having=["METRIC('orders', 'customer') > 1"])


def test_contains_takes_every_letter_as_it_is(shop: Shop) -> None:
    where = [{"dimension": "channel", "op": "contains", "value": "_"}]
    assert shop.rows(metrics=["orders"], where=where) == [(0,)]
    where = [{"dimension": "channel", "op": "contains", "value": "WE"}]
    assert shop.rows(metrics=["orders"], where=where) == [(3,)]


def test_the_lowest_percentile_is_not_the_median(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("glossary") / "lowest.yml"
    measure = "{name: lowest, agg: percentile, expr: total, percentile: {value: 0}}"
    file.write_text(f"models:\n  - {{name: orders, relation: shop.orders, measures: [{measure}]}}\n")
    percentile = load_glossary(file).models["orders"].measure_by_name["lowest"].percentile
    assert percentile is not None
    assert percentile.value == 0


def test_a_masked_column_has_no_second_name(shop: Shop) -> None:
    """The key of an order's customer is masked: neither the key nor what counts it is among the rows."""
    role = Role("blind", masked_dimensions=("customer",))
    blind = Shop()
    blind.glossary = replace(shop.glossary, roles={"blind": role})
    asker = Principal("b", roles=("blind",))
    query = query_from_document({"metrics": ["buyers"]})
    [rows] = drill_through(query, "buyers", {}, blind.glossary, blind, asker)
    assert not {"customer", "buyers"} & set(rows.table.column_names)
    with pytest.raises(AccessDenied, match="masked"):
        compile_query(
            query_from_document({"metrics": ["orders"], "where": ["customer = 1"]}),
            blind.glossary,
            principal=asker,
        )
    blind.connection.close()


def test_a_granted_ratio_does_not_show_the_rows_of_its_parts(shop: Shop) -> None:
    other = Shop()
    other.glossary = replace(shop.glossary, roles={"r": Role("r", metrics=("cost_per_order",))})
    asker, query = Principal("r", roles=("r",)), query_from_document({"metrics": ["cost_per_order"]})
    assert other.rows(asker, metrics=["cost_per_order"]) == [(58 / 6,)]
    with pytest.raises(AccessDenied, match="'spend'"):
        drill_through(query, "cost_per_order", {}, other.glossary, other, asker)
    other.connection.close()
