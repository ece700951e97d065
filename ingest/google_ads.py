"""Google Ads: campaigns, and their spend and traffic by day (searchStream with GAQL)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from ingest import refusals
from ingest.days import day_ranges
from ingest.extract import Connector, Extract, Page, Window
from ingest.http import VendorSession
from ingest.oauth import refreshing
from ingest.regions import region_of
from ingest.rows import Row, dig
from ingest.sources_file import SourceSettings
from ingest.unread import unread

DEFAULT_ADDRESS = "https://googleads.googleapis.com"
TOKEN_URL = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
VERSION = "v24"  # Google keeps one for about a year: `version` names another
TIMED = 23  # from here on campaigns have no dates but instants, in the account's time zone
RESTATED_DAYS = 30
RANGE_DAYS = 92
FIRST_DAYS = 3 * 365  # how far back the first load looks where no campaign says when it started
CAMPAIGNS = (
    "SELECT campaign.id, campaign.name, campaign.status, campaign.advertising_channel_type, "
    "campaign.start_date{time}, campaign.end_date{time} FROM campaign"
)
CAMPAIGN_FIELDS = frozenset(
    [
        "resourceName",
        "id",
        "name",
        "status",
        "advertisingChannelType",
        "startDate",
        "endDate",
        "startDateTime",
        "endDateTime",
    ]
)
METRIC_FIELDS = ("costMicros", "impressions", "clicks", "conversions")
MEASURES = (
    "SELECT segments.date, campaign.id, campaign.name, customer.currency_code, metrics.cost_micros, "
    "metrics.impressions, metrics.clicks, metrics.conversions FROM campaign "
    "WHERE segments.date BETWEEN '{first}' AND '{last}'"
)


def connect(settings: SourceSettings) -> Connector:
    """The connector for `settings`: `base_url`, `token_url`, `customers` (ids), `login_customer`,
    `client_id_env`, `client_secret_env`, `refresh_token_env`, `developer_token_env`, `regions` (the
    beginning of a campaign's name to its region), `restated_days`."""
    session = VendorSession(
        settings.name, refreshing(settings, TOKEN_URL).authority(), refusal=refusals.google
    )
    session.headers["developer-token"] = settings.secret("developer_token")
    if "login_customer" in settings.options:
        session.headers["login-customer-id"] = _digits(settings.options["login_customer"])
    google = GoogleAds(
        session,
        str(settings.options.get("base_url", DEFAULT_ADDRESS)).rstrip("/"),
        tuple(_digits(customer) for customer in settings.names("customers")),
        dict(settings.options.get("regions", {})),
        str(settings.options.get("version", VERSION)),
    )
    restated = timedelta(days=int(settings.options.get("restated_days", RESTATED_DAYS)))
    return Connector(
        source=settings.name,
        extracts=(
            Extract("google_ads__campaigns", google.campaigns, replaces=True),
            Extract(
                "google_ads__campaign_day",
                google.campaign_days,
                cursor="day",
                overlap=restated,
                restates=True,
            ),
        ),
        session=session,
    )


class GoogleAds:
    """The walks over some customer accounts."""

    def __init__(
        self,
        session: VendorSession,
        address: str,
        customers: tuple[str, ...],
        regions: dict[str, str],
        version: str = VERSION,
    ) -> None:
        self._session = session
        self._address = f"{address}/{version}/customers"
        self._customers = customers
        self._regions = regions
        is_timed = int(version.strip("v").partition(".")[0]) >= TIMED
        self._campaigns = CAMPAIGNS.format(time="_time" if is_timed else "")

    def campaigns(self, window: Window) -> Iterator[Page]:
        """Every campaign as it is now."""
        for customer in self._customers:
            for results in self._stream(customer, self._campaigns):
                yield {"google_ads__campaigns": [self._campaign(customer, one) for one in results]}

    def campaign_days(self, window: Window) -> Iterator[Page]:
        """Each day of each campaign that had impressions, from `since` until today."""
        today = datetime.now(UTC).date()
        last = window.until.date() - timedelta(days=1) if window.until else today
        for customer in self._customers:
            first = window.since.date() if window.since else self._first_day(customer, today)
            for days in day_ranges(first, last, RANGE_DAYS):
                question = MEASURES.format(first=days.first.isoformat(), last=days.last.isoformat())
                for results in self._stream(customer, question):
                    yield {"google_ads__campaign_day": [_day(customer, one) for one in results]}

    def _first_day(self, customer: str, today: date) -> date:
        starts = [
            date.fromisoformat(start)
            for results in self._stream(customer, self._campaigns)
            for one in results
            if (start := _day_of(one["campaign"], "start"))
        ]
        return min(starts, default=today - timedelta(days=FIRST_DAYS))

    def _stream(self, customer: str, question: str) -> Iterator[list[Row]]:
        url = f"{self._address}/{customer}/googleAds:searchStream"
        for batch in self._session.post_json(url, {"query": question}):
            yield batch.get("results") or []

    def _campaign(self, customer: str, result: Row) -> Row:
        campaign = result["campaign"]
        return {
            "id": campaign["id"],
            "customer_id": customer,
            "name": campaign.get("name"),
            "status": campaign.get("status"),
            "advertising_channel_type": campaign.get("advertisingChannelType"),
            "start_date": _day_of(campaign, "start"),
            "end_date": _day_of(campaign, "end"),
            "region": region_of(campaign.get("name"), self._regions),
            **unread(campaign, CAMPAIGN_FIELDS),
        }


def _day(customer: str, result: Row) -> Row:
    metrics = result.get("metrics") or {}
    micros = int(metrics.get("costMicros") or 0)  # int64 comes as text; zero is left out
    return {
        "day": result["segments"]["date"],
        "customer_id": customer,
        "campaign_id": result["campaign"]["id"],
        "campaign_name": result["campaign"].get("name"),
        "currency": dig(result, "customer", "currencyCode"),
        "cost_micros": micros,
        "cost": Decimal(micros) / 1_000_000,
        "impressions": metrics.get("impressions") or 0,
        "clicks": metrics.get("clicks") or 0,
        "conversions": metrics.get("conversions") or 0,
        **unread(metrics, METRIC_FIELDS),
    }


def _day_of(campaign: Row, end: str) -> str | None:
    told = campaign.get(f"{end}DateTime") or campaign.get(f"{end}Date")
    return told[:10] if told else None


def _digits(customer: object) -> str:
    return str(customer).replace("-", "")
