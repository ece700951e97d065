"""What every door is given: the settings, who calls, and how to open a sitting."""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, fields
from functools import cached_property

from fastapi import Security
from fastapi.security import APIKeyHeader, HTTPBasic, HTTPBearer
from starlette.requests import Request

from api.auth import Caller, authenticate, authenticate_feed
from api.caching import cache_headers
from api.catalogue import MetricEntry, reached_dimensions
from api.room import Sitting, sitting
from api.settings import ApiSettings
from semantic.clock import bound_to_clock
from semantic.definitions import Metric
from semantic.fingerprint import standing

_BEARER = HTTPBearer(auto_error=False, description="An API key: `Authorization: Bearer KEY`.")
_HEADER = APIKeyHeader(name="X-Api-Key", auto_error=False, description="The same key in a header of its own.")
_BASIC = HTTPBasic(
    auto_error=False, description="The same key as a password, for spreadsheets; any user name."
)
KEYS = [Security(_BEARER), Security(_HEADER), Security(_BASIC)]
"""What OpenAPI shows as the ways to authenticate; `authenticate` reads them."""


@dataclass(frozen=True)
class Doors:
    """The settings of a deployment and what follows from them."""

    settings: ApiSettings
    _reached: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def caller(self, request: Request) -> Caller:
        """Who calls, by key; raises Unauthorized or Forbidden."""
        return authenticate(request, self.settings.credentials())

    def feed_caller(self, request: Request) -> Caller:
        """Who calls a feed address, by key or by the token in the address."""
        return authenticate_feed(request, self.settings.credentials())

    def sit(self, caller: Caller, timeout_s: float | None = None) -> AbstractContextManager[Sitting]:
        """Open a sitting for a caller."""
        return sitting(self.settings, caller, timeout_s)

    def cache(self, request: Request, caller: Caller, seat: Sitting, body: bytes = b"") -> dict[str, str]:
        """The caching headers of an answer at the version of a sitting; none where it follows the clock."""
        said = f"{request.url.path} {request.url.query} ".encode() + body
        if any(name in said for name in self._by_clock):
            return {"Cache-Control": "no-store"}
        return cache_headers(request, caller, seat.freshness, self._definitions, body)

    @property
    def _definitions(self) -> str:
        """What answers depend on beside the data: the glossary, and the months that are closed."""
        closed = [(head.digest, head.reopened is None) for head in self.settings.closings.heads()]
        return f"{self.glossary_version} {closed}"

    def entries(self, seat: Sitting) -> tuple[MetricEntry, ...]:
        """The metrics that the person of a sitting may see, with what is known of them."""
        return tuple(self.entry(seat, metric) for metric in seat.metrics())

    def entry(self, seat: Sitting, metric: Metric) -> MetricEntry:
        """One metric with what is known of it."""
        return MetricEntry(metric, self.reached(seat, metric.name), standing(metric, seat.glossary))

    def reached(self, seat: Sitting, metric: str) -> tuple[str, ...]:
        """The dimensions that a metric can be asked by, remembered: the glossary does not change."""
        if metric not in self._reached:
            self._reached[metric] = reached_dimensions(seat.glossary, metric)
        return self._reached[metric]

    @cached_property
    def _by_clock(self) -> tuple[bytes, ...]:
        return tuple(name.encode() for name in bound_to_clock(self.settings.glossary))

    @cached_property
    def glossary_version(self) -> str:
        """A hash of every definition: answers change when it does."""
        glossary = self.settings.glossary
        said = [getattr(glossary, part.name) for part in fields(glossary)]
        return hashlib.sha256(repr(said).encode()).hexdigest()[:16]
