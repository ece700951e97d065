"""The same files build the same rows on DuckDB, on a real PostgreSQL and on an emulated Snowflake, and every metric of
the glossary has the same answer there."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
import snowflake.connector

from infra.settings import PROJECT
from semantic.ask import compile_query
from semantic.clock import bound_to_clock
from semantic.definitions import Glossary
from semantic.errors import UserError
from semantic.loader import load_glossary
from semantic.query import Query, query_from_document
from tests.postgres_server import BIN, USER, postgres_server
from tests.warehouse_models.emulated_snowflake import connected
from tests.warehouse_models.raw import ROOT

Run = Callable[[str], list[tuple[Any, ...]]]
SCHEMAS = ("core", "attribution", "marts", "ops")
# When a finding was written down says when the build ran; a version is made by each engine's own hash.
OF_THE_BUILD = {"found_at", "journey_version", "learned_version"}
ENGINES = ("postgres", "snowflake")


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Run]]:
    """{engine: how to ask it}; all are built side by side, PostgreSQL where it is installed."""
    with ExitStack() as stack:
        folders = {name: tmp_path_factory.mktemp(name) for name in ("duckdb", "snowflake")}
        more: dict[str, list[str]] = {name: [] for name in folders}
        if (BIN / "initdb").exists():
            folders["postgres"] = tmp_path_factory.mktemp("postgres")
            more["postgres"] = [str(stack.enter_context(postgres_server()))]
        _build({name: [str(folder), *more[name]] for name, folder in folders.items()})
        asked = {"duckdb": _duckdb(folders["duckdb"])}
        asked["snowflake"] = _snowflake(stack.enter_context(connected(folders["snowflake"])))
        if "postgres" in folders:
            asked["postgres"] = _postgres(int(more["postgres"][0]))
        yield asked


def _build(engines: dict[str, list[str]]) -> None:
    running = {
        name: subprocess.Popen(
            [sys.executable, "-m", "tests.warehouse_models.build_on", name, *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for name, arguments in engines.items()
    }
    told = {name: process.communicate()[0] for name, process in running.items()}
    failed = [f"{name}: {told[name][-3000:]}" for name, process in running.items() if process.returncode]
    assert not failed, "\n".join(failed)


def _duckdb(folder: Path) -> Run:
    duck = duckdb.connect()
    # The views name the catalog that they were made in.
    duck.execute(f"ATTACH '{folder / 'warehouse.duckdb'}' AS warehouse (READ_ONLY)")
    duck.execute("USE warehouse; SET TimeZone = 'UTC'")
    return lambda sql: duck.execute(sql).fetchall()


def _postgres(port: int) -> Run:
    connection = psycopg.connect(host="127.0.0.1", port=port, user=USER, dbname="postgres", autocommit=True)
    return lambda sql: connection.execute(sql).fetchall()  # type: ignore[call-overload,no-any-return]


def _snowflake(connection: snowflake.connector.SnowflakeConnection) -> Run:
    return lambda sql: connection.cursor().execute(sql).fetchall()  # type: ignore[return-value,union-attr]


def published(run: Run) -> dict[str, list[str]]:
    """{table: its columns} of all that is published, in small letters."""
    found = run(
        "SELECT LOWER(table_schema), LOWER(table_name), LOWER(column_name) FROM information_schema.columns"
        f" WHERE LOWER(table_schema) IN {SCHEMAS} ORDER BY 1, 2, ordinal_position"
    )
    tables: dict[str, list[str]] = {}
    for schema, table, column in found:
        tables.setdefault(f"{schema}.{table}", []).append(column)
    return tables


def rows(run: Run, table: str, columns: list[str]) -> list[str]:
    listed = ", ".join(f"{table}.{column}" for column in columns if column not in OF_THE_BUILD)
    return sorted(str(tuple(map(plain, row))) for row in run(f"SELECT {listed} FROM {table}"))


def plain(value: Any) -> Any:
    """Exact numbers exactly; a double to ten digits, as engines add them up in different orders."""
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return f"{Decimal(value).normalize():f}"
    return f"about {value:.10g}" if isinstance(value, float) else value


@pytest.mark.parametrize("engine", ENGINES)
def test_every_published_table_has_the_same_rows(engines: dict[str, Run], engine: str) -> None:
    if engine not in engines:
        pytest.skip("PostgreSQL 15 is not installed")
    tables = published(engines["duckdb"])
    assert published(engines[engine]) == tables
    expected = {table: rows(engines["duckdb"], table, columns) for table, columns in tables.items()}
    found = {table: rows(engines[engine], table, columns) for table, columns in tables.items()}
    assert [table for table in tables if found[table] != expected[table]] == []
    filled = {table for table in tables if expected[table]}
    assert filled == set(tables), "every table has rows to compare"


def test_the_crowd_teaches_markov_and_shapley(engines: dict[str, Run]) -> None:
    """Otherwise what they give would be compared nowhere."""
    models = engines["duckdb"]("SELECT DISTINCT attribution_model FROM attribution.credit")
    assert {"markov", "shapley"} <= {name for (name,) in models}


@pytest.mark.parametrize("engine", ENGINES)
def test_every_metric_has_the_same_answer(engines: dict[str, Run], engine: str) -> None:
    if engine not in engines:
        pytest.skip("PostgreSQL 15 is not installed")
    glossary = load_glossary(PROJECT / "semantic" / "glossary")
    clocks, differ, answered = bound_to_clock(glossary), [], 0
    for metric in glossary.metrics:
        question, sql = _finest(metric, glossary)
        expected = sorted(engines["duckdb"](sql), key=str)
        found = sorted(engines[engine](compile_query(question, glossary, engine).sql), key=str)
        answered += any(row[-1] is not None for row in expected)
        # An age is asked of three databases one after the other.
        if not _alike(found, expected, hours=0.1 if metric in clocks else 0):
            differ.append((metric, found[:3], expected[:3]))
    assert differ == []
    assert answered > 0.8 * len(glossary.metrics)


def _finest(metric: str, glossary: Glossary) -> tuple[Query, str]:
    """The metric by month and channel, or by what it has of them; and its SQL on DuckDB."""
    for by in (["metric_time:month", "channel"], ["metric_time:month"], ["channel"], []):
        question = query_from_document({"metrics": [metric], "group_by": by})
        with suppress(UserError):
            return question, compile_query(question, glossary, "duckdb").sql
    raise AssertionError(f"{metric} cannot be asked")


def _alike(found: list[tuple[Any, ...]], expected: list[tuple[Any, ...]], hours: float) -> bool:
    return len(found) == len(expected) and all(
        _same(*pair, hours) for rows in zip(found, expected, strict=True) for pair in zip(*rows, strict=True)
    )


def _same(found: Any, expected: Any, hours: float) -> bool:
    if isinstance(expected, Decimal | float) and found is not None:
        return bool(float(found) == pytest.approx(float(expected), rel=1e-9, abs=hours))
    return bool(found == expected)
