"""The interval of a difference of two shares: the figures of the paper that it is from."""

from __future__ import annotations

import duckdb
import pytest

from semantic.ask import ask
from semantic.definitions import Glossary
from semantic.query import SYSTEM, query_from_document
from semantic.warehouse.duckdb import DuckDBWarehouse
from tests.project_macros import project_macros

# R. G. Newcombe, Statistics in Medicine 17 (1998) 873-890, table II, method 10: counts, totals, and both ends.
PUBLISHED = {
    "a": ((56, 70, 48, 80), (0.0524, 0.3339)),
    "b": ((9, 10, 3, 10), (0.1705, 0.8090)),
    "c": ((6, 7, 2, 7), (0.0582, 0.8062)),
    "d": ((5, 56, 0, 29), (-0.0381, 0.1926)),
    "e": ((0, 10, 0, 20), (-0.1611, 0.2775)),
    "f": ((0, 10, 0, 10), (-0.2775, 0.2775)),
    "g": ((10, 10, 0, 20), (0.6791, 1.0000)),
    "h": ((10, 10, 0, 10), (0.6075, 1.0000)),
}
END = {"low": 0, "high": 1}
TABLES = {
    "marts.content_outcome": ("content_id", ""),
    "marts.content_gap": ("journey_stage", ", 'anything' AS content_met"),
}


@pytest.fixture(scope="module")
def told(glossary: Glossary, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, float]]:
    """Each example as an asset and as a stage, asked through the glossary: metric -> example -> value."""
    file = tmp_path_factory.mktemp("interval") / "warehouse.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE SCHEMA marts; CREATE SCHEMA core")
        connection.execute(
            "CREATE TABLE core.content AS SELECT unnest(?) AS content_id, content_id AS title", [[*PUBLISHED]]
        )
        for table, (key, also) in TABLES.items():
            selects = [
                f"SELECT '{name}' AS {key}, DATE '2026-01-01' AS close_month, "
                f"{x} AS won_with, {n} AS won, {y} AS lost_with, {m} AS lost{also}"
                for name, ((x, n, y, m), _) in PUBLISHED.items()
            ]
            connection.execute(f"CREATE TABLE {table} AS {' UNION ALL '.join(selects)}")
    warehouse = DuckDBWarehouse(file)
    found = {}
    for by, stem in (("content", "content_prevalence_difference"), ("journey_stage", "content_gap")):
        for end in END:
            document = {"metrics": [f"{stem}_{end}"], "group_by": [by]}
            rows = ask(query_from_document(document), glossary, warehouse, principal=SYSTEM).table.to_pylist()
            found[f"{stem}_{end}"] = {row[by]: row[f"{stem}_{end}"] for row in rows}
    return found


@pytest.mark.parametrize("metric", ["content_prevalence_difference", "content_gap"])
@pytest.mark.parametrize("end", END)
def test_the_glossary_gives_the_published_ends(
    told: dict[str, dict[str, float]], metric: str, end: str
) -> None:
    wanted = {name: ends[END[end]] for name, (_, ends) in PUBLISHED.items()}
    assert told[f"{metric}_{end}"] == pytest.approx(wanted, abs=5e-5)


@pytest.mark.parametrize("end", END)
def test_the_warehouse_gives_the_published_ends(end: str) -> None:
    macros, _ = project_macros("content")
    for name, (counts, ends) in PUBLISHED.items():
        sql = macros._limit(*map(str, counts), sign={"low": "-", "high": "+"}[end])
        found = duckdb.sql(f"SELECT {sql}").fetchone()
        assert found == (pytest.approx(ends[END[end]], abs=5e-5),), name


def test_a_share_of_nothing_has_no_interval() -> None:
    macros, _ = project_macros("content")
    assert duckdb.sql(f"SELECT {macros._limit('0', '0', '1', '2', sign='-')}").fetchone() == (None,)
