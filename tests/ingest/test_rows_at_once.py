"""A column that Arrow converts as a whole is what its values are one by one, or is left to them."""

from datetime import datetime

import pyarrow as pa
import pytest

from ingest import rows
from ingest.contract import Column, Table
from ingest.errors import SchemaChangedError

Z = "2026-01-05T12:00:00.123Z"
COLUMNS = [
    ("VARCHAR", ["a", "", None, "\x00b", "\x00"]),
    ("VARCHAR", ["", 0, "a"]),
    ("VARCHAR", ["half an emoji \ud83d", 5.0, True]),
    ("VARCHAR", [None, None]),
    ("TIMESTAMP", [Z, "2026-01-05 12:00:00Z", "", None]),
    ("TIMESTAMP", ["2026-01-05T12:00:00.000+0200", "2026-01-05T12:00:00-05:00"]),
    ("TIMESTAMP", [Z, "2026-01-05", "2026-01-05T12:00:00Z+0000"]),
    ("TIMESTAMP", ["2026-01-05T12:00:00.1234567Z", "20260105T120000Z"]),
    ("TIMESTAMP", [1_767_614_400_123, None]),
    ("TIMESTAMP", [1_767_614_400_123, Z, 1_767_614_400_123.0]),
    ("TIMESTAMP", [0, None]),
    ("TIMESTAMP", ["0000-01-01T00:00:00Z"]),
    ("TIMESTAMP", ["2026-02-30T00:00:00Z"]),
    ("TIMESTAMP", [20260105]),
    ("TIMESTAMP", [10**17]),
    ("TIMESTAMP", [True]),
    ("DATE", ["2026-01-05", "", None]),
    ("DATE", ["2026-W01-1", "2026-01-05T23:00:00Z"]),
    ("DATE", ["0000-01-01"]),
    ("DATE", ["2026-1-5"]),
    ("BOOLEAN", [True, False, None]),
    ("BOOLEAN", ["yes", True, 0]),
    ("BOOLEAN", ["perhaps"]),
    ("BIGINT", [1, None, -5]),
    ("BIGINT", ["12", "", "007", None]),
    ("BIGINT", ["1e3", "+5", "1.0"]),
    ("BIGINT", [1.0, 2]),
    ("BIGINT", [1.5]),
    ("BIGINT", ["0x1F"]),
    ("BIGINT", [True]),
    ("BIGINT", [10**20]),
    ("BIGINT", [{"changed": True}]),
]


def read(type_name: str, values: list) -> pa.Table | str:
    """The column, or what is said of it."""
    table = Table("hubspot__contacts", ("id",), (Column("one", type_name),))
    page = [{"id": str(number), "one": value} for number, value in enumerate(values)]
    try:
        return rows.to_arrow(table, page, datetime(2026, 1, 5))
    except SchemaChangedError as error:
        return str(error)


@pytest.mark.parametrize(("type_name", "values"), COLUMNS)
def test_a_column_at_once_is_its_values_one_by_one(
    type_name: str, values: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = read(type_name, values)
    with monkeypatch.context() as patched:
        patched.setattr(rows, "at_once", lambda type_name, values: None)
        assert at_once == read(type_name, values)


def test_the_usual_forms_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def one_by_one(column: Column) -> None:
        raise AssertionError(f"{column.type} is read one by one")

    monkeypatch.setattr(rows, "_converter", one_by_one)
    for type_name, values in (
        ("VARCHAR", ["a", ""]),
        ("TIMESTAMP", [Z, None]),
        ("TIMESTAMP", [1_767_614_400_123]),
        ("DATE", ["2026-01-05"]),
        ("BOOLEAN", [True]),
        ("BIGINT", ["12"]),
        ("BIGINT", [12]),
    ):
        assert isinstance(read(type_name, values), pa.Table)
