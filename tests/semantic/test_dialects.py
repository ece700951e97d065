"""Golden SQL for five dialects; regenerate it with `REGENERATE_GOLDEN=1 pytest tests/semantic/test_dialects.py`."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path
from typing import Any

import pytest
import sqlglot

from semantic.ask import compile_query
from semantic.compile.dialects import adapted
from semantic.errors import GlossaryError, Refusal
from semantic.loader import glossary_from_text
from semantic.query import query_from_document
from tests.semantic.conftest import Shop

GOLDEN = Path(__file__).parent / "golden"
DIALECTS = ("duckdb", "snowflake", "postgres", "bigquery", "redshift")
JANUARY = {"from": "2026-01-01", "to": "2026-01-31"}
QUESTIONS: dict[str, dict[str, Any]] = {
    "simple": {
        "metrics": ["orders"],
        "group_by": ["channel"],
        "where": ["channel like 'w%' or channel is null"],
    },
    "three_hops": {"metrics": ["orders"], "group_by": ["customer__city__country__country_name"], "limit": 10},
    "facts_by_week": {
        "metrics": ["cost_per_order", "stock", "visits"],
        "group_by": ["metric_time:week"],
        "order_by": ["-visits"],
    },
    "one_fact": {
        "metrics": ["orders", "web_buyers", "paid_orders"],
        "group_by": ["metric_time:month"],
        "where": ["channel <> 'tv'"],
    },
    "one_join": {"metrics": ["north_total", "south_buyers"], "group_by": ["channel"]},
    "in_a_zone": {"metrics": ["orders"], "time_range": JANUARY, "time_zone": "Europe/Berlin"},
    "fan_out": {"metrics": ["order_total"], "group_by": ["line__ship_mode"]},
    "running": {"metrics": ["total_7_days"], "group_by": ["metric_time:month"]},
    "ever": {
        "metrics": ["total_ever", "orders_ever", "buyers_ever"],
        "group_by": ["channel", "metric_time:month"],
        "time_range": {"from": "2026-02-01", "to": "2026-03-31"},
    },
    "every_day": {"metrics": ["orders_every_day"], "group_by": ["metric_time:day"], "time_range": JANUARY},
    "conversion": {"metrics": ["bought_after_visit"], "group_by": ["channel"]},
    "a_year_before": {"metrics": ["orders"], "group_by": ["metric_time:month"], "compare": "previous_year"},
    "top": {
        "metrics": ["orders"],
        "group_by": ["channel"],
        "top": {"dimension": "channel", "metric": "orders", "count": 2},
    },
}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", QUESTIONS)
def test_the_sql_is_the_golden_one(shop: Shop, name: str, dialect: str) -> None:
    sql = compile_query(query_from_document(QUESTIONS[name]), shop.glossary, dialect).sql + "\n"
    sqlglot.parse_one(sql, dialect=dialect)
    file = GOLDEN / f"{name}.{dialect}.sql"
    if os.environ.get("REGENERATE_GOLDEN"):
        file.write_text(sql)
    assert sql == file.read_text(), f"{file.name} differs: look at it, then regenerate it"


def test_an_exact_percentile_is_not_estimated_in_silence(shop: Shop) -> None:
    with pytest.raises(Refusal, match="BigQuery has no exact percentile"):
        compile_query(query_from_document({"metrics": ["median_order"]}), shop.glossary, "bigquery")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("text", ["it's", "a\\", "a\\' OR 1=1 --", 'quo"te', "$touchstone_slot_0", "naïve ☃"])
def test_a_value_stays_a_value(shop: Shop, dialect: str, text: str) -> None:
    """Whatever is asked for, the statement has one literal that reads back as exactly that."""
    where = [{"dimension": "channel", "op": "eq", "value": text}]
    query = query_from_document({"metrics": ["orders"], "where": where})
    tree = sqlglot.parse_one(compile_query(query, shop.glossary, dialect).sql, dialect=dialect)
    assert [literal.this for literal in tree.find_all(sqlglot.exp.Literal) if literal.is_string] == [text]


def test_a_glossary_may_be_written_in_another_dialect() -> None:
    """BigQuery names the later date first; inside, there is one way to write it."""
    text = """
    settings: {dialect: bigquery}
    models:
      - name: visit
        relation: shop.visit
        default_time_dimension: seen_at
        dimensions: [{name: seen_at, type: time}]
        measures:
          - {name: days, agg: sum, expr: "DATE_DIFF(left_on, came_on, DAY)"}
    """
    glossary = glossary_from_text(textwrap.dedent(text), "visits.yml")
    assert glossary.models["visit"].measure_by_name["days"].expr == "DATE_DIFF('DAY', came_on, left_on)"
    with pytest.raises(GlossaryError, match="'oracel'"):
        glossary_from_text("settings: {dialect: oracel}", "visits.yml")


def test_postgres_counts_seconds_by_the_clock() -> None:
    """From 0.9 s to 1.2 s the second changes once; the time that passed would round to none."""
    node = sqlglot.parse_one("DATE_DIFF('second', a, b)", dialect="duckdb")
    assert "DATE_TRUNC('SECOND', CAST(a AS TIMESTAMP))" in adapted(node, "postgres").sql("postgres")
