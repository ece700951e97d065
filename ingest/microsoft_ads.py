"""Microsoft Advertising: spend and traffic by campaign and day (Reporting v13: submit, poll, download)."""

import csv
import io
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import requests

from ingest import refusals
from ingest.days import DayRange, day_ranges
from ingest.errors import IngestError
from ingest.extract import Connector, Extract, Page, Window
from ingest.http import VendorSession
from ingest.oauth import refreshing
from ingest.regions import region_of
from ingest.rows import Row
from ingest.sources_file import SourceSettings
from ingest.unread import unread

DEFAULT_ADDRESS = "https://reporting.api.bingads.microsoft.com"
TOKEN_URL = "https://login.microsoftonline.com/common/oauth2/v2.0/token"  # noqa: S105 - an address
RESTATED_DAYS = 30
RANGE_DAYS = 366
FIRST_DAYS = 3 * 365
FIRST_POLL_SECONDS = 0.1
LONGEST_POLL_SECONDS = 10.0
MOST_POLLS = 120
COLUMNS = (
    "TimePeriod",
    "AccountId",
    "CampaignId",
    "CampaignName",
    "CurrencyCode",
    "Spend",
    "Impressions",
    "Clicks",
    "Conversions",
)


def connect(settings: SourceSettings) -> Connector:
    """The connector for `settings`: `base_url`, `token_url`, `accounts` (ids), `customer`, `client_id_env`,
    `client_secret_env`, `refresh_token_env`, `developer_token_env`, `regions`, `restated_days`."""
    session = VendorSession(
        settings.name,
        refreshing(settings, TOKEN_URL).authority(),
        refusal=refusals.microsoft,
        is_whole=_is_whole,
    )
    # Not on the session: the file of a report lies at another host, which must see none of them.
    headers = {
        "DeveloperToken": settings.secret("developer_token"),
        "CustomerId": str(settings.required("customer")),
    }
    microsoft = MicrosoftAds(
        session,
        headers,
        str(settings.options.get("base_url", DEFAULT_ADDRESS)).rstrip("/"),
        settings.names("accounts"),
        dict(settings.options.get("regions", {})),
    )
    restated = timedelta(days=int(settings.options.get("restated_days", RESTATED_DAYS)))
    return Connector(
        source=settings.name,
        extracts=(
            Extract(
                "microsoft_ads__campaign_day",
                microsoft.campaign_days,
                cursor="day",
                overlap=restated,
                restates=True,
            ),
        ),
        session=session,
    )


class MicrosoftAds:
    """The reports of some accounts."""

    def __init__(
        self,
        session: VendorSession,
        headers: dict[str, str],
        address: str,
        accounts: tuple[str, ...],
        regions: dict[str, str],
    ) -> None:
        self._session = session
        self._headers = headers
        self._address = f"{address}/Reporting/v13/GenerateReport"
        self._accounts = accounts
        self._regions = regions

    def campaign_days(self, window: Window) -> Iterator[Page]:
        """Each day of each campaign, from `since` until today, a report a year."""
        today = datetime.now(UTC).date()
        first = window.since.date() if window.since else today - timedelta(days=FIRST_DAYS)
        last = window.until.date() - timedelta(days=1) if window.until else today
        for account in self._accounts:
            for days in day_ranges(first, last, RANGE_DAYS):
                yield {"microsoft_ads__campaign_day": list(self._report(account, days))}

    def _report(self, account: str, days: DayRange) -> Iterator[Row]:
        submitted = self._session.post_json(f"{self._address}/Submit", _request(account, days), self._headers)
        url = self._download_url(submitted["ReportRequestId"])
        if url is None:  # a report without rows has no file
            return
        for row in _unpacked(self._session.get(url, headers={"Accept": "*/*"}).content):
            yield {
                "day": row["TimePeriod"],
                "account_id": account,
                "campaign_id": row["CampaignId"],
                "campaign_name": row["CampaignName"],
                "currency": row["CurrencyCode"],
                "spend": row["Spend"],
                "impressions": row["Impressions"],
                "clicks": row["Clicks"],
                "conversions": row["Conversions"],
                "region": region_of(row["CampaignName"], self._regions),
                **unread(row, COLUMNS),
            }

    def _download_url(self, request_id: str) -> str | None:
        wait = FIRST_POLL_SECONDS
        for _ in range(MOST_POLLS):
            answer = self._session.post_json(
                f"{self._address}/Poll", {"ReportRequestId": request_id}, self._headers
            )
            status = answer["ReportRequestStatus"]
            if status["Status"] == "Success":
                return status.get("ReportDownloadUrl")
            if status["Status"] == "Error":
                raise IngestError(self._session.source, f"the report {request_id} failed at the vendor")
            time.sleep(wait)
            wait = min(wait * 2, LONGEST_POLL_SECONDS)
        raise IngestError(self._session.source, f"the report {request_id} was not ready in time")


def _request(account: str, days: DayRange) -> dict[str, Any]:
    return {
        "ReportRequest": {
            "Type": "CampaignPerformanceReportRequest",
            "Format": "Csv",
            "ReportName": "campaign days",
            "ReturnOnlyCompleteData": False,
            "ExcludeReportHeader": True,
            "ExcludeReportFooter": True,
            "Aggregation": "Daily",
            "Columns": list(COLUMNS),
            "Scope": {"AccountIds": [account]},
            "Time": {
                "CustomDateRangeStart": _parts(days.first),
                "CustomDateRangeEnd": _parts(days.last),
            },
        }
    }


def _parts(day: date) -> dict[str, int]:
    return {"Day": day.day, "Month": day.month, "Year": day.year}


def _is_whole(response: requests.Response) -> bool:
    """Whether the archive has come to its end: its directory stands there."""
    return zipfile.is_zipfile(io.BytesIO(response.content))


def _unpacked(content: bytes) -> Iterator[dict[str, str]]:
    """The rows of the one CSV file in the archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read(archive.namelist()[0]).decode("utf-8-sig")
    yield from csv.DictReader(io.StringIO(text))
