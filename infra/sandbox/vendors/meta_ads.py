"""Meta Marketing API: campaigns and insights with cursors; every number is text."""

import base64
import json
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from infra.sandbox.company import Campaign, SpendDay
from infra.sandbox.reply import json_reply
from infra.sandbox.vendors.ad_platform import AdPlatform
from infra.sandbox.world import World

ACCOUNT = "7600001"


class MetaAds:
    """The vendor's slice of the world."""

    def __init__(self, world: World) -> None:
        self._platform = AdPlatform(world, "meta_ads", 120_210_000_000_001)

    def routes(self) -> list[Route]:
        """The vendor's addresses below its mount point."""
        return [
            Route("/{version}/act_{account}/campaigns", self.campaigns),
            Route("/{version}/act_{account}/insights", self.insights),
        ]

    async def campaigns(self, request: Request) -> Response:
        """GET campaigns; removed ones only where `effective_status` asks for them."""
        wanted = json.loads(request.query_params.get("effective_status", '["ACTIVE"]'))
        found = [self._campaign(one) for one in self._platform.campaigns()]
        return self._page(request, [one for one in found if one["status"] in wanted])

    async def insights(self, request: Request) -> Response:
        """GET insights by campaign and day."""
        span = json.loads(request.query_params.get("time_range", "{}"))
        if not span or request.query_params.get("level") != "campaign":
            return _problem(400, 100, "(#100) time_range and level are needed")
        days = self._platform.days(date.fromisoformat(span["since"]), date.fromisoformat(span["until"]))
        return self._page(request, [self._insight(spend) for spend in days])

    def _page(self, request: Request, rows: list[dict[str, Any]]) -> Response:
        if request.path_params["account"] != ACCOUNT:
            return _problem(403, 200, "(#200) Ad account owner has NOT granted ads_read permission")
        query = request.query_params
        start = int(base64.b64decode(query["after"])) if "after" in query else 0
        end = start + int(query.get("limit", "25"))
        body: dict[str, Any] = {"data": rows[start:end]}
        if body["data"]:
            after = base64.b64encode(str(end).encode()).decode()
            body["paging"] = {"cursors": {"before": "MA==", "after": after}}
            if end < len(rows):
                body["paging"]["next"] = f"{request.url.replace(query='')}?after={after}"
        return json_reply(body)

    def _campaign(self, campaign: Campaign) -> dict[str, Any]:
        return {
            "id": self._platform.ids[campaign.key],
            "name": campaign.key,
            "status": "DELETED" if campaign.key in self._platform.world.removed_campaigns else "ACTIVE",
            "objective": "OUTCOME_LEADS",
            "start_time": f"{campaign.starts.isoformat()}T00:00:00+0000",
            "stop_time": f"{campaign.ends.isoformat()}T23:59:59+0000",
            "created_time": f"{campaign.starts.isoformat()}T00:00:00+0000",
            "updated_time": f"{campaign.starts.isoformat()}T00:00:00+0000",
        }

    def _insight(self, spend: SpendDay) -> dict[str, Any]:
        return {
            "campaign_id": self._platform.ids[spend.campaign.key],
            "campaign_name": spend.campaign.key,
            "account_currency": spend.currency,
            "spend": str(spend.amount),
            "impressions": str(spend.impressions),
            "clicks": str(spend.clicks),
            "inline_link_clicks": str(spend.clicks),
            "date_start": spend.day.isoformat(),
            "date_stop": spend.day.isoformat(),
        }


def _problem(status: int, code: int, message: str) -> Response:
    return json_reply({"error": {"message": message, "type": "OAuthException", "code": code}}, status)
