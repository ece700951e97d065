"""Opportunity splits: an object that an org has only where it shares deals."""

import pytest

import ingest
from tests.ingest.conftest import Place

SPLITS = "salesforce__opportunity_split"


def test_who_shares_a_deal_is_loaded_with_what_kind_of_share_it_is(place: Place) -> None:
    place.load("salesforce")
    shares = place.rows(
        f"SELECT opportunity_id, sum(split_percentage), count(DISTINCT split_owner_name) FROM raw.{SPLITS} "
        "WHERE is_total_validated AND split_field = 'Amount' AND split_type_name = 'Revenue' GROUP BY ALL"
    )
    assert len(shares) > 1
    assert {(total, owners > 1) for _, total, owners in shares} == {(100, True)}
    overlays = place.rows(
        f"SELECT count(*) FROM raw.{SPLITS} WHERE NOT is_total_validated AND split_type_name = 'Overlay'"
    )
    assert overlays != [(0,)]


def test_an_org_without_splits_is_loaded_without_them_until_they_hide(place: Place) -> None:
    def hide() -> None:
        place.fail("salesforce", "status", status=404, path="/sobjects/OpportunitySplit", times=99)

    hide()
    report = place.load("salesforce")
    assert "salesforce opportunity_split: no such object, or hidden from this user" in report.notes
    assert place.table(SPLITS) == []
    assert place.table("salesforce__opportunity")
    place.load("salesforce")  # with its sweeps
    place.sandbox.faults.clear()
    place.load("salesforce")
    loaded = place.table(SPLITS)
    assert loaded
    hide()
    with pytest.raises(ingest.IngestError, match=rf"{SPLITS}\.\w+ is no longer there, or hidden"):
        place.load("salesforce")
    assert place.table(SPLITS) == loaded
