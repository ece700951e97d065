"""Salesforce's Bulk API 2.0 gives the rows that REST gives, or says why not."""

from pathlib import Path

import pytest
import yaml

import ingest
from tests.ingest.conftest import Place


@pytest.fixture
def bulk(place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A place that asks for every object of more than three records as a job, in pages of seven."""
    document = yaml.safe_load(place.sources.read_text())
    document["sources"]["salesforce"]["bulk_above"] = 3
    place.configure(document)
    monkeypatch.setattr("ingest.salesforce_bulk.PAGE", 7)
    return place


def by_rest(place: Place, folder: Path) -> dict[str, list[tuple]]:
    folder.mkdir()
    fresh = Place(place.address, place.sandbox, folder)
    document = yaml.safe_load(place.sources.read_text())
    del document["sources"]["salesforce"]["bulk_above"]
    fresh.configure(document)
    fresh.load("salesforce")
    return fresh.tables("salesforce")


def test_jobs_give_the_rows_that_rest_gives_and_passing_faults_take_none(bulk: Place, tmp_path: Path) -> None:
    bulk.fail("salesforce", "status", status=503, times=2, path="/jobs/")
    bulk.fail("salesforce", "status", status=429, retry_after=1, path="/jobs/", skip=3)
    bulk.fail("salesforce", "token_death", path="/jobs/", skip=6)
    bulk.fail("salesforce", "truncate", path="/results", times=2, skip=3)
    bulk.load("salesforce")
    assert bulk.sandbox.faults.is_quiet(), "a fault did not strike"
    assert bulk.tables("salesforce") == by_rest(bulk, tmp_path / "rest")
    # Line items are on deals of a company with cases only.
    assert [name for name, rows in bulk.tables("salesforce").items() if not rows] == [
        "salesforce__opportunity_line_item"
    ]
    changed = bulk.rows(
        "SELECT count(*), count(old_value), count(DISTINCT id) FROM raw.salesforce__opportunity_field_history "
        "WHERE field = 'StageName'"
    )[0]
    assert changed[0] == changed[1] == changed[2] > 0
    bulk.change(days=20, merges=1, deletes=2)
    bulk.load("salesforce")
    assert bulk.tables("salesforce") == by_rest(bulk, tmp_path / "rest again")


@pytest.mark.parametrize("state", ["Failed", "Aborted"])
def test_a_job_that_ends_badly_is_named_and_leaves_no_part_of_a_table(bulk: Place, state: str) -> None:
    bulk.fail("salesforce", "job", field=state, path="/jobs/query/", times=99, skip=9)
    with pytest.raises(ingest.IngestError, match=rf"job \w+ was {state.lower()}: the sandbox was told"):
        bulk.load("salesforce")
    assert not any(bulk.tables("salesforce").values())


def test_a_walk_that_breaks_off_aborts_its_job(bulk: Place) -> None:
    bulk.fail("salesforce", "status", status=403, path="/results", skip=1)
    with pytest.raises(ingest.IngestError, match="403"):
        bulk.load("salesforce")
    assert not any(bulk.tables("salesforce").values())
