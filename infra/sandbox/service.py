"""One HTTP service that speaks as every vendor, under one port: /hubspot, /salesforce, ..., and /admin."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from infra.sandbox.company import Company
from infra.sandbox.faults import Fault, Faults
from infra.sandbox.reply import json_reply
from infra.sandbox.truth import true_answers
from infra.sandbox.vendors.ga4 import Ga4
from infra.sandbox.vendors.google_ads import GoogleAds
from infra.sandbox.vendors.hubspot import HubSpot
from infra.sandbox.vendors.hubspot_more import HubSpotMore
from infra.sandbox.vendors.linkedin_ads import LinkedInAds
from infra.sandbox.vendors.marketo import Marketo
from infra.sandbox.vendors.meta_ads import MetaAds
from infra.sandbox.vendors.microsoft_ads import MicrosoftAds, changed_in_file
from infra.sandbox.vendors.salesforce import Salesforce
from infra.sandbox.world import World

# What each vendor says to a request without a valid token.
UNAUTHORIZED: dict[str, Any] = {
    "hubspot": {"status": "error", "message": "The token is invalid", "category": "INVALID_AUTHENTICATION"},
    "salesforce": [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}],
    "google": {"error": {"code": 401, "message": "Invalid credentials", "status": "UNAUTHENTICATED"}},
    "ga4": {"error": {"code": 401, "message": "Invalid credentials", "status": "UNAUTHENTICATED"}},
    "marketo": {"success": False, "errors": [{"code": "602", "message": "Access token expired"}]},
    "meta": {"error": {"message": "Error validating access token", "type": "OAuthException", "code": 190}},
    "microsoft": {"message": "Authentication failed. Either supplied credentials are invalid or expired."},
    "linkedin": {"status": 401, "code": "INVALID_ACCESS_TOKEN", "message": "The token has expired"},
}


# What each vendor says when the calls of the day are used up.
USED_UP: dict[str, tuple[int, Any]] = {
    "hubspot": (429, {"message": "You have reached your daily limit.", "policyName": "DAILY"}),
    "salesforce": (
        403,
        [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}],
    ),
    "google": (429, {"error": {"message": "Resource exhausted", "details": [{"retryDelay": "40000s"}]}}),
    "ga4": (429, {"error": {"message": "Exhausted property tokens per day."}}),
    "marketo": (200, {"success": False, "errors": [{"code": "607", "message": "Daily quota reached"}]}),
    "meta": (400, {"error": {"message": "User request limit reached", "code": 17}}),
    "microsoft": (400, {"OperationErrors": [{"Code": 117, "Message": "Too many calls"}]}),
    "linkedin": (429, {"message": "Resource level throttle APPLICATION DAY limit is reached."}),
}


class Sandbox:
    """The vendors over one world, with faults, a count of requests, and the admin's calls."""

    def __init__(self, company: Company) -> None:
        self.world = World(company)
        self.faults = Faults()
        self.requests: Counter[str] = Counter()
        salesforce, google = Salesforce(self.world), GoogleAds(self.world)
        microsoft, ga4, marketo = MicrosoftAds(self.world), Ga4(self.world), Marketo(self.world)
        self._dead_tokens: set[str] = set()
        # Vendors with OAuth know the tokens that they gave out; the others take any.
        self._issued = {
            "salesforce": salesforce.desk.issued,
            "google": google.desk.issued,
            "microsoft": microsoft.desk.issued,
            "ga4": ga4.desk.issued,
            "marketo": marketo.desk.issued,
        }
        self._vendors = {
            "hubspot": [*HubSpot(self.world).routes(), *HubSpotMore(self.world).routes()],
            "ga4": ga4.routes(),
            "marketo": marketo.routes(),
            "salesforce": salesforce.routes(),
            "google": google.routes(),
            "meta": MetaAds(self.world).routes(),
            "microsoft": microsoft.routes(),
            "linkedin": LinkedInAds(self.world).routes(),
        }

    def app(self) -> Starlette:
        """The ASGI application."""
        routes: list[Mount | Route] = [
            Mount(f"/{vendor}", app=_Guard(self, vendor, Starlette(routes=routes)))
            for vendor, routes in self._vendors.items()
        ]
        routes += [
            Route("/admin/state", self.state),
            Route("/admin/truth", self.truth),
            Route("/admin/faults", self.add_fault, methods=["POST"]),
            Route("/admin/faults", self.clear_faults, methods=["DELETE"]),
            Route("/admin/change", self.change, methods=["POST"]),
        ]
        return Starlette(routes=routes)

    async def state(self, request: Request) -> Response:
        """GET: the clock and how many requests each vendor has had."""
        return json_reply({"now": self.world.now.isoformat(), "requests": dict(self.requests)})

    async def truth(self, request: Request) -> Response:
        """GET: the true answers at the clock's instant."""
        answers = true_answers(self.world.company, self.world.now)
        return json_reply([answer.to_document() for answer in answers])

    async def add_fault(self, request: Request) -> Response:
        """POST a Fault's fields: switch it on."""
        try:
            fault = Fault(**(await request.json()))
        except (TypeError, ValueError) as error:
            return json_reply({"error": str(error)}, 400)
        self.faults.add(fault)
        return json_reply(asdict(fault))

    async def clear_faults(self, request: Request) -> Response:
        """DELETE: switch every fault off."""
        self.faults.clear()
        return json_reply({})

    async def change(self, request: Request) -> Response:
        """POST how many `days` pass and how many people are merged, deleted, ...: see the README."""
        asked = await request.json()
        if days := int(asked.get("days", 0)):
            self.world.advance(days)
        merged = self.world.merge(int(asked.get("merges", 0)))
        done = {
            "deleted": self.world.delete(int(asked.get("deletes", 0))),
            "restored": self.world.restore(int(asked.get("restores", 0))),
            "purged": self.world.purge(int(asked.get("purges", 0))),
            "deals": self.world.delete_deals(int(asked.get("deals", 0))),
            "detached": self.world.detach(int(asked.get("detaches", 0))),
            "companies": self.world.close_accounts(int(asked.get("companies", 0))),
            "campaigns": self.world.remove_campaigns(int(asked.get("campaigns", 0))),
        }
        for name, kind in asked.get("fields", {}).items():
            self.world.add_field(name, kind)
        return json_reply({"now": self.world.now.isoformat(), "merged": merged, **done})

    def is_authorized(self, vendor: str, path: str, token: str) -> bool:
        """Whether the bearer token opens this vendor."""
        if path.endswith("/token"):
            return True
        if not token or token in self._dead_tokens:
            return False
        return vendor not in self._issued or token in self._issued[vendor]

    def issued_tokens(self) -> list[set[str]]:
        """The tokens that the vendors with OAuth have given out."""
        return list(self._issued.values())

    def kill(self, token: str) -> None:
        """Make a token invalid for good."""
        self._dead_tokens.add(token)


class _Guard:
    """ASGI: counts, demands a token, and lets faults strike before a vendor answers."""

    def __init__(self, sandbox: Sandbox, vendor: str, app: Starlette) -> None:
        self._sandbox, self._vendor, self._app = sandbox, vendor, app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        token = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        self._sandbox.requests[self._vendor] += 1
        fault = self._sandbox.faults.strike(self._vendor, request.url.path)
        refused = await self._refusal(fault, request.url.path, token)
        if refused is not None:
            await refused(scope, receive, send)
        elif fault is not None and fault.kind == "truncate":
            await _changed(self._app, scope, receive, send, lambda body: body[: len(body) // 2])
        elif fault is not None and fault.kind == "schema_change":
            value = re.compile(rf'("{re.escape(fault.field)}":)("[^"]*"|[-\d.]+)'.encode())
            changed = partial(value.sub, rb'\1{"changed":true}')
            if self._vendor == "microsoft":
                changed = partial(changed_in_file, fault.field)
            await _changed(self._app, scope, receive, send, changed)
        elif fault is not None and fault.kind == "extra":
            beside = re.compile(rf'"{re.escape(fault.beside)}":'.encode())
            added = partial(beside.sub, f'"{fault.field}":{fault.value},"{fault.beside}":'.encode())
            await _changed(self._app, scope, receive, send, added)
        elif fault is not None and fault.kind == "job":
            state = f'"state":"{fault.field}","errorMessage":"the sandbox was told to fail"'.encode()
            changed = partial(re.compile(rb'"state":"[A-Za-z]+"').sub, state)
            await _changed(self._app, scope, receive, send, changed)
        else:
            await self._app(scope, receive, send)

    async def _refusal(self, fault: Fault | None, path: str, token: str) -> Response | None:
        if fault is not None and fault.kind == "timeout":
            await asyncio.sleep(fault.seconds)
        if fault is not None and fault.kind == "token_death":
            self._sandbox.kill(token)
        if fault is not None and fault.kind in ("status", "down"):
            status = 503 if fault.kind == "down" else fault.status
            if status > 599:  # Marketo's own codes: 606 too many calls in 20 s, 607 the day's quota
                told = {"code": str(status), "message": "the sandbox was told to fail"}
                return json_reply({"requestId": "sandbox", "success": False, "errors": [told]})
            headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
            return json_reply({"message": "the sandbox was told to fail"}, status, headers)
        if fault is not None and fault.kind == "quota" and not path.endswith("/token"):
            status, told = USED_UP[self._vendor]
            return json_reply(told, status)
        if not self._sandbox.is_authorized(self._vendor, path, token):
            # Marketo answers 200 to everything and says it in the body.
            return json_reply(UNAUTHORIZED[self._vendor], 200 if self._vendor == "marketo" else 401)
        return None


async def _changed(
    app: Starlette, scope: Any, receive: Any, send: Any, change: Callable[[bytes], bytes]
) -> None:
    """Send what `change` makes of the body; cut in half, it is what a broken connection leaves."""

    async def changed(message: Any) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [pair for pair in message["headers"] if pair[0] != b"content-length"]
        elif message["type"] == "http.response.body":
            message["body"] = change(message["body"])
        await send(message)

    await app(scope, receive, changed)
