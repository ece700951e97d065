"""`python -m tests.warehouse_models.build_on ENGINE FOLDER [PORT]`: the models on an engine, over the rows of crowd.py.

A process of its own: SQLMesh sets for the whole process how an engine writes names.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import psycopg

from infra.transform import PROD, apply, build, opened
from tests.postgres_server import USER
from tests.warehouse_models import crowd
from tests.warehouse_models.emulated_snowflake import DATABASE, carrying_sqlmesh
from tests.warehouse_models.raw import PROJECT, create_raw, promised_tables

BUILDER = "builder"
RIGHTS = f"""
CREATE ROLE {BUILDER} LOGIN;
GRANT CONNECT, CREATE ON DATABASE postgres TO {BUILDER};
GRANT USAGE ON SCHEMA raw TO {BUILDER};
GRANT SELECT ON ALL TABLES IN SCHEMA raw TO {BUILDER};
"""


def on_duckdb(folder: Path) -> None:
    create_raw(folder / "warehouse.duckdb", crowd.rows())
    build(folder / "warehouse.duckdb", lambda done, total, model: None, PROJECT)


def on_snowflake(folder: Path) -> None:
    """Fails where a name is quoted in small letters, which the emulation would find all the same."""
    os.environ |= {
        "TOUCHSTONE_GATEWAY": "snowflake",
        "TOUCHSTONE_SNOWFLAKE_ACCOUNT": "emulated",
        "TOUCHSTONE_SNOWFLAKE_USER": "touchstone",
        "TOUCHSTONE_SNOWFLAKE_PASSWORD": "none",
        "TOUCHSTONE_SNOWFLAKE_DATABASE": DATABASE,
        "TOUCHSTONE_STATE_FILE": str(folder / "state.duckdb"),
    }
    create_raw(folder / f"{DATABASE}.db", crowd.rows())
    with carrying_sqlmesh(folder) as small_names:
        _plan(folder)
    if small_names:
        raise SystemExit(f"quoted in small letters: {sorted(small_names)}")


def on_postgres(folder: Path, port: str) -> None:
    """As somebody who may do no more than sqlmesh/README.md asks for."""
    os.environ |= {
        "TOUCHSTONE_GATEWAY": "postgres",
        "TOUCHSTONE_POSTGRES_HOST": "127.0.0.1",
        "TOUCHSTONE_POSTGRES_PORT": port,
        "TOUCHSTONE_POSTGRES_USER": BUILDER,
        "TOUCHSTONE_POSTGRES_DATABASE": "postgres",
    }
    with psycopg.connect(host="127.0.0.1", port=int(port), user=USER, dbname="postgres") as connection:
        _create_raw(connection)
        connection.execute(RIGHTS)
    _plan(folder)


def _plan(folder: Path) -> None:
    with opened(folder / "no.duckdb", lambda done, total, model: None, PROJECT) as (context, console):
        apply(context, console, PROD)


def _create_raw(connection: psycopg.Connection) -> None:
    connection.execute("CREATE SCHEMA raw")
    for table, columns in promised_tables().items():
        listed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        connection.execute(f"CREATE TABLE {table} ({listed})")
    for table, rows in crowd.rows().items():
        for row in rows:
            marks = ", ".join("%s" for _ in row)
            connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))


ENGINES = {"duckdb": on_duckdb, "snowflake": on_snowflake, "postgres": on_postgres}

if __name__ == "__main__":
    ENGINES[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
