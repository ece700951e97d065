"""A small shop in which every trap is set, and a way to ask it."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from semantic.answer import Answer
from semantic.ask import ask
from semantic.definitions import Glossary
from semantic.loader import load_glossary
from semantic.query import SYSTEM, Principal, query_from_document

HERE = Path(__file__).parent
Rows = list[tuple[Any, ...]]


class Shop:
    """The shop's tables and glossary; with `more`, a file of further metrics."""

    dialect = "duckdb"

    def __init__(self, *more: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for name in ("shop.yml", *more):
                shutil.copy(HERE / name, folder)
            self.glossary: Glossary = load_glossary(folder)
        self.connection = duckdb.connect()
        self.connection.execute((HERE / "shop.sql").read_text())

    def run(self, sql: str, parameters: tuple[Any, ...] = ()) -> pa.Table:
        return self.connection.execute(sql, list(parameters)).to_arrow_table()

    def freshness(self) -> dict[str, Any]:
        return {}

    def answer(self, principal: Principal = SYSTEM, **document: Any) -> Answer:
        return ask(query_from_document(document), self.glossary, self, principal)

    def rows(self, principal: Principal = SYSTEM, **document: Any) -> Rows:
        """The answer's rows, in order."""
        return table_rows(self.answer(principal, **document).table)

    def sql(self, text: str) -> Rows:
        """Rows of hand-written SQL."""
        return [tuple(map(_plain, row)) for row in self.connection.execute(text).fetchall()]


def table_rows(table: pa.Table) -> Rows:
    return [tuple(map(_plain, row.values())) for row in table.to_pylist()]


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    return float(value) if hasattr(value, "as_tuple") else value


@pytest.fixture(scope="session")
def shop() -> Iterator[Shop]:
    found = Shop("shop_more.yml")
    yield found
    found.connection.close()


Ask = Callable[..., Rows]
