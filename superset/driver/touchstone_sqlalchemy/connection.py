"""A connection: the door's address, the token, and the person on whose behalf Superset asks."""

from __future__ import annotations

import os
import threading
from typing import Any
from urllib.parse import quote

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from touchstone_sqlalchemy.address import Address, base_url, from_environment
from touchstone_sqlalchemy.cursor import Cursor
from touchstone_sqlalchemy.errors import OperationalError, ProgrammingError

CONNECT_SECONDS = 5.0
CATALOG_SECONDS = 10.0
# Every statement is a read, so it may be sent again when the door is full (429) or restarting (503).
RETRY = Retry(
    total=3, connect=2, read=0, status=3, status_forcelist=(429, 503), allowed_methods=None,
    backoff_factor=0.3, raise_on_status=False,
)  # fmt: skip
_local = threading.local()


class Connection:
    """A DB-API connection; it holds no state at the door, so closing it does nothing."""

    def __init__(self, address: Address, on_behalf_of: str | None = None, timeout: float = 60.0) -> None:
        self.url = address.url
        self.timeout = timeout
        self._headers = {"Authorization": f"Bearer {address.token}"}
        if on_behalf_of:
            # Percent-encoded: a user name may hold any letter, a header only ASCII, and never a line break.
            self._headers["X-On-Behalf-Of"] = quote(on_behalf_of, safe="@._+-")

    def cursor(self) -> Cursor:
        """A new cursor."""
        return Cursor(self)

    def catalog(self) -> dict[str, Any]:
        """The virtual tables: `{table: {"columns": {name: type}, "metrics": {name: {...}}}}`."""
        return dict(self.request("GET", "/v1/tables", read_seconds=CATALOG_SECONDS).json())

    def request(
        self, method: str, path: str, *, read_seconds: float, body: dict[str, Any] | None = None
    ) -> requests.Response:
        """The door's 2xx answer; ProgrammingError where it refuses, OperationalError where it fails."""
        try:
            response = _session().request(
                method, self.url + path, headers=self._headers, json=body,
                timeout=(CONNECT_SECONDS, read_seconds), allow_redirects=False,
            )  # fmt: skip
        except requests.RequestException as error:
            raise OperationalError(
                f"the metrics API at {self.url} cannot be reached: {type(error).__name__}"
            ) from error
        if response.ok and not response.is_redirect:
            return response
        refused = response.status_code in (400, 404, 409, 413, 422)
        raise (ProgrammingError if refused else OperationalError)(_message(response))

    def commit(self) -> None:
        """Nothing to commit: the door only reads."""

    def rollback(self) -> None:
        """Nothing to roll back: the door only reads."""

    def close(self) -> None:
        """Nothing to close: the HTTP session belongs to the thread."""


def connect(
    address: Address | None = None,
    *,
    url: str | None = None,
    token: str = "",
    on_behalf_of: str | None = None,
    timeout: float | str = 60.0,
) -> Connection:
    """Connect to `address`, to `url` with `token`, or, without either, to what the environment names."""
    if address is None:
        address = Address(base_url(url), token) if url else from_environment(os.environ)
    return Connection(address, on_behalf_of, float(timeout))


def _session() -> requests.Session:
    """One session a thread: connections to the door are kept open, and never shared between threads."""
    if not hasattr(_local, "session"):
        session = requests.Session()
        session.trust_env = False  # a proxy or a .netrc must never see the service token
        for scheme in ("http://", "https://"):
            session.mount(scheme, HTTPAdapter(max_retries=RETRY))
        _local.session = session
    return _local.session


def _message(response: requests.Response) -> str:
    """The door's own words, with its suggestions, or the status where it has none."""
    try:
        error = response.json()["error"]
        message, suggestions = str(error["message"]), error.get("suggestions") or []
    except (ValueError, KeyError, TypeError):
        return f"the metrics API answered {response.status_code} {response.reason}"
    unsaid = [str(name) for name in suggestions if str(name) not in message]
    return message + (f"; did you mean {', '.join(unsaid)}?" if unsaid else "")
