"""A small MetricFlow manifest and its tables, in which each difference of semantics shows."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa

from semantic.ask import ask
from semantic.interop.metricflow import import_manifest
from semantic.interop.metricflow_query import read_question
from tests.semantic.conftest import Rows, table_rows

TABLES = """
CREATE TABLE days AS SELECT range::DATE AS day FROM range(DATE '2024-01-01', DATE '2024-03-01', INTERVAL 1 DAY);
CREATE TABLE orders (order_id INT, code TEXT, customer_id INT, day DATE, channel TEXT, amount INT);
INSERT INTO orders VALUES
    (1, 'a', 1, '2024-01-01', 'web', 10), (2, 'b', 1, '2024-01-09', 'web', 20), (3, 'c', 2, '2024-02-02', 'shop', 40);
CREATE TABLE visits (visit_id INT, customer_id INT, day DATE, channel TEXT);
INSERT INTO visits VALUES (1, 1, '2024-01-01', 'web'), (2, 2, '2024-01-03', 'mail');
CREATE TABLE balances (account_id INT, day DATE, balance INT);
INSERT INTO balances VALUES (1, '2024-01-01', 5), (1, '2024-01-09', 7), (1, '2024-02-02', 9);
"""


def _model(name: str, key: str, keys: list[dict[str, Any]], dimensions: list[str]) -> dict[str, Any]:
    time = {"name": "made_on", "expr": "day", "type": "time", "type_params": {"time_granularity": "day"}}
    return {
        "name": name,
        "node_relation": {"alias": name, "schema_name": None, "relation_name": name},
        "defaults": {"agg_time_dimension": "made_on"},
        "entities": [{"name": key, "type": "primary", "expr": f"{key}_id"}, *keys],
        "dimensions": [time, *({"name": each, "type": "categorical"} for each in dimensions)],
    }


def _simple(name: str, model: str, agg: str, expr: str, **params: Any) -> dict[str, Any]:
    written = {"semantic_model": model, "agg": agg, "non_additive_dimension": params.pop("balance", None)}
    return {
        "name": name,
        "type": "simple",
        "type_params": {"expr": expr, "metric_aggregation_params": written, **params},
    }


def _derived(name: str, expr: str, *inputs: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "type": "derived", "type_params": {"expr": expr, "metrics": list(inputs)}}


CUSTOMER = {"name": "customer", "type": "foreign", "expr": "customer_id"}
CODE = {"name": "receipt", "type": "unique", "expr": "code"}
MANIFEST: dict[str, Any] = {
    "semantic_models": [
        _model("orders", "order", [CUSTOMER, CODE], ["channel"]),
        _model("visits", "visit", [CUSTOMER], ["channel"]),
        _model("balances", "account", [], []),
    ],
    "metrics": [
        _simple("orders", "orders", "sum", "1"),
        _simple("visits", "visits", "sum", "1"),
        _simple("filled", "orders", "sum", "1", fill_nulls_with=0),
        _simple("daily", "orders", "sum", "1", fill_nulls_with=0, join_to_timespine=True),
        _simple(
            "balance",
            "balances",
            "sum",
            "balance",
            balance={"name": "made_on", "window_choice": "max", "window_groupings": []},
        ),
        _derived("twice", "2 * filled", {"name": "filled"}),
        _derived("at_start", "early", {"name": "orders", "alias": "early", "offset_to_grain": "month"}),
        {
            "name": "two_days",
            "type": "cumulative",
            "type_params": {
                "cumulative_type_params": {
                    "metric": {"name": "daily"},
                    "window": {"count": 2, "granularity": "day"},
                    "period_agg": "first",
                }
            },
        },
    ],
    "project_configuration": {
        "time_spines": [
            {
                "node_relation": {"alias": "days", "relation_name": "days"},
                "primary_column": {"name": "day", "time_granularity": "day"},
            }
        ]
    },
}


class Imported:
    """The manifest's glossary over its tables, asked in MetricFlow's words."""

    dialect = "duckdb"

    def __init__(self) -> None:
        self.glossary = import_manifest(MANIFEST).glossary
        self.connection = duckdb.connect()
        self.connection.execute(TABLES)

    def run(self, sql: str, parameters: tuple[Any, ...] = ()) -> pa.Table:
        return self.connection.execute(sql, list(parameters)).to_arrow_table()

    def freshness(self) -> dict[str, Any]:
        return {}

    def rows(self, **question: Any) -> Rows:
        """The rows of a question of the exam's form."""
        return table_rows(ask(read_question(question, self.glossary), self.glossary, self).table)
