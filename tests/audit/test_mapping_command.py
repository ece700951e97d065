"""`touchstone mapping`: proposed from raw rows, decided by people, kept in a file."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from infra.cli import app
from infra.errors import MistakeError
from infra.mapping.decisions import FIELDS, Decision, read_decisions
from infra.settings import settings
from tests.audit.conftest import land

NOW = "2026-10-01 10:00:00"


def link(number: int, source: str) -> dict[str, Any]:
    return {
        "submission_id": f"f{number}",
        "email": f"p{number}@x.example",
        "submitted_at": NOW,
        "utm_source": source,
        "utm_medium": "paid_social",
        "_loaded_at": NOW,
    }


def sold(number: int, product: str) -> dict[str, Any]:
    return {"deal_id": f"d{number}", "product": product, "created_at": NOW, "_loaded_at": NOW}


@pytest.fixture
def decisions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A loaded home with a slip among sources and a product that drifts; gives the file of decisions."""
    file = tmp_path / "value_mapping.csv"
    file.write_text(",".join(FIELDS) + "\n")
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path))
    monkeypatch.setenv("TOUCHSTONE_VALUE_MAPPING", str(file))
    settings.cache_clear()
    (tmp_path / "warehouse").mkdir()
    links = [link(number, "linkedin") for number in range(40)] + [link(40, "lnkedin")]
    deals = [sold(1, "GTX Pro"), sold(2, "GTX Pro"), sold(3, "GTXPro")]
    land(
        tmp_path / "warehouse" / "warehouse.duckdb",
        {"hubspot__form_submissions": links, "files__deals": deals},
    )
    yield file
    settings.cache_clear()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["mapping", *arguments])


def proposed() -> list[tuple[str, str, str, str]]:
    rows = json.loads(run("propose", "--format", "json").stdout)
    return [(row["kind"], row["from_value"], row["to_value"], row["rule"]) for row in rows]


def test_people_decide_what_the_audit_proposes(decisions: Path) -> None:
    assert proposed() == [
        ("product", "GTXPro", "GTX Pro", "drift"),
        ("source", "lnkedin", "linkedin", "typo"),
    ]
    assert run("approve", "source", "Lnkedin", "--by", "jane", "--reason", "a slip").exit_code == 0
    assert run("reject", "product", "gtxpro", "--by", "jo").exit_code == 0
    assert proposed() == []
    kept = read_decisions(decisions)
    assert [(row.kind, row.status, row.decided_by, row.reason) for row in kept.rows] == [
        ("source", "approved", "jane", "a slip"),
        ("product", "rejected", "jo", ""),
    ]
    assert kept.rows[0].evidence == "typo, 93 of 100, 1 rows: 1 links; a slip of a common value"
    assert kept.reads("source", " LNKEDIN ") == "linkedin"
    assert (
        run("reject", "source", "lnkedin", "--by", "jo").exit_code == 0
    )  # withdrawn, and not proposed again
    assert read_decisions(decisions).approved() == {}
    assert proposed() == []


def test_a_reviewed_file_is_taken_whole_or_not_at_all(decisions: Path, tmp_path: Path) -> None:
    reviewed = tmp_path / "review.csv"
    assert run("propose", "--out", str(reviewed)).exit_code == 0
    rows = list(csv.DictReader(reviewed.open()))
    for row, said in zip(rows, ("approved", "perhaps"), strict=True):
        row["status"] = said
    write(reviewed, rows)
    refused = run("decide", str(reviewed), "--by", "jane")
    assert isinstance(refused.exception, MistakeError)
    assert f"{reviewed}:3: " in str(refused.exception)
    assert read_decisions(decisions).rows == ()
    rows[1]["status"] = ""
    write(reviewed, rows)
    assert run("decide", str(reviewed), "--by", "jane").exit_code == 0
    assert [row.from_value for row in read_decisions(decisions).rows] == ["GTXPro"]


def write(file: Path, rows: list[dict[str, str]]) -> None:
    with file.open("w", newline="") as opened:
        writer = csv.DictWriter(opened, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def test_contradictions_are_refused_and_nothing_is_written(decisions: Path) -> None:
    assert run("approve", "source", "lnkedin", "--by", "jane").exit_code == 0
    before = decisions.read_text()
    circle = run("approve", "source", "linkedin", "lnkedin", "--by", "jane")
    assert "circle: linkedin -> lnkedin -> linkedin" in str(circle.exception)
    second = run("approve", "source", "lnkedin", "bing", "--by", "jane")
    assert "already read as 'linkedin', approved by jane" in str(second.exception)
    unknown = run("approve", "source", "bing", "--by", "jane")
    assert "nothing is proposed for source 'bing'" in str(unknown.exception)
    assert decisions.read_text() == before


def test_two_people_who_decide_at_once_both_count(tmp_path: Path) -> None:
    file = tmp_path / "value_mapping.csv"
    file.write_text(",".join(FIELDS) + "\n")
    anns, bos = read_decisions(file), read_decisions(file)
    ann, bo = (
        Decision("source", value, "google", "approved", who, "2026-10-01")
        for value, who in (("gogle", "ann"), ("googel", "bo"))
    )
    anns.added((ann,))
    bos.added((bo,))
    assert {row.decided_by for row in read_decisions(file).rows} == {"ann", "bo"}
    with pytest.raises(MistakeError, match="already read as 'google', approved by ann"):
        bos.added((replace(ann, to_value="bing", decided_by="bo"),))
