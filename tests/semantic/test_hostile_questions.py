"""Questions asked in bad faith, over a company in which every trap is set: the rows are those of hand-written SQL."""

from __future__ import annotations

import datetime as dt
import math
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import yaml

from semantic.ask import ask
from semantic.definitions import Glossary
from semantic.errors import Refusal
from semantic.interop.rollup_models import rollup_select
from semantic.loader import load_glossary
from semantic.query import SYSTEM, Principal, query_from_document

HERE = Path(__file__).parent / "hostile"
CASES = yaml.safe_load((HERE / "questions.yml").read_text())
Row = tuple[Any, ...]


class Company:
    """The company's tables and glossary."""

    dialect = "duckdb"

    def __init__(self, folder: Path) -> None:
        shutil.copy(HERE / "company.yml", folder)
        self.glossary: Glossary = load_glossary(folder)
        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'UTC'")
        self.connection.execute((HERE / "company.sql").read_text())
        for rollup in self.glossary.rollups:
            select = rollup_select(rollup, self.glossary).sql("duckdb")
            self.connection.execute(f"CREATE TABLE {rollup.relation} AS {select}")

    def run(self, sql: str, parameters: Row = ()) -> pa.Table:
        return self.connection.execute(sql, list(parameters)).to_arrow_table()

    def freshness(self) -> dict[str, Any]:
        return {}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    found = Company(tmp_path_factory.mktemp("company"))
    yield found
    found.connection.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"][:90])
def test_the_answer_is_that_of_hand_written_sql(company: Company, case: dict[str, Any]) -> None:
    role = case.get("as")
    principal = Principal("somebody", (role,)) if role else SYSTEM
    table = ask(query_from_document(case["ask"]), company.glossary, company, principal).table
    table = table.select(case["columns"]) if "columns" in case else table
    found = [tuple(map(plain, row.values())) for row in table.to_pylist()]
    expected = [tuple(map(plain, row)) for row in company.connection.execute(case["sql"]).fetchall()]
    assert expected, "a case about no rows shows nothing"
    if not case.get("ordered"):
        found, expected = sorted(found, key=repr), sorted(expected, key=repr)
    assert len(found) == len(expected), (found, expected)
    assert not [pair for pair in zip(found, expected, strict=True) if not same(*pair)]


@pytest.mark.parametrize("case", CASES[::3], ids=lambda case: case["why"][:90])
def test_a_page_is_a_part_of_the_answer(company: Company, case: dict[str, Any]) -> None:
    role, asked = case.get("as"), {**case["ask"], "limit": None, "offset": 0}
    principal = Principal("somebody", (role,)) if role else SYSTEM
    whole = ask(query_from_document(asked), company.glossary, company, principal).table.to_pylist()
    page = ask(query_from_document({**asked, "limit": 2, "offset": 1}), company.glossary, company, principal)
    assert page.total == len(whole)
    assert page.table.to_pylist() == whole[1:3]


@pytest.mark.parametrize("time", [[], ["metric_time:day"]], ids=str)
def test_members_with_a_history_need_a_fact(company: Company, time: list[str]) -> None:
    """Which plan an account has depends on when: a spine's day is not the time of a fact."""
    query = query_from_document({"group_by": ["account__plan", "region", *time]})
    with pytest.raises(Refusal, match="depends on the time of a fact"):
        ask(query, company.glossary, company)


def same(found: Row, expected: Row) -> bool:
    return len(found) == len(expected) and all(map(close, found, expected))


def close(found: Any, expected: Any) -> bool:
    if isinstance(found, float) and isinstance(expected, float):
        return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9)
    return bool(found == expected)


def plain(value: Any) -> Any:
    """Numbers as floats, midnights as days."""
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    return float(value) if isinstance(value, int) or hasattr(value, "as_tuple") else value
