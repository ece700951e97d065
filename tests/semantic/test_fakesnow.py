"""Invariant 11: our Snowflake SQL gives the same rows in an emulation of Snowflake, which can run every question.

The emulation does not tell names by their case; so no name may be quoted, which Snowflake would look for as it is
written, among columns that it keeps in upper case.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import fakesnow
import pytest
import snowflake.connector
import sqlglot

from semantic.ask import compile_query
from semantic.query import query_from_document
from tests.semantic.conftest import Rows, Shop, _plain
from tests.semantic.test_dialects import QUESTIONS
from tests.semantic.test_postgres import MORE

ALL = {**QUESTIONS, **MORE}


@pytest.fixture(scope="module")
def snowflake_shop(shop: Shop) -> Iterator[snowflake.connector.SnowflakeConnection]:
    """The shop's tables in an emulated account."""
    with fakesnow.patch(), snowflake.connector.connect(database="WAREHOUSE", schema="SHOP") as connection:
        cursor = connection.cursor()
        tables = shop.sql("SELECT table_name FROM information_schema.tables WHERE table_schema = 'shop'")
        for (table,) in tables:
            columns = [row[:2] for row in shop.sql(f"DESCRIBE shop.{table}")]
            cursor.execute(
                f"CREATE TABLE shop.{table} ({', '.join(f'{name} {kind}' for name, kind in columns)})"
            )
            rows = shop.sql(f"SELECT * FROM shop.{table}")
            literals = (f"({', '.join(map(_literal, row))})" for row in rows)
            cursor.execute(f"INSERT INTO shop.{table} VALUES {', '.join(literals)}")
        yield connection


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    return f"'{value}'" if isinstance(value, str) else str(value).upper()


@pytest.mark.parametrize("name", ALL)
def test_an_emulated_snowflake_gives_the_same_rows(
    shop: Shop, snowflake_shop: snowflake.connector.SnowflakeConnection, name: str
) -> None:
    question = ALL[name]
    sql = compile_query(query_from_document(question), shop.glossary, "snowflake").sql
    names = sqlglot.parse_one(sql, dialect="snowflake").find_all(sqlglot.exp.Identifier)
    assert [name.this for name in names if name.quoted] == []
    found = snowflake_shop.cursor().execute(sql).fetchall()
    theirs: Rows = [tuple(map(_plain, row)) for row in found]
    ours = shop.rows(**question)
    assert len(theirs) == len(ours)
    for their_row, our_row in zip(theirs, ours, strict=True):
        assert their_row == pytest.approx(our_row, nan_ok=True) or their_row == our_row
