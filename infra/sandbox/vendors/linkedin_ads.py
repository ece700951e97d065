"""LinkedIn Marketing API: adCampaigns with page tokens, adAnalytics by day without pagination."""

import re
from datetime import UTC, date, datetime, time
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from infra.sandbox.cases.naming import renamed
from infra.sandbox.company import REPORTING_CURRENCY, Campaign, SpendDay
from infra.sandbox.reply import json_reply
from infra.sandbox.vendors.ad_platform import AdPlatform
from infra.sandbox.world import World

ACCOUNT = "508000001"
MOST_ELEMENTS = 15_000
GEO = {"AMER": "urn:li:geo:102221843", "EMEA": "urn:li:geo:91000007", "APAC": "urn:li:geo:91000003"}
_DATE_RANGE = re.compile(
    r"start:\(year:(\d+),month:(\d+),day:(\d+)\)(?:,end:\(year:(\d+),month:(\d+),day:(\d+)\))?"
)


class LinkedInAds:
    """The vendor's slice of the world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._platform = AdPlatform(world, "linkedin_ads", 310_000_000)
        self._ids = self._platform.ids
        self._renamed = {one.number for one in world.company.planted if one.case == 37}

    def routes(self) -> list[Route]:
        """The vendor's addresses below its mount point."""
        return [
            Route("/rest/adAccounts/{account}/adCampaigns", self.campaigns),
            Route("/rest/adAnalytics", self.analytics),
        ]

    async def campaigns(self, request: Request) -> Response:
        """GET adCampaigns?q=search with pageSize and pageToken."""
        if request.path_params["account"] != ACCOUNT:
            return _problem(403, "ACCESS_DENIED", "Not enough permissions to access: adCampaigns")
        visible = self._platform.campaigns()
        size = min(int(request.query_params.get("pageSize", "100")), 1000)
        start = int(request.query_params.get("pageToken", "0"))
        metadata: dict[str, Any] = {}
        if start + size < len(visible):
            metadata["nextPageToken"] = str(start + size)
        elements = [self._campaign(campaign) for campaign in visible[start : start + size]]
        return json_reply({"elements": elements, "metadata": metadata})

    async def analytics(self, request: Request) -> Response:
        """GET adAnalytics?q=analytics, pivot CAMPAIGN, daily, for a date range."""
        query = request.query_params
        asked = _date_range(query.get("dateRange", ""))
        if asked is None or query.get("pivot") != "CAMPAIGN" or query.get("timeGranularity") != "DAILY":
            return _problem(400, "ILLEGAL_ARGUMENT", "dateRange, pivot and timeGranularity are required")
        found = self._platform.days(*asked)[:MOST_ELEMENTS]
        fields = tuple(query.get("fields", "impressions,clicks").split(","))
        elements = [self._element(spend, fields) for spend in found]
        return json_reply({"elements": elements, "paging": {"count": 10, "start": 0, "links": []}})

    def _campaign(self, campaign: Campaign) -> dict[str, Any]:
        urn = f"urn:li:sponsoredAccount:{ACCOUNT}"
        status = "ACTIVE" if campaign.ends >= self.world.now.date() else "COMPLETED"
        if campaign.key in self.world.removed_campaigns:
            status = "REMOVED"
        created = _millis(campaign.starts)
        return {
            "id": int(self._ids[campaign.key]),
            "account": urn,
            "campaignGroup": f"urn:li:sponsoredCampaignGroup:{abs(hash_of(campaign.parent or '')) % 10**9}",
            "name": renamed(campaign.key) if campaign.key in self._renamed else campaign.key,
            "status": status,
            "type": "SPONSORED_UPDATES",
            "objectiveType": "LEAD_GENERATION",
            "costType": "CPM",
            "dailyBudget": {"amount": "250.00", "currencyCode": REPORTING_CURRENCY},
            "locale": {"country": "US", "language": "en"},
            "runSchedule": {"start": created, "end": _millis(campaign.ends)},
            "targetingCriteria": {
                "include": {
                    "and": [{"or": {"urn:li:adTargetingFacet:locations": [GEO[campaign.region or "AMER"]]}}]
                }
            },
            "changeAuditStamps": {"created": {"time": created}, "lastModified": {"time": created}},
        }

    def _element(self, spend: SpendDay, fields: tuple[str, ...]) -> dict[str, Any]:
        day = {"year": spend.day.year, "month": spend.day.month, "day": spend.day.day}
        values = {
            "pivotValues": [f"urn:li:sponsoredCampaign:{self._ids[spend.campaign.key]}"],
            "dateRange": {"start": day, "end": day},
            "costInLocalCurrency": str(spend.amount),
            "costInUsd": str(spend.amount),
            "impressions": spend.impressions,
            "clicks": spend.clicks,
            "externalWebsiteConversions": spend.clicks // 20,
            "oneClickLeads": 0,
        }
        return {name: values[name] for name in fields if name in values}


def hash_of(text: str) -> int:
    """A number for a name that is the same in every process."""
    return int.from_bytes(text.encode()[-7:], "big")


def _date_range(text: str) -> tuple[date, date] | None:
    parsed = _DATE_RANGE.search(text)
    if parsed is None:
        return None
    year, month, day, *end = (int(part) if part else 0 for part in parsed.groups())
    return date(year, month, day), date(*end) if end[0] else date.max


def _millis(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp() * 1000)


def _problem(status: int, code: str, message: str) -> Response:
    return json_reply({"status": status, "code": code, "message": message}, status)
