"""`touchstone close`: a month is closed, asked, shown, reopened and closed anew from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from tests.shared import ROOT

SHOP = ROOT / "tests" / "semantic"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shop, published."""
    monkeypatch.setenv("TOUCHSTONE_GLOSSARY", str(SHOP / "shop.yml"))
    version = tmp_path / "serving" / "v1"
    version.mkdir(parents=True)
    with duckdb.connect(str(version / "warehouse.duckdb")) as connection:
        connection.execute((SHOP / "shop.sql").read_text())
    pointer = {
        "version": "v1",
        "path": "v1/warehouse.duckdb",
        "published_at": "2026-04-01T06:00:00+00:00",
        "watermark": {"shop": "2026-03-31T23:00:00", "off": None},
    }
    (tmp_path / "serving" / "current.json").write_text(json.dumps(pointer))
    return tmp_path


def test_a_month_is_closed_asked_reopened_and_closed_anew(touchstone, home):
    code, out, _ = touchstone("close", "2026-01", "--note", "board pack", "--by", "ann")
    assert (code, out.split(":")[0]) == (0, f"closed 2026-01 (closed {out.split()[3]} by ann)")
    assert "data of v1" in out
    file = home / "closed" / "2026-01.1.jsonl"
    before = file.read_bytes()

    code, _, err = touchstone("close", "month", "2026-01")
    assert code == 2
    assert "closed already" in err

    code, out, _ = touchstone("query", "order_total", "--as-of", "2026-01", "--format", "json")
    assert json.loads(out)["rows"] == [{"order_total": "150.00"}]
    beside = (
        "query",
        "order_total",
        "--by",
        "metric_time:month",
        "--compare",
        "as_reported",
        "--format",
        "csv",
    )
    code, out, err = touchstone(*beside)
    assert out.splitlines()[1] == "2026-01-01,150.00,150.00,0.00,0.0,same"
    assert "note: Reported: 2026-01" in err
    code, out, _ = touchstone("compile", "orders", "--as-of", "2026-01", "--explain")
    assert "what was reported of orders by no dimension: 2026-01" in out

    code, out, _ = touchstone("close", "show", "2026-01", "--metric", "order_total", "--format", "json")
    shown = {row["by"]: row["value"] for row in json.loads(out)}
    assert shown[""] == shown["channel=web"] == shown["channel=web, region=north"] == "150.00"
    assert touchstone("close", "show", "2026-02")[0] == 2
    assert "was not kept" not in touchstone("close", "show", "2026-01", "--metric", "growth")[2]

    assert touchstone("close", "reopen", "2026-01", "--reason", " ")[0] == 2
    code, _, _ = touchstone("close", "reopen", "2026-01", "--reason", "a late order", "--by", "bob")
    assert code == 0
    assert touchstone("query", "order_total", "--as-of", "2026-01")[0] == 2
    assert touchstone("close", "2026-01", "--by", "ann")[0] == 0
    assert file.read_bytes() == before  # history
    listed = json.loads(touchstone("close", "list", "--format", "json")[1])
    assert [(row["month"], row["number"], row["note"]) for row in listed] == [
        ("2026-01", 1, "board pack"),
        ("2026-01", 2, ""),
    ]
    assert "bob: a late order" in listed[0]["reopened"]


def test_a_mistake_is_told_in_words(touchstone):
    assert "has not ended" in touchstone("close", "2099-01")[2]
    assert "published on 2026-04-01, before 2026-04 had ended" in touchstone("close", "2026-04")[2]
    code, _, err = touchstone("close", "2026-13")
    assert (code, "not a month" in err) == (2, True)
    assert "No such command" in touchstone("close", "now")[2]


def test_no_rows_are_asked_for_and_none_come(touchstone):
    by_channel = ("query", "orders", "--by", "channel", "--format", "csv", "--limit")
    assert [len(touchstone(*by_channel, limit)[1].splitlines()) for limit in ("0", "1")] == [1, 2]


def test_a_bound_that_the_shell_left_empty_is_not_taken_for_none(touchstone):
    code, _, err = touchstone("query", "orders", "--from", "")
    assert code == 2
    assert "'' is not a date" in err
