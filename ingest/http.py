"""HTTP to a vendor: retries with backoff, Retry-After, a token that dies, bodies that break off."""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import orjson
import requests

from ingest.errors import IngestError

RETRIED_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
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


@dataclass(frozen=True)
class Authority:
    """Where a session's bearer token comes from; `renew` gets a new one when the vendor refuses the old."""

    token: Callable[[], str]
    renew: Callable[[], None] | None = None


@dataclass(frozen=True)
class Complaint:
    """What a vendor that answers 200 to everything says is wrong: may it be retried, or is it the token?"""

    why: str
    is_passing: bool = False
    is_token: bool = False


QUOTA = "the quota of the day is used up"  # in the words of every vendor's complaint of it
DENIED = "a permission is missing"  # likewise, where the status does not say it


@dataclass(frozen=True)
class Trouble:
    """What is wrong with an answer, and whether a retry (`passing`) or a new `token` can cure it."""

    why: str
    kind: str = "none"  # none, passing, token, lasting


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
        self._host = ""  # the only one that is shown the token
        self._authority = authority
        self._policy = policy or RetryPolicy()

    def get_json(self, url: str, params: Mapping[str, Any] | None = None) -> Any:
        """The parsed body of a GET."""
        return orjson.loads(self.get(url, params=params).content)

    def post_json(self, url: str, body: Any, headers: Mapping[str, str] | None = None) -> Any:
        """The parsed body of a POST of `body` as JSON."""
        told = {"Content-Type": "application/json", **(headers or {})}
        response = self.post(url, data=orjson.dumps(body), headers=told)
        return orjson.loads(response.content)

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
                time.sleep(self._wait(attempt, response, trouble.why))
        raise IngestError(self.source, f"{trouble.why} (after {self._policy.attempts} attempts)")

    def _renew(self) -> None:
        if self._authority is not None and self._authority.renew is not None:
            self._authority.renew()

    def _authorize(self, request: requests.PreparedRequest) -> None:
        """Show the token to the host that was asked first, and not where it redirects or keeps its files."""
        host = urlsplit(request.url or "").netloc
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
            return None, Trouble(f"{where} failed: {type(error).__name__}", "passing")
        self._compare_clocks(response.headers.get("Date", ""))
        return response, self._trouble(where, response)

    def _compare_clocks(self, told: str) -> None:
        at = _http_date(told)
        if at is not None:
            self.skew = at - datetime.now(UTC)

    def _trouble(self, where: str, response: requests.Response) -> Trouble:
        status = response.status_code
        if not response.ok:
            refusal = self._refusal(status, _body(response))
            if refusal is not None:
                return Trouble(f"{where} answered {status}: {refusal.why}", _kind(refusal))
            kind = "token" if status == 401 else "passing" if status in RETRIED_STATUSES else "lasting"
            return Trouble(f"{where} answered {status}: {_vendor_message(response)}", kind)
        if "json" not in response.headers.get("Content-Type", ""):
            is_whole = self._is_whole(response)
            return Trouble("") if is_whole else Trouble(f"{where} sent a body that breaks off", "passing")
        try:
            complaint = self._complaint(orjson.loads(response.content))
        except orjson.JSONDecodeError:
            return Trouble(f"{where} sent a body that breaks off", "passing")
        if complaint is None:
            return Trouble("")
        return Trouble(f"{where} answered {complaint.why}", _kind(complaint))

    def _wait(self, attempt: int, response: requests.Response | None, why: str) -> float:
        asked = _retry_after(response)
        if asked is not None:
            if asked > self._policy.longest_retry_after:
                raise IngestError(self.source, f"{why}; it asks to wait {asked:.0f} s, try again later")
            return asked
        wait = min(self._policy.first_wait * 2 ** (attempt - 1), self._policy.longest_wait)
        return wait * random.uniform(0.8, 1.2)  # noqa: S311 - jitter


def _vendor_message(response: requests.Response) -> str:
    """The vendor's own words, shortened. Vendors do not repeat tokens in them."""
    body = _body(response)
    nested = body.get("error")  # Google and Meta say it one level below
    for told in (body, nested if isinstance(nested, dict) else {}):
        for key in ("message", "error_description", "error"):
            if isinstance(told.get(key), str):
                return str(told[key])[:200]
    return response.reason or "no reason given"


def _body(response: requests.Response) -> dict[str, Any]:
    """The JSON object that an answer holds, the first one of a list; empty where it holds none."""
    try:
        body = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return {}
    body = body[0] if isinstance(body, list) and body else body
    return body if isinstance(body, dict) else {}


def _kind(complaint: Complaint) -> str:
    return "token" if complaint.is_token else "passing" if complaint.is_passing else "lasting"


def _retry_after(response: requests.Response | None) -> float | None:
    """The seconds that an answer asks to wait, which it may say as an instant; None when it does not ask."""
    asked = response.headers.get("Retry-After", "") if response is not None else ""
    if asked.replace(".", "", 1).isdigit():
        return float(asked)
    at = _http_date(asked)
    return None if at is None else max((at - datetime.now(UTC)).total_seconds(), 0.0)


def _http_date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except (TypeError, ValueError):
        return None


def _without_query(url: str) -> str:
    return url.split("?", 1)[0]
