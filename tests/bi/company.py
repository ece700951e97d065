"""The hand-written warehouse, moved in time so that its March 2026 is the month that has just ended."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb

from tests.fixtures.core import build_core
from tests.fixtures.schema import TABLES

BUSIEST = date(2026, 3, 1)
# Targets of the whole company, in the place of the fixture's own.
TARGETS = {"marketing_spend": 800, "pipeline_created": 1_000, "closed_won_revenue": 100_000}


def last_month(today: date) -> tuple[date, date]:
    """The first and the last day of the month before `today`'s."""
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def build_company(path: Path, today: date, mqls_target: int) -> Path:
    """Write the warehouse to `path`; MQLs of the month that ended were planned to be `mqls_target`."""
    first, _ = last_month(today)
    months = (first.year - BUSIEST.year) * 12 + first.month - BUSIEST.month
    build_core(path)
    with duckdb.connect(str(path)) as connection:
        _move(connection, months)
        _load_yesterday(connection, today)
        for metric, value in {**TARGETS, "mqls": mqls_target}.items():
            connection.execute(
                "DELETE FROM core.target WHERE metric = ? AND coalesce(channel, region, segment) IS NULL",
                [metric],
            )
            connection.execute(
                "INSERT INTO core.target VALUES (?, ?, ?, NULL, NULL, NULL, 'plan', ?, true)",
                [f"whole-{metric}", metric, first, value],
            )
    return path


def _move(connection: duckdb.DuckDBPyConnection, months: int) -> None:
    for table, columns in TABLES.items():
        moved = [
            f'"{name}" = CAST("{name}" + INTERVAL {months} MONTH AS {kind})'
            for name, kind in columns.items()
            if kind in ("DATE", "TIMESTAMP")
        ]
        if moved:
            connection.execute(f"UPDATE {table} SET {', '.join(moved)}")


def _load_yesterday(connection: duckdb.DuckDBPyConnection, today: date) -> None:
    """The sources were loaded yesterday, whatever day of the month it is."""
    row = connection.execute("SELECT max(loaded_at)::DATE FROM ops.source_freshness").fetchone()
    days = (today - timedelta(days=1) - row[0]).days if row else 0
    for table, columns in (
        ("ops.source_run", ("started_at", "finished_at", "watermark")),
        ("ops.source_freshness", ("loaded_at", "newest_record_at")),
    ):
        moved = ", ".join(f"{name} = {name} + INTERVAL {days} DAY" for name in columns)
        connection.execute(f"UPDATE {table} SET {moved}")
