"""How Superset writes SQL for the door, and how it says who is asking."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy.engine.reflection import Inspector
from sqlalchemy.engine.url import URL
from superset.constants import TimeGrain
from superset.db_engine_specs.base import BaseEngineSpec
from superset.errors import SupersetErrorType

from touchstone_sqlalchemy.catalog import certification, description
from touchstone_sqlalchemy.formats import currency, d3_format

GRAINS = ("day", "week", "month", "quarter", "year")


class TouchstoneEngineSpec(BaseEngineSpec):
    """Every question goes through the glossary: metrics are MEASURE(name), users are the real users."""

    engine = "touchstone"
    engine_name = "Touchstone"
    drivers: ClassVar = {"http": "Touchstone's SQL door over HTTP"}
    default_driver = "http"
    sqlalchemy_uri_placeholder = "touchstone://:TOKEN@host:port/"

    allows_joins = False  # a series limit becomes a first query and an OR filter instead of a join
    allows_subqueries = True  # row counts, virtual datasets
    allows_alias_in_orderby = True
    allows_hidden_orderby_agg = True
    allows_cte_in_subquery = False
    supports_file_upload = False
    disable_ssh_tunneling = True
    has_query_id_before_execute = True

    _time_grain_expressions: ClassVar = {
        None: "{col}",
        **{getattr(TimeGrain, grain.upper()): f"DATE_TRUNC('{grain}', {{col}})" for grain in GRAINS},
    }
    # The door's message is written for the person who made the chart: show it as it is.
    custom_errors: ClassVar = {
        re.compile(r"(?P<message>(?s:.+))"): ("%(message)s", SupersetErrorType.GENERIC_DB_ENGINE_ERROR, {}),
    }

    @classmethod
    def convert_dttm(
        cls, target_type: str, dttm: datetime, db_extra: dict[str, Any] | None = None
    ) -> str | None:
        """A literal: `DATE '2026-01-31'` against a date, `TIMESTAMP '2026-01-31 00:00:00.000000'` else."""
        if (target_type or "").upper() == "DATE":
            return f"DATE '{dttm:%Y-%m-%d}'"
        return f"TIMESTAMP '{dttm:%Y-%m-%d %H:%M:%S.%f}'"

    @classmethod
    def epoch_to_dttm(cls) -> str:
        """Times are timestamps already."""
        return "{col}"

    @classmethod
    def impersonate_user(
        cls,
        database: Any,
        username: str | None,
        user_token: str | None,
        url: URL,
        engine_kwargs: dict[str, Any],
    ) -> tuple[URL, dict[str, Any]]:
        """Keep the service token and name the person: the door applies that person's row rules.

        Superset's default would write the name over the URL's user; and without a name nobody may be assumed.
        """
        engine_kwargs.setdefault("connect_args", {})["on_behalf_of"] = username or "nobody"
        return url, engine_kwargs

    @classmethod
    def get_metrics(cls, database: Any, inspector: Inspector, table: Any) -> list[dict[str, Any]]:
        """The glossary's metrics for a new dataset; none for a virtual one, whose SQL has its own columns."""
        connection = inspector.engine.raw_connection()
        try:
            catalog = connection.cursor().connection.catalog()
        finally:
            connection.close()
        return [
            _metric(name, facts) for name, facts in catalog.get(table.table, {}).get("metrics", {}).items()
        ]

    @classmethod
    def get_cancel_query_id(cls, cursor: Any, query: Any) -> str | None:
        """The id that the door cancels by."""
        return str(cursor.query_id)

    @classmethod
    def cancel_query(cls, cursor: Any, query: Any, cancel_query_id: str) -> bool:
        """Stop the statement at the door."""
        return bool(cursor.cancel(cancel_query_id))


def _metric(name: str, facts: dict[str, Any]) -> dict[str, Any]:
    """One of the door's metrics as Superset's dataset metric."""
    metric = {
        "metric_name": name,
        "verbose_name": facts.get("label", name),
        "expression": f"MEASURE({name})",
        "metric_type": None,
        "description": description(facts),
        "d3format": d3_format(facts.get("format")),
        "currency": currency(facts),
        "extra": json.dumps(certification(facts)),
    }
    return {key: value for key, value in metric.items() if value is not None}
