"""HubSpot: CRM v3 contacts with property history, search, batch read; forms and their submissions."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from infra.sandbox.company import Person, Touch
from infra.sandbox.reply import json_reply
from infra.sandbox.salesforce_ids import salesforce_id
from infra.sandbox.vocabulary import CHANNELS, OWNERS
from infra.sandbox.world import World

STAGE_NAMES = {
    "lead": "lead",
    "mql": "marketingqualifiedlead",
    "sql": "salesqualifiedlead",
    "opportunity": "opportunity",
    "customer": "customer",
}
STAGE_SOURCES = {"lead": "FORM", "mql": "AUTOMATION_PLATFORM"}
PAGE = 100
PAGE_WITH_HISTORY = 50
SEARCH_PAGE = 200
SEARCH_CAP = 10_000
SUBMISSIONS_PAGE = 50
ALWAYS = ("createdate", "lastmodifieddate", "hs_object_id")


def contact_id(person: Person) -> str:
    """HubSpot's id of the person."""
    return str(51_000_000 + person.number)


class HubSpot:
    """The vendor's slice of the world; lists are prepared once for each state of the world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._version = -1
        self._live: list[Person] = []
        self._archived: list[Person] = []
        self._by_id: dict[str, Person] = {}
        self._by_change: list[tuple[datetime, Person]] = []
        self._submissions: dict[str, list[tuple[Touch, Person]]] = {}

    def routes(self) -> list[Route]:
        """The vendor's addresses below its mount point."""
        return [
            Route("/crm/v3/objects/contacts", self.list_contacts),
            Route("/crm/v3/objects/contacts/search", self.search_contacts, methods=["POST"]),
            Route("/crm/v3/objects/contacts/batch/read", self.read_contacts, methods=["POST"]),
            Route("/crm/v3/properties/{kind}", self.list_properties),
            Route("/marketing/v3/forms", self.list_forms),
            Route("/form-integrations/v1/submissions/forms/{form_id}", self.list_submissions),
        ]

    async def list_contacts(self, request: Request) -> Response:
        """GET contacts: `limit`, `after`, `archived`, `properties`, `propertiesWithHistory`."""
        self._prepare()
        query = request.query_params
        history = _names(query.getlist("propertiesWithHistory"))
        most = PAGE_WITH_HISTORY if history else PAGE
        limit = int(query.get("limit", "10"))
        if not 1 <= limit <= most:
            return problem(400, "VALIDATION_ERROR", f"limit must be between 1 and {most}")
        people = self._archived if query.get("archived") == "true" else self._live
        after = int(query.get("after", "0"))
        start = _first_beyond(people, after)
        page = people[start : start + limit]
        properties = _names(query.getlist("properties"))
        body: dict[str, Any] = {"results": [self._record(p, properties, history) for p in page]}
        if start + limit < len(people):
            body["paging"] = _paging(str(page[-1].number), str(request.url))
        return json_reply(body)

    def records(self, properties: tuple[str, ...], history: tuple[str, ...]) -> Iterator[dict[str, Any]]:
        """Every contact that is not archived, as a list would send it."""
        self._prepare()
        for person in self._live:
            yield self._record(person, properties, history)

    async def search_contacts(self, request: Request) -> Response:
        """POST search: filters on lastmodifieddate and id, ascending by either, at most 10,000 results."""
        self._prepare()
        asked = await request.json()
        since, until, beyond = search_filters(asked)
        found = [p for at, p in self._by_change if since <= at < until and int(contact_id(p)) > beyond]
        if is_by_id(asked):
            found.sort(key=lambda person: person.number)
        start, limit = int(asked.get("after", 0)), int(asked.get("limit", 10))
        if limit > SEARCH_PAGE or start + limit > SEARCH_CAP:
            return problem(400, "VALIDATION_ERROR", "search returns at most 200 a page and 10000 in all")
        page = found[start : start + limit]
        body = {
            "total": len(found),
            "results": [self._record(p, tuple(asked.get("properties", ())), ()) for p in page],
        }
        if start + limit < len(found):
            body["paging"] = {"next": {"after": str(start + limit)}}
        return json_reply(body)

    async def read_contacts(self, request: Request) -> Response:
        """POST batch/read: contacts by id, with history."""
        self._prepare()
        asked = await request.json()
        history = tuple(asked.get("propertiesWithHistory", ()))
        if len(asked["inputs"]) > (PAGE_WITH_HISTORY if history else PAGE):
            return problem(400, "VALIDATION_ERROR", "too many inputs")
        people = [self._by_id[i["id"]] for i in asked["inputs"] if i["id"] in self._by_id]
        properties = tuple(asked.get("properties", ()))
        return json_reply(
            {"status": "COMPLETE", "results": [self._record(p, properties, history) for p in people]}
        )

    async def list_properties(self, request: Request) -> Response:
        """GET the properties of an object: one of HubSpot's, and those that were added by hand."""
        own = [{"name": "createdate", "type": "datetime", "hubspotDefined": True}]
        custom = self.world.custom if request.path_params["kind"] == "contacts" else {}
        types = {"text": "string", "number": "number"}
        added = [
            {"name": name, "type": types[kind], "hubspotDefined": False} for name, kind in custom.items()
        ]
        return json_reply({"results": own + added})

    async def list_forms(self, request: Request) -> Response:
        """GET forms."""
        forms = [
            {
                "id": content.form_id,
                "name": f"{content.kind.replace('_', ' ').capitalize()}: {content.title}",
                "formType": "hubspot",
                "createdAt": iso(datetime.combine(self.world.company.first_month, datetime.min.time())),
                "updatedAt": iso(datetime.combine(self.world.company.first_month, datetime.min.time())),
                "archived": False,
            }
            for content in self.world.company.contents
        ]
        return json_reply({"results": forms})

    async def list_submissions(self, request: Request) -> Response:
        """GET submissions of a form, newest first: `limit` up to 50, `after`."""
        self._prepare()
        sent = self._submissions.get(request.path_params["form_id"], [])
        limit = min(int(request.query_params.get("limit", "20")), SUBMISSIONS_PAGE)
        start = int(request.query_params.get("after", "0"))
        body: dict[str, Any] = {"results": [_submission(t, p) for t, p in sent[start : start + limit]]}
        if start + limit < len(sent):
            body["paging"] = {"next": {"after": str(start + limit)}}
        return json_reply(body)

    def _prepare(self) -> None:
        world = self.world
        if self._version == world.version:
            return
        visible = [
            person
            for person in world.people()
            if not world.is_merged(person)
            and not (person.is_forgotten and world.is_deleted(person))
            and person.number not in world.purged_people
        ]
        self._live = [person for person in visible if not world.is_deleted(person)]
        self._archived = [person for person in visible if world.is_deleted(person)]
        self._by_id = {contact_id(person): person for person in self._live}
        self._by_change = sorted(
            ((world.last_touched(p), p) for p in self._live), key=lambda pair: (pair[0], pair[1].number)
        )
        self._submissions = self._sent_forms()
        self._version = world.version

    def _sent_forms(self) -> dict[str, list[tuple[Touch, Person]]]:
        sent: dict[str, list[tuple[Touch, Person]]] = {}
        for person in self.world.people():
            for touch in person.touches:
                if touch.at <= self.world.now:
                    sent.setdefault(touch.content.form_id, []).append((touch, person))
        for submissions in sent.values():
            submissions.sort(key=lambda pair: (pair[0].at, pair[1].number), reverse=True)
        return sent

    def _record(
        self, person: Person, properties: tuple[str, ...], history: tuple[str, ...]
    ) -> dict[str, Any]:
        world = self.world
        values = self._properties(person)
        record: dict[str, Any] = {
            "id": contact_id(person),
            "properties": {name: values.get(name) for name in (*ALWAYS, *properties, *history)},
            "createdAt": iso(person.created_at),
            "updatedAt": iso(world.last_touched(person)),
            "archived": world.is_deleted(person),
        }
        if person.deleted_at is not None and world.is_deleted(person):
            record["archivedAt"] = iso(person.deleted_at)
        if "lifecyclestage" in history:
            record["propertiesWithHistory"] = {"lifecyclestage": list(self._stage_history(person))}
        return record

    def _stage_history(self, person: Person) -> Iterator[dict[str, Any]]:
        """Newest first, as HubSpot sends it."""
        for stage, at in reversed(self.world.stage_changes(person)):
            yield {
                "value": STAGE_NAMES[stage],
                "timestamp": iso(at),
                "sourceType": STAGE_SOURCES.get(stage, "SALESFORCE"),
                "sourceId": f"stage-{stage}",
            }

    def _properties(self, person: Person) -> dict[str, str | None]:
        world, account, traits = self.world, person.account, CHANNELS[person.channel]
        stages = dict(world.reached(person))
        first = person.first_touch
        has_deal = world.deal_of(person) is not None
        merged = world.absorbed(person)
        addresses = [
            *([person.former_email] if person.former_email else []),
            *(other.email for other in merged),
        ]
        length = 15 if person.has_short_ids else 18
        is_free_mail = person.email.endswith("@gmail.com")
        return {
            "hs_object_id": contact_id(person),
            "email": person.email,
            "firstname": person.first_name,
            "lastname": person.last_name,
            "jobtitle": person.title,
            "company": None if is_free_mail else account.name,
            "website": None if is_free_mail else f"https://www.{account.domain}",
            "country": account.country,
            "region": account.region,
            "segment": account.segment,
            "industry": account.industry,
            "hubspot_owner_id": str(7_000 + OWNERS.index(person.owner)) if is_handed_over(stages) else None,
            "createdate": iso(person.created_at),
            "lastmodifieddate": iso(world.last_touched(person)),
            "lifecyclestage": STAGE_NAMES[world.stage_changes(person)[-1][0]],
            "hs_analytics_source": traits.hubspot_source,
            "hs_analytics_source_data_1": first.campaign or first.source,
            "hs_analytics_source_data_2": None,
            "utm_source": first.source,
            "utm_medium": first.medium,
            "utm_campaign": first.campaign,
            "utm_content": first.content.key,
            "associatedcompanyid": None,
            "salesforceleadid": salesforce_id("00Q", person.number)[:length]
            if is_handed_over(stages)
            else None,
            "salesforcecontactid": salesforce_id("003", person.number)[:length] if has_deal else None,
            "salesforceaccountid": salesforce_id("001", account.number)[:length] if has_deal else None,
            "hs_merged_object_ids": ";".join(contact_id(other) for other in merged) or None,
            "hs_additional_emails": ";".join(addresses) or None,
            **{name: world.custom_value(name, person) for name in world.custom},
        }


def is_handed_over(stages: dict[str, datetime]) -> bool:
    """Whether sales has a record of the person: from the MQL on, or from acceptance where that was skipped."""
    return "mql" in stages or "sql" in stages


def iso(at: datetime) -> str:
    """An instant as HubSpot writes it: `2026-01-05T10:11:12.000Z`."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def problem(status: int, category: str, message: str, **headers: str) -> Response:
    """HubSpot's error body."""
    body = {"status": "error", "message": message, "category": category, "correlationId": "sandbox"}
    return json_reply(body, status, headers)


def _submission(touch: Touch, person: Person) -> dict[str, Any]:
    utm = {
        "utm_source": touch.source,
        "utm_medium": touch.medium,
        "utm_campaign": touch.campaign,
        "utm_content": touch.content.key,
    }
    tagged = {name: value for name, value in utm.items() if value}
    hidden = tagged | {"content": touch.content.key, "content_type": touch.content.kind}
    fields = {"email": touch.email or person.email, "firstname": person.first_name, **hidden}
    return {
        "conversionId": submission_id(person, touch),
        "submittedAt": int(touch.at.replace(tzinfo=UTC).timestamp() * 1000),
        "values": [{"name": name, "value": value, "objectTypeId": "0-1"} for name, value in fields.items()],
        "pageUrl": f"https://www.touch.example/{touch.content.key}?{urlencode(tagged)}",
    }


def submission_id(person: Person, touch: Touch) -> str:
    """HubSpot's id of a form that somebody filled in: two forms at one instant are two submissions."""
    at = int(touch.at.replace(tzinfo=UTC).timestamp())
    return f"{person.number:08x}-{at:010x}-{touch.content.form_id[:8]}"


def email_event_id(person: Person, index: int) -> str:
    """HubSpot's id of what happened to a newsletter at a person."""
    return f"{person.number:08x}-{index:04x}"


def _first_beyond(people: list[Person], number: int) -> int:
    low, high = 0, len(people)
    while low < high:
        middle = (low + high) // 2
        if people[middle].number > number:
            high = middle
        else:
            low = middle + 1
    return low


def search_filters(asked: dict[str, Any]) -> tuple[datetime, datetime, int]:
    """What a search filters on: the last modification from an instant on and before one, ids beyond one."""
    since, until, beyond = datetime.min, datetime.max, -1
    for condition in (one for group in asked.get("filterGroups", []) for one in group["filters"]):
        if condition["propertyName"] == "hs_object_id":
            beyond = int(condition["value"])
        elif "lastmodifieddate" in condition["propertyName"]:
            at = datetime.fromtimestamp(int(condition["value"]) / 1000, UTC).replace(tzinfo=None)
            since, until = (since, at) if condition["operator"] == "LT" else (at, until)
    return since, until, beyond


def is_by_id(asked: dict[str, Any]) -> bool:
    """Whether a search asks for the order of ids."""
    return any(one["propertyName"] == "hs_object_id" for one in asked.get("sorts", ()))


def _names(values: list[str]) -> tuple[str, ...]:
    return tuple(name for value in values for name in value.split(",") if name)


def _paging(after: str, url: str) -> dict[str, Any]:
    return {"next": {"after": after, "link": f"{url.split('?')[0]}?after={after}"}}
