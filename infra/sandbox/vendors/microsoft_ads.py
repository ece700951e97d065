"""Microsoft Advertising Reporting v13: submit, poll (pending once), download a zipped CSV."""

import csv
import io
import zipfile
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from infra.sandbox.reply import json_reply
from infra.sandbox.tokens import TokenDesk
from infra.sandbox.vendors.ad_platform import AdPlatform
from infra.sandbox.world import World

ACCOUNT = "180000001"
CUSTOMER = "25000001"


class MicrosoftAds:
    """The vendor's slice of the world, and the reports that were ordered."""

    def __init__(self, world: World) -> None:
        self.desk = TokenDesk("EwB")
        self._platform = AdPlatform(world, "microsoft_ads", 520_000_001)
        self._ordered: dict[str, dict[str, Any]] = {}
        self._polled: set[str] = set()

    def routes(self) -> list[Route]:
        """The vendor's addresses below its mount point."""
        return [
            Route("/Reporting/v13/GenerateReport/Submit", self.submit, methods=["POST"]),
            Route("/Reporting/v13/GenerateReport/Poll", self.poll, methods=["POST"]),
            Route("/reports/{request_id}.zip", self.download),
            self.desk.route("/token"),
        ]

    async def submit(self, request: Request) -> Response:
        """POST Submit: the id of the report to come."""
        asked = (await request.json())["ReportRequest"]
        if not request.headers.get("developertoken") or asked["Scope"]["AccountIds"] != [ACCOUNT]:
            return json_reply({"message": "User is not authorized to perform this operation."}, 403)
        request_id = f"30000{len(self._ordered):05d}"
        self._ordered[request_id] = asked
        return json_reply({"ReportRequestId": request_id})

    async def poll(self, request: Request) -> Response:
        """POST Poll: pending at first, then the address of the file, which is null without rows."""
        request_id = (await request.json())["ReportRequestId"]
        if request_id not in self._polled:
            self._polled.add(request_id)
            return json_reply({"ReportRequestStatus": {"Status": "Pending", "ReportDownloadUrl": None}})
        base = str(request.url).split("/Reporting/")[0]
        url = f"{base}/reports/{request_id}.zip" if self._rows(request_id) else None
        return json_reply({"ReportRequestStatus": {"Status": "Success", "ReportDownloadUrl": url}})

    async def download(self, request: Request) -> Response:
        """GET the zipped CSV."""
        request_id = request.path_params["request_id"]
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(self._ordered[request_id]["Columns"])
        writer.writerows(self._rows(request_id))
        return Response(_packed(f"{request_id}.csv", text.getvalue()), media_type="application/zip")

    def _rows(self, request_id: str) -> list[list[Any]]:
        asked = self._ordered[request_id]
        span = asked["Time"]
        days = self._platform.days(_day(span["CustomDateRangeStart"]), _day(span["CustomDateRangeEnd"]))
        return [
            [
                spend.day.isoformat(),
                ACCOUNT,
                self._platform.ids[spend.campaign.key],
                spend.campaign.key,
                spend.currency,
                spend.amount,
                spend.impressions,
                spend.clicks,
                f"{spend.clicks // 20}.00",
            ]
            for spend in days
        ]


def changed_in_file(field: str, body: bytes) -> bytes:
    """A report's file with words in the column `field`; any other body as it is."""
    if not zipfile.is_zipfile(io.BytesIO(body)):
        return body
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        name = archive.namelist()[0]
        rows = list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"))))
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(row | {field: "changed"} for row in rows)
    return _packed(name, text.getvalue())


def _packed(name: str, text: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, "\ufeff" + text)
    return packed.getvalue()


def _day(parts: dict[str, int]) -> date:
    return date(parts["Year"], parts["Month"], parts["Day"])
