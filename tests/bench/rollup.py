"""Rollups over TPC-H's line items, asked through the router with and without them: the same rows, how much sooner."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb

from semantic.answer import Answer
from semantic.ask import ask
from semantic.definitions import Glossary, Rollup
from semantic.interop.rollup_models import rollup_select
from semantic.query import Query, query_from_document
from semantic.warehouse.duckdb import DuckDBWarehouse
from tests.bench.measure import processor

BY_DAY = Rollup(
    name="lines_by_day",
    model="lineitem",
    relation="main.lines_by_day",
    dimensions=(("ship_mode", "ship_mode"), ("return_flag", "return_flag")),
    time=(("ship_date", "day", "ship_day"),),
    measures=(("revenue", "revenue"), ("quantity", "quantity"), ("lines", "line_count")),
)
BY_MONTH = replace(
    BY_DAY,
    name="lines_by_month",
    relation="main.lines_by_month",
    time=(("ship_date", "month", "ship_month"),),
)
ROLLUPS = (BY_DAY, BY_MONTH)
YEAR = {"from": "1995-01-01", "to": "1995-12-31"}
QUESTIONS = {
    "revenue by month": {"metrics": ["revenue"], "group_by": ["metric_time:month"]},
    "revenue by week": {"metrics": ["revenue"], "group_by": ["metric_time:week"]},
    "revenue a line by ship mode": {"metrics": ["revenue_per_line"], "group_by": ["line__ship_mode"]},
    "three metrics by quarter and ship mode": {
        "metrics": ["revenue", "quantity", "lines"],
        "group_by": ["metric_time:quarter", "line__ship_mode"],
    },
    "one year by month and flag": {
        "metrics": ["revenue"],
        "group_by": ["metric_time:month", "line__return_flag"],
        "time_range": YEAR,
    },
}


def fill(file: Path, glossary: Glossary) -> list[int]:
    """Build the rollups in the file of the facts, once; returns the rows of each."""
    rows = []
    with duckdb.connect(str(file)) as connection:
        for rollup in ROLLUPS:
            select = rollup_select(rollup, glossary).sql("duckdb")
            connection.execute(f"CREATE TABLE IF NOT EXISTS {rollup.relation} AS {select}")
            [(count,)] = connection.execute(f"SELECT count(*) FROM {rollup.relation}").fetchall()
            rows.append(int(count))
    return rows


def times(file: Path, glossary: Glossary, rounds: int) -> dict[str, tuple[float, float]]:
    """Processor ms from question to answer over the facts and over the rollup, the least of several, in turn.

    Raises ValueError where the two do not give the same rows, or the router did not take the rollup.
    """
    facts, rolled = replace(glossary, rollups=()), replace(glossary, rollups=ROLLUPS)
    warehouse = DuckDBWarehouse(file)
    found = {}
    for name, document in QUESTIONS.items():
        query = query_from_document(document)
        _check_same(name, ask(query, facts, warehouse), ask(query, rolled, warehouse))
        found[name] = _fastest(query, facts, rolled, warehouse, rounds)
    warehouse.close()
    return found


def _check_same(name: str, facts: Answer, rolled: Answer) -> None:
    if not any(rollup.relation in rolled.sql for rollup in ROLLUPS):
        raise ValueError(f"{name!r} was not read from a rollup:\n{rolled.sql}")
    if facts.table.to_pylist() != rolled.table.to_pylist():
        raise ValueError(f"{name!r} has other rows from the rollup than from the facts.")


def _fastest(
    query: Query, facts: Glossary, rolled: Glossary, warehouse: DuckDBWarehouse, rounds: int
) -> tuple[float, float]:
    best = [float("inf"), float("inf")]
    for _ in range(rounds):
        for place, glossary in enumerate((facts, rolled)):
            took = processor(lambda glossary=glossary: ask(query, glossary, warehouse))  # type: ignore[misc]
            best[place] = min(best[place], took)
    return best[0], best[1]
