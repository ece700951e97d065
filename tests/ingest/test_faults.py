"""Each fault at each vendor: retried and nothing is missing, or reported and no part of a table is taken."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

import ingest
from ingest.check import check_source
from ingest.http import RetryPolicy
from ingest.sources_file import read_sources
from tests.ingest.conftest import SECRETS, Drawn, Place, place_in

VENDORS = {
    "hubspot": "hubspot",
    "salesforce": "salesforce",
    "linkedin": "linkedin_ads",
    "google": "google_ads",
    "meta": "meta_ads",
    "microsoft": "microsoft_ads",
    "ga4": "ga4",
    "marketo": "marketo",
}
PASSING = {"meta", "microsoft"}  # their limits are of minutes and hours, and come with status 400
WITH_OAUTH = ("salesforce", "google", "microsoft", "ga4", "marketo")
# A field that comes with another type, where in the vendor's addresses, and what is said of it.
CHANGED = {
    "hubspot": ("lastmodifieddate", "/contacts", "hubspot"),
    "salesforce": ("SystemModstamp", "/query", "salesforce"),
    "linkedin": ("clicks", "adAnalytics", r"linkedin_ads__analytics\.clicks is promised as BIGINT"),
    "google": ("name", "", r"google_ads__campaign\w*\.\w+ is promised as VARCHAR"),
    "meta": ("clicks", "insights", r"meta_ads__insights\.clicks is promised as BIGINT"),
    "marketo": ("email", "leads.json", r"marketo__leads\.email is promised as VARCHAR"),
    "microsoft": ("Clicks", "", r"microsoft_ads__campaign_day\.clicks is promised as BIGINT"),
    "ga4": ("value", "runReport", r"ga4__sessions\.\w+ is promised as"),
}


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory, drawn: Drawn) -> Iterator[tuple[Place, dict]]:
    """A sandbox, and the tables of a load without faults."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ingest.http.RetryPolicy", partial(RetryPolicy, read_seconds=3.0))
        with place_in(tmp_path_factory.mktemp("faults"), drawn, patch) as place:
            place.load()
            yield place, place.tables()


@pytest.fixture
def place(vendors: tuple[Place, dict], tmp_path: Path) -> Iterator[Place]:
    """An empty warehouse beside the sandbox."""
    shared, _ = vendors
    fresh = Place(shared.address, shared.sandbox, tmp_path)
    fresh.sources.write_text(shared.sources.read_text())
    yield fresh
    shared.sandbox.faults.clear()


@pytest.mark.parametrize("vendor", VENDORS)
def test_faults_that_pass_are_retried_and_nothing_is_missing(
    vendors: tuple[Place, dict], place: Place, vendor: str
) -> None:
    place.fail(vendor, "status", status=429, retry_after=1, skip=1, times=2)
    place.fail(vendor, "status", status=500, skip=2, times=2)
    place.fail(vendor, "truncate", skip=3, times=2)
    place.fail(vendor, "timeout", seconds=3.5, skip=4)
    if vendor == "marketo":
        place.fail(vendor, "status", status=606, skip=4, times=2)
    if vendor in WITH_OAUTH:
        place.fail(vendor, "token_death", skip=5)
    place.load(VENDORS[vendor])
    assert place.sandbox.faults.is_quiet(), "a fault did not strike"
    _, expected = vendors
    found = place.tables(VENDORS[vendor])
    assert [name for name in found if found[name] != expected[name]] == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_vendor_that_stays_down_is_named_and_leaves_no_part_of_a_table(place: Place, vendor: str) -> None:
    place.fail(vendor, "status", status=503, skip=4, times=999)
    with pytest.raises(ingest.IngestError, match=rf"{VENDORS[vendor]}: .*503.*after 6 attempts"):
        place.load(VENDORS[vendor])
    assert not any(place.tables(VENDORS[vendor]).values())


@pytest.mark.parametrize("vendor", sorted(set(VENDORS) - PASSING))
def test_a_quota_of_the_day_is_reported_and_not_asked_again(place: Place, vendor: str) -> None:
    place.fail(vendor, "quota", skip=3, times=999)
    before = place.sandbox.requests[vendor]
    with pytest.raises(ingest.IngestError, match="the quota of the day is used up"):
        place.load(VENDORS[vendor])
    assert place.sandbox.requests[vendor] - before == 4
    assert not any(place.tables(VENDORS[vendor]).values())
    settings = next(one for one in read_sources(place.sources) if one.name == VENDORS[vendor])
    assert not [one for one in check_source(settings) if "it needs" in one.detail]


@pytest.mark.parametrize("vendor", sorted(PASSING))
def test_a_limit_that_passes_is_waited_for_though_the_status_is_400(place: Place, vendor: str) -> None:
    place.fail(vendor, "quota", skip=2, times=2)
    place.load(VENDORS[vendor])
    assert place.sandbox.faults.is_quiet()


def test_a_wait_of_hours_is_reported(place: Place) -> None:
    place.fail("hubspot", "status", status=429, retry_after=40_000, skip=3, times=999)
    with pytest.raises(ingest.IngestError, match="it asks to wait 40000 s, try again later"):
        place.load("hubspot")


@pytest.mark.parametrize("vendor", CHANGED)
def test_a_value_of_another_type_stops_the_source(place: Place, vendor: str) -> None:
    field, path, told = CHANGED[vendor]
    place.fail(vendor, "schema_change", field=field, path=path, times=999)
    with pytest.raises(ingest.IngestError, match=told):
        place.load(VENDORS[vendor])
    assert not any(place.tables(VENDORS[vendor]).values())


@pytest.mark.parametrize("vendor", VENDORS)
def test_check_says_scope_by_scope_what_works_and_what_is_missing(place: Place, vendor: str) -> None:
    settings = next(one for one in read_sources(place.sources) if one.name == VENDORS[vendor])
    assert [one for one in check_source(settings) if not one.works] == []
    place.fail(vendor, "status", status=403, times=9_999)
    # A login that is refused says so itself; a file needs no scope.
    missing = [one for one in check_source(settings) if not one.works]
    assert missing
    assert all("403" in one.detail for one in missing)
    assert all("it needs: " in one.detail for one in missing)


def test_no_secret_is_in_anything_that_was_written_or_said(vendors: tuple[Place, dict]) -> None:
    shared, _ = vendors
    secrets = {*SECRETS.values(), *(t for tokens in shared.sandbox.issued_tokens() for t in tokens)}
    assert len(secrets) > len(SECRETS)
    for vendor, source in VENDORS.items():
        shared.fail(vendor, "status", status=401, times=99)
        with pytest.raises(ingest.IngestError) as failed:
            shared.load(source)
        shared.sandbox.faults.clear()
        assert not [one for one in secrets if one in str(failed.value)]
    said = " ".join(str(shared.rows(f'SELECT * FROM raw."{name}"')) for name in _all_tables(shared))
    assert not [one for one in secrets if one in said]
    for file in shared.folder.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert not [one for one in secrets if one.encode() in content], file


def _all_tables(place: Place) -> list[str]:
    found = place.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = 'raw'")
    return [name for (name,) in found]
