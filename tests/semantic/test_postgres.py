"""Invariant 11: a real PostgreSQL gives the same rows."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from semantic.ask import compile_query
from semantic.query import query_from_document
from tests.semantic.conftest import HERE, Rows, Shop, _plain
from tests.semantic.test_dialects import QUESTIONS

BIN = Path("/usr/lib/postgresql/15/bin")
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(not (BIN / "initdb").exists(), reason="PostgreSQL 15 is not installed"),
]
MORE: dict[str, dict[str, Any]] = {
    "median": {"metrics": ["median_order", "buyers"], "group_by": ["channel"]},
    "subtracted": {"metrics": ["margin", "growth"], "group_by": ["metric_time:month"]},
    "fiscal": {"metrics": ["orders"], "group_by": ["metric_time:fiscal_month"], "compare": "previous_period"},
    "targets": {"metrics": ["order_total"], "group_by": ["metric_time:month"], "compare": "target"},
    "big_buyers": {"metrics": ["big_buyers", "customers"]},
    "shares": {"metrics": ["order_total"], "group_by": ["channel"], "share_of_total": ["order_total"]},
    "part_of_a_date": {"metrics": ["orders"], "group_by": [{"name": "metric_time", "date_part": "dow"}]},
}


def _as_postgres(command: list[str]) -> None:
    """The server refuses to run as root: then it runs as its own user."""
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*prefix, *command], check=True, capture_output=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def postgres() -> Iterator[psycopg.Connection[Any]]:
    """A server of its own, with the shop's tables."""
    folder = Path(tempfile.mkdtemp(prefix="touchstone_pg_"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    port, data = _free_port(), folder / "data"
    _as_postgres(
        [str(BIN / "initdb"), "-D", str(data), "-A", "trust", "-U", "shop", "--locale=C", "-E", "UTF8"]
    )
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    _as_postgres(
        [str(BIN / "pg_ctl"), "-D", str(data), "-l", str(folder / "log"), "-w", "-o", options, "start"]
    )
    try:
        with psycopg.connect(
            host="127.0.0.1", port=port, user="shop", dbname="postgres", autocommit=True
        ) as found:
            found.execute(_shop_for_postgres())
            yield found
    finally:
        _as_postgres([str(BIN / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"])
        shutil.rmtree(folder, ignore_errors=True)


def _shop_for_postgres() -> str:
    text = (HERE / "shop.sql").read_text()
    duck = "range(TIMESTAMP '2024-12-26', TIMESTAMP '2027-01-01', INTERVAL 1 DAY)"
    assert duck in text
    text = text.replace(
        duck, "generate_series(TIMESTAMP '2024-12-26', TIMESTAMP '2026-12-31', INTERVAL '1 DAY')"
    )
    return text.replace("INTERVAL 25 DAY", "INTERVAL '25 DAY'").replace("INTERVAL 6 DAY", "INTERVAL '6 DAY'")


@pytest.mark.parametrize("question", [*QUESTIONS.values(), *MORE.values()], ids=[*QUESTIONS, *MORE])
def test_postgres_gives_the_same_rows(
    shop: Shop, postgres: psycopg.Connection[Any], question: dict[str, Any]
) -> None:
    sql = compile_query(query_from_document(question), shop.glossary, "postgres").sql
    theirs: Rows = [tuple(map(_plain, row)) for row in postgres.execute(sql).fetchall()]  # type: ignore[arg-type]
    ours = shop.rows(**question)
    assert len(theirs) == len(ours)
    for their_row, our_row in zip(theirs, ours, strict=True):
        assert their_row == pytest.approx(our_row, nan_ok=True) or their_row == our_row
