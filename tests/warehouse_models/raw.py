"""Raw tables for tests: the columns of external_models.yaml, a few rows by hand."""

from pathlib import Path

import duckdb
import yaml

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "sqlmesh"


def promised_tables() -> dict[str, dict[str, str]]:
    """{table: {column: type}} as ingest promises them."""
    documents = yaml.safe_load((PROJECT / "external_models.yaml").read_text())
    return {document["name"]: document["columns"] for document in documents}


def create_raw(warehouse: Path, rows: dict[str, list[dict]] | None = None) -> None:
    """Create every promised table in a DuckDB file, empty but for `rows` ({table: [{column: value}]})."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS raw")
        for table, columns in promised_tables().items():
            listed = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
            connection.execute(f"CREATE OR REPLACE TABLE {table} ({listed})")
            for row in (rows or {}).get(table, []):
                insert(connection, table, row)


def insert(connection: duckdb.DuckDBPyConnection, table: str, row: dict) -> None:
    """Add one row; columns that are not given stay NULL."""
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" for _ in row)
    connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))
