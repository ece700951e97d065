"""Load the exam's parquet tables into a DuckDB file, in the schema that the manifests name."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb


def build_database(exam: Path, file: Path) -> None:
    """Create every table of `tables.json`."""
    listing = json.loads((exam / "tables.json").read_text(encoding="utf-8"))
    schema = listing["schema"]
    with duckdb.connect(str(file)) as connection:
        connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
        for name in listing["tables"]:
            source = exam / "tables" / f"{name}.parquet"
            connection.execute(
                f'CREATE TABLE "{schema}"."{name}" AS SELECT * FROM read_parquet($1)', [str(source)]
            )
