"""What changes between two loads, or while one walks: nothing of it is lost, nothing stays that is gone."""

import re
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import requests

import ingest
from ingest.answers import asked_wait
from ingest.contract import create_promised_tables
from ingest.days import DayRange
from ingest.extract import Connector, Window
from ingest.http import Authority, VendorSession
from ingest.hubspot import FOLLOW
from ingest.hubspot_api import HubSpotApi
from ingest.linkedin_ads import LinkedInAds
from ingest.load import Loader
from tests.ingest.conftest import Place

MOVED = 51_000_000


def test_a_record_that_changes_behind_the_walk_is_read_by_the_next_load(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first one of the list changes after its page was read, hours before the last page is."""
    first, last = place.sandbox.world.company.people[0], place.sandbox.world.company.people[-1]
    begun = datetime.now(UTC).replace(tzinfo=None)
    place.sandbox.world.now = begun + timedelta(days=2)
    place.sandbox.world.version += 1
    place.sandbox.world.detached[last.number] = begun + timedelta(hours=5)
    place.load("hubspot")
    place.sandbox.world.detached[first.number] = begun + timedelta(hours=1)
    place.sandbox.world.version += 1
    place.load("hubspot")
    modified = place.rows(
        f"SELECT lastmodifieddate FROM raw.hubspot__contacts WHERE id = '{MOVED + first.number}'"
    )
    assert modified[0][0] == (begun + timedelta(hours=1)).replace(microsecond=modified[0][0].microsecond)


def test_who_was_restored_is_back_and_who_was_deleted_for_good_is_gone_though_nothing_tells(
    place: Place,
) -> None:
    place.load("hubspot")
    told = place.change(deletes=1, purges=1)
    gone, purged = (str(MOVED + told[what][0]) for what in ("deleted", "purged"))
    place.load("hubspot")
    asked = f"SELECT id, archived FROM raw.hubspot__contacts WHERE id IN ('{gone}', '{purged}')"
    assert place.rows(asked) == [(gone, True)]
    assert place.change(restores=1)["restored"] == told["deleted"]
    place.load("hubspot")
    assert place.rows(asked) == [(gone, False)]


def test_a_search_walks_by_key_past_any_number_of_ties_and_over_empty_pages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """30,000 records of one instant; one of a page that was read changes, and a page comes empty."""
    ids, empty = list(range(1, 30_001)), iter([False, True])

    def post_json(self: VendorSession, url: str, body: Any) -> Any:
        beyond = int(body["filterGroups"][0]["filters"][1]["value"])
        if next(empty, False):
            return {"results": [], "paging": {"next": {"after": "200"}}}
        found = [one for one in ids if one > beyond]
        more = {"paging": {"next": {"after": "200"}}} if len(found) > 200 else {}
        return {"results": [{"id": str(one)} for one in found[:200]], **more}

    monkeypatch.setattr(VendorSession, "post_json", post_json)
    api = HubSpotApi(VendorSession("hubspot"), "")
    found = [one for page in api._search("contacts", datetime(2026, 1, 1)) for one in page]
    assert found == [str(one) for one in ids]


def test_linkedin_is_asked_by_halves_where_its_answer_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four elements a day, and an answer that silently ends at nine."""

    def answer(self: LinkedInAds, account: str, days: DayRange) -> list[Any]:
        span = range((days.last - days.first).days + 1)
        return [(days.first + timedelta(days=day), one) for day in span for one in range(4)][:9]

    monkeypatch.setattr(LinkedInAds, "_answer", answer)
    monkeypatch.setattr("ingest.linkedin_ads.MOST_ELEMENTS", 9)
    linkedin, month = (
        LinkedInAds(VendorSession("linkedin_ads"), "", (), {}),
        DayRange(date(2026, 5, 1), date(2026, 5, 31)),
    )
    found = [one for page in linkedin._analytics_of("1", month) for one in page]
    assert len(found) == len(set(found)) == 4 * 31
    monkeypatch.setattr("ingest.linkedin_ads.MOST_ELEMENTS", 4)
    with pytest.raises(ingest.IngestError, match="LinkedIn ends its answer there"):
        list(linkedin._analytics_of("1", month))


def test_a_stretch_that_was_asked_for_moves_no_cursor(place: Place) -> None:
    """Else what lies between the last load and the stretch would never be read."""
    place.load("meta_ads", since=datetime(2026, 1, 1), until=datetime(2026, 2, 1))
    assert place.rows("SELECT min(day) >= DATE '2026-01-01' FROM raw.meta_ads__insights") == [(True,)]
    place.load("meta_ads")
    assert place.rows("SELECT min(day) < DATE '2025-12-01' FROM raw.meta_ads__insights") == [(True,)]


def test_days_that_were_withdrawn_whole_go_and_those_that_were_not_asked_for_stay(place: Place) -> None:
    place.load("meta_ads")
    newest = place.rows("SELECT max(day) FROM raw.meta_ads__insights")[0][0]
    place.change(days=2)
    with duckdb.connect(str(place.warehouse)) as connection:
        for day in (newest - timedelta(days=300), newest + timedelta(days=1), newest + timedelta(days=40)):
            connection.execute(
                "INSERT INTO raw.meta_ads__insights (day, account_id, campaign_id, _loaded_at) "
                "VALUES (?, 'gone', 'gone', TIMESTAMP '2020-01-01')",
                [day],
            )
    place.load("meta_ads")
    left = place.rows("SELECT day FROM raw.meta_ads__insights WHERE campaign_id = 'gone'")
    assert left == [(newest - timedelta(days=300),)]


def test_merged_deals_and_companies_give_what_they_had_to_the_survivor() -> None:
    """A into B in one load, B into C in the next; the deal that was A's is C's."""
    with duckdb.connect() as connection:
        create_promised_tables(connection)
        connection.execute(
            """INSERT INTO raw.hubspot__companies (id, hs_merged_object_ids) VALUES ('A', NULL), ('B', 'A');
            INSERT INTO raw.hubspot__associations (from_object, from_id, to_object, to_id, label)
            VALUES ('deals', '1', 'companies', 'A', 'Primary'), ('deals', '2', 'companies', 'B', 'Primary'),
                ('deals', '2', 'companies', 'A', 'Primary')"""
        )
        links = "SELECT from_id, to_id FROM raw.hubspot__associations ORDER BY ALL"
        for statement in FOLLOW:
            connection.execute(statement)
        assert connection.execute(links).fetchall() == [("1", "B"), ("2", "B")]
        connection.execute("INSERT INTO raw.hubspot__companies (id, hs_merged_object_ids) VALUES ('C', 'B')")
        for statement in FOLLOW:
            connection.execute(statement)
        assert connection.execute(links).fetchall() == [("1", "C"), ("2", "C")]
        assert connection.execute("SELECT id FROM raw.hubspot__companies").fetchall() == [("C",)]


def test_a_token_is_shown_to_the_vendors_host_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[str, str | None]] = []

    def answer(self: Any, request: Any, **options: Any) -> requests.Response:
        shown.append((re.sub(r"https://|/.*", "", request.url), request.headers.get("Authorization")))
        response = requests.Response()
        response.status_code, response._content = 200, b"{}"
        return response

    monkeypatch.setattr(requests.Session, "send", answer)
    session = VendorSession("microsoft_ads", Authority(lambda: "t"))
    session.get("https://reporting.example/a")
    session.get("https://files.example/report.zip")
    assert shown == [("reporting.example", "Bearer t"), ("files.example", None)]


def test_a_vendor_may_say_when_to_come_again_as_a_date_and_its_clock_is_compared() -> None:
    """A clock that runs an hour ahead of the vendor's must not carry the cursor beyond the walk's beginning."""
    response = requests.Response()
    response.headers["Retry-After"] = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert 80 < asked_wait(response, timedelta(0)) <= 90
    response.headers["Retry-After"] = "soon"
    assert asked_wait(response, timedelta(0)) == 0
    session = VendorSession("meta_ads")
    session._compare_clocks(format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True))
    begun = datetime(2026, 5, 1, 12, tzinfo=UTC)
    loader = Loader(Path(), Path(), Window(), lambda *_: None)
    mark = loader._watermark(Connector("meta_ads", (), session), datetime(2026, 5, 2), begun)
    assert "2026-05-01T10:59" <= mark <= "2026-05-01T11:00:01"


def test_work_that_a_full_disk_left_broken_is_done_anew(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.load("meta_ads")
    whole = place.tables("meta_ads")
    other = Place(place.address, place.sandbox, place.folder / "other")
    other.folder.mkdir()
    other.sources.write_text(place.sources.read_text())
    with monkeypatch.context() as patch:
        patch.setattr("dlt.Pipeline.load", lambda *_, **__: 1 / 0)
        with pytest.raises(ingest.IngestError, match="ZeroDivisionError"):
            other.load("meta_ads")
    broken = list((other.folder / "state").rglob("*.parquet"))
    for file in broken:
        file.write_bytes(file.read_bytes()[:100])
    other.load("meta_ads")
    assert broken
    assert other.tables("meta_ads") == whole
