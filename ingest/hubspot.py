"""HubSpot: contacts with their lifecycle history, and form submissions (CRM v3, forms v3, submissions v1)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ingest.contract import promised
from ingest.extract import Connector, Extract, Page, Window
from ingest.fingerprint import fingerprint
from ingest.http import Authority, VendorSession
from ingest.rows import Row
from ingest.sources_file import SourceSettings

DEFAULT_ADDRESS = "https://api.hubapi.com"
HISTORY = "lifecyclestage"
PAGE_WITH_HISTORY = 50  # HubSpot's limit where history is asked for
SEARCH_PAGE = 200
SEARCH_CAP = 10_000  # a search never returns more; the walk starts again from where it came to
SUBMISSIONS_PAGE = 50
# Columns that are not properties of the contact, but said beside them.
_BESIDE = ("id", "archived", "archived_at", "_loaded_at")
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_content")


def connect(settings: SourceSettings) -> Connector:
    """The connector for `settings`: `base_url`, `token_env` (a private app's token)."""
    token = settings.secret("token")
    session = VendorSession(settings.name, Authority(lambda: token))
    hubspot = HubSpot(session, str(settings.options.get("base_url", DEFAULT_ADDRESS)).rstrip("/"))
    return Connector(
        source=settings.name,
        extracts=(
            Extract(
                "hubspot__contacts",
                hubspot.contacts,
                cursor="lastmodifieddate",
                also=("hubspot__contact_lifecycle",),
            ),
            Extract("hubspot__form_submissions", hubspot.form_submissions, cursor="submitted_at"),
        ),
        requests_made=lambda: session.requests_made,
        after_load=DROP_MERGED,
    )


# A merged contact is no longer listed by HubSpot; the survivor names it, and keeps its history and e-mails.
_MERGED = "SELECT unnest(string_split(hs_merged_object_ids, ';')) FROM raw.hubspot__contacts"
DROP_MERGED = (
    f"DELETE FROM raw.hubspot__contact_lifecycle WHERE contact_id IN ({_MERGED})",  # noqa: S608 - constants
    f"DELETE FROM raw.hubspot__contacts WHERE id IN ({_MERGED})",  # noqa: S608 - constants
)


class HubSpot:
    """The walks over one portal."""

    def __init__(self, session: VendorSession, address: str) -> None:
        self._session = session
        self._contacts = f"{address}/crm/v3/objects/contacts"
        self._forms = f"{address}/marketing/v3/forms"
        self._submissions = f"{address}/form-integrations/v1/submissions/forms"
        columns = (column.name for column in promised("hubspot__contacts").columns)
        self._properties = tuple(name for name in columns if name not in _BESIDE)

    def contacts(self, window: Window) -> Iterator[Page]:
        """Everyone, or those who changed since; archived contacts are always walked, search hides them."""
        since = window.since
        records = self._listed(archived=False) if since is None else self._changed(since)
        for page in records:
            yield _contact_page(page, window)
        for page in self._listed(archived=True):
            yield _contact_page(page, window)

    def form_submissions(self, window: Window) -> Iterator[Page]:
        """The submissions of every form; each form is walked from its newest back to `since`."""
        for form in self._all_forms():
            yield from self._submissions_of(form, window)

    def _listed(self, archived: bool) -> Iterator[list[Row]]:
        asked = {
            "limit": PAGE_WITH_HISTORY,
            "properties": ",".join(self._properties),
            "propertiesWithHistory": HISTORY,
            "archived": str(archived).lower(),
        }
        yield from self._walk(self._contacts, asked)

    def _changed(self, since: datetime) -> Iterator[list[Row]]:
        """Search finds the ids, batch/read brings their history, which search does not carry."""
        while True:
            found, last = 0, since
            for ids, modified in self._search(since):
                yield from self._read(ids)
                found, last = found + len(ids), modified
            if found < SEARCH_CAP or last == since:
                return
            since = last

    def _search(self, since: datetime) -> Iterator[tuple[list[str], datetime]]:
        after: str | None = None
        found = 0
        while True:
            answer = self._session.post_json(f"{self._contacts}/search", _search_body(since, after))
            results = answer["results"]
            found += len(results)
            if results:
                newest = results[-1]["properties"]["lastmodifieddate"]
                at = datetime.fromisoformat(newest).astimezone(UTC).replace(tzinfo=None)
                yield [record["id"] for record in results], at
            after = _next(answer)
            if after is None or found >= SEARCH_CAP:
                return

    def _read(self, ids: list[str]) -> Iterator[list[Row]]:
        for start in range(0, len(ids), PAGE_WITH_HISTORY):
            body = {
                "inputs": [{"id": one} for one in ids[start : start + PAGE_WITH_HISTORY]],
                "properties": list(self._properties),
                "propertiesWithHistory": [HISTORY],
            }
            yield self._session.post_json(f"{self._contacts}/batch/read", body)["results"]

    def _all_forms(self) -> Iterator[Row]:
        for page in self._walk(self._forms, {"limit": 100}):
            yield from page

    def _submissions_of(self, form: Row, window: Window) -> Iterator[Page]:
        for page in self._walk(f"{self._submissions}/{form['id']}", {"limit": SUBMISSIONS_PAGE}):
            rows = [_submission(form, record) for record in page]
            if window.since is not None:
                since = window.since.replace(tzinfo=UTC).timestamp() * 1000
                fresh = [row for row in rows if row["submitted_at"] >= since]
                yield {"hubspot__form_submissions": fresh}
                if len(fresh) < len(rows):
                    return
            else:
                yield {"hubspot__form_submissions": rows}

    def _walk(self, url: str, asked: dict[str, Any]) -> Iterator[list[Row]]:
        """Every page of a list: `limit`, then `after` until there is no next."""
        after: str | None = None
        while True:
            answer = self._session.get_json(url, asked if after is None else asked | {"after": after})
            yield answer["results"]
            after = _next(answer)
            if after is None:
                return


def _next(answer: Row) -> str | None:
    return answer.get("paging", {}).get("next", {}).get("after")


def _search_body(since: datetime, after: str | None) -> Row:
    millis = int(since.replace(tzinfo=UTC).timestamp() * 1000)
    changed = {"propertyName": "lastmodifieddate", "operator": "GTE", "value": str(millis)}
    body: Row = {
        "filterGroups": [{"filters": [changed]}],
        "sorts": [{"propertyName": "lastmodifieddate", "direction": "ASCENDING"}],
        "properties": ["lastmodifieddate"],
        "limit": SEARCH_PAGE,
    }
    return body if after is None else body | {"after": after}


def _contact_page(records: list[Row], window: Window) -> Page:
    kept = [record for record in records if _is_wanted(record, window)]
    return {
        "hubspot__contacts": [_contact(record) for record in kept],
        "hubspot__contact_lifecycle": [row for record in kept for row in _lifecycle(record)],
    }


def _is_wanted(record: Row, window: Window) -> bool:
    if window.until is None:
        return True
    modified = datetime.fromisoformat(record["properties"]["lastmodifieddate"])
    return modified.astimezone(UTC).replace(tzinfo=None) < window.until


def _contact(record: Row) -> Row:
    return {
        **record["properties"],
        "id": record["id"],
        "archived": record.get("archived", False),
        "archived_at": record.get("archivedAt"),
    }


def _lifecycle(record: Row) -> Iterator[Row]:
    for change in record.get("propertiesWithHistory", {}).get(HISTORY, ()):
        if change["value"]:
            yield {
                "contact_id": record["id"],
                "stage": change["value"],
                "occurred_at": change["timestamp"],
                "source_type": change.get("sourceType"),
                "source_id": change.get("sourceId"),
            }


def _submission(form: Row, record: Row) -> Row:
    fields = {field["name"]: field["value"] for field in record["values"]}
    tagged = {name: values[0] for name, values in parse_qs(urlsplit(record.get("pageUrl", "")).query).items()}
    email = fields.get("email")
    return {
        "submission_id": record.get("conversionId") or fingerprint(form["id"], email, record["submittedAt"]),
        "form_id": form["id"],
        "form_name": form.get("name"),
        "email": email,
        "submitted_at": record["submittedAt"],
        "page_url": record.get("pageUrl"),
        **{name: fields.get(name) or tagged.get(name) for name in UTM},
        "content": fields.get("content"),
        "content_type": fields.get("content_type"),
    }
