"""Google Analytics 4: sessions by day, channel and landing page (runReport); the BigQuery export from files."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from ingest.days import day_ranges
from ingest.errors import IngestError
from ingest.extract import Connector, Extract, Page, Window
from ingest.files import read_batches
from ingest.fingerprint import fingerprint
from ingest.http import VendorSession
from ingest.oauth import refreshing
from ingest.rows import Row
from ingest.sources_file import SourceSettings

DEFAULT_ADDRESS = "https://analyticsdata.googleapis.com"
TOKEN_URL = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
PAGE = 50_000
RANGE_DAYS = 92
RESTATED_DAYS = 3  # GA4 completes a day within 72 hours
FIRST_DAYS = 3 * 365
DIMENSIONS = {
    "date": "day",
    "sessionDefaultChannelGroup": "channel_group",
    "sessionSource": "source",
    "sessionMedium": "medium",
    "sessionCampaignName": "campaign",
    "landingPage": "landing_page",
}
METRICS = {
    "sessions": "sessions",
    "engagedSessions": "engaged_sessions",
    "totalUsers": "total_users",
    "keyEvents": "key_events",
}


def connect(settings: SourceSettings) -> Connector:
    """The connector for `settings`: `base_url`, `token_url`, `properties` (ids), `start` (first day),
    `client_id_env`, `client_secret_env`, `refresh_token_env`; `export`: a folder with the BigQuery export's
    `events_*.parquet`, and `key_events`: names of events that count as conversions."""
    extracts: list[Extract] = []
    requests_made = [lambda: 0]
    if "properties" in settings.options:
        session = VendorSession(settings.name, refreshing(settings, TOKEN_URL).authority())
        address = str(settings.options.get("base_url", DEFAULT_ADDRESS)).rstrip("/")
        properties = tuple(str(one) for one in settings.options["properties"])
        walk = partial(_sessions, session, address, properties, _first_day(settings))
        restated = timedelta(days=int(settings.options.get("restated_days", RESTATED_DAYS)))
        extracts.append(Extract("ga4__sessions", walk, cursor="day", overlap=restated))
        requests_made = [lambda: session.requests_made]
    if "export" in settings.options:
        files = _export_files(settings)
        key_events = frozenset(settings.options.get("key_events", ("generate_lead",)))
        extracts.append(Extract("ga4__events", partial(_events, files, key_events), replaces=True))
    if not extracts:
        raise IngestError(settings.name, "the sources file gives neither 'properties' nor 'export' for it")
    return Connector(settings.name, tuple(extracts), requests_made[0])


def _first_day(settings: SourceSettings) -> date:
    start = settings.options.get("start")
    if start is not None:
        return start if isinstance(start, date) else date.fromisoformat(str(start))
    return datetime.now(UTC).date() - timedelta(days=FIRST_DAYS)


def _sessions(
    session: VendorSession, address: str, properties: tuple[str, ...], start: date, window: Window
) -> Iterator[Page]:
    """Each day from `since` or `start` until today; `offset` until `rowCount` rows are read."""
    first = window.since.date() if window.since else start
    last = window.until.date() - timedelta(days=1) if window.until else datetime.now(UTC).date()
    for number in properties:
        url = f"{address}/v1beta/properties/{number}:runReport"
        for days in day_ranges(first, last, RANGE_DAYS):
            offset, total = 0, 1
            while offset < total:
                answer = session.post_json(url, _report(days.first, days.last, offset))
                total = int(answer.get("rowCount", 0))
                rows = answer.get("rows", [])
                if not rows and offset < total:
                    raise IngestError(session.source, f"the report ends at row {offset} of {total}")
                offset += len(rows)
                yield {"ga4__sessions": [_session(number, row) for row in rows]}


def _report(first: date, last: date, offset: int) -> dict[str, Any]:
    return {
        "dateRanges": [{"startDate": first.isoformat(), "endDate": last.isoformat()}],
        "dimensions": [{"name": name} for name in DIMENSIONS],
        "metrics": [{"name": name} for name in METRICS],
        "limit": str(PAGE),
        "offset": str(offset),
        # Without an order, pages of a report may overlap.
        "orderBys": [{"dimension": {"dimensionName": name}} for name in DIMENSIONS],
    }


def _session(number: str, row: Row) -> Row:
    said = [value["value"] for value in row["dimensionValues"]]
    counted = [value["value"] for value in row["metricValues"]]
    named = dict(zip(DIMENSIONS.values(), said, strict=True)) | dict(
        zip(METRICS.values(), counted, strict=True)
    )
    day = named["day"]
    return named | {"property_id": number, "day": f"{day[:4]}-{day[4:6]}-{day[6:]}"}


def _export_files(settings: SourceSettings) -> tuple[Path, ...]:
    folder = settings.folder / str(settings.options["export"])
    files = tuple(sorted(folder.glob("events_*.parquet"))) if folder.is_dir() else ()
    if not files:
        raise IngestError(settings.name, f"the export folder {str(folder)!r} has no events_*.parquet")
    return files


def _events(files: tuple[Path, ...], key_events: frozenset[str], window: Window) -> Iterator[Page]:
    for file in files:
        for _, rows in read_batches(file):
            yield {"ga4__events": [_event(row, key_events) | {"_source_file": file.name} for row in rows]}


def _event(row: Row, key_events: frozenset[str]) -> Row:
    """An event of the export; `event_params` is a list of {key, value: {string_value, int_value, ...}}."""
    params = {one["key"]: one["value"] for one in row.get("event_params") or ()}
    source = row.get("traffic_source") or {}
    name, user, at = row["event_name"], row.get("user_pseudo_id"), row["event_timestamp"]
    session_id = params.get("ga_session_id", {}).get("int_value")
    day = str(row["event_date"])
    return {
        "event_id": fingerprint(user, session_id, name, at),
        "event_date": f"{day[:4]}-{day[4:6]}-{day[6:8]}",
        "event_at": int(at) // 1000,  # microseconds in the export
        "event_name": name,
        "user_pseudo_id": user,
        "user_id": row.get("user_id"),
        "ga_session_id": session_id,
        "page_location": _text(params, "page_location"),
        "source": _text(params, "source") or source.get("source"),
        "medium": _text(params, "medium") or source.get("medium"),
        "campaign": _text(params, "campaign") or source.get("name"),
        "is_key_event": name in key_events,
    }


def _text(params: dict[str, Row], key: str) -> str | None:
    return params.get(key, {}).get("string_value")
