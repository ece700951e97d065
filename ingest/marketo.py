"""Marketo: activities by paging token, the leads they name, merges, and programs."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ingest.contract import promised
from ingest.errors import IngestError
from ingest.extract import Connector, Extract, Lacking, Page, Question, Window
from ingest.http import DENIED, QUOTA, Complaint, VendorSession
from ingest.oauth import client_credentials
from ingest.paging import Walk
from ingest.rows import Row, dig, read_instant
from ingest.sources_file import SourceSettings
from ingest.unread import unread

ACTIVITY_TYPES = {
    1: "Visit Webpage",
    2: "Fill Out Form",
    6: "Send Email",
    10: "Open Email",
    11: "Click Email",
    12: "New Lead",
    13: "Change Data Value",
    32: "Merge Leads",
    37: "Delete Lead",
    101: "Change Revenue Stage",
    104: "Change Program Member Status",
}
MERGE = 32
CHANGE, REVENUE_STAGE = 13, 101
ACTIVITY_FIELDS = frozenset(
    [
        "id",
        "marketoGUID",
        "leadId",
        "activityDate",
        "activityTypeId",
        "primaryAttributeValue",
        "primaryAttributeValueId",
        "attributes",
    ]
)
PROGRAM_FIELDS = frozenset(
    ["id", "name", "type", "channel", "status", "tags", "startDate", "endDate", "createdAt", "updatedAt"]
)
MOST_TYPES = 10  # in one question
LEADS_PAGE = 300
PROGRAMS_PAGE = 200
SCHEMA_SCOPE = "Read-Write Schema Custom Field"
STAGE_FIELD = "leadStatus"  # the field whose changes are the lifecycle
FIRST_DAYS = 25 * 30  # Marketo keeps 25 months of activities
# Promised columns and Marketo's field names.
LEAD_FIELDS = {
    "id": "id",
    "email": "email",
    "first_name": "firstName",
    "last_name": "lastName",
    "title": "title",
    "company": "company",
    "website": "website",
    "country": "country",
    "industry": "industry",
    "region": "region",
    "segment": "segment",
    "lead_source": "leadSource",
    "lead_status": "leadStatus",
    "original_source_type": "originalSourceType",
    "utm_source": "utmSource",
    "utm_medium": "utmMedium",
    "utm_campaign": "utmCampaign",
    "mql_at": "mqlDate",
    "created_at": "createdAt",
    "updated_at": "updatedAt",
    "sfdc_lead_id": "sfdcLeadId",
    "sfdc_contact_id": "sfdcContactId",
    "sfdc_account_id": "sfdcAccountId",
}
DROP_MERGED = "DELETE FROM raw.marketo__leads WHERE id IN (SELECT loser_id FROM raw.marketo__lead_merges)"
DROP_DELETED = (
    "DELETE FROM raw.marketo__leads WHERE id IN "
    "(SELECT lead_id FROM raw.marketo__activities WHERE activity_type_id = 37)"
)
# A winner inherits the losers' activities, also those that were loaded before; merges can chain.
FOLLOW_MERGES = """
    UPDATE raw.marketo__activities AS a SET lead_id = last.winner FROM (
        WITH RECURSIVE chain(loser, winner, depth) AS (
            SELECT loser_id, winner_id, 1 FROM raw.marketo__lead_merges
            UNION ALL
            SELECT c.loser, m.winner_id, c.depth + 1 FROM chain AS c
            JOIN raw.marketo__lead_merges AS m ON m.loser_id = c.winner WHERE c.depth < 50)
        SELECT loser, arg_max(winner, depth) AS winner FROM chain GROUP BY loser) AS last
    WHERE a.lead_id = last.loser AND a.activity_type_id <> 37"""
STAGES_FOLLOW = """
    UPDATE raw.marketo__lead_stages AS s SET lead_id = a.lead_id FROM raw.marketo__activities AS a
    WHERE a.id = s.activity_id AND a.lead_id <> s.lead_id"""
# Marketo answers 200 to everything; these are its errors that pass.
_RETRIED = {
    "502": "bad gateway",
    "604": "timeout",
    "606": "rate limit",
    "608": "unavailable",
    "611": "system error",
    "615": "busy",
    "713": "transient error",
}
_WAITS = {"606": 20.0}  # seconds: a hundred calls in twenty
_TOKEN = {"601", "602"}
_MEANINGS = {"603": DENIED, "607": QUOTA, "1029": QUOTA}  # 1029: of bulk exports


def connect(settings: SourceSettings) -> Connector:
    """The connector for `settings`: `base_url` (the instance's REST address without `/rest`),
    `client_id_env`, `client_secret_env`, `start` (first day), `fields` (promised column to the field's name
    where the instance calls it something else), `stage_field` (the field whose changes are the lifecycle)."""
    address = settings.base_url
    login = client_credentials(settings, f"{address}/identity/oauth/token")
    session = VendorSession(settings.name, login.authority(), complaint=complaint)
    fields = LEAD_FIELDS | dict(settings.options.get("fields", {}))
    stage_field = str(settings.options.get("stage_field", STAGE_FIELD))
    marketo = Marketo(session, f"{address}/rest", fields, _start(settings), stage_field)
    return Connector(
        source=settings.name,
        extracts=(
            Extract(
                "marketo__activities",
                marketo.activities,
                cursor="occurred_at",
                also=("marketo__leads", "marketo__lead_merges", "marketo__lead_stages"),
                lacking=marketo.lacking,
            ),
            Extract("marketo__programs", marketo.programs, replaces=True),
        ),
        session=session,
        after_load=(FOLLOW_MERGES, STAGES_FOLLOW, DROP_MERGED, DROP_DELETED),
        questions=(Question("leads", marketo.count_custom_fields, SCHEMA_SCOPE),),
    )


def complaint(body: Any) -> Complaint | None:
    """What Marketo's 200 really means: its own error codes."""
    if not isinstance(body, dict) or body.get("success", True):
        return None
    error = (body.get("errors") or [{}])[0]
    code, message = str(error.get("code", "")), str(error.get("message", ""))
    why = f"error {code}: {message}"
    if code in _MEANINGS:
        why = f"{_MEANINGS[code]}: {why}"
    return Complaint(why, code in _RETRIED, code in _TOKEN, _WAITS.get(code, 0.0))


class Marketo:
    """The walks over one instance."""

    def __init__(
        self,
        session: VendorSession,
        address: str,
        fields: dict[str, str],
        start: date,
        stage_field: str = STAGE_FIELD,
    ) -> None:
        self._session = session
        self._address = address
        self._fields = fields
        self._start = start
        self._stage_field = _letters(stage_field)
        self._read_leads: set[str] = set()
        self._custom: tuple[str, ...] | None = None

    def activities(self, window: Window) -> Iterator[Page]:
        """Activities since, with the leads they name and the merges among them.

        A page may hold fewer rows than it could, even none, while more remain: only `moreResult` ends a walk.
        """
        since = window.since or datetime.combine(self._start, datetime.min.time())
        for first in range(0, len(ACTIVITY_TYPES), MOST_TYPES):
            types = ",".join(str(one) for one in list(ACTIVITY_TYPES)[first : first + MOST_TYPES])
            asked = {"sinceDatetime": f"{since:%Y-%m-%dT%H:%M:%SZ}"}
            token = self._session.get_json(f"{self._address}/v1/activities/pagingtoken.json", asked)
            more, walk = True, Walk(self._session.source, f"the activities of the types {types}")
            while more:
                walk.on(token["nextPageToken"])
                asked = {"nextPageToken": token["nextPageToken"], "activityTypeIds": types}
                token = self._session.get_json(f"{self._address}/v1/activities.json", asked)
                yield self._page(token.get("result") or [], window)
                more = token["moreResult"]

    def programs(self, window: Window) -> Iterator[Page]:
        """Every program."""
        offset, walk = 0, Walk(self._session.source, "the programs")
        while True:
            asked = {"offset": offset, "maxReturn": PROGRAMS_PAGE}
            answer = self._session.get_json(f"{self._address}/asset/v1/programs.json", asked)
            found = answer.get("result") or []
            if not found:  # a short page may be followed by another
                return
            walk.on(tuple(one["id"] for one in found))
            yield {"marketo__programs": [_program(one) for one in found]}
            offset += len(found)

    def _page(self, activities: list[Row], window: Window) -> Page:
        kept = [one for one in activities if _is_before(one, window.until)]
        changed = {str(one["leadId"]) for one in kept} - self._read_leads
        self._read_leads |= changed
        return {
            "marketo__activities": [_activity(one) for one in kept],
            "marketo__leads": list(self._leads(sorted(changed), window)),
            "marketo__lead_merges": [
                row for one in kept if one["activityTypeId"] == MERGE for row in _merges(one)
            ],
            "marketo__lead_stages": [_stage(one) for one in kept if self._is_stage(one)],
        }

    def _is_stage(self, activity: Row) -> bool:
        """Whether it is a change of stage: in the revenue model, or of the field that holds the lifecycle."""
        if activity["activityTypeId"] == REVENUE_STAGE:
            return True
        field = _letters(str(activity.get("primaryAttributeValue")))
        return activity["activityTypeId"] == CHANGE and field == self._stage_field

    def _leads(self, ids: list[str], window: Window) -> Iterator[Row]:
        gone = window.lacking.get("marketo__leads", frozenset())
        fields = {column: field for column, field in self._fields.items() if column not in gone}
        for first in range(0, len(ids), LEADS_PAGE):
            asked = {
                "filterType": "id",
                "filterValues": ",".join(ids[first : first + LEADS_PAGE]),
                "fields": ",".join((*fields.values(), *self.custom_fields())),
            }
            answer = self._session.get_json(f"{self._address}/v1/leads.json", asked)
            for lead in answer.get("result") or ():
                yield {
                    column.name: lead.get(fields[column.name])
                    for column in promised("marketo__leads").columns
                    if column.name in fields
                } | unread(lead, set(self._fields.values()))

    def lacking(self) -> Lacking:
        """The columns of leads whose field this instance does not have: Marketo would refuse the question."""
        try:
            told = self._session.get_json(f"{self._address}/v1/leads/describe.json").get("result") or ()
        except IngestError as error:
            if DENIED not in error.message:
                raise
            told = ()
        known = {dig(one, "rest", "name") for one in told}
        gone = {column for column, field in self._fields.items() if field not in known}
        return {"marketo__leads": frozenset(gone)} if known else {}

    def custom_fields(self) -> tuple[str, ...]:
        """The instance's own lead fields; none where the API user may not ask for the schema."""
        if self._custom is None:
            try:
                self._custom = tuple(self._ask_custom_fields())
            except IngestError as error:
                if DENIED not in error.message:
                    raise
                self._custom = ()
        return self._custom

    def count_custom_fields(self) -> int:
        """How many there are. IngestError where the API user may not ask."""
        return len(list(self._ask_custom_fields()))

    def _ask_custom_fields(self) -> Iterator[str]:
        asked: dict[str, Any] = {"batchSize": LEADS_PAGE}
        walk = Walk(self._session.source, "the lead fields")
        while True:
            answer = self._session.get_json(f"{self._address}/v1/leads/schema/fields.json", asked)
            for one in answer.get("result") or ():
                if one.get("isCustom") and one["name"] not in self._fields.values():
                    yield one["name"]
            if not answer.get("moreResult"):
                return
            asked = asked | {"nextPageToken": walk.on(answer["nextPageToken"])}


def _start(settings: SourceSettings) -> date:
    start = settings.options.get("start")
    if start is not None:
        return start if isinstance(start, date) else date.fromisoformat(str(start))
    return datetime.now(UTC).date() - timedelta(days=FIRST_DAYS)


def _is_before(activity: Row, until: datetime | None) -> bool:
    if until is None:
        return True
    return read_instant(activity["activityDate"]) < until


def _attributes(activity: Row) -> dict[str, Any]:
    return {one["name"]: one["value"] for one in activity.get("attributes") or ()}


def _activity(activity: Row) -> Row:
    attributes = _attributes(activity)
    number = activity["activityTypeId"]
    return {
        "id": activity["marketoGUID"],
        "lead_id": activity["leadId"],
        "activity_type_id": number,
        "activity_type": ACTIVITY_TYPES.get(number),
        "occurred_at": activity["activityDate"],
        "program_id": attributes.get("Program ID"),
        "asset_name": activity.get("primaryAttributeValue"),
        "asset_id": activity.get("primaryAttributeValueId"),
        "attributes": json.dumps(attributes, sort_keys=True),
        **unread(activity, ACTIVITY_FIELDS),
    }


def _merges(activity: Row) -> Iterator[Row]:
    """The activity belongs to the winner; it names the losers as a list in text."""
    losers = str(_attributes(activity).get("Merge IDs", "")).strip("[]")
    for loser in filter(None, (part.strip(" '\"") for part in losers.split(","))):
        yield {
            "loser_id": loser,
            "winner_id": activity["leadId"],
            "merged_at": activity["activityDate"],
            "activity_id": activity["marketoGUID"],
        }


def _stage(activity: Row) -> Row:
    """Type 13 names the field and has New Value and Old Value; type 101 has New Stage and Old Stage."""
    attributes = _attributes(activity)
    kind = "Stage" if activity["activityTypeId"] == REVENUE_STAGE else "Value"
    return {
        "activity_id": activity["marketoGUID"],
        "lead_id": activity["leadId"],
        "stage": attributes.get(f"New {kind}"),
        "old_stage": attributes.get(f"Old {kind}"),
        "occurred_at": activity["activityDate"],
        "reason": attributes.get("Reason"),
    }


def _letters(name: str) -> str:
    """A field's name as the REST API and the pages of Marketo both write it.

    >>> _letters("Lead Status") == _letters("leadStatus")
    True
    """
    return "".join(one for one in name.lower() if one.isalnum())


def _program(one: Row) -> Row:
    tags = {tag["tagType"]: tag["tagValue"] for tag in one.get("tags") or ()}
    return {
        "id": one["id"],
        "name": one.get("name"),
        "type": one.get("type"),
        "channel": one.get("channel"),
        "status": one.get("status"),
        "utm_campaign": tags.get("UTM Campaign"),
        "start_date": one.get("startDate"),
        "end_date": one.get("endDate"),
        "created_at": one.get("createdAt"),
        "updated_at": one.get("updatedAt"),
        **unread(one, PROGRAM_FIELDS),
    }
