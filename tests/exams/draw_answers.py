"""Have MetricFlow answer drawn questions, and keep the answers that do not depend on the order of rows."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from tests.exams.metricflow.cases import case_of
from tests.exams.metricflow.score import fault
from tests.exams.metricflow.tables import build_database
from tests.shared import ROOT

PEER = ROOT / "tests" / "bench" / "peer_metricflow.py"
MOST_ROWS = 20_000
Document = dict[str, Any]


def answered(exam: Path, peer: Path, questions: list[Document]) -> Iterator[Document]:
    """The questions that MetricFlow compiles, with the rows of its SQL.

    Left out are an answer that changes where the tables hold their rows in another order, and one that has a
    group twice: neither says what is right.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        asked, said = folder / "asked.json", folder / "said.json"
        asked.write_text(json.dumps(questions), encoding="utf-8")
        command = [str(peer), str(PEER), str(exam / "manifests"), str(asked), str(said), "0"]
        subprocess.run(command, check=True, capture_output=True)
        build_database(exam, folder / "exam.duckdb")
        build_database(exam, folder / "other.duckdb")
        with (
            duckdb.connect(str(folder / "exam.duckdb")) as connection,
            duckdb.connect(str(folder / "other.duckdb")) as other,
        ):
            turned_round(other)
            for question, answer in zip(questions, json.loads(said.read_text()), strict=True):
                case = "sql" in answer and case_from(connection, question, answer["sql"])
                again = case and case_from(other, question, case["check_sql"])
                if case and again and steady(case, again):
                    yield case


def turned_round(connection: duckdb.DuckDBPyConnection) -> None:
    """Put the rows of every table in the opposite order."""
    listed = "SELECT table_schema, table_name FROM information_schema.tables"
    for schema, name in connection.execute(listed).fetchall():
        table = f'"{schema}"."{name}"'
        kept = f"SELECT * EXCLUDE place FROM (SELECT *, rowid AS place FROM {table}) ORDER BY place DESC"
        connection.execute(f"CREATE OR REPLACE TABLE {table} AS {kept}")


def case_from(connection: duckdb.DuckDBPyConnection, question: Document, sql: str) -> Document | None:
    """A case, unless MetricFlow's own SQL fails or answers more than is worth keeping."""
    try:
        result = connection.execute(sql)
        columns = [column[0] for column in result.description]
        rows = result.fetchmany(MOST_ROWS + 1)
    except duckdb.Error:
        return None
    if len(rows) > MOST_ROWS:
        return None
    metrics = set(question["metrics"])
    return {
        **question,
        "check_sql": sql,
        "expected_columns": columns,
        "dimension_columns": [name for name in columns if name not in metrics],
        "expected_rows": [[value_of(value) for value in row] for row in rows],
        "allow_empty": not rows,
    }


def steady(case: Document, again: Document) -> bool:
    """The same rows both times, and each group once."""
    if fault(case_of(case), case["expected_columns"], [tuple(row) for row in again["expected_rows"]]):
        return False
    places = [case["expected_columns"].index(name) for name in case["dimension_columns"]]
    groups = [tuple(row[place] for place in places) for row in case["expected_rows"]]
    return not case["metrics"] or len(set(groups)) == len(groups)


def value_of(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return datetime.fromisoformat(value.isoformat()).isoformat()
    return float(value) if isinstance(value, Decimal) else value
