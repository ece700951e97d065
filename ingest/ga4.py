"""Google Analytics 4: sessions by day, channel and landing page (runReport); the BigQuery export from files."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ingest import refusals
from ingest.days import day_ranges
from ingest.errors import IngestError
from ingest.extract import Connector, Extract, Page, Window
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
BATCH = 20_000
# An event of the export; `event_params` is a list of {key, value: {string_value, int_value, ...}}, and
# `event_timestamp` counts microseconds. The key is `fingerprint` of user, session, name and instant.
FLATTENED = """
    WITH event AS (
        SELECT *, list_filter(event_params, lambda p: p.key = 'ga_session_id')[1].value.int_value AS session_id,
            list_filter(event_params, lambda p: p.key = 'page_location')[1].value.string_value AS page_location,
            list_filter(event_params, lambda p: p.key = 'source')[1].value.string_value AS source,
            list_filter(event_params, lambda p: p.key = 'medium')[1].value.string_value AS medium,
            list_filter(event_params, lambda p: p.key = 'campaign')[1].value.string_value AS campaign
        FROM read_parquet($1, filename = true))
    SELECT
        left(sha256(concat_ws(chr(31), coalesce(user_pseudo_id, ''), coalesce(session_id::VARCHAR, ''),
            event_name, event_timestamp::VARCHAR)), 32) AS event_id,
        strptime(event_date::VARCHAR, '%Y%m%d')::DATE AS event_date,
        make_timestamp(event_timestamp // 1000 * 1000) AS event_at,
        event_name,
        user_pseudo_id,
        user_id,
        session_id AS ga_session_id,
        page_location,
        coalesce(source, traffic_source.source) AS source,
        coalesce(medium, traffic_source.medium) AS medium,
        coalesce(campaign, traffic_source.name) AS campaign,
        list_contains($2, event_name) AS is_key_event,
        parse_filename(filename) AS _source_file
    FROM event"""


def connect(settings: SourceSettings) -> Connector:
    """The connector for `settings`: `base_url`, `token_url`, `properties` (ids), `start` (first day),
    `client_id_env`, `client_secret_env`, `refresh_token_env`; `export`: a folder with the BigQuery export's
    `events_*.parquet`, and `key_events`: names of events that count as conversions."""
    extracts: list[Extract] = []
    session: VendorSession | None = None
    if "properties" in settings.options:
        session = VendorSession(
            settings.name, refreshing(settings, TOKEN_URL).authority(), refusal=refusals.google
        )
        address = str(settings.options.get("base_url", DEFAULT_ADDRESS)).rstrip("/")
        properties = settings.names("properties")
        flags: dict[str, int] = {}  # how often the report was said to be incomplete, and how
        walk = partial(_sessions, session, address, properties, _first_day(settings), flags)
        restated = timedelta(days=int(settings.options.get("restated_days", RESTATED_DAYS)))
        extracts.append(
            Extract(
                "ga4__sessions",
                walk,
                cursor="day",
                overlap=restated,
                restates=True,
                notes=lambda: tuple(f"{count} reports: {flag}" for flag, count in flags.items()),
            )
        )
    if "export" in settings.options:
        files = _export_files(settings)
        key_events = frozenset(settings.names("key_events", ("generate_lead",)))
        extracts.append(Extract("ga4__events", partial(_events, files, key_events), replaces=True))
    if not extracts:
        raise IngestError(settings.name, "the sources file gives neither 'properties' nor 'export' for it")
    return Connector(settings.name, tuple(extracts), session)


def _first_day(settings: SourceSettings) -> date:
    start = settings.options.get("start")
    if start is not None:
        return start if isinstance(start, date) else date.fromisoformat(str(start))
    return datetime.now(UTC).date() - timedelta(days=FIRST_DAYS)


def _sessions(
    session: VendorSession,
    address: str,
    properties: tuple[str, ...],
    start: date,
    flags: dict[str, int],
    window: Window,
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
                for flag in _flags(answer.get("metadata") or {}):
                    flags[flag] = flags.get(flag, 0) + 1
                rows = answer.get("rows") or []
                if not rows and offset < total:
                    raise IngestError(session.source, f"the report ends at row {offset} of {total}")
                offset += len(rows)
                yield {"ga4__sessions": [_session(number, row) for row in rows]}


def _flags(metadata: dict[str, Any]) -> Iterator[str]:
    """What GA4 says of a report that is not all there is."""
    if metadata.get("subjectToThresholding"):
        yield "GA4 withholds rows of few users (subjectToThresholding)"
    if metadata.get("dataLossFromOtherRow"):
        yield "GA4 sums up rare rows as (other) (dataLossFromOtherRow)"
    if metadata.get("samplingMetadatas"):
        yield "GA4 has sampled (samplingMetadatas)"


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
    if isinstance(day, str):
        day = f"{day[:4]}-{day[4:6]}-{day[6:]}"
    return named | {"property_id": number, "day": day}


def _export_files(settings: SourceSettings) -> tuple[Path, ...]:
    folder = settings.folder / str(settings.options["export"])
    files = tuple(sorted(folder.glob("events_*.parquet"))) if folder.is_dir() else ()
    if not files:
        raise IngestError(settings.name, f"the export folder {str(folder)!r} has no events_*.parquet")
    return files


def _events(files: tuple[Path, ...], key_events: frozenset[str], window: Window) -> Iterator[Page]:
    """The export's events, flattened by DuckDB: a month may hold millions, each with nested parameters."""
    with duckdb.connect() as connection:  # one for all: to open it takes longer than to read a month
        for file in files:
            try:
                found = connection.execute(FLATTENED, [str(file), sorted(key_events)])
                for batch in found.to_arrow_reader(BATCH):
                    yield {"ga4__events": pa.Table.from_batches([batch])}
            except duckdb.Error as error:
                raise IngestError("ga4", f"{file}: cannot be read: {str(error).splitlines()[0]}") from None
