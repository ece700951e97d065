"""Answers that are none: pages of proxies, halves, errors that come as 200, refusals that repeat the secret."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import duckdb
import orjson
import pytest

from ingest import refusals
from ingest.backfill import backfill
from ingest.contract import Column, create_promised_tables, promised
from ingest.errors import IngestError, SourcesFileError
from ingest.extract import Connector, Window
from ingest.http import Authority, VendorSession
from ingest.hubspot import _submission
from ingest.marketo import complaint
from ingest.new_columns import agreed, column_name, left_out
from ingest.rows import read_instant, to_arrow
from ingest.runner import CONNECTORS
from ingest.sources_file import SourceSettings, read_sources

NOW = datetime(2026, 1, 5)


class Vendor:
    """Answers with what it was told, the last one again and again; `asked` are the paths it was asked."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        self.asked: list[str] = []
        self.address = ""

    def says(self, body: Any, status: int = 200, kind: str = "application/json", **headers: str) -> None:
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append((status, {"Content-Type": kind, **told}, content))

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        self.asked.append(path)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    told = Vendor()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, headers, content = told.answer(self.path)
            self.send_response_only(status)  # without a date of its own
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815 - the name that is called

        def log_message(self, *said: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    told.address = f"http://127.0.0.1:{server.server_port}"
    yield told
    server.shutdown()
    server.server_close()


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that were waited for, at once."""
    waited: list[float] = []
    monkeypatch.setattr("ingest.http.time.sleep", waited.append)
    return waited


@pytest.fixture
def session() -> VendorSession:
    return VendorSession("hubspot", Authority(lambda: "token"))


def connected(name: str, vendor: Vendor, monkeypatch: pytest.MonkeyPatch, **options: Any) -> Connector:
    monkeypatch.setenv("A_SECRET", "EAAB-the-secret")
    secrets = ("token", "client_id", "client_secret", "refresh_token", "developer_token")
    told = {f"{key}_env": "A_SECRET" for key in secrets} | {"base_url": vendor.address, **options}
    return CONNECTORS[name](SourceSettings(name, True, told | {"token_url": f"{vendor.address}/token"}))


def test_a_page_of_a_proxy_is_asked_for_again_and_then_named(
    vendor: Vendor, session: VendorSession, waits: list[float]
) -> None:
    vendor.says(b"<html>Down for maintenance</html>", kind="text/html; charset=utf-8")
    vendor.says({"results": []})
    assert session.get_json(vendor.address) == {"results": []}
    vendor.answers.clear()
    vendor.says(b"<html>Log in</html>", kind="text/html")
    with pytest.raises(IngestError, match=r"sent text/html where JSON was expected .after 6 attempts"):
        session.get_json(vendor.address)
    vendor.answers.clear()
    vendor.says(b'{"results": [', kind="text/javascript")
    with pytest.raises(IngestError, match="a body that breaks off"):
        session.get_json(vendor.address)


def test_half_an_emoji_is_no_broken_body(vendor: Vendor, session: VendorSession) -> None:
    vendor.says(b'{"id": "1", "email": "a\\ud83d", "lastname": "O\\u0000K", "first_name": "\\ud83d\\ude00"}')
    row = session.get_json(vendor.address)
    found = to_arrow(promised("hubspot__contacts"), [row], NOW)
    assert (found["email"][0].as_py(), found["lastname"][0].as_py()) == ("a?", "OK")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            [{"results": [1]}, {"error": {"code": 500, "message": "Internal"}}],
            "answered 500: Internal .after 6",
        ),
        (
            {"error": {"code": 403, "message": "No", "details": [{"errors": [{"message": "Why"}]}]}},
            "403: No; Why$",
        ),
        ({"status": "error", "message": "internal error"}, "200: internal error$"),
    ],
)
def test_an_error_that_comes_as_200_is_one(
    vendor: Vendor, session: VendorSession, waits: list[float], body: Any, told: str
) -> None:
    vendor.says(body)
    with pytest.raises(IngestError, match=told):
        session.get_json(vendor.address)


def test_what_an_answer_asks_to_wait_is_waited(vendor: Vendor, waits: list[float]) -> None:
    marketo = VendorSession("marketo", complaint=complaint)
    google = VendorSession("google_ads", refusal=refusals.google)
    late = datetime.now(UTC) + timedelta(hours=1)  # the vendor's clock: it asks for ten seconds
    told = {"Date": format_datetime(late), "Retry_After": format_datetime(late + timedelta(seconds=10))}
    vendor.says({"success": False, "errors": [{"code": "606", "message": "rate"}]})
    vendor.says({"message": "moved"}, 477, Retry_After="7")
    vendor.says({}, 503, **told)
    vendor.says({})
    marketo.get_json(vendor.address)
    vendor.answers.clear()
    vendor.says({"error": {"message": "soon", "details": [{"retryDelay": "30s"}]}}, 429)
    vendor.says({})
    google.get_json(vendor.address)
    assert [waits[0], waits[1], waits[3]] == [20.0, 7.0, 30.0]
    assert 5 <= waits[2] <= 15


def test_a_secret_that_a_vendor_or_a_library_repeats_is_not_said(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    meta = connected("meta_ads", vendor, monkeypatch, accounts=[1])
    vendor.says({"error": {"message": "Malformed access token EAAB-the-secret", "code": 190}}, 400)
    with pytest.raises(IngestError, match=r"Malformed access token \.\.\.") as failed:
        list(meta.extracts[0].walk(Window()))
    assert "EAAB" not in str(failed.value) + failed.value.message
    monkeypatch.setenv("A_SECRET", "EAAB-one\nEAAB-two")
    with pytest.raises(IngestError, match="holds a line break") as failed:
        SourceSettings("hubspot", True, {"token_env": "A_SECRET"}).secret("token")
    assert "EAAB" not in str(failed.value)


ENDLESS: dict[str, tuple[dict[str, Any], str, Any]] = {
    "hubspot": ({}, "hubspot__owners", {"results": [], "paging": {"next": {"after": "2"}}}),
    "linkedin_ads": (
        {"accounts": "7"},
        "linkedin_ads__campaigns",
        {"elements": [], "metadata": {"nextPageToken": "x"}},
    ),
    "meta_ads": (
        {"accounts": [7]},
        "meta_ads__campaigns",
        {"data": [], "paging": {"next": "https://x/?after=QVFI"}},
    ),
    "marketo": (
        {},
        "marketo__activities",
        {"access_token": "abcdef", "success": True, "nextPageToken": "x", "moreResult": True},
    ),
    "salesforce": (
        {},
        "salesforce__user",
        {"totalSize": 9, "done": False, "records": [], "nextRecordsUrl": "/services/data/v62.0/query/1-2"},
    ),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_a_list_that_goes_round_is_no_endless_load(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    options, table, body = ENDLESS[name]
    vendor.says(
        body | ({"access_token": "abcdef", "instance_url": vendor.address} if name == "salesforce" else {})
    )
    walk = next(
        one.walk for one in connected(name, vendor, monkeypatch, **options).extracts if one.table == table
    )
    with pytest.raises(IngestError, match="the list has no end"):
        list(walk(Window()))
    assert len(vendor.asked) < 10


def test_a_batch_that_was_answered_in_part_is_no_whole_one(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    deals = next(
        one for one in connected("hubspot", vendor, monkeypatch).extracts if one.table == "hubspot__companies"
    )
    vendor.says({"results": [{"id": "1"}]})
    vendor.says({"results": [], "errors": [{"category": "OBJECT_NOT_FOUND"}]}, 207)
    vendor.says({"results": []})
    assert next(iter(deals.walk(Window(NOW)))) == {"hubspot__companies": []}
    vendor.answers.clear()
    vendor.says({"results": [{"id": "1"}]})
    vendor.says({"results": [], "errors": [{"category": "RATE_LIMITS", "message": "too many"}]}, 207)
    with pytest.raises(IngestError, match="answered in part: too many"):
        list(deals.walk(Window(NOW)))


def test_instants_as_vendors_write_them_and_numbers_that_are_none() -> None:
    noon = datetime(2026, 1, 5, 12)
    for written in (
        "2026-01-05T12:00:00Z+0000",
        "2026-01-05T12:00:00Z",
        "2026-01-05T14:00:00+0200",
        1767614400000,
    ):
        assert read_instant(written) == noon, written
    for number in (46027, 20260105, 1767614400, True):
        with pytest.raises((ValueError, TypeError)):
            read_instant(number)


def test_the_sources_file_says_what_cannot_be_used(tmp_path: Path) -> None:
    file = tmp_path / "sources.yml"
    file.write_text(
        "sources: {hubspot: {base_url: api.hubapi.com, tokn_env: X}, meta_ads: {token_env: X, restated_day: 3}}"
    )
    with pytest.raises(SourcesFileError) as failed:
        read_sources(file)
    assert len(failed.value.problems) == 3
    assert "did you mean 'token_env'?" in str(failed.value)


def test_a_page_address_that_is_none_stops_no_form() -> None:
    for address in ("http://[::1/?utm_source=x", "//?utm_source=x&utm_source=y#?utm_source=z", None):
        told = _submission({"id": "f"}, {"submittedAt": 1, "values": [], "pageUrl": address})
        assert told["utm_source"] == ("x" if address else None)


def test_no_more_custom_fields_are_asked_for_than_an_address_holds(tmp_path: Path) -> None:
    file = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(file)) as connection:
        create_promised_tables(connection)
        connection.execute("ALTER TABLE raw.hubspot__contacts ADD COLUMN field_9 VARCHAR")
    told = {f"{number}": Column(column_name(f"{number}"), "VARCHAR") for number in range(1_000, 1_300)}
    told |= {"9": Column(column_name("9"), "VARCHAR")}
    kept, new = agreed(file, "hubspot__contacts", told, may_add=True)
    assert (len(kept), len(new), "9" in kept) == (200, 199, True)
    assert "301 custom fields, 200 of them loaded" in left_out(told, kept)[0]


def test_a_stretch_that_ends_before_it_begins_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(SourcesFileError, match="there is nothing from 2026-05-01"):
        backfill(
            tmp_path / "s.yml",
            tmp_path / "w",
            tmp_path,
            since=datetime(2026, 5, 1),
            until=datetime(2026, 4, 1),
        )


def test_what_meta_finds_too_much_is_asked_for_by_halves(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    insights = connected("meta_ads", vendor, monkeypatch, accounts=["7"]).extracts[1]
    vendor.says({"data": [{"created_time": "2026-01-01T00:00:00+0000"}]})
    words = "Please reduce the amount of data you're asking for, then retry your request"
    vendor.says({"error": {"code": 1, "message": words}}, 500)
    vendor.says({"data": []})
    list(insights.walk(Window(datetime(2026, 1, 1), datetime(2026, 1, 4))))
    asked = [parse_qs(path.partition("?")[2])["time_range"][0] for path in vendor.asked[1:]]
    days = [tuple(day[-2:] for day in orjson.loads(one).values()) for one in asked]
    assert days == [("01", "03"), ("01", "02"), ("03", "03")]
    vendor.answers.clear()
    vendor.says({"data": [{"created_time": "2026-01-01T00:00:00+0000"}]})
    vendor.says({"error": {"code": 1, "message": words}}, 500)
    with pytest.raises(IngestError, match="reduce the amount"):
        list(insights.walk(Window(datetime(2026, 1, 1), datetime(2026, 1, 2))))


def test_a_report_that_is_not_all_there_is_says_so(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    sessions = connected("ga4", vendor, monkeypatch, properties=7).extracts[0]
    flags = {"subjectToThresholding": True, "dataLossFromOtherRow": True, "samplingMetadatas": [{}]}
    vendor.says({"access_token": "abcdef"})
    vendor.says({"rowCount": 0, "metadata": flags})
    list(sessions.walk(Window(NOW, datetime(2026, 1, 7))))
    assert [note.rpartition("(")[2].rstrip(")") for note in sessions.notes()] == list(flags)
