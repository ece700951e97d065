"""Meta Ads: campaigns, and their spend and traffic by day (Marketing API, cursor paging)."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ingest import refusals
from ingest.days import DayRange, day_ranges
from ingest.errors import IngestError
from ingest.extract import Connector, Extract, Page, Window
from ingest.http import Authority, VendorSession
from ingest.paging import Walk
from ingest.regions import region_of
from ingest.rows import Row, dig, read_instant
from ingest.sources_file import SourceSettings
from ingest.unread import unread

DEFAULT_ADDRESS = "https://graph.facebook.com"
VERSION = "v25.0"  # `version` names another
RESTATED_DAYS = 28
RANGE_DAYS = 92
MOST_DAYS = 37 * 30  # Meta keeps 37 months
PAGE = 500
# Without being asked for, campaigns that were deleted are not listed, but what they spent is.
STATUSES = ("ACTIVE", "PAUSED", "DELETED", "ARCHIVED", "IN_PROCESS", "WITH_ISSUES")
CAMPAIGN_FIELDS = "id,name,status,objective,start_time,stop_time,created_time,updated_time"
INSIGHT_FIELDS = "campaign_id,campaign_name,account_currency,spend,impressions,clicks,inline_link_clicks"


def connect(settings: SourceSettings) -> Connector:
    """The connector for `settings`: `base_url`, `token_env` (a system user's token), `accounts` (ids without
    `act_`), `regions` (the beginning of a campaign's name to its region), `restated_days`."""
    token = settings.secret("token")
    session = VendorSession(settings.name, Authority(lambda: token), refusal=refusals.meta)
    meta = MetaAds(
        session,
        str(settings.options.get("base_url", DEFAULT_ADDRESS)).rstrip("/"),
        tuple(account.removeprefix("act_") for account in settings.names("accounts")),
        dict(settings.options.get("regions", {})),
        str(settings.options.get("version", VERSION)),
    )
    restated = timedelta(days=int(settings.options.get("restated_days", RESTATED_DAYS)))
    return Connector(
        source=settings.name,
        extracts=(
            Extract("meta_ads__campaigns", meta.campaigns, replaces=True),
            Extract("meta_ads__insights", meta.insights, cursor="day", overlap=restated, restates=True),
        ),
        session=session,
    )


class MetaAds:
    """The walks over some ad accounts."""

    def __init__(
        self,
        session: VendorSession,
        address: str,
        accounts: tuple[str, ...],
        regions: dict[str, str],
        version: str = VERSION,
    ) -> None:
        self._session = session
        self._address = f"{address}/{version}"
        self._accounts = accounts
        self._regions = regions

    def campaigns(self, window: Window) -> Iterator[Page]:
        """Every campaign as it is now."""
        for account in self._accounts:
            for page in self._all_campaigns(account):
                yield {"meta_ads__campaigns": [self._campaign(account, one) for one in page]}

    def insights(self, window: Window) -> Iterator[Page]:
        """Each day of each campaign that was shown, from `since` until today."""
        today = datetime.now(UTC).date()
        last = window.until.date() - timedelta(days=1) if window.until else today
        for account in self._accounts:
            starts = [
                read_instant(one.get("start_time") or one["created_time"]).date()
                for page in self._all_campaigns(account)
                for one in page
            ]
            if not starts:
                continue
            earliest = max(min(starts), today - timedelta(days=MOST_DAYS))
            first = max(window.since.date(), today - timedelta(days=MOST_DAYS)) if window.since else earliest
            for days in day_ranges(first, last, RANGE_DAYS):
                for page in self._insights_of(account, days):
                    yield {"meta_ads__insights": [_insight(account, one) for one in page]}

    def _insights_of(self, account: str, days: DayRange) -> Iterator[list[Row]]:
        """The pages of the days, in halves where Meta finds that too much; what came before comes again."""
        asked = {
            "level": "campaign",
            "time_increment": 1,
            "time_range": json.dumps({"since": days.first.isoformat(), "until": days.last.isoformat()}),
            "fields": INSIGHT_FIELDS,
            "limit": PAGE,
        }
        try:
            yield from self._walk(f"{self._address}/act_{account}/insights", asked)
        except IngestError as error:
            if refusals.TOO_MUCH not in error.message or days.first == days.last:
                raise
            for half in days.halves():
                yield from self._insights_of(account, half)

    def _all_campaigns(self, account: str) -> Iterator[list[Row]]:
        asked = {"fields": CAMPAIGN_FIELDS, "effective_status": json.dumps(STATUSES), "limit": PAGE}
        yield from self._walk(f"{self._address}/act_{account}/campaigns", asked)

    def _walk(self, url: str, asked: dict[str, Any]) -> Iterator[list[Row]]:
        """Every page, by cursor. `next` is absent on the last one; its address holds the token, so it is
        not followed, the cursor is."""
        walk = Walk(self._session.source, urlsplit(url).path)
        while True:
            answer = self._session.get_json(url, asked)
            yield answer["data"]
            following = dig(answer, "paging", "next")
            if not following:
                return
            after = (
                dig(answer, "paging", "cursors", "after") or parse_qs(urlsplit(following).query)["after"][0]
            )
            asked = asked | {"after": walk.on(after)}

    def _campaign(self, account: str, one: Row) -> Row:
        return {
            "id": one["id"],
            "account_id": account,
            "name": one.get("name"),
            "status": one.get("status"),
            "objective": one.get("objective"),
            "start_at": one.get("start_time"),
            "stop_at": one.get("stop_time"),
            "created_at": one.get("created_time"),
            "updated_at": one.get("updated_time"),
            "region": region_of(one.get("name"), self._regions),
            **unread(one, CAMPAIGN_FIELDS.split(",")),
        }


def _insight(account: str, one: Row) -> Row:
    return {
        "day": one["date_start"],
        "account_id": account,
        "campaign_id": one["campaign_id"],
        "campaign_name": one.get("campaign_name"),
        "currency": one.get("account_currency"),
        "spend": one.get("spend") or "0",
        "impressions": one.get("impressions") or "0",
        "clicks": one.get("clicks") or "0",
        "inline_link_clicks": one.get("inline_link_clicks") or "0",
        **unread(one, (*INSIGHT_FIELDS.split(","), "date_start", "date_stop")),
    }
