"""The database, and one dataset for each virtual table: each metric is MEASURE(name)."""

from __future__ import annotations

from typing import Any

from touchstone_superset.glossary import Metric, Table
from touchstone_superset.names import identity

DATABASE = "Touchstone"
SCHEMA = "semantic"


def database() -> dict[str, Any]:
    """The connection. Its address and token stay in the environment, out of Superset's database."""
    return {
        "database_name": DATABASE,
        "sqlalchemy_uri": "touchstone://",
        "cache_timeout": None,
        "expose_in_sqllab": True,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_csv_upload": False,
        "impersonate_user": True,
        "extra": {"allows_virtual_table_explore": True, "per_user_caching": True},
        "uuid": identity("database", DATABASE),
        "version": "1.0.0",
    }


def dataset(table: Table) -> dict[str, Any]:
    """A virtual table as a dataset."""
    return {
        "table_name": table.name,
        "main_dttm_col": next((name for name, kind in table.columns.items() if is_time(kind)), None),
        "description": "The glossary's metrics: answered by the semantic layer, the same at every door.",
        "schema": SCHEMA,
        "catalog": None,
        "sql": None,
        "cache_timeout": None,
        "filter_select_enabled": True,
        "normalize_columns": False,
        "always_filter_main_dttm": False,
        "metrics": [_metric(metric) for metric in table.metrics.values()],
        "columns": [_column(name, kind) for name, kind in table.columns.items()],
        "database_uuid": identity("database", DATABASE),
        "uuid": identity("dataset", table.name),
        "version": "1.0.0",
    }


def is_time(kind: str) -> bool:
    """Whether a column's type is one of time."""
    return kind.upper().startswith(("TIMESTAMP", "DATE"))


def _metric(metric: Metric) -> dict[str, Any]:
    return {
        "metric_name": metric.name,
        "verbose_name": metric.label,
        "expression": f"MEASURE({metric.name})",
        "metric_type": None,
        "description": metric.definition,
        "d3format": metric.d3,
        "currency": metric.currency,
        "extra": metric.badge,
    }


def _column(name: str, kind: str) -> dict[str, Any]:
    return {
        "column_name": name,
        "verbose_name": name.replace("_", " ").capitalize(),
        "type": kind.upper(),
        "is_dttm": is_time(kind),
        "groupby": True,
        "filterable": True,
    }
