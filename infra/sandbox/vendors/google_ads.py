"""Google Ads: googleAds:searchStream with the two GAQL questions a reporting client asks."""

import re
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from infra.sandbox.company import Campaign, SpendDay
from infra.sandbox.reply import json_reply
from infra.sandbox.tokens import TokenDesk
from infra.sandbox.vendors.ad_platform import AdPlatform
from infra.sandbox.world import World

TIMED = 23  # the version from which on a campaign's dates are instants
CUSTOMER = "4015550001"
BATCH = 1_000
_DATES = re.compile(r"campaign\.(?:start|end)_date(_time)?\b")
_BETWEEN = re.compile(r"segments\.date\s+BETWEEN\s+'(\d{4}-\d\d-\d\d)'\s+AND\s+'(\d{4}-\d\d-\d\d)'")


class GoogleAds:
    """The vendor's slice of the world."""

    def __init__(self, world: World) -> None:
        self.desk = TokenDesk("ya29.")
        self._platform = AdPlatform(world, "google_ads", 20_100_000_001)

    def routes(self) -> list[Route]:
        """The vendor's addresses below its mount point."""
        path = "/{version}/customers/{customer}/googleAds:searchStream"
        return [Route(path, self.search, methods=["POST"]), self.desk.route("/token")]

    async def search(self, request: Request) -> Response:
        """POST searchStream: batches of results; int64 as text, zero left out."""
        if not request.headers.get("developer-token"):
            return _problem(401, "UNAUTHENTICATED", "The developer token is missing")
        if request.path_params["customer"] != CUSTOMER:
            return _problem(403, "PERMISSION_DENIED", "The caller does not have permission")
        question = (await request.json()).get("query", "")
        if between := _BETWEEN.search(question):
            first, last = (date.fromisoformat(part) for part in between.groups())
            results = [self._day(spend) for spend in self._platform.days(first, last)]
        elif "FROM campaign" in question and "metrics." not in question:
            is_timed = int(request.path_params["version"].strip("v")) >= TIMED
            if any((told == "_time") != is_timed for told in _DATES.findall(question)):
                return _problem(400, "INVALID_ARGUMENT", "Request contains an invalid argument.")
            number = len(self._platform.campaigns())
            results = [self._campaign(index, is_timed) for index in range(number)]
        else:
            return _problem(400, "INVALID_ARGUMENT", "Request contains an invalid argument.")
        batches = [results[start : start + BATCH] for start in range(0, len(results), BATCH)] or [[]]
        return json_reply([{"results": batch, "requestId": "sandbox"} for batch in batches])

    def _campaign(self, index: int, is_timed: bool) -> dict[str, Any]:
        campaign = self._platform.campaigns()[index]
        number = self._platform.ids[campaign.key]
        return {
            "campaign": {
                "resourceName": f"customers/{CUSTOMER}/campaigns/{number}",
                "id": number,
                "name": campaign.key,
                "status": "REMOVED" if campaign.key in self._platform.world.removed_campaigns else "ENABLED",
                "advertisingChannelType": "SEARCH",
                **_dates(campaign, is_timed),
            }
        }

    def _day(self, spend: SpendDay) -> dict[str, Any]:
        metrics: dict[str, Any] = {"conversions": spend.clicks // 20}
        numbers = {
            "costMicros": int(spend.amount * 1_000_000),
            "impressions": spend.impressions,
            "clicks": spend.clicks,
        }
        metrics |= {name: str(number) for name, number in numbers.items() if number}
        return {
            "customer": {"resourceName": f"customers/{CUSTOMER}", "currencyCode": spend.currency},
            "campaign": {"id": self._platform.ids[spend.campaign.key], "name": spend.campaign.key},
            "segments": {"date": spend.day.isoformat()},
            "metrics": metrics,
        }


def _dates(campaign: Campaign, is_timed: bool) -> dict[str, str]:
    first, last = campaign.starts.isoformat(), campaign.ends.isoformat()
    if is_timed:
        return {"startDateTime": f"{first} 00:00:00", "endDateTime": f"{last} 23:59:59"}
    return {"startDate": first, "endDate": last}


def _problem(status: int, name: str, message: str) -> Response:
    return json_reply({"error": {"code": status, "message": message, "status": name}}, status)
