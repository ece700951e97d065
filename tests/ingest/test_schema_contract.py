"""A new column is added and told; a changed type stops its source and says from what to what."""

import copy

import pytest
import requests
import yaml

import ingest
from tests.ingest.conftest import Place

# Where a further field is sent: beside which one, in which of the vendor's addresses; and the table it widens.
FURTHER = {
    "hubspot": ("firstName", "/owners", "hubspot owners"),
    "linkedin": ("costType", "adCampaigns", "linkedin_ads campaigns"),
    "google": ("advertisingChannelType", "", "google_ads campaigns"),
    "meta": ("objective", "/campaigns", "meta_ads campaigns"),
    "marketo": ("activityTypeId", "activities.json", "marketo activities"),
}
SOURCES = ("hubspot", "salesforce", "linkedin_ads", "google_ads", "meta_ads", "marketo")


def alter(place: Place, **fields: str) -> None:
    requests.post(f"{place.address}/admin/change", json={"fields": fields}, timeout=30).raise_for_status()


def send_further(place: Place, value: str) -> None:
    for vendor, (beside, path, _) in FURTHER.items():
        place.fail(vendor, "extra", field="leadTier", value=value, beside=beside, path=path, times=9_999)


def test_new_columns_are_added_and_told_and_a_changed_type_stops_its_source(place: Place) -> None:
    assert place.load(*SOURCES).new_columns == ()
    alter(place, budget_band="text")
    place.change(days=10)
    send_further(place, "7")
    report = place.load(*SOURCES)
    assert set(report.new_columns) == {
        "hubspot contacts.budget_band VARCHAR",
        "salesforce lead.budget_band_c VARCHAR",
        "marketo leads.budget_band VARCHAR",
        *(f"{table}.lead_tier DECIMAL(28, 6)" for _, _, table in FURTHER.values()),
    }
    logged = place.rows(
        "SELECT source || ' ' || object || '.' || new_columns FROM raw.source_run "
        "WHERE new_columns IS NOT NULL"
    )
    assert {row[0] for row in logged} == set(report.new_columns)
    # Custom fields are loaded from the start; what else is sent, from the load on that saw it first.
    for table, column in (("hubspot__contacts", "budget_band"), ("salesforce__lead", "budget_band_c")):
        found = place.rows(f"SELECT count(*), count({column}), min({column}) FROM raw.{table}")[0]
        assert (found[0] == found[1] > 0, found[2]) == (True, "budget_band 0")
    for _, _, table in FURTHER.values():
        name = table.replace(" ", "__")
        assert place.rows(f"SELECT DISTINCT lead_tier FROM raw.{name} WHERE lead_tier IS NOT NULL") == [(7,)]
    place.sandbox.faults.clear()
    assert place.load(*SOURCES).new_columns == (), "a column that stays away is no change"

    before = place.tables()
    alter(place, budget_band="number")
    place.change(days=10)
    send_further(place, '"high"')
    told = r"\(also .*google_ads__campaigns\.lead_tier .* DECIMAL\(28,6\) and now comes as text: 'high'"
    with pytest.raises(ingest.SchemaChangedError, match=told) as failed:
        place.load()
    assert (
        "hubspot__contacts.budget_band was VARCHAR and is now DECIMAL(28, 6) at the vendor "
        "(field 'budget_band')"
    ) in str(failed.value)
    after = place.tables()
    assert [one for one in before if one.startswith(SOURCES) and before[one] != after[one]] == []
    last = place.rows(
        "SELECT DISTINCT source, status FROM raw.source_run "
        "WHERE run_id = (SELECT arg_max(run_id, finished_at) FROM raw.source_run)"
    )
    assert {status for source, status in last if source in SOURCES} == {"failed"}
    assert {status for source, status in last if source not in SOURCES} == {"ok"}


def test_a_permission_that_is_taken_away_empties_no_column_and_a_source_may_be_loaded_anew(
    place: Place,
) -> None:
    alter(place, budget_band="text")
    place.load("hubspot")
    place.fail("hubspot", "status", status=403, path="/properties/")
    with pytest.raises(
        ingest.IngestError, match=r"the custom fields budget_band .* give the permission back"
    ):
        place.load("hubspot")
    alter(place, budget_band="number")
    document = yaml.safe_load(place.sources.read_text())
    document["sources"] = {"hubspot": document["sources"]["hubspot"]}
    off = copy.deepcopy(document)
    off["sources"]["hubspot"]["on"] = False
    for sources in (off, document):
        place.configure(sources)
        place.load()
    assert place.rows("SELECT min(budget_band), max(budget_band) FROM raw.hubspot__contacts") == [(0, 2)]


def test_an_org_without_our_custom_fields_is_loaded_without_them_until_they_hide(
    place: Place,
) -> None:
    """Few orgs call a field as we do; a field that was loaded and is hidden now would lose its values."""
    document = yaml.safe_load(place.sources.read_text())
    document["sources"]["salesforce"]["fields"] = {"region": "Territory__c"}
    document["sources"]["marketo"]["fields"] = {"region": "territory"}
    place.configure(document)
    report = place.load("salesforce", "marketo")
    assert "salesforce lead: without region: no such field, or hidden from this user" in report.notes
    for table in ("salesforce__lead", "marketo__leads"):
        assert place.rows(f"SELECT count(*) > 9, count(region), count(segment) > 9 FROM raw.{table}") == [
            (True, 0, True)
        ]
    for source in ("salesforce", "marketo"):
        document["sources"][source]["fields"] = {"segment": "Hidden__c"}
    place.configure(document)
    with pytest.raises(ingest.IngestError, match=r"salesforce__lead\.segment is no longer there") as failed:
        place.load("salesforce", "marketo")
    assert "marketo__leads.segment is no longer there" in str(failed.value)


def test_an_object_that_is_left_out_needs_no_permission(place: Place) -> None:
    place.fail("hubspot", "status", status=403, path="/marketing/v3/campaigns", times=99)
    with pytest.raises(ingest.IngestError, match="403"):
        place.load("hubspot")
    document = yaml.safe_load(place.sources.read_text())
    document["sources"]["hubspot"]["without"] = ["campaigns"]
    place.configure(document)
    place.load("hubspot")
    assert place.table("hubspot__contacts")
    document["sources"]["hubspot"]["without"] = "campagins"
    place.configure(document)
    with pytest.raises(ingest.IngestError, match="'campagins'; known: contacts"):
        place.load("hubspot")
