"""GA4: runReport by day, channel group, source, medium, campaign and landing page; the export as a file."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from infra.sandbox.company import Visit
from infra.sandbox.reply import json_reply
from infra.sandbox.tokens import TokenDesk
from infra.sandbox.world import World

PROPERTY = "330000001"
MOST_ROWS = 250_000
GROUPS = {
    "paid_social": "Paid Social",
    "paid_search": "Paid Search",
    "organic_search": "Organic Search",
    "email": "Email",
    "events": "Unassigned",
    "referral": "Referral",
    "direct": "Direct",
}
Key = tuple[str, ...]


class Ga4:
    """The vendor's slice of the world."""

    def __init__(self, world: World) -> None:
        self.desk = TokenDesk("ya29.ga4.")
        self.world = world

    def routes(self) -> list[Route]:
        """The vendor's addresses below its mount point."""
        path = "/v1beta/properties/{number}:runReport"
        return [Route(path, self.run_report, methods=["POST"]), self.desk.route("/token")]

    async def run_report(self, request: Request) -> Response:
        """POST runReport: `limit` and `offset` are text, `rowCount` counts every row of the report."""
        if request.path_params["number"] != PROPERTY:
            return _problem(403, "PERMISSION_DENIED", "User does not have sufficient permissions")
        asked = await request.json()
        span = asked["dateRanges"][0]
        rows = self._rows(date.fromisoformat(span["startDate"]), date.fromisoformat(span["endDate"]))
        start, limit = int(asked.get("offset", 0)), min(int(asked.get("limit", 10_000)), MOST_ROWS)
        return json_reply(
            {
                "dimensionHeaders": asked["dimensions"],
                "metricHeaders": [{**one, "type": "TYPE_INTEGER"} for one in asked["metrics"]],
                "rows": rows[start : start + limit],
                "rowCount": len(rows),
                "metadata": {"currencyCode": "USD", "timeZone": "Etc/UTC"},
                "propertyQuota": {"tokensPerDay": {"consumed": 10, "remaining": 199_990}},
                "kind": "analyticsData#runReport",
            }
        )

    def _rows(self, first: date, last: date) -> list[dict[str, Any]]:
        counted: dict[Key, list[Visit]] = defaultdict(list)
        for visit in self.world.company.visits:
            if visit.at <= self.world.now and first <= visit.at.date() <= last:
                counted[_key(visit)].append(visit)
        return [_row(key, counted[key]) for key in sorted(counted)]


def write_export(visits: Sequence[Visit], now: datetime, folder: Path) -> None:
    """Write the BigQuery export up to now in its nested shape: `events_YYYYMM.parquet`."""
    by_month: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for number, visit in enumerate(visits):
        if visit.at <= now:
            by_month[f"{visit.at:%Y%m}"] += _export_rows(number, visit)
    folder.mkdir(parents=True, exist_ok=True)
    for month, rows in by_month.items():
        pq.write_table(pa.Table.from_pylist(rows, schema=EXPORT), folder / f"events_{month}.parquet")


_VALUE = pa.struct([("string_value", pa.string()), ("int_value", pa.int64()), ("double_value", pa.float64())])
EXPORT = pa.schema(
    [
        ("event_date", pa.string()),
        ("event_timestamp", pa.int64()),
        ("event_name", pa.string()),
        ("event_params", pa.list_(pa.struct([("key", pa.string()), ("value", _VALUE)]))),
        ("user_id", pa.string()),
        ("user_pseudo_id", pa.string()),
        (
            "traffic_source",
            pa.struct([("name", pa.string()), ("medium", pa.string()), ("source", pa.string())]),
        ),
    ]
)


def _export_rows(number: int, visit: Visit) -> Iterator[dict[str, Any]]:
    names = ("session_start", "page_view", *(("generate_lead",) if visit.is_conversion else ()))
    at = int(visit.at.replace(tzinfo=UTC).timestamp() * 1_000_000)
    params = {
        "page_location": f"https://www.touch.example{visit.landing_page}",
        "source": visit.source,
        "medium": visit.medium,
    }
    if visit.campaign:
        params["campaign"] = visit.campaign
    listed = [{"key": key, "value": {"string_value": value}} for key, value in params.items()]
    for offset, name in enumerate(names):
        yield {
            "event_date": f"{visit.at:%Y%m%d}",
            "event_timestamp": at + offset * 1_000_000,
            "event_name": name,
            "event_params": [
                {"key": "ga_session_id", "value": {"int_value": 1_700_000_000 + number}},
                *listed,
            ],
            "user_id": None,
            "user_pseudo_id": visit.user,
            "traffic_source": {"name": visit.campaign, "medium": visit.medium, "source": visit.source},
        }


def _key(visit: Visit) -> Key:
    campaign = visit.campaign or "(not set)"
    return (
        f"{visit.at:%Y%m%d}",
        GROUPS[visit.channel],
        visit.source,
        visit.medium,
        campaign,
        visit.landing_page,
    )


def _row(key: Key, visits: list[Visit]) -> dict[str, Any]:
    conversions = sum(visit.is_conversion for visit in visits)
    numbers = (len(visits), conversions, len({visit.user for visit in visits}), conversions)
    return {
        "dimensionValues": [{"value": value} for value in key],
        "metricValues": [{"value": str(number)} for number in numbers],
    }


def _problem(status: int, name: str, message: str) -> Response:
    return json_reply({"error": {"code": status, "message": message, "status": name}}, status)
