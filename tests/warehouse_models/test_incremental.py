"""Whatever the way to the same raw rows, the tables are the same; attribution builds only the journeys that changed.

The rows are the forty cases and a crowd: enough for Markov and Shapley to learn from, for frequent sequences of
content, for a forecast, for a better division of the budget. No published table is empty.
"""

import random
import shutil
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from tests.warehouse_models import crowd, forty
from tests.warehouse_models.building import built

TOUCHES = ("raw.hubspot__form_submissions", "raw.files__touches", "raw.salesforce__campaign_member")
# What comes late besides: people and their deals, spend, visits.
LATE = ("raw.files__leads", "raw.files__deals", "raw.files__spend", "raw.ga4__events")
DEALS = "raw.salesforce__opportunity"
COMPARED = ["core", "attribution", "marts", "ops"]
# When a finding was written down says when the build ran, not what is in the rows.
OF_THE_RUN = {"found_at"}
# The deal and the touches of a case that stay as they are until the last step.
UNTOUCHED, ITS_TOUCHES = forty.sf_id("006", 25), {"f25a", "f25b"}
MARK = "not built again"


def everything() -> forty.Rows:
    """The forty cases, the crowd, and thirty months in which the more was spent on a channel the more it brought."""
    rows = crowd.rows()
    draw = random.Random(3)
    for month in range(30):
        for channel in ("email", "paid_search"):
            name, spent = f"{channel}-{month}", Decimal(draw.randrange(100_00, 9_000_00)) / 100
            for table, row in _of_a_month(name, channel, crowd.ago(30 * month + 20), spent).items():
                rows.setdefault(table, []).append(row)
    return rows


def _of_a_month(name: str, channel: str, touched: datetime, spent: Decimal) -> dict[str, dict[str, Any]]:
    """What was spent, and the deal that it brought."""
    # What else there is, is little beside it; one channel brings more, so that a shift gains something.
    brought = spent.sqrt().quantize(Decimal(1)) * (500_000 if channel == "email" else 100_000)
    return {
        "raw.files__spend": {
            "spend_id": name, "spend_date": touched.date(), "platform": channel, "channel": channel,
            "amount": spent, "currency": "USD",
        },
        "raw.files__leads": {"lead_id": name, "email": f"{name}@thirty.example", "created_at": touched},
        "raw.files__touches": {
            "touch_id": name, "lead_id": name, "occurred_at": touched, "channel": channel, "kind": "visit",
        },
        "raw.files__deals": {
            "deal_id": name, "lead_id": name, "account": name, "amount": brought, "is_won": True, "is_closed": True,
            "created_at": touched + timedelta(days=2), "closed_at": touched + timedelta(days=9),
        },
    }  # fmt: skip


def shuffled(rows: forty.Rows, draw: random.Random) -> forty.Rows:
    """The same rows, each table in another order, the tables too."""
    tables = draw.sample(list(rows), len(rows))
    return {table: draw.sample(rows[table], len(rows[table])) for table in tables}


def halfway(draw: random.Random) -> forty.Rows:
    """Rows that have not come yet, amounts that sales corrects later, a deal that is not there yet."""
    rows = everything()
    for table in LATE:
        rows[table] = [row for row in rows[table] if draw.random() < 0.8]
    for table in TOUCHES:
        rows[table] = [r for r in rows[table] if draw.random() < 0.7 or r.get("submission_id") in ITS_TOUCHES]
    for deal in rows[DEALS][:-1]:
        if deal["amount"] and deal["id"] != UNTOUCHED and draw.random() < 0.3:
            deal["amount"] += 7
    rows[DEALS].pop()
    return rows


def at_the_end(draw: random.Random) -> forty.Rows:
    """Late touches in front of all others, two that are taken back, a deal deleted, one corrected; in another order."""
    rows = everything()
    forms = rows["raw.hubspot__form_submissions"]
    late = [
        form | {"submission_id": f"late-{form['submission_id']}", "submitted_at": forty.at(-20)}
        for form in forms[:5]
    ]
    rows["raw.hubspot__form_submissions"] = forms[2:] + late
    del rows[DEALS][0]
    for deal in rows[DEALS]:
        if deal["id"] == UNTOUCHED:
            deal["amount"] += 1
    return rows


def tables(file: Path) -> dict[str, list[str]]:
    """The rows of every published table, in one order."""
    with duckdb.connect() as connection:
        # The views name the catalog that they were made in.
        connection.execute(f"ATTACH '{file}' AS warehouse (READ_ONLY)")
        names = connection.execute(
            "SELECT table_schema || '.' || table_name, list(column_name ORDER BY column_name)"
            " FROM information_schema.columns WHERE list_contains(?, lower(table_schema)) GROUP BY ALL",
            [COMPARED],
        ).fetchall()
        return {name: _rows(connection, name, columns) for name, columns in names}


def _rows(connection: duckdb.DuckDBPyConnection, name: str, columns: list[str]) -> list[str]:
    listed = ", ".join(f'"{column}"' for column in columns if column.lower() not in OF_THE_RUN)
    return sorted(map(str, connection.execute(f"SELECT {listed} FROM warehouse.{name}").fetchall()))


def mark(file: Path) -> None:
    """Write into the credit of a deal behind SQLMesh's back: where it is built again, the mark is gone."""
    with duckdb.connect(str(file)) as connection:
        [(table,)] = connection.execute(
            "SELECT schema_name || '.' || table_name FROM duckdb_tables()"
            r" WHERE regexp_full_match(lower(table_name), 'attribution__journey_touch__\d+')"
        ).fetchall()
        connection.execute(f"UPDATE {table} SET source = ? WHERE opportunity_id = ?", [MARK, UNTOUCHED])


def marked(file: Path) -> int:
    return sum(MARK in row for row in tables(file)["ATTRIBUTION.JOURNEY_TOUCH"])


def test_every_way_to_the_same_rows_gives_what_one_full_build_gives(warehouse: Path, tmp_path: Path) -> None:
    """Rows that come late, windows that are read again, in any order; from different beginnings."""
    draw = random.Random(5)
    steps, leap, full = (tmp_path / name / "warehouse.duckdb" for name in ("steps", "leap", "full"))
    for file in (steps, leap, full):
        file.parent.mkdir()
    shutil.copy(warehouse, steps)
    shutil.copy(warehouse, leap)
    mark(steps)
    before = marked(steps)
    built(steps, halfway(draw))
    assert before == marked(steps) > 0, "only journeys that changed are built"

    end = at_the_end(draw)
    for file in (steps, leap, full):
        built(file, shuffled(end, draw))
    assert marked(steps) == 0
    expected = tables(full)
    assert [name for name, rows in expected.items() if not rows] == [], "what is empty compares nothing"
    for file in (steps, leap):
        found = tables(file)
        assert [name for name in expected if found[name] != expected[name]] == []
    assert expected["ATTRIBUTION.CREDIT"] != tables(warehouse)["ATTRIBUTION.CREDIT"]
