"""HubSpot: contacts with their lifecycle history and companies, form submissions, and the other objects."""

from collections.abc import Iterator
from datetime import UTC
from functools import lru_cache, partial
from urllib.parse import parse_qs

from ingest import refusals
from ingest.contract import promised
from ingest.extract import Connector, Extract, Page, Window
from ingest.fingerprint import fingerprint
from ingest.http import Authority, VendorSession
from ingest.hubspot_api import HubSpotApi
from ingest.hubspot_objects import DROP_EMPTY, HubSpotObjects, flat
from ingest.rows import Row
from ingest.sources_file import SourceSettings
from ingest.unread import unread

DEFAULT_ADDRESS = "https://api.hubapi.com"
HISTORY = "lifecyclestage"
SUBMISSIONS_PAGE = 50
# Columns that are not properties of the contact, but said beside them.
_BESIDE = ("id", "archived", "archived_at", "_loaded_at")
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_content")


def connect(settings: SourceSettings) -> Connector:
    """The connector for `settings`: `base_url`, `token_env` (a private app's token)."""
    token = settings.secret("token")
    session = VendorSession(settings.name, Authority(lambda: token), refusal=refusals.hubspot)
    address = str(settings.options.get("base_url", DEFAULT_ADDRESS)).rstrip("/")
    objects = HubSpotObjects(session, address)
    hubspot = HubSpot(session, address, objects)
    return Connector(
        source=settings.name,
        extracts=(
            Extract(
                "hubspot__contacts",
                hubspot.contacts,
                cursor="lastmodifieddate",
                also=("hubspot__contact_lifecycle", "hubspot__associations"),
                further=partial(hubspot.api.custom, "contacts"),
                flag="archived",
            ),
            Extract("hubspot__form_submissions", hubspot.form_submissions, cursor="submitted_at"),
            *objects.extracts(),
        ),
        session=session,
        after_load=FOLLOW,
        sweeps=objects.sweeps(),
        sweep_days=settings.sweep_days,
    )


MERGEABLE = ("contacts", "companies", "deals")
OWN_ROWS = {
    "contacts": ("hubspot__contact_lifecycle", "contact_id"),
    "deals": ("hubspot__deal_stages", "deal_id"),
}


def _follow_merges(kind: str) -> Iterator[str]:
    """A merged record is no longer listed; the survivor names it, and keeps its history and associations."""
    pairs = (
        f"SELECT id AS kept, unnest(string_split(hs_merged_object_ids, ';')) AS gone FROM raw.hubspot__{kind}"  # noqa: S608 - constants
    )
    gone = f"SELECT gone FROM ({pairs})"  # noqa: S608 - constants
    if kind in OWN_ROWS:
        table, column = OWN_ROWS[kind]
        yield f"DELETE FROM raw.{table} WHERE {column} IN ({gone})"  # noqa: S608 - constants
    links = "raw.hubspot__associations"
    yield f"DELETE FROM {links} WHERE from_object = '{kind}' AND from_id IN ({gone})"  # noqa: S608 - constants
    yield (
        f"UPDATE {links} AS a SET to_id = kept FROM ({pairs}) AS m "  # noqa: S608 - constants
        f"WHERE a.to_object = '{kind}' AND a.to_id = gone"
    )
    yield (
        f"DELETE FROM {links} WHERE to_object = '{kind}' AND to_id IN (SELECT kept FROM ({pairs})) "  # noqa: S608 - constants
        f"AND rowid NOT IN (SELECT min(rowid) FROM {links} WHERE to_id IN (SELECT kept FROM ({pairs})) "
        "GROUP BY from_object, from_id, to_object, to_id, label)"
    )
    yield f"DELETE FROM raw.hubspot__{kind} WHERE id IN ({gone})"  # noqa: S608 - constants


FOLLOW = (
    *(statement for kind in MERGEABLE for statement in _follow_merges(kind)),
    DROP_EMPTY,
    # HubSpot cuts the associations of what it archives; those that others have to it do not change them.
    *(
        f"DELETE FROM raw.hubspot__associations WHERE {end}_object = '{kind}' "  # noqa: S608 - constants
        f"AND {end}_id IN (SELECT id FROM raw.hubspot__{kind} WHERE archived)"
        for kind in MERGEABLE
        for end in ("from", "to")
    ),
)


class HubSpot:
    """The walks over one portal's people."""

    def __init__(self, session: VendorSession, address: str, objects: HubSpotObjects) -> None:
        self.api = HubSpotApi(session, address)
        self._objects = objects
        columns = (column.name for column in promised("hubspot__contacts").columns)
        self._properties = tuple(name for name in columns if name not in _BESIDE)

    def contacts(self, window: Window) -> Iterator[Page]:
        """Everyone, or those who changed since, with the history of their stage and their companies."""
        for records in self.api.records("contacts", self._properties, (HISTORY,), window):
            yield {
                "hubspot__contacts": [flat(record, window.fields) for record in records],
                "hubspot__contact_lifecycle": [row for record in records for row in _lifecycle(record)],
                "hubspot__associations": list(self._objects.associations("contacts", records)),
            }

    def form_submissions(self, window: Window) -> Iterator[Page]:
        """The submissions of every form; each form is walked from its newest back to `since`."""
        for forms in self.api.walk("/marketing/v3/forms", {"limit": 100}):
            for form in forms:
                yield from self._submissions_of(form, window)

    def _submissions_of(self, form: Row, window: Window) -> Iterator[Page]:
        since = window.since.replace(tzinfo=UTC).timestamp() * 1000 if window.since else 0
        path = f"/form-integrations/v1/submissions/forms/{form['id']}"
        for page in self.api.walk(path, {"limit": SUBMISSIONS_PAGE}):
            fresh = [_submission(form, record) for record in page if record["submittedAt"] >= since]
            yield {"hubspot__form_submissions": fresh}
            if len(fresh) < len(page):
                return


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


@lru_cache(maxsize=4096)
def _tags(query: str) -> dict[str, str]:
    """The parameters of a page's address, whatever a browser sent; most forms are sent from few addresses."""
    return {name: values[0] for name, values in parse_qs(query).items()}


def _submission(form: Row, record: Row) -> Row:
    fields = {field["name"]: field.get("value") for field in record.get("values") or ()}
    tagged = _tags((record.get("pageUrl") or "").partition("?")[2].partition("#")[0])
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
        **unread(record, ("conversionId", "submittedAt", "values", "pageUrl")),
    }
