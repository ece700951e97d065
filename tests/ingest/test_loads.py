"""Nothing lost, nothing twice: over HTTP, from the sandbox into DuckDB."""

import copy

import duckdb
import pytest
import requests

import ingest
from ingest.lock import only_run
from tests.ingest.conftest import SECRETS, Place, every_source


def test_a_second_load_without_changes_asks_little_and_changes_nothing(place: Place) -> None:
    chosen = ("hubspot", "salesforce")
    place.load(*chosen)
    before = place.tables()
    report = place.load(*chosen)
    assert place.tables() == before
    by_object = {(one.source, one.object): one.rows for one in report.objects}
    assert by_object["hubspot", "contacts"] < 10
    assert by_object["salesforce", "lead"] < 10


def test_merged_and_deleted_records_are_carried_through(place: Place) -> None:
    place.load("hubspot")
    told = place.change(merges=1, deletes=1)
    place.load("hubspot")
    keeper, merged = (str(51_000_000 + number) for number in told["merged"][0])
    deleted = str(51_000_000 + told["deleted"][0])
    assert place.rows(f"SELECT hs_merged_object_ids FROM raw.hubspot__contacts WHERE id = '{keeper}'") == [
        (merged,)
    ]
    assert place.rows(f"SELECT 1 FROM raw.hubspot__contacts WHERE id = '{merged}'") == []
    assert place.rows(f"SELECT archived FROM raw.hubspot__contacts WHERE id = '{deleted}'") == [(True,)]


def test_a_source_that_is_down_is_named_and_the_others_are_loaded(place: Place) -> None:
    place.fail("salesforce", "down")
    with pytest.raises(ingest.IngestError, match=r"salesforce: .*503") as failed:
        place.load("salesforce", "linkedin_ads")
    assert failed.value.source == "salesforce"
    assert place.table("salesforce__lead") == []
    assert place.table("linkedin_ads__campaigns") != []
    log = place.rows(
        "SELECT status, error FROM raw.source_run WHERE source = 'salesforce' AND object = 'lead'"
    )
    assert log[0][0] == "failed"
    assert "503" in log[0][1]


def test_a_token_that_is_refused_is_said_without_the_token(place: Place) -> None:
    place.sandbox.kill(SECRETS["HUBSPOT_TOKEN"])
    with pytest.raises(ingest.IngestError, match=r"hubspot: .*401: The token is invalid") as failed:
        place.load("hubspot")
    assert SECRETS["HUBSPOT_TOKEN"] not in str(failed.value)


def test_a_source_that_is_switched_off_is_emptied_and_comes_back(place: Place) -> None:
    document = every_source(place.address, place.folder)
    for name in set(document["sources"]) - {"google_ads", "meta_ads"}:
        document["sources"][name]["on"] = False
    place.configure(document)
    place.load()
    full = place.table("google_ads__campaign_day")
    off = copy.deepcopy(document)
    off["sources"]["google_ads"]["on"] = False
    place.configure(off)
    place.load()
    place.load()
    assert place.table("google_ads__campaign_day") == []
    switched = place.rows("SELECT source, count(*) FROM raw.source_run WHERE status = 'off' GROUP BY source")
    assert switched == [("google_ads", 1)], "said once, and not of what was never on"
    place.configure(document)
    place.load()
    assert full
    assert place.table("google_ads__campaign_day") == full


def test_two_runs_at_once_are_refused(place: Place) -> None:
    with only_run(place.folder / "state"), pytest.raises(ingest.LockedError, match="another run"):
        place.load()


def test_the_run_log_tells_rows_requests_and_watermark(place: Place) -> None:
    place.load("hubspot")
    rows = place.rows(
        "SELECT object, status, rows > 0, requests > 0, watermark IS NOT NULL FROM raw.source_run "
        "WHERE source = 'hubspot' "
        "AND object IN ('contact_lifecycle', 'contacts', 'form_submissions') ORDER BY object"
    )
    assert rows == [
        ("contact_lifecycle", "ok", True, True, False),
        ("contacts", "ok", True, True, True),
        ("form_submissions", "ok", True, True, True),
    ]


def test_a_column_or_table_that_is_promised_later_is_filled_for_records_that_did_not_change(
    place: Place,
) -> None:
    """A home of an older version: its cursors would bring new records only, and the rest would stay empty."""
    place.load("hubspot", "salesforce")
    expected = place.tables()
    with duckdb.connect(str(place.warehouse)) as connection:
        connection.execute("ALTER TABLE raw.salesforce__lead DROP COLUMN status")
        connection.execute("DROP TABLE raw.hubspot__contact_lifecycle")
    place.fail("salesforce", "down")
    with pytest.raises(ingest.IngestError, match="salesforce"):
        place.load("hubspot", "salesforce")
    requests.delete(f"{place.address}/admin/faults", timeout=10)
    place.load("hubspot", "salesforce")
    assert place.tables() == expected
    report = place.load("hubspot", "salesforce")
    assert {one.rows for one in report.objects if one.object in ("lead", "contacts")} < set(range(10)), (
        "only once"
    )


def test_another_version_of_a_vendors_api_gives_the_same_rows(place: Place) -> None:
    place.load("google_ads")
    before = place.table("google_ads__campaigns")
    document = every_source(place.address, place.folder)
    document["sources"]["google_ads"]["version"] = "v22"
    place.configure(document)
    place.load("google_ads")
    assert place.table("google_ads__campaigns") == before
    assert {type(value).__name__ for row in before for value in row} >= {"date"}
