"""The promise of ingest, as the models read it."""

import duckdb
import pytest

from ingest.contract import create_promised_tables, promised, promised_tables


def test_every_promised_table_has_its_key_among_its_columns():
    for table in promised_tables():
        assert set(table.key) <= {column.name for column in table.columns}, table.name


def test_promised_tables_are_created_empty_with_their_types():
    connection = duckdb.connect()
    create_promised_tables(connection)
    create_promised_tables(connection)
    described = connection.execute("DESCRIBE raw.files__deals").fetchall()
    assert ("amount", "DECIMAL(18,2)") in {(row[0], row[1]) for row in described}
    assert connection.execute("SELECT count(*) FROM raw.hubspot__contacts").fetchone() == (0,)


def test_a_wider_promise_adds_its_columns_and_keeps_the_rows():
    connection = duckdb.connect()
    connection.execute("CREATE SCHEMA raw; CREATE TABLE raw.salesforce__account AS SELECT '1' AS id")
    create_promised_tables(connection)
    assert connection.execute("SELECT id, name FROM raw.salesforce__account").fetchall() == [("1", None)]


def test_an_unknown_table_is_named():
    with pytest.raises(KeyError, match="hubspot__nonsense"):
        promised("hubspot__nonsense")
