"""LinkedIn Ads: campaigns, and their spend and traffic by day (adCampaigns, adAnalytics)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

from ingest import refusals
from ingest.days import DayRange, day_ranges
from ingest.errors import IngestError
from ingest.extract import Connector, Extract, Page, Window
from ingest.http import Authority, VendorSession
from ingest.paging import Walk
from ingest.rows import Row, dig
from ingest.sources_file import SourceSettings
from ingest.unread import unread

DEFAULT_ADDRESS = "https://api.linkedin.com"
VERSION = "202606"  # LinkedIn keeps one for a year: `version` names a later one
PAGE = 100
RANGE_DAYS = 31
MOST_ELEMENTS = (
    15_000  # adAnalytics has no pages and ends there silently: a full answer is asked for by halves
)
RESTATED_DAYS = 30
MEASURES = (
    "costInLocalCurrency",
    "costInUsd",
    "impressions",
    "clicks",
    "externalWebsiteConversions",
    "oneClickLeads",
)
CAMPAIGN_FIELDS = frozenset(
    ["id", "account", "campaignGroup", "name", "status", "type", "objectiveType", "costType"]
)
_LOCATIONS = "urn:li:adTargetingFacet:locations"


def connect(settings: SourceSettings) -> Connector:
    """The connector for `settings`: `base_url`, `token_env`, `accounts` (ids), `regions` (geo URN to region),
    `restated_days`."""
    token = settings.secret("token")
    session = VendorSession(settings.name, Authority(lambda: token), refusal=refusals.linkedin)
    version = str(settings.options.get("version", VERSION))
    session.headers.update({"LinkedIn-Version": version, "X-Restli-Protocol-Version": "2.0.0"})
    linkedin = LinkedInAds(
        session,
        str(settings.options.get("base_url", DEFAULT_ADDRESS)).rstrip("/"),
        settings.names("accounts"),
        dict(settings.options.get("regions", {})),
    )
    restated = timedelta(days=int(settings.options.get("restated_days", RESTATED_DAYS)))
    return Connector(
        source=settings.name,
        extracts=(
            Extract("linkedin_ads__campaigns", linkedin.campaigns, replaces=True),
            Extract(
                "linkedin_ads__analytics", linkedin.analytics, cursor="day", overlap=restated, restates=True
            ),
        ),
        session=session,
    )


class LinkedInAds:
    """The walks over some ad accounts."""

    def __init__(
        self, session: VendorSession, address: str, accounts: tuple[str, ...], regions: dict[str, str]
    ) -> None:
        self._session = session
        self._address = f"{address}/rest"
        self._accounts = accounts
        self._regions = regions
        self._listed: dict[str, list[Row]] = {}

    def campaigns(self, window: Window) -> Iterator[Page]:
        """Every campaign as it is now."""
        for account in self._accounts:
            yield {
                "linkedin_ads__campaigns": [
                    _campaign(account, element, self._regions) for element in self._campaigns_of(account)
                ]
            }

    def analytics(self, window: Window) -> Iterator[Page]:
        """Each day of each campaign, from `since` or the first campaign's start until today."""
        for account in self._accounts:
            campaigns = self._campaigns_of(account)
            if not campaigns:
                continue
            first = window.since.date() if window.since else _first_day(campaigns)
            last = window.until.date() - timedelta(days=1) if window.until else datetime.now(UTC).date()
            currency = {str(c["id"]): _currency(c) for c in campaigns}
            for days in day_ranges(first, last, RANGE_DAYS):
                for elements in self._analytics_of(account, days):
                    yield {"linkedin_ads__analytics": [_day(account, e, currency) for e in elements]}

    def _campaigns_of(self, account: str) -> list[Row]:
        if account not in self._listed:
            self._listed[account] = list(self._walk_campaigns(account))
        return self._listed[account]

    def _walk_campaigns(self, account: str) -> Iterator[Row]:
        url = f"{self._address}/adAccounts/{account}/adCampaigns"
        asked: dict[str, Any] = {"q": "search", "pageSize": PAGE}
        walk = Walk(self._session.source, "the campaigns")
        while True:
            answer = self._session.get_json(url, asked)
            yield from answer["elements"]
            token = dig(answer, "metadata", "nextPageToken")
            if not token:
                return
            asked["pageToken"] = walk.on(token)

    def _analytics_of(self, account: str, days: DayRange) -> Iterator[list[Row]]:
        """The elements of the days, in halves where one answer cannot hold them all."""
        elements = self._answer(account, days)
        if len(elements) < MOST_ELEMENTS:
            yield elements
            return
        if days.first == days.last:
            raise IngestError(
                self._session.source,
                f"account {account} has more than {MOST_ELEMENTS:,} campaigns on {days.first}: LinkedIn ends "
                "its answer there",
            )
        for half in days.halves():
            yield from self._analytics_of(account, half)

    def _answer(self, account: str, days: DayRange) -> list[Row]:
        # Rest.li's parentheses and commas are syntax and must not be percent-encoded; the URN must.
        urn = quote(f"urn:li:sponsoredAccount:{account}", safe="")
        fields = ",".join(("pivotValues", "dateRange", *MEASURES))
        query = (
            "q=analytics&pivot=CAMPAIGN&timeGranularity=DAILY"
            f"&dateRange=(start:{_restli(days.first)},end:{_restli(days.last)})"
            f"&accounts=List({urn})&fields={fields}"
        )
        return self._session.get_json(f"{self._address}/adAnalytics?{query}")["elements"]


def _restli(day: date) -> str:
    return f"(year:{day.year},month:{day.month},day:{day.day})"


def _first_day(campaigns: list[Row]) -> date:
    starts = [dig(c, "runSchedule", "start") or c["changeAuditStamps"]["created"]["time"] for c in campaigns]
    return datetime.fromtimestamp(min(starts) / 1000, UTC).date()


def _currency(campaign: Row) -> str | None:
    budget = campaign.get("dailyBudget") or campaign.get("totalBudget") or campaign.get("unitCost") or {}
    return budget.get("currencyCode")


def _id(urn: str | None) -> str | None:
    return urn.rsplit(":", 1)[1] if urn else None


def _campaign(account: str, element: Row, regions: dict[str, str]) -> Row:
    places = list(_locations(element))
    return {
        "id": element["id"],
        "account_id": account,
        "campaign_group_id": _id(element.get("campaignGroup")),
        "name": element.get("name"),
        "status": element.get("status"),
        "type": element.get("type"),
        "objective_type": element.get("objectiveType"),
        "cost_type": element.get("costType"),
        "daily_budget": (element.get("dailyBudget") or {}).get("amount"),
        "currency": _currency(element),
        "geo_targets": ",".join(places),
        "region": next((regions[place] for place in places if place in regions), None),
        "start_at": dig(element, "runSchedule", "start"),
        "end_at": dig(element, "runSchedule", "end"),
        "created_at": dig(element, "changeAuditStamps", "created", "time"),
        "last_modified_at": dig(element, "changeAuditStamps", "lastModified", "time"),
        **unread(element, CAMPAIGN_FIELDS),
    }


def _locations(element: Row) -> Iterator[str]:
    for clause in dig(element, "targetingCriteria", "include", "and") or ():
        yield from dig(clause, "or", _LOCATIONS) or ()


def _day(account: str, element: Row, currency: dict[str, str | None]) -> Row:
    campaign = _id(element["pivotValues"][0])
    start = element["dateRange"]["start"]
    return {
        "day": date(start["year"], start["month"], start["day"]),
        "campaign_id": campaign,
        "account_id": account,
        "currency": currency.get(campaign or ""),
        "cost_in_local_currency": element.get("costInLocalCurrency"),
        "cost_in_usd": element.get("costInUsd"),
        "impressions": element.get("impressions"),
        "clicks": element.get("clicks"),
        "external_website_conversions": element.get("externalWebsiteConversions"),
        "one_click_leads": element.get("oneClickLeads"),
        **unread(element, ("pivotValues", "dateRange", *MEASURES)),
    }
