"""`touchstone audit`: exit codes, files, and what it says when it cannot."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from infra.cli import app, exit_code
from infra.errors import InfraError, MistakeError
from infra.settings import PROJECT, settings
from tests.audit import by_hand
from tests.audit.conftest import land
from tests.shared import shared_path


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path))
    settings.cache_clear()
    (tmp_path / "warehouse").mkdir()
    yield tmp_path
    settings.cache_clear()


def run(*arguments: str):
    return CliRunner().invoke(app, ["audit", *arguments])


def put(home: Path, rows: by_hand.Rows) -> None:
    land(home / "warehouse" / "warehouse.duckdb", rows)


def test_it_writes_the_report_and_prints_a_summary(home):
    put(home, by_hand.company())
    result = run()
    assert result.exit_code == 0, result.output
    assert "Merged in one system only (case 3)" in result.output
    assert "Quality" in result.output
    names = {file.name for file in (home / "audit").rglob("*.*")}
    assert {
        "report.html",
        "report.md",
        "channel_rule.proposed.csv",
        "findings.csv",
        "metrics.parquet",
    } <= names


def test_findings_fail_only_where_asked(home):
    put(home, by_hand.company())
    assert run("--fail-on", "high").exit_code == 1
    assert json.loads(run("--format", "json").stdout)[0]["severity"] == "high"


def test_a_healthy_company_passes_the_gate(home):
    put(home, by_hand.healthy())
    result = run("--fail-on", "high", "--only", "salesforce", "--only", "hubspot", "--only", "files")
    high = [line for line in result.output.splitlines() if line.startswith("high")]
    # A handful of rows by hand has hardly a field filled; nothing else is grave.
    assert all("Mandatory fields" in line for line in high), high


def test_an_empty_warehouse_is_a_finding(home):
    put(home, {})
    result = run("--fail-on", "high")
    assert result.exit_code == 1
    assert "Nothing is connected" in result.output
    assert "Nothing is connected yet." in (home / "audit" / "report.html").read_text()


def test_a_source_without_rows_says_so(home):
    rows = by_hand.healthy()
    rows["meta_ads__insights"] = []
    rows["salesforce__campaign"] = []
    rows["source_run"] = [
        {
            "run_id": "r",
            "source": "salesforce",
            "object": "campaign",
            "status": "ok",
            "started_at": by_hand.LOADED,
        }
    ]
    put(home, rows)
    result = run()
    assert result.exit_code == 0, result.output
    assert "Objects that were loaded without a row" in result.output


def failure(*arguments: str) -> Exception:
    error = run(*arguments).exception
    assert isinstance(error, Exception)
    return error


def test_no_warehouse_says_what_to_do(home):
    error = failure()
    assert isinstance(error, MistakeError)
    assert "touchstone ingest run" in str(error)
    assert exit_code(error) == 2


def test_an_unknown_source_lists_the_known_ones(home):
    put(home, {})
    error = failure("--only", "hubspott")
    assert "'hubspott'" in str(error)
    assert "hubspot, linkedin_ads" in str(error)


def test_a_file_that_is_no_warehouse(home):
    (home / "warehouse" / "warehouse.duckdb").write_text("not a database")
    error = failure()
    assert isinstance(error, MistakeError)
    assert "is not a warehouse" in str(error)


def test_a_warehouse_in_use_is_no_mistake_of_the_user(home, monkeypatch):
    put(home, {})
    import infra.audit.ground as ground

    def locked(connection: object, sql: str) -> None:
        raise duckdb.IOException("IO Error: Could not set lock on file")

    monkeypatch.setattr(ground, "_execute", locked)
    error = failure()
    assert isinstance(error, InfraError)
    assert not isinstance(error, MistakeError)
    assert "wait for the refresh to end" in str(error)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("field,value\nmedium,cpc\n", "no column 'channel'"),
        ("field,value,channel\nmedium,cpc,paid_serch\n", "unknown channel 'paid_serch'"),
        ("field,value,channel\nmedum,cpc,paid_search\n", "unknown field 'medum'"),
        ("field,value,channel\nmedium,CPC,paid_search\n", "lower case"),
        ("field,value,channel\nmedium,cpc,paid_search\nmedium,cpc,email\n", "already mapped in line 2"),
        ("field,value,channel\nmedium,,paid_search\n", "must all be filled"),
        ("", "no column 'field'"),
    ],
)
def test_a_malformed_mapping_is_told_with_its_line(home, tmp_path, text, complaint):
    put(home, {})
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for name in ("channel.csv", "shared_inbox.csv"):
        (seeds / name).write_text((PROJECT / "sqlmesh" / "seeds" / name).read_text())
    (seeds / "channel_rule.csv").write_text(text)
    error = failure("--mapping", str(seeds))
    assert isinstance(error, MistakeError)
    assert complaint in str(error)
    assert "channel_rule.csv:" in str(error)


def test_malformed_expectations_are_told_all_at_once(home, tmp_path):
    put(home, {})
    file = tmp_path / "expect.yml"
    file.write_text(
        "hubspot__contacts: {required: {emial: 1}, valid: {email: mail}, refers: {email: nowhere.id}}\nhubspot__x: {}\n"
        "files__deals: {required: {amount: 120}, uniq: [deal_id]}\n"
    )
    told = str(failure("--expect", str(file)))
    for part in ("'emial'", "'mail'", "'nowhere.id'", "hubspot__x", "120", "'uniq'"):
        assert part in told


def test_real_exports_and_nothing_else(home):
    data = shared_path("data/olist/olist_closed_deals_dataset.csv").parent
    sources = home / "olist.yml"
    profile = (PROJECT / "tests" / "profiles" / "olist.yml").read_text()
    sources.write_text(profile.replace("../../../shared/data/olist", str(data)))
    result = run("--sources", str(sources), "--out", str(home / "report"))
    assert result.exit_code == 0, result.output
    cases = (home / "report" / "tables" / "cases.csv").read_text()
    assert "Won before first contact" in cases
    assert "raw.salesforce__opportunity_contact_role" in cases  # case 18: cannot be told from these files
