"""Invariant 11: a real PostgreSQL gives the same rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from semantic.ask import ask, compile_query
from semantic.closing import Signed, close_month
from semantic.closings import NO_CLOSINGS, Closings
from semantic.definitions import Cumulative, Derived, Glossary, Metric, MetricInput
from semantic.query import query_from_document
from semantic.warehouse.closed_files import ClosedFiles
from tests.postgres_server import USER, needs_postgres, postgres_server
from tests.semantic.conftest import HERE, Rows, Shop, _plain, table_rows
from tests.semantic.test_dialects import QUESTIONS

pytestmark = [pytest.mark.postgres, needs_postgres]
MORE: dict[str, dict[str, Any]] = {
    "median": {"metrics": ["median_order", "buyers"], "group_by": ["channel"]},
    "filtered": {"metrics": ["paid_median", "web_buyers", "paid_orders"], "group_by": ["channel"]},
    "by_region": {"metrics": ["north_total", "south_buyers"], "group_by": ["region", "metric_time:month"]},
    "subtracted": {"metrics": ["margin", "growth"], "group_by": ["metric_time:month"]},
    "fiscal": {"metrics": ["orders"], "group_by": ["metric_time:fiscal_month"], "compare": "previous_period"},
    "targets": {"metrics": ["order_total"], "group_by": ["metric_time:month"], "compare": "target"},
    "big_buyers": {"metrics": ["big_buyers", "customers"]},
    "shares": {"metrics": ["order_total"], "group_by": ["channel"], "share_of_total": ["order_total"]},
    "part_of_a_date": {"metrics": ["orders"], "group_by": [{"name": "metric_time", "date_part": "dow"}]},
}


@pytest.fixture(scope="module")
def postgres() -> Iterator[psycopg.Connection[Any]]:
    """A server of its own, with the shop's tables."""
    with (
        postgres_server() as port,
        psycopg.connect(host="127.0.0.1", port=port, user=USER, dbname="postgres", autocommit=True) as found,
    ):
        found.execute(_shop_for_postgres())
        yield found


def _shop_for_postgres() -> str:
    text = (HERE / "shop.sql").read_text()
    duck = "range(TIMESTAMP '2024-12-26', TIMESTAMP '2027-01-01', INTERVAL 1 DAY)"
    assert duck in text
    text = text.replace(
        duck, "generate_series(TIMESTAMP '2024-12-26', TIMESTAMP '2026-12-31', INTERVAL '1 DAY')"
    )
    return text.replace("INTERVAL 25 DAY", "INTERVAL '25 DAY'").replace("INTERVAL 6 DAY", "INTERVAL '6 DAY'")


@pytest.mark.parametrize("question", [*QUESTIONS.values(), *MORE.values()], ids=[*QUESTIONS, *MORE])
def test_postgres_gives_the_same_rows(
    shop: Shop, postgres: psycopg.Connection[Any], question: dict[str, Any]
) -> None:
    sql = compile_query(query_from_document(question), shop.glossary, "postgres").sql
    theirs: Rows = [tuple(map(_plain, row)) for row in postgres.execute(sql).fetchall()]  # type: ignore[arg-type]
    ours = shop.rows(**question)
    assert len(theirs) == len(ours)
    for their_row, our_row in zip(theirs, ours, strict=True):
        assert their_row == pytest.approx(our_row, nan_ok=True) or their_row == our_row


def test_postgres_spreads_targets_and_runs_by_own_periods(
    shop: Shop, postgres: psycopg.Connection[Any]
) -> None:
    assert shop.glossary.targets is not None
    to_date = Cumulative(MetricInput("order_total"), grain_to_date="fiscal_month", period_agg="last")
    began = Derived("began", (MetricInput("order_total", "began", offset_to_grain="fiscal_month"),))
    glossary = replace(
        shop.glossary,
        targets=replace(shop.glossary.targets, allocation="even_by_day"),
        metrics={
            **shop.glossary.metrics,
            "to_date": Metric("to_date", to_date),
            "began": Metric("began", began),
        },
    )
    march = {"from": "2026-02-10", "to": "2026-03-31"}
    for question in (
        {"metrics": ["order_total", "cost_per_order"], "compare": "target", "group_by": ["metric_time:week"]},
        {"metrics": ["to_date", "began"], "group_by": ["metric_time:day"], "time_range": march},
        {"metrics": ["to_date"], "time_range": march},
    ):
        _same(shop, postgres, glossary, question, NO_CLOSINGS)


def test_postgres_reads_what_was_reported(
    shop: Shop, postgres: psycopg.Connection[Any], tmp_path: Path
) -> None:
    store = ClosedFiles(tmp_path)
    signed = Signed("ann", dt.datetime(2026, 4, 2, tzinfo=dt.UTC))
    store.add(*close_month("2026-01", 1, shop.glossary, shop, signed))
    question = {"metrics": ["order_total", "orders", "cost_per_order"], "group_by": ["channel"]}
    _same(shop, postgres, shop.glossary, {**question, "as_of": "2026-01"}, store)
    beside = {**question, "group_by": ["metric_time:month"], "compare": "as_reported"}
    _same(shop, postgres, shop.glossary, beside, store)


def _same(
    shop: Shop,
    postgres: psycopg.Connection[Any],
    glossary: Glossary,
    question: dict[str, Any],
    store: Closings,
) -> None:
    query = query_from_document(question)
    sql = compile_query(query, glossary, "postgres", closings=store).sql
    theirs: Rows = [tuple(map(_plain, row)) for row in postgres.execute(sql).fetchall()]  # type: ignore[arg-type]
    ours = table_rows(ask(query, glossary, shop, closings=store).table)
    assert ours
    assert theirs == [pytest.approx(row, abs=1e-4) for row in ours]
