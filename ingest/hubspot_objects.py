"""HubSpot beside contacts and forms: companies, deals, associations, pipelines, owners, e-mails, campaigns."""

from collections.abc import Iterator
from datetime import UTC
from functools import partial
from typing import Any

from ingest.contract import promised
from ingest.extract import Extract, Page, Window
from ingest.http import VendorSession
from ingest.hubspot_api import HubSpotApi, next_page
from ingest.new_columns import Fields
from ingest.paging import Walk
from ingest.rows import Row
from ingest.sweep import Dependent, Sweep
from ingest.unread import unread

EMAIL_EVENT_TYPES = ("SENT", "DELIVERED", "OPEN", "CLICK", "BOUNCE")
EVENTS_PAGE = 1_000
# What an e-mail event is documented to hold: what is read, and what is of no use and sometimes personal.
EVENT_FIELDS = frozenset(
    [
        "id",
        "type",
        "recipient",
        "emailCampaignId",
        "created",
        "url",
        "userAgent",
        "filteredEvent",
        "appId",
        "appName",
        "attempt",
        "bounced",
        "category",
        "deviceType",
        "dropMessage",
        "dropReason",
        "duration",
        "emailCampaignGroupId",
        "from",
        "hmid",
        "ipAddress",
        "linkId",
        "portalId",
        "portalSubscriptionStatus",
        "referer",
        "requestedBy",
        "response",
        "smtpId",
        "status",
        "subject",
        "suppressedMessage",
        "suppressedReason",
    ]
)
SWEPT_AT_ONCE = 50_000  # records of a kind: five hundred pages of keys, a thousandth of a day's calls
DROP_EMPTY = "DELETE FROM raw.hubspot__associations WHERE to_id IS NULL"
ASSOCIATED = {"contacts": ("companies",), "deals": ("companies", "contacts")}
_BESIDE = ("id", "archived", "archived_at", "_loaded_at")


class HubSpotObjects:
    """The walks over one portal's other objects."""

    def __init__(self, session: VendorSession, address: str) -> None:
        self._session = session
        self._address = address
        self._api = HubSpotApi(session, address)

    def extracts(self) -> tuple[Extract, ...]:
        """What is loaded of them."""
        deals_fill = ("hubspot__deal_stages", "hubspot__associations")
        return (
            Extract(
                "hubspot__companies",
                self.companies,
                cursor="hs_lastmodifieddate",
                further=partial(self._api.custom, "companies"),
                flag="archived",
            ),
            Extract(
                "hubspot__deals",
                self.deals,
                cursor="hs_lastmodifieddate",
                also=deals_fill,
                further=partial(self._api.custom, "deals"),
                flag="archived",
            ),
            Extract("hubspot__pipelines", self.pipelines, replaces=True),
            Extract("hubspot__owners", self.owners, replaces=True),
            Extract("hubspot__campaigns", self.campaigns, replaces=True),
            Extract("hubspot__emails", self.emails, replaces=True),
            Extract("hubspot__email_events", self.email_events, cursor="occurred_at"),
        )

    def companies(self, window: Window) -> Iterator[Page]:
        """Every company, or those that changed since."""
        for page in self._api.records("companies", _properties("hubspot__companies"), (), window):
            yield {"hubspot__companies": [flat(record, window.fields) for record in page]}

    def deals(self, window: Window) -> Iterator[Page]:
        """Every deal with its stage history and whom it belongs to, or those that changed since."""
        for page in self._api.records("deals", _properties("hubspot__deals"), ("dealstage",), window):
            yield {
                "hubspot__deals": [flat(record, window.fields) for record in page],
                "hubspot__deal_stages": [row for record in page for row in _stages(record)],
                "hubspot__associations": list(self.associations("deals", page)),
            }

    def associations(self, kind: str, records: list[Row]) -> Iterator[Row]:
        """What `records` of `kind` belong to (associations v4, batch/read).

        The associations of a record are replaced as a set, also by the empty one: each record has a row that
        names nothing, and that DROP_EMPTY takes away after the load.
        """
        yield from ({"from_object": kind, "from_id": record["id"]} for record in records)
        live = [{"id": record["id"]} for record in records if not record.get("archived")]
        for other in ASSOCIATED[kind]:
            path = f"/crm/v4/associations/{kind}/{other}/batch/read"
            inputs, walk = live, Walk(self._session.source, path)
            while inputs:
                walk.on(tuple((one["id"], one.get("after")) for one in inputs))
                results = self._api.batch(path, {"inputs": inputs})
                for found in results:
                    yield from _links(kind, other, found)
                more = ((found["from"]["id"], next_page(found)) for found in results)
                inputs = [{"id": key, "after": after} for key, after in more if after is not None]

    def sweeps(self) -> tuple[Sweep, ...]:
        """How to list what still exists of contacts, companies and deals, and what goes with each."""
        own = {
            "contacts": Dependent("hubspot__contact_lifecycle", "contact_id"),
            "deals": Dependent("hubspot__deal_stages", "deal_id"),
        }
        return tuple(
            Sweep(
                f"hubspot__{kind}",
                partial(self._api.keys, kind),
                (
                    *((own[kind],) if kind in own else ()),
                    Dependent("hubspot__associations", "from_id", f"from_object = '{kind}'"),
                    Dependent("hubspot__associations", "to_id", f"to_object = '{kind}'"),
                ),
                SWEPT_AT_ONCE,
            )
            for kind in ("contacts", "companies", "deals")
        )

    def pipelines(self, window: Window) -> Iterator[Page]:
        """Every stage of every deal pipeline."""
        answer = self._session.get_json(f"{self._address}/crm/v3/pipelines/deals")
        yield {"hubspot__pipelines": [row for one in answer["results"] for row in _pipeline(one)]}

    def owners(self, window: Window) -> Iterator[Page]:
        """Every owner, also those who have left: their records keep them."""
        for archived in ("false", "true"):
            for page in self._api.walk("/crm/v3/owners", {"limit": 100, "archived": archived}):
                yield {"hubspot__owners": [_owner(one) for one in page]}

    def campaigns(self, window: Window) -> Iterator[Page]:
        """Every marketing campaign."""
        names = [name for name in _properties("hubspot__campaigns") if name.startswith("hs_")]
        for page in self._api.walk("/marketing/v3/campaigns", {"limit": 100, "properties": ",".join(names)}):
            yield {"hubspot__campaigns": [_campaign(one) for one in page]}

    def emails(self, window: Window) -> Iterator[Page]:
        """Every marketing e-mail."""
        for page in self._api.walk("/marketing/v3/emails", {"limit": 100}):
            yield {"hubspot__emails": [_email(one) for one in page]}

    def email_events(self, window: Window) -> Iterator[Page]:
        """What happened to e-mails since, by type; the vendor pages by an opaque `offset`."""
        asked: dict[str, Any] = {"limit": EVENTS_PAGE}
        if window.since is not None:
            asked["startTimestamp"] = int(window.since.replace(tzinfo=UTC).timestamp() * 1000)
        if window.until is not None:
            asked["endTimestamp"] = int(window.until.replace(tzinfo=UTC).timestamp() * 1000)
        for kind in EMAIL_EVENT_TYPES:
            offset: dict[str, Any] = {}
            walk = Walk(self._session.source, f"the e-mail events {kind}")
            while True:
                url = f"{self._address}/email/public/v1/events"
                answer = self._session.get_json(url, asked | {"eventType": kind} | offset)
                yield {"hubspot__email_events": [_event(one) for one in answer["events"]]}
                if not answer.get("hasMore"):
                    break
                offset = {"offset": walk.on(answer["offset"])}


def flat(record: Row, fields: Fields) -> Row:
    """A CRM record as a row: its properties, `fields` by their columns, and what is said beside them."""
    properties = record["properties"]
    return {
        **properties,
        **{column.name: properties.get(name) for name, column in fields.items()},
        "id": record["id"],
        "archived": record.get("archived", False),
        "archived_at": record.get("archivedAt"),
    }


def _links(kind: str, other: str, found: Row) -> Iterator[Row]:
    for target in found["to"]:
        for label in {one.get("label") or "" for one in target["associationTypes"]}:
            yield {
                "from_object": kind,
                "from_id": found["from"]["id"],
                "to_object": other,
                "to_id": target["toObjectId"],
                "label": label or "none",
            }


def _properties(table: str) -> tuple[str, ...]:
    return tuple(column.name for column in promised(table).columns if column.name not in _BESIDE)


def _stages(record: Row) -> Iterator[Row]:
    for change in record.get("propertiesWithHistory", {}).get("dealstage", ()):
        yield {
            "deal_id": record["id"],
            "stage": change["value"],
            "occurred_at": change["timestamp"],
            "source_type": change.get("sourceType"),
            "source_id": change.get("sourceId"),
        }


def _pipeline(pipeline: Row) -> Iterator[Row]:
    for stage in pipeline["stages"]:
        told = stage.get("metadata", {})
        probability = told.get("probability")
        yield {
            "pipeline_id": pipeline["id"],
            "pipeline_label": pipeline.get("label"),
            "stage_id": stage["id"],
            "stage_label": stage.get("label"),
            "display_order": stage.get("displayOrder"),
            "probability": None if probability is None else float(probability) * 100,
            "is_closed": told.get("isClosed"),
            "archived": stage.get("archived", False),
            **unread(stage, ("id", "label", "displayOrder", "metadata", "archived")),
        }


def _owner(one: Row) -> Row:
    return {
        "id": one["id"],
        "email": one.get("email"),
        "first_name": one.get("firstName"),
        "last_name": one.get("lastName"),
        "archived": one.get("archived", False),
        **unread(one, ("id", "email", "firstName", "lastName", "archived")),
    }


def _campaign(one: Row) -> Row:
    return {
        **one.get("properties", {}),
        "id": one["id"],
        "created_at": one.get("createdAt"),
        "updated_at": one.get("updatedAt"),
        **unread(one, ("id", "createdAt", "updatedAt")),
    }


def _email(one: Row) -> Row:
    return {
        "id": one["id"],
        "name": one.get("name"),
        "subject": one.get("subject"),
        "campaign_utm": one.get("campaignUtm"),
        "state": one.get("state"),
        "published_at": one.get("publishedAt"),
        "updated_at": one.get("updatedAt"),
        **unread(one, ("id", "name", "subject", "campaignUtm", "state", "publishedAt", "updatedAt")),
    }


def _event(one: Row) -> Row:
    return {
        "id": one["id"],
        "type": one["type"],
        "recipient": one.get("recipient"),
        "email_id": one.get("emailCampaignId"),
        "occurred_at": one["created"],
        "url": one.get("url"),
        "user_agent": (one.get("userAgent") or None),
        "is_filtered": one.get("filteredEvent", False),
        **unread(one, EVENT_FIELDS),
    }
