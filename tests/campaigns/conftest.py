"""One random company, built once, beside what its raw rows tell."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from infra.transform import build
from semantic.answer import Answer
from semantic.ask import ask
from semantic.loader import load_glossary
from semantic.query import SYSTEM, query_from_document
from semantic.warehouse.duckdb import DuckDBWarehouse
from tests.campaigns.rows import company
from tests.campaigns.told import World, told
from tests.warehouse_models.raw import PROJECT, create_raw

SEED, ACCOUNTS = 11, 70
GLOSSARY = PROJECT.parent / "semantic" / "glossary"
Row = dict[str, Any]


@dataclass(frozen=True)
class Company:
    """`told` is what the raw rows say, `ask` answers from the built warehouse, `file` is it."""

    told: World
    ask: Callable[..., Answer]
    file: Path

    def rows(self, *metrics: str, by: tuple[str, ...] = (), **asked: Any) -> dict[tuple[Any, ...], Row]:
        """Members -> the row; time is asked by month."""
        keys = [f"{name}:month" if name == "metric_time" else name for name in by]
        answer = self.ask({"metrics": [*metrics], "group_by": keys} | asked)
        return {tuple(_day(row[name]) for name in by): row for row in answer.table.to_pylist()}

    def select(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.file), read_only=True) as connection:
            return connection.execute(sql).fetchall()


def _day(value: Any) -> Any:
    return value.date() if isinstance(value, datetime) else value


@pytest.fixture(scope="session")
def built_company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """The company of one seed; every seed has the same traps (rows.py) in other places."""
    file = tmp_path_factory.mktemp("company") / "warehouse.duckdb"
    rows = company(SEED, ACCOUNTS)
    create_raw(file, rows)
    build(file, lambda done, total, model: None, PROJECT)
    glossary, warehouse = load_glossary(GLOSSARY), DuckDBWarehouse(file)
    return Company(
        told(rows),
        lambda document: ask(query_from_document(document), glossary, warehouse, principal=SYSTEM),
        file,
    )


def near(found: Any, expected: Any) -> bool:
    """The same number, or both missing; doubles may differ in their last digits."""
    if found is None or expected is None:
        return found is expected
    return abs(float(found) - float(expected)) <= 1e-9 * max(1.0, abs(float(expected)))


def until_today(day: date) -> bool:
    return day <= date.today()
