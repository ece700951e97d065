"""A new column is added and told; a changed type stops its source and says from what to what."""

import pytest
import requests

import ingest
from tests.ingest.conftest import Place


def alter(place: Place, **fields: str) -> None:
    requests.post(f"{place.address}/admin/change", json={"fields": fields}, timeout=30).raise_for_status()


def test_a_new_column_is_loaded_from_the_start_and_told(place: Place) -> None:
    place.load("hubspot", "salesforce")
    alter(place, budget_band="text")
    report = place.load("hubspot", "salesforce")
    assert report.new_columns == (
        "hubspot contacts.budget_band VARCHAR",
        "salesforce lead.budget_band_c VARCHAR",
    )
    for table, column in (("hubspot__contacts", "budget_band"), ("salesforce__lead", "budget_band_c")):
        found = place.rows(f"SELECT count(*), count({column}), min({column}) FROM raw.{table}")
        assert found[0][0] == found[0][1] > 0
        assert found[0][2] == "budget_band 0"
    logged = place.rows(
        "SELECT source, object, new_columns FROM raw.source_run WHERE new_columns IS NOT NULL"
    )
    assert sorted(logged) == [
        ("hubspot", "contacts", "budget_band VARCHAR"),
        ("salesforce", "lead", "budget_band_c VARCHAR"),
    ]
    assert place.load("hubspot").new_columns == ()


def test_a_changed_type_stops_that_source_and_no_other(place: Place) -> None:
    alter(place, budget_band="text")
    place.load("hubspot", "meta_ads")
    before = place.tables("hubspot")
    alter(place, budget_band="number")
    told = (
        r"hubspot__contacts\.budget_band was VARCHAR and is now DECIMAL\(28, 6\) at the vendor "
        r"\(field 'budget_band'\)"
    )
    with pytest.raises(ingest.SchemaChangedError, match=told) as failed:
        place.load("hubspot", "meta_ads")
    assert failed.value.source == "hubspot"
    assert place.tables("hubspot") == before
    last = place.rows(
        "SELECT DISTINCT source, status FROM raw.source_run "
        "WHERE run_id = (SELECT arg_max(run_id, finished_at) FROM raw.source_run)"
    )
    assert sorted(last) == [("hubspot", "failed"), ("meta_ads", "ok")]
