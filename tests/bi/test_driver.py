"""The driver against a door of ten lines: what it sends, what it makes of the answers."""

from __future__ import annotations

import datetime as dt
import io
import json
import threading
from collections.abc import Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pyarrow as pa
import pytest

import touchstone_sqlalchemy as driver
from touchstone_sqlalchemy.address import Address, base_url, from_environment, from_url
from touchstone_sqlalchemy.types import type_name

ROWS = pa.table(
    {
        "channel": ["email", None],
        "spend": pa.array([Decimal("1.10"), None], pa.decimal128(18, 2)),
        "metric_time": pa.array([dt.datetime(2026, 1, 1), None], pa.timestamp("us")),
        "mqls": [3, 0],
    }
)


class Door(BaseHTTPRequestHandler):
    """Answers from `replies` in turn, each (status, body); keeps what it was sent."""

    replies: ClassVar[list[tuple[int, bytes]]] = []
    requests: ClassVar[list[dict[str, Any]]] = []

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        self.requests.append({"path": self.path, "headers": dict(self.headers), "body": body})
        status, content = self.replies.pop(0)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_DELETE = do_POST  # noqa: N815 - the base class's names

    def log_message(self, *_: Any) -> None:
        """Silent."""


@pytest.fixture
def door() -> Iterator[str]:
    Door.replies, Door.requests = [], []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def arrow(table: pa.Table) -> bytes:
    out = io.BytesIO()
    with pa.ipc.new_stream(out, table.schema) as writer:
        writer.write_table(table)
    return out.getvalue()


def refusal(message: str, suggestions: list[str]) -> bytes:
    return json.dumps({"error": {"code": "x", "message": message, "suggestions": suggestions}}).encode()


def test_a_statement_becomes_rows_with_types(door: str) -> None:
    Door.replies.append((200, arrow(ROWS)))
    cursor = driver.connect(url=door, token="t", timeout=7).cursor().execute("SELECT 1")
    assert [(column[0], column[1]) for column in cursor.description or ()] == [
        ("channel", "VARCHAR"),
        ("spend", "DECIMAL"),
        ("metric_time", "TIMESTAMP"),
        ("mqls", "BIGINT"),
    ]
    assert cursor.rowcount == 2
    assert cursor.fetchone() == ("email", Decimal("1.10"), dt.datetime(2026, 1, 1), 3)
    assert cursor.fetchall() == [(None, None, None, 0)]
    assert cursor.fetchone() is None
    sent = Door.requests[0]
    assert sent["headers"]["Authorization"] == "Bearer t"
    assert sent["body"] == {
        "sql": "SELECT 1",
        "format": "arrow",
        "timeout_s": 7.0,
        "query_id": cursor.query_id,
    }


def test_an_answer_without_rows(door: str) -> None:
    Door.replies.append((200, arrow(ROWS.slice(0, 0))))
    cursor = driver.connect(url=door, token="t").cursor().execute("SELECT 1")
    assert (cursor.rowcount, cursor.fetchall(), cursor.fetchmany(5)) == (0, [], [])


def test_the_person_travels_in_a_header_and_cannot_write_another(door: str) -> None:
    Door.replies.append((200, arrow(ROWS)))
    driver.connect(url=door, token="t", on_behalf_of="Zoë\r\nX-Evil: 1").cursor().execute("SELECT 1")
    headers = Door.requests[0]["headers"]
    assert headers["X-On-Behalf-Of"] == "Zo%C3%AB%0D%0AX-Evil%3A%201"
    assert "X-Evil" not in headers


def test_a_refusal_is_shown_in_the_doors_words(door: str) -> None:
    Door.replies.append((400, refusal("There is no metric 'mqlz'.", ["mqls"])))
    with pytest.raises(driver.ProgrammingError, match=r"There is no metric 'mqlz'\.; did you mean mqls\?"):
        driver.connect(url=door, token="t").cursor().execute("SELECT 1")


def test_a_suggestion_that_the_message_makes_already_is_not_repeated(door: str) -> None:
    Door.replies.append((400, refusal("Did you mean 'mqls'?", ["mqls"])))
    with pytest.raises(driver.ProgrammingError, match=r"^Did you mean 'mqls'\?$"):
        driver.connect(url=door, token="t").cursor().execute("SELECT 1")


@pytest.mark.parametrize("status", [401, 403, 408, 500])
def test_a_failure_is_operational(door: str, status: int) -> None:
    Door.replies.append((status, b"<html>"))
    with pytest.raises(driver.OperationalError, match=str(status)):
        driver.connect(url=door, token="t").cursor().execute("SELECT 1")


def test_a_full_door_is_asked_again(door: str) -> None:
    Door.replies += [(429, b"{}"), (503, b"{}"), (200, arrow(ROWS))]
    assert driver.connect(url=door, token="t").cursor().execute("SELECT 1").rowcount == 2


def test_a_redirect_is_not_followed_with_the_token(door: str) -> None:
    Door.replies.append((302, b""))
    with pytest.raises(driver.OperationalError, match="302"):
        driver.connect(url=door, token="t").cursor().execute("SELECT 1")


def test_nobody_there() -> None:
    with pytest.raises(driver.OperationalError, match=r"http://127\.0\.0\.1:9 cannot be reached"):
        driver.connect(url="http://127.0.0.1:9", token="t").cursor().execute("SELECT 1")


def test_an_answer_that_is_no_arrow(door: str) -> None:
    Door.replies.append((200, b"[]"))
    with pytest.raises(driver.OperationalError, match="Arrow"):
        driver.connect(url=door, token="t").cursor().execute("SELECT 1")


def test_writing_and_parameters_are_refused() -> None:
    cursor = driver.connect(url="http://127.0.0.1:9", token="t").cursor()
    with pytest.raises(driver.NotSupportedError):
        cursor.execute("SELECT :a", {"a": 1})
    with pytest.raises(driver.NotSupportedError):
        cursor.executemany("INSERT", [])
    with pytest.raises(driver.InterfaceError):
        cursor.fetchall()


def test_a_running_statement_is_cancelled_by_its_name(door: str) -> None:
    Door.replies.append((200, b'{"cancelled": true}'))
    cursor = driver.connect(url=door, token="t").cursor()
    assert cursor.cancel()
    assert Door.requests[0]["path"] == f"/v1/sql/{cursor.query_id}"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("localhost:8000", "http://localhost:8000"),
        ("metrics.example.com", "https://metrics.example.com"),
        ("http://metrics.example.com/", "http://metrics.example.com"),
        ("[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_an_address_without_scheme_is_plain_on_this_machine_only(text: str, url: str) -> None:
    assert base_url(text) == url


def test_an_address_that_is_none() -> None:
    with pytest.raises(driver.InterfaceError, match="'ftp://x'"):
        base_url("ftp://x")


@pytest.mark.parametrize(
    ("host", "port", "query", "url"),
    [
        ("127.0.0.1", 8000, {}, "http://127.0.0.1:8000"),
        ("metrics.example.com", None, {}, "https://metrics.example.com:443"),
        ("metrics.example.com", 80, {"tls": "0"}, "http://metrics.example.com:80"),
        ("127.0.0.1", 8443, {"tls": "1"}, "https://127.0.0.1:8443"),
    ],
)
def test_tls_is_on_unless_the_host_is_this_machine(
    host: str, port: int | None, query: dict[str, str], url: str
) -> None:
    assert from_url(host, port, "t", query) == Address(url, "t")


def test_a_url_with_a_host_never_gets_the_environments_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOUCHSTONE_API_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("TOUCHSTONE_SUPERSET_TOKEN", "the service token")
    assert from_url("evil.example.com", None, "", {}).token == ""


def test_what_is_missing_in_the_environment_is_named() -> None:
    with pytest.raises(driver.InterfaceError, match="TOUCHSTONE_SUPERSET_TOKEN"):
        from_environment({"TOUCHSTONE_API_URL": "127.0.0.1:1"})


@pytest.mark.parametrize(
    ("arrow_type", "name"),
    [(pa.date32(), "DATE"), (pa.float64(), "DOUBLE"), (pa.bool_(), "BOOLEAN"), (pa.string(), "VARCHAR")],
)
def test_type_names(arrow_type: pa.DataType, name: str) -> None:
    assert type_name(arrow_type) == name
