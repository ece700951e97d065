"""Checking a source before trusting it, and loading the past again."""

from datetime import datetime, timedelta
from itertools import pairwise

import duckdb
import pytest
import yaml

import ingest
from ingest.backfill import backfill, chunks
from ingest.check import check_source
from ingest.sources_file import read_sources
from tests.ingest.conftest import SECRETS, Place
from tests.ingest.killed import fork_server, killed_backfill


def checked(place: Place, name: str) -> dict[str, tuple[bool, str]]:
    settings = next(one for one in read_sources(place.sources) if one.name == name)
    return {one.object: (one.works, one.detail) for one in check_source(settings)}


def test_check_names_the_missing_scope(place: Place) -> None:
    place.fail("hubspot", "status", status=403, times=99, path="/email/public")
    found = checked(place, "hubspot")
    assert found["contacts"][0]
    works, detail = found["email_events"]
    assert not works
    assert "it needs: content" in detail


def test_check_names_a_secret_that_is_missing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("META_ADS_TOKEN")
    assert checked(place, "meta_ads") == {
        "settings": (False, "the environment variable 'META_ADS_TOKEN' (token_env) is not set")
    }


def test_a_changed_type_stops_that_source_and_names_the_column(place: Place) -> None:
    place.fail("linkedin", "schema_change", field="clicks", times=99, path="adAnalytics")
    with pytest.raises(
        ingest.SchemaChangedError, match=r"linkedin_ads__analytics\.clicks is promised as BIGINT"
    ):
        place.load("linkedin_ads")
    assert place.table("linkedin_ads__analytics") == []


def test_a_backfill_brings_back_what_was_lost_and_resumes(place: Place) -> None:
    place.load("meta_ads")
    whole = place.table("meta_ads__insights")
    with duckdb.connect(str(place.warehouse)) as connection:
        connection.execute("DELETE FROM raw.meta_ads__insights WHERE day < DATE '2025-06-01'")
    since, until = datetime(2024, 11, 1), datetime(2025, 6, 1)
    options = {"since": since, "until": until, "only": ["meta_ads"], "chunk": timedelta(days=100)}
    where = (str(place.sources), str(place.warehouse), str(place.folder / "state"))
    assert killed_backfill(fork_server(), where, options, chunks=1)
    begun: list[datetime] = []
    backfill(
        place.sources,
        place.warehouse,
        place.folder / "state",
        **options,
        told=lambda first, last: begun.append(first),
    )
    assert begun[0] == since + timedelta(days=100)
    assert place.table("meta_ads__insights") == whole


def test_chunks_cover_the_stretch_without_gap_or_overlap() -> None:
    first, last = datetime(2026, 1, 1), datetime(2026, 3, 15, 12)
    found = list(chunks(first, last, timedelta(days=31)))
    assert found[0][0] == first
    assert found[-1][1] == last
    assert all(one[1] == other[0] for one, other in pairwise(found))


def test_an_address_that_holds_403_is_no_refusal(place: Place) -> None:
    document = yaml.safe_load(place.sources.read_text())
    document["sources"]["google_ads"] |= {"base_url": f"{place.address}/nowhere", "customers": "401-403-4015"}
    place.configure(document)
    details = [detail for _, detail in checked(place, "google_ads").values()]
    assert all("404" in one and "; see base_url and the ids" in one for one in details)
    assert not any("it needs" in one for one in details)


def test_secrets_stay_out_of_a_check(place: Place) -> None:
    place.sandbox.kill(SECRETS["HUBSPOT_TOKEN"])
    told = str(checked(place, "hubspot"))
    assert "401" in told
    assert "what is in HUBSPOT_TOKEN is wrong, expired, or of another account; it needs: " in told
    assert SECRETS["HUBSPOT_TOKEN"] not in told
