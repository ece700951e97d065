"""TPC-H for the benchmarks: its tables, a MetricFlow manifest over them, questions and the SQL by hand."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Document = dict[str, Any]

_GENERATE = """
import duckdb, glob, os, duckdb_extension_tpch, sys
folder = os.path.dirname(duckdb_extension_tpch.__file__)
[file] = glob.glob(folder + "/extensions/*/tpch.duckdb_extension")
with duckdb.connect(sys.argv[1], config={"allow_unsigned_extensions": "true"}) as connection:
    connection.execute(f"LOAD '{file}'")
    connection.execute(f"CALL dbgen(sf = {float(sys.argv[2])})")
    connection.execute("CREATE TABLE days AS SELECT unnest(generate_series("
                       "TIMESTAMP '1992-01-01', TIMESTAMP '1998-12-31', INTERVAL 1 DAY)) AS day")
"""


def generate(python: Path, file: Path, scale: float) -> None:
    """Make the tables with the bench environment's DuckDB extension, once."""
    if not file.exists():
        subprocess.run([str(python), "-c", _GENERATE, str(file), str(scale)], check=True)


# -- the manifest ------------------------------------------------------------------------------


def manifest() -> Document:
    """A MetricFlow manifest, from which both engines answer."""
    names = ("revenue", "quantity", "lines", "orders", "order_total")
    return {
        "semantic_models": [_lines(), _orders(), *_dimension_models()],
        "metrics": [*(_simple(name) for name in names), _ratio("revenue_per_line", "revenue", "lines")],
        "project_configuration": {
            "time_spine_table_configurations": [],
            "time_spines": [
                {
                    "node_relation": _relation("days"),
                    "primary_column": {"name": "day", "time_granularity": "day"},
                }
            ],
        },
        "saved_queries": [],
    }


def _relation(table: str) -> Document:
    return {"alias": table, "schema_name": "main", "relation_name": f"main.{table}"}


def _model(name: str, table: str, entities: Document, dimensions: Document, **rest: Any) -> Document:
    return {
        "name": name,
        "node_relation": _relation(table),
        "entities": [{"name": key, "type": kind, "expr": expr} for key, (kind, expr) in entities.items()],
        "dimensions": [
            {"name": key, "type": "time", "expr": expr, "type_params": {"time_granularity": "day"}}
            if key.endswith("date")
            else {"name": key, "type": "categorical", "expr": expr}
            for key, expr in dimensions.items()
        ],
        "measures": [],
        **rest,
    }


def _measure(name: str, agg: str, expr: str) -> Document:
    return {"name": name, "agg": agg, "expr": expr}


def _lines() -> Document:
    return _model(
        "lineitem",
        "lineitem",
        {
            "order": ("foreign", "l_orderkey"),
            "part": ("foreign", "l_partkey"),
            "supplier": ("foreign", "l_suppkey"),
        },
        {"ship_mode": "l_shipmode", "return_flag": "l_returnflag", "ship_date": "l_shipdate"},
        primary_entity="line",
        defaults={"agg_time_dimension": "ship_date"},
        measures=[
            _measure("revenue", "sum", "l_extendedprice * (1 - l_discount)"),
            _measure("quantity", "sum", "l_quantity"),
            _measure("lines", "sum", "1"),
        ],
    )


def _orders() -> Document:
    return _model(
        "orders",
        "orders",
        {"order": ("primary", "o_orderkey"), "customer": ("foreign", "o_custkey")},
        {"order_date": "o_orderdate", "priority": "o_orderpriority"},
        defaults={"agg_time_dimension": "order_date"},
        measures=[_measure("orders", "sum", "1"), _measure("order_total", "sum", "o_totalprice")],
    )


def _dimension_models() -> list[Document]:
    return [
        _model(
            "customer",
            "customer",
            {"customer": ("primary", "c_custkey"), "nation": ("foreign", "c_nationkey")},
            {"segment": "c_mktsegment"},
        ),
        _model(
            "nation",
            "nation",
            {"nation": ("primary", "n_nationkey"), "region": ("foreign", "n_regionkey")},
            {"nation_name": "n_name"},
        ),
        _model("region", "region", {"region": ("primary", "r_regionkey")}, {"region_name": "r_name"}),
        _model("part", "part", {"part": ("primary", "p_partkey")}, {"brand": "p_brand"}),
    ]


def _simple(name: str) -> Document:
    owner = "orders" if name in ("orders", "order_total") else "lineitem"
    measures = {m["name"]: m for m in (*_lines()["measures"], *_orders()["measures"])}
    params = {
        "measure": {"name": name},
        "expr": measures[name]["expr"],
        "metric_aggregation_params": {"semantic_model": owner, "agg": "sum"},
        "input_measures": [{"name": name}],
    }
    return {"name": name, "type": "simple", "type_params": params}


def _ratio(name: str, top: str, bottom: str) -> Document:
    params = {
        "numerator": {"name": top},
        "denominator": {"name": bottom},
        "input_measures": [{"name": top}, {"name": bottom}],
    }
    return {"name": name, "type": "ratio", "type_params": params}


# -- the questions -----------------------------------------------------------------------------


@dataclass(frozen=True)
class TpchQuestion:
    """A question and how somebody who knows SQL would write it."""

    name: str
    metrics: tuple[str, ...]
    group_by: tuple[str, ...]
    by_hand: str

    def document(self) -> Document:
        """The question in the exam's form."""
        return {
            "id": self.name,
            "manifest": "tpch",
            "metrics": list(self.metrics),
            "group_by": list(self.group_by),
        }


QUESTIONS = (
    TpchQuestion(
        "simple",
        ("revenue",),
        ("metric_time__month",),
        """
        SELECT date_trunc('month', l_shipdate) AS month, sum(l_extendedprice * (1 - l_discount)) AS revenue
        FROM lineitem GROUP BY 1 ORDER BY 1
        """,
    ),
    TpchQuestion(
        "ratio",
        ("revenue_per_line",),
        ("line__ship_mode",),
        """
        SELECT l_shipmode, sum(l_extendedprice * (1 - l_discount))::DOUBLE / count(*) AS revenue_per_line
        FROM lineitem GROUP BY 1 ORDER BY 1
        """,
    ),
    TpchQuestion(
        "2 hops",
        ("revenue",),
        ("order__customer__segment",),
        """
        SELECT c_mktsegment, sum(l_extendedprice * (1 - l_discount)) AS revenue
        FROM lineitem LEFT JOIN orders ON l_orderkey = o_orderkey LEFT JOIN customer ON o_custkey = c_custkey
        GROUP BY 1 ORDER BY 1
        """,
    ),
    TpchQuestion(
        "3 hops",
        ("revenue",),
        ("order__customer__nation__nation_name",),
        """
        SELECT n_name, sum(l_extendedprice * (1 - l_discount)) AS revenue
        FROM lineitem LEFT JOIN orders ON l_orderkey = o_orderkey LEFT JOIN customer ON o_custkey = c_custkey
        LEFT JOIN nation ON c_nationkey = n_nationkey
        GROUP BY 1 ORDER BY 1
        """,
    ),
    TpchQuestion(
        "two facts",
        ("revenue", "order_total"),
        ("metric_time__month",),
        """
        SELECT month, revenue, order_total FROM (
          SELECT date_trunc('month', l_shipdate) AS month, sum(l_extendedprice * (1 - l_discount)) AS revenue
          FROM lineitem GROUP BY 1)
        FULL JOIN (
          SELECT date_trunc('month', o_orderdate) AS month, sum(o_totalprice) AS order_total
          FROM orders GROUP BY 1) USING (month)
        ORDER BY 1
        """,
    ),
    TpchQuestion(
        "fan-out",
        ("order_total",),
        ("line__ship_mode",),
        """
        SELECT l_shipmode, sum(o_totalprice) AS order_total
        FROM (SELECT DISTINCT o_orderkey, o_totalprice, l_shipmode
              FROM orders LEFT JOIN lineitem ON o_orderkey = l_orderkey)
        GROUP BY 1 ORDER BY 1
        """,
    ),
)
