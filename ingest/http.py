"""HTTP to a vendor: retries with backoff, Retry-After, a token that dies, bodies that break off."""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

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
        is_whole: Callable[[requests.Response], bool] = lambda response: True,
    ) -> None:
        super().__init__()
        self._complaint = complaint
        self._is_whole = is_whole  # asked of bodies that are not JSON
        self.source = source
        self.requests_made = 0
        self._authority = authority
        self._policy = policy or RetryPolicy()

    def get_json(self, url: str, params: Mapping[str, Any] | None = None) -> Any:
        """The parsed body of a GET."""
        return orjson.loads(self.get(url, params=params).content)

    def post_json(self, url: str, body: Any) -> Any:
        """The parsed body of a POST of `body` as JSON."""
        response = self.post(url, data=orjson.dumps(body), headers={"Content-Type": "application/json"})
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
        if self._authority is not None:
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
        return response, self._trouble(where, response)

    def _trouble(self, where: str, response: requests.Response) -> Trouble:
        status = response.status_code
        if not response.ok:
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
        kind = "token" if complaint.is_token else "passing" if complaint.is_passing else "lasting"
        return Trouble(f"{where} answered {complaint.why}", kind)

    def _wait(self, attempt: int, response: requests.Response | None, why: str) -> float:
        asked = response.headers.get("Retry-After", "") if response is not None else ""
        if asked.replace(".", "", 1).isdigit():
            if float(asked) > self._policy.longest_retry_after:
                raise IngestError(self.source, f"{why}; it asks to wait {asked} s, try again later")
            return float(asked)
        wait = min(self._policy.first_wait * 2 ** (attempt - 1), self._policy.longest_wait)
        return wait * random.uniform(0.8, 1.2)  # noqa: S311 - jitter


def _vendor_message(response: requests.Response) -> str:
    """The vendor's own words, shortened. Vendors do not repeat tokens in them."""
    try:
        body = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return response.reason or "no reason given"
    body = body[0] if isinstance(body, list) and body else body
    if not isinstance(body, dict):
        return response.reason or "no reason given"
    for key in ("message", "error_description", "error"):
        if isinstance(body.get(key), str):
            return body[key][:200]
    return response.reason or "no reason given"


def _without_query(url: str) -> str:
    return url.split("?", 1)[0]
