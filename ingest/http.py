"""HTTP to a vendor: retries with backoff, Retry-After, a token that dies, bodies that break off."""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import orjson
import requests

from ingest.answers import asked_wait, body_of, error_within, http_date, read_json, vendors_words
from ingest.errors import IngestError

RETRIED_STATUSES = frozenset({408, 425, 429})
LASTING_STATUSES = frozenset({501, 505})  # of those from 500 on, which pass otherwise
JSON = "application/json"
CONNECT_SECONDS = 10.0


@dataclass(frozen=True)
class RetryPolicy:
    """How patient a session is. Waits double from `first_wait` up to `longest_wait` seconds, with jitter.

    A Retry-After longer than `longest_retry_after` is reported, not waited for.
    """

    attempts: int = 6
    first_wait: float = 0.5
    longest_wait: float = 30.0
    longest_retry_after: float = 120.0
    read_seconds: float = 60.0


_PATIENCE: ContextVar[RetryPolicy | None] = ContextVar("patience", default=None)


@contextmanager
def patience(policy: RetryPolicy) -> Iterator[None]:
    """Within the block new sessions are as patient as `policy`."""
    before = _PATIENCE.set(policy)
    try:
        yield
    finally:
        _PATIENCE.reset(before)


@dataclass(frozen=True)
class Authority:
    """Where a session's bearer token comes from; `renew` gets a new one when the vendor refuses the old."""

    token: Callable[[], str]
    renew: Callable[[], None] | None = None


@dataclass(frozen=True)
class Complaint:
    """What a vendor that answers 200 to everything says is wrong: may it be retried, or is it the token?

    `wait`: the seconds after which a retry makes sense at the earliest.
    """

    why: str
    is_passing: bool = False
    is_token: bool = False
    wait: float = 0.0


QUOTA = "the quota of the day is used up"  # in the words of every vendor's complaint of it
TOKEN = "the token is not accepted"  # noqa: S105 - likewise
DENIED = "a permission is missing"  # likewise, where the status does not say it


@dataclass(frozen=True)
class Trouble:
    """What is wrong with an answer, and whether a retry (`passing`) or a new `token` can cure it."""

    why: str
    kind: str = "none"  # none, passing, token, lasting
    wait: float = 0.0


class VendorSession(requests.Session):
    """A requests session that speaks to one source and fails with that source's name.

    Raises IngestError after the last attempt, and at once for answers that a retry cannot cure.
    """

    def __init__(
        self,
        source: str,
        authority: Authority | None = None,
        policy: RetryPolicy | None = None,
        complaint: Callable[[Any], Complaint | None] = lambda body: None,
        refusal: Callable[[int, dict[str, Any]], Complaint | None] = lambda status, body: None,
        is_whole: Callable[[requests.Response], bool] = lambda response: True,
    ) -> None:
        super().__init__()
        self._complaint = complaint
        self._refusal = refusal  # what the vendor means by an answer that is not 200, where that is its own
        self._is_whole = is_whole  # asked of bodies that are not JSON
        self.source = source
        self.requests_made = 0
        self.skew = timedelta(0)  # how far the vendor's clock is before ours
        self._host: tuple[str, str] | None = None  # the only one that is shown the token, and how
        self.headers["Accept"] = JSON
        self._environment: dict[tuple[Any, ...], Any] = {}
        self._read: tuple[requests.Response, Any] | None = None  # the last answer and what it holds
        self._authority = authority
        self._policy = policy or _PATIENCE.get() or RetryPolicy()

    def get_json(self, url: str, params: Mapping[str, Any] | None = None) -> Any:
        """The parsed body of a GET."""
        return self.body(self.get(url, params=params))

    def post_json(self, url: str, body: Any, headers: Mapping[str, str] | None = None) -> Any:
        """The parsed body of a POST of `body` as JSON."""
        told = {"Content-Type": "application/json", **(headers or {})}
        response = self.post(url, data=orjson.dumps(body), headers=told)
        return self.body(response)

    def body(self, response: requests.Response) -> Any:
        """The parsed body of an answer. ValueError: it is no JSON."""
        if self._read is None or self._read[0] is not response:
            self._read = response, read_json(response.content)
        return self._read[1]

    def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        """The proxies and certificates that the environment names, looked up once a host: that takes a tenth
        of the processor time of a request."""
        asked = (*urlsplit(url)[:2], stream, verify, cert)
        if proxies:
            return super().merge_environment_settings(url, proxies, stream, verify, cert)
        if asked not in self._environment:
            found = super().merge_environment_settings(url, proxies, stream, verify, cert)
            self._environment[asked] = found
        return {**self._environment[asked]}

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send until it works, the attempts are used up, or retrying is pointless."""
        kwargs["timeout"] = (CONNECT_SECONDS, self._policy.read_seconds)
        may_renew = self._authority is not None and self._authority.renew is not None
        trouble = Trouble("")
        for attempt in range(1, self._policy.attempts + 1):
            self._authorize(request)
            response, trouble = self._try(request, kwargs)
            if response is not None and trouble.kind == "none":
                return response
            if trouble.kind == "token" and may_renew:
                self._renew()
                may_renew = False
                continue
            if trouble.kind != "passing":
                raise IngestError(self.source, trouble.why)
            if attempt < self._policy.attempts:
                time.sleep(self._wait(attempt, response, trouble))
        raise IngestError(self.source, f"{trouble.why} (after {self._policy.attempts} attempts)")

    def _renew(self) -> None:
        if self._authority is not None and self._authority.renew is not None:
            self._authority.renew()

    def _authorize(self, request: requests.PreparedRequest) -> None:
        """Show the token to the host that was asked first, and not where it redirects or keeps its files."""
        asked = urlsplit(request.url or "")
        host = (asked.scheme, asked.netloc)
        self._host = self._host or host
        if self._authority is not None and host == self._host:
            request.headers["Authorization"] = f"Bearer {self._authority.token()}"

    def _try(
        self, request: requests.PreparedRequest, kwargs: dict[str, Any]
    ) -> tuple[requests.Response | None, Trouble]:
        """One attempt: the response, and what is wrong with it."""
        self.requests_made += 1
        where = f"{request.method} {_without_query(request.url or '')}"
        try:
            response = super().send(request, **kwargs)
        except requests.Timeout:
            return None, Trouble(f"{where} did not answer in time", "passing")
        except requests.RequestException as error:
            # The exception's text may hold the whole address; its kind says enough.
            kind = (
                "lasting" if isinstance(error, ValueError) else "passing"
            )  # a wrong address, a wrong header
            return None, Trouble(f"{where} failed: {type(error).__name__}", kind)
        self._compare_clocks(response.headers.get("Date", ""))
        return response, self._trouble(where, response, request.headers.get("Accept", ""))

    def _compare_clocks(self, told: str) -> None:
        at = http_date(told)
        if at is not None:
            self.skew = at - datetime.now(UTC)

    def _trouble(self, where: str, response: requests.Response, accepted: str) -> Trouble:
        if not response.ok:
            return self._refused(where, response.status_code, body_of(response), response)
        if JSON not in accepted:
            is_whole = self._is_whole(response)
            return Trouble("") if is_whole else Trouble(f"{where} sent a body that breaks off", "passing")
        if not response.content and response.status_code in (202, 204, 205):
            return Trouble("")
        try:
            body = self.body(response)
        except ValueError:
            return Trouble(f"{where} sent {_instead_of_json(response)}", "passing")
        complaint = self._complaint(body)
        if complaint is not None:
            return Trouble(f"{where} answered {complaint.why}", _kind(complaint), complaint.wait)
        error = error_within(body)
        if error is None:
            return Trouble("")
        code = error["error"].get("code") if isinstance(error.get("error"), dict) else None
        return self._refused(where, code if isinstance(code, int) else response.status_code, error, response)

    def _refused(self, where: str, status: int, body: dict[str, Any], response: requests.Response) -> Trouble:
        refusal = self._refusal(status, body)
        if refusal is not None:
            return Trouble(f"{where} answered {status}: {refusal.why}", _kind(refusal), refusal.wait)
        is_passing = status in RETRIED_STATUSES or (status >= 500 and status not in LASTING_STATUSES)
        is_asked = status >= 400 and "Retry-After" in response.headers
        kind = "token" if status == 401 else "passing" if is_passing or is_asked else "lasting"
        return Trouble(f"{where} answered {status}: {vendors_words(body, response.reason)}", kind)

    def _wait(self, attempt: int, response: requests.Response | None, trouble: Trouble) -> float:
        asked = max(asked_wait(response, self.skew), trouble.wait)
        if asked > self._policy.longest_retry_after:
            raise IngestError(self.source, f"{trouble.why}; it asks to wait {asked:.0f} s, try again later")
        wait = min(self._policy.first_wait * 2 ** (attempt - 1), self._policy.longest_wait)
        return asked or wait * random.uniform(0.8, 1.2)  # noqa: S311 - jitter


def _instead_of_json(response: requests.Response) -> str:
    """What came where JSON was asked for: the page of a proxy, or the half of an answer."""
    told = response.headers.get("Content-Type", "").partition(";")[0].strip()
    if "json" in told or response.content.lstrip()[:1] in (b"{", b"["):
        return "a body that breaks off"
    return f"{told or 'something'} where JSON was expected"


def _kind(complaint: Complaint) -> str:
    return "token" if complaint.is_token else "passing" if complaint.is_passing else "lasting"


def _without_query(url: str) -> str:
    return url.split("?", 1)[0]
