"""How HubSpot's CRM is read: lists by cursor, changes by search, histories by batch."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from ingest.answers import vendors_words
from ingest.contract import Column
from ingest.errors import IngestError
from ingest.extract import Window
from ingest.http import VendorSession
from ingest.new_columns import NUMBER, Fields, column_name
from ingest.paging import Walk
from ingest.rows import Row, dig, read_instant

PAGE = 100
PAGE_WITH_HISTORY = 50  # HubSpot's limit where history is asked for
SEARCH_PAGE = 200
NONE_FOUND = "NO_ASSOCIATIONS_FOUND"
MODIFIED = {"contacts": "lastmodifieddate"}  # other objects call it hs_lastmodifieddate


# What HubSpot's property types become; everything else is text.
PROPERTY_TYPES = {"number": NUMBER, "bool": "BOOLEAN", "date": "DATE", "datetime": "TIMESTAMP"}


class HubSpotApi:
    """Walks over the CRM objects of one portal."""

    def __init__(self, session: VendorSession, address: str) -> None:
        self._session = session
        self._address = address

    def records(
        self, kind: str, properties: tuple[str, ...], history: tuple[str, ...], window: Window
    ) -> Iterator[list[Row]]:
        """Pages of records of `kind` that changed in `window`.

        Search hides what is archived, and its list knows no condition: it is walked, and those that were
        archived since are kept. Those that were archived and are no longer listed as such are asked for by
        id, as nothing tells that they were restored. Search finds ids, batch/read brings their history.
        """
        properties = (*properties, *window.fields)
        live = (
            self._listed(kind, properties, history, archived=False)
            if window.since is None
            else (
                page
                for ids in self._search(kind, window.since, window.until)
                for page in self._read(kind, properties, history, ids)
            )
        )
        for page in live:
            yield _before(page, kind, window.until)
        archived: set[str] = set()
        for page in self._listed(kind, properties, history, archived=True):
            archived.update(one["id"] for one in page)
            fresh = [one for one in page if window.since is None or _archived_at(one) >= window.since]
            yield _before(fresh, kind, window.until)
        yield from self._read(kind, properties, history, sorted(window.flagged - archived))

    def custom(self, kind: str) -> Fields:
        """The portal's own properties of `kind`: those that HubSpot has not defined."""
        found = self._session.get_json(f"{self._address}/crm/v3/properties/{kind}")["results"]
        return {
            one["name"]: Column(column_name(one["name"]), PROPERTY_TYPES.get(one["type"], "VARCHAR"))
            for one in found
            if not one.get("hubspotDefined", False) and not one.get("archived", False)
        }

    def keys(self, kind: str) -> Iterator[list[str]]:
        """Pages of the keys of everything that is listed, archived or not."""
        for archived in (False, True):
            for page in self._listed(kind, ("hs_object_id",), (), archived):
                yield [record["id"] for record in page]

    def walk(self, path: str, asked: dict[str, Any]) -> Iterator[list[Row]]:
        """Every page of a list: `after` until there is no next."""
        after, walk = None, Walk(self._session.source, path)
        while True:
            more = asked if after is None else asked | {"after": after}
            answer = self._session.get_json(f"{self._address}{path}", more)
            yield answer["results"]
            after = next_page(answer)
            if after is None:
                return
            walk.on(after)

    def batch(self, path: str, body: dict[str, Any]) -> list[Row]:
        """The results of a batch. IngestError when HubSpot read a part of it only (status 207).

        What is not found is no error: the record went meanwhile, or has no associations.
        """
        answer = self._session.post_json(f"{self._address}{path}", body)
        for error in answer.get("errors") or ():
            if error.get("category") != "OBJECT_NOT_FOUND" and NONE_FOUND not in str(
                error.get("subCategory")
            ):
                raise IngestError(
                    self._session.source, f"POST {path} was answered in part: {vendors_words(error, '')}"
                )
        return answer["results"]

    def _listed(
        self, kind: str, properties: tuple[str, ...], history: tuple[str, ...], archived: bool
    ) -> Iterator[list[Row]]:
        asked: dict[str, Any] = {
            "limit": PAGE_WITH_HISTORY if history else PAGE,
            "properties": ",".join(properties),
            "archived": str(archived).lower(),
        }
        if history:
            asked["propertiesWithHistory"] = ",".join(history)
        yield from self.walk(f"/crm/v3/objects/{kind}", asked)

    def _search(self, kind: str, since: datetime, until: datetime | None = None) -> Iterator[list[str]]:
        """The ids of what was modified in the window, in their own order, each page asked for beyond the last id.

        Not in the order of change with `after`, which is a position: a record that changes meanwhile moves
        to the end, and the one that slips into its place would be on no page. Nor can 10,000 records of one
        instant end such a walk.
        """
        modified = MODIFIED.get(kind, "hs_lastmodifieddate")
        beyond, after = 0, None
        walk = Walk(self._session.source, f"the search for changed {kind}")
        while True:
            walk.on((beyond, after))
            body = _search_body(modified, since, until, beyond, after)
            answer = self._session.post_json(f"{self._address}/crm/v3/objects/{kind}/search", body)
            ids = [record["id"] for record in answer["results"]]
            yield ids
            after = next_page(answer)
            if after is None:
                return
            if ids:  # an empty page with a next one is followed by position
                beyond, after = max(int(one) for one in ids), None

    def _read(
        self, kind: str, properties: tuple[str, ...], history: tuple[str, ...], ids: list[str]
    ) -> Iterator[list[Row]]:
        for start in range(0, len(ids), PAGE_WITH_HISTORY):
            body = {
                "inputs": [{"id": one} for one in ids[start : start + PAGE_WITH_HISTORY]],
                "properties": list(properties),
                "propertiesWithHistory": list(history),
            }
            yield self.batch(f"/crm/v3/objects/{kind}/batch/read", body)


def next_page(answer: Row) -> str | None:
    """Where a list goes on; None on its last page."""
    return dig(answer, "paging", "next", "after")


def _search_body(
    modified: str, since: datetime, until: datetime | None, beyond: int, after: str | None
) -> Row:
    filters = [
        {"propertyName": modified, "operator": "GTE", "value": _millis(since)},
        {"propertyName": "hs_object_id", "operator": "GT", "value": str(beyond)},
    ]
    if until is not None:
        filters.append({"propertyName": modified, "operator": "LT", "value": _millis(until)})
    body: Row = {
        "filterGroups": [{"filters": filters}],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": ["hs_object_id"],
        "limit": SEARCH_PAGE,
    }
    return body if after is None else body | {"after": after}


def _millis(at: datetime) -> str:
    return str(int(at.replace(tzinfo=UTC).timestamp() * 1000))


def _archived_at(record: Row) -> datetime:
    told = record.get("archivedAt")
    return read_instant(told) if told else datetime.max  # not told: taken for new


def _before(records: list[Row], kind: str, until: datetime | None) -> list[Row]:
    if until is None:
        return records
    modified = MODIFIED.get(kind, "hs_lastmodifieddate")
    told = ((record, record["properties"].get(modified)) for record in records)
    return [record for record, at in told if not at or read_instant(at) < until]
