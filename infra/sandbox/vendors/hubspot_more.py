"""HubSpot beside contacts and forms: companies, deals, associations, pipelines, owners, e-mails, campaigns."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from infra.sandbox.company import REPORTING_CURRENCY, Account, Campaign, Deal, FlatCost, Person
from infra.sandbox.reply import json_reply
from infra.sandbox.salesforce_ids import salesforce_id
from infra.sandbox.vendors.hubspot import contact_id, email_event_id, is_by_id, iso, search_filters
from infra.sandbox.vendors.salesforce_records import PROBABILITY, deal_gone, on_deals
from infra.sandbox.vocabulary import OWNERS
from infra.sandbox.world import World

PIPELINE = "default"
STAGE_IDS = {
    "Prospecting": "appointmentscheduled",
    "Qualification": "qualifiedtobuy",
    "Proposal": "presentationscheduled",
    "Negotiation": "contractsent",
    "Closed Won": "closedwon",
    "Closed Lost": "closedlost",
}
EVENTS_PAGE = 1_000
ARCHIVED_DAYS = timedelta(days=90)
EMAILS = 61_000_000  # the first id of a newsletter


@dataclass(frozen=True, slots=True)
class CrmRecord:
    """A record of a CRM object as of now."""

    id: str
    created: datetime
    modified: datetime
    properties: dict[str, str | None]
    history: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    archived: datetime | None = None


def company_id(account: Account) -> str:
    """HubSpot's id of the account."""
    return str(81_000_000 + account.number)


def deal_id(deal: Deal) -> str:
    """HubSpot's id of the deal that mirrors the Salesforce opportunity."""
    return str(91_000_000 + deal.number)


class HubSpotMore:
    """The rest of the vendor's slice of the world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._numbers = {campaign.key: number for number, campaign in enumerate(world.company.campaigns, 1)}
        self._version = -1
        self._records: dict[str, dict[str, CrmRecord]] = {}
        self._archived: dict[str, dict[str, CrmRecord]] = {}
        self._links: dict[tuple[str, str], dict[str, list[str]]] = {}
        self._events: dict[str, list[dict[str, Any]]] = {}

    def routes(self) -> list[Route]:
        """The vendor's addresses below its mount point."""
        crm = "/crm/v3/objects/{kind}"
        return [
            Route(crm, self.listed),
            Route(f"{crm}/search", self.search, methods=["POST"]),
            Route(f"{crm}/batch/read", self.read, methods=["POST"]),
            Route("/crm/v4/associations/{kind}/{other}/batch/read", self.associated, methods=["POST"]),
            Route("/crm/v3/pipelines/deals", self.pipelines),
            Route("/crm/v3/owners", self.owners),
            Route("/marketing/v3/campaigns", self.campaigns),
            Route("/marketing/v3/emails", self.emails),
            Route("/email/public/v1/events", self.email_events),
        ]

    async def listed(self, request: Request) -> Response:
        """GET a page of companies or deals."""
        self._prepare()
        query = request.query_params
        shelf = self._archived if query.get("archived") == "true" else self._records
        records = list(shelf[request.path_params["kind"]].values())
        start, limit = int(query.get("after", "0")), int(query.get("limit", "10"))
        names = _names(query.get("properties"))
        history = _names(query.get("propertiesWithHistory"))
        page = [_shown(record, names, history) for record in records[start : start + limit]]
        return json_reply({"results": page} | _paging(start + limit, len(records)))

    def records(
        self, kind: str, properties: tuple[str, ...], history: tuple[str, ...]
    ) -> Iterator[dict[str, Any]]:
        """Every company or deal that is not archived, as a list would send it."""
        self._prepare()
        for record in self._records[kind].values():
            yield _shown(record, properties, history)

    def links(self) -> dict[tuple[str, str], dict[str, list[str]]]:
        """What is associated with what: (kind, other kind) to keys by key."""
        self._prepare()
        return self._links

    async def search(self, request: Request) -> Response:
        """POST search by hs_lastmodifieddate and id."""
        self._prepare()
        asked = await request.json()
        since, until, beyond = search_filters(asked)
        records = self._records[request.path_params["kind"]].values()
        found = [one for one in records if since <= one.modified < until and int(one.id) > beyond]
        found.sort(key=(lambda one: int(one.id)) if is_by_id(asked) else (lambda one: (one.modified, one.id)))
        start, limit = int(asked.get("after", 0)), int(asked.get("limit", 10))
        page = [_shown(record, tuple(asked["properties"]), ()) for record in found[start : start + limit]]
        return json_reply({"total": len(found), "results": page} | _paging(start + limit, len(found)))

    async def read(self, request: Request) -> Response:
        """POST batch/read."""
        self._prepare()
        asked = await request.json()
        records = self._records[request.path_params["kind"]]
        found = [records[one["id"]] for one in asked["inputs"] if one["id"] in records]
        names, history = tuple(asked["properties"]), tuple(asked.get("propertiesWithHistory", ()))
        return json_reply({"status": "COMPLETE", "results": [_shown(one, names, history) for one in found]})

    async def associated(self, request: Request) -> Response:
        """POST associations v4 batch/read; who has none is left out."""
        self._prepare()
        links = self._links.get((request.path_params["kind"], request.path_params["other"]), {})
        kinds = [{"category": "HUBSPOT_DEFINED", "typeId": 1, "label": "Primary"}]
        results = [
            {
                "from": {"id": one["id"]},
                "to": [{"toObjectId": int(target), "associationTypes": kinds} for target in links[one["id"]]],
            }
            for one in (await request.json())["inputs"]
            if one["id"] in links
        ]
        return json_reply({"status": "COMPLETE", "results": results})

    async def pipelines(self, request: Request) -> Response:
        """GET the deal pipelines with their stages."""
        stages = [
            {
                "id": STAGE_IDS[label],
                "label": label,
                "displayOrder": order,
                "metadata": {
                    "isClosed": str(label.startswith("Closed")).lower(),
                    "probability": str(probability / 100),
                },
                "archived": False,
            }
            for order, (label, probability) in enumerate(PROBABILITY.items())
        ]
        return json_reply({"results": [{"id": PIPELINE, "label": "Sales Pipeline", "stages": stages}]})

    async def owners(self, request: Request) -> Response:
        """GET owners; nobody has left."""
        if request.query_params.get("archived") == "true":
            return json_reply({"results": []})
        return json_reply({"results": [_owner(index, name) for index, name in enumerate(OWNERS)]})

    async def campaigns(self, request: Request) -> Response:
        """GET marketing campaigns."""
        return json_reply(
            {
                "results": [
                    _campaign(one, self._numbers[one.key], self.world.cost_of(one, "hubspot"))
                    for one in self._visible(None)
                ]
            }
        )

    async def emails(self, request: Request) -> Response:
        """GET marketing e-mails: a newsletter a campaign."""
        return json_reply(
            {"results": [_email(one, self._numbers[one.key]) for one in self._visible("email")]}
        )

    async def email_events(self, request: Request) -> Response:
        """GET e-mail events by type, newest first, paged by `offset`."""
        self._prepare()
        query = request.query_params
        since = int(query.get("startTimestamp", "0"))
        events = [one for one in self._events.get(query.get("eventType", ""), ()) if one["created"] >= since]
        start = int(query.get("offset") or 0)
        limit = min(int(query.get("limit", "10")), EVENTS_PAGE)
        more = start + limit < len(events)
        return json_reply(
            {
                "hasMore": more,
                "offset": str(start + limit) if more else "",
                "events": events[start : start + limit],
            }
        )

    def _visible(self, channel: str | None) -> list[Campaign]:
        today = self.world.now.date()
        campaigns = self.world.company.campaigns
        return [c for c in campaigns if c.starts <= today and channel in (None, c.channel)]

    def _prepare(self) -> None:
        if self._version == self.world.version:
            return
        world, people = self.world, self.world.people()
        live = [p for p in people if not world.is_merged(p) and not world.is_deleted(p)]
        live = [p for p in live if not p.email.endswith("@gmail.com") and p.number not in world.detached]
        live = [p for p in live if p.account.number not in world.closed_accounts]
        companies: dict[str, CrmRecord] = {}
        for person in people:
            key = company_id(person.account)
            if key not in companies:
                companies[key] = _company(person, world.closed_accounts.get(person.account.number))
        deals = [(person, deal) for person in people if (deal := world.deal_of(person)) is not None]
        deals = [(person, deal) for person, deal in deals if deal.number not in world.purged_deals]
        mirrors = [one for person, deal in deals for one in _mirrors(person, deal, world)]
        found = {"companies": list(companies.values()), "deals": mirrors}
        # What was deleted is shown for a while among the archived, and then nowhere.
        kept = world.now - ARCHIVED_DAYS
        self._records = {kind: {r.id: r for r in all_ if not r.archived} for kind, all_ in found.items()}
        self._archived = {
            kind: {r.id: r for r in all_ if r.archived and r.archived > kept} for kind, all_ in found.items()
        }
        self._links = {
            ("contacts", "companies"): {contact_id(p): [company_id(p.account)] for p in live},
            ("deals", "companies"): {
                deal_id(deal): [company_id(person.account)]
                for person, deal in deals
                if person.account.number not in world.closed_accounts and person.number not in world.detached
            },
            ("deals", "contacts"): _deal_contacts(world, people),
        }
        self._events = self._email_events(people)
        self._version = world.version

    def _email_events(self, people: list[Person]) -> dict[str, list[dict[str, Any]]]:
        events: dict[str, list[dict[str, Any]]] = {}
        for person in people:
            for index, event in enumerate(person.emails):
                if event.at <= self.world.now:
                    events.setdefault(event.kind, []).append(
                        {
                            "id": email_event_id(person, index),
                            "type": event.kind,
                            "recipient": person.email,
                            "emailCampaignId": EMAILS + self._numbers[event.campaign],
                            "created": _millis(event.at),
                            "filteredEvent": event.is_bot,
                            "userAgent": "scanner/1.0" if event.is_bot else "Mozilla/5.0",
                        }
                    )
        for listed in events.values():
            listed.sort(key=lambda one: (one["created"], one["id"]), reverse=True)
        return events


def _deal_contacts(world: World, people: list[Person]) -> dict[str, list[str]]:
    links: dict[str, list[str]] = {}
    for person, champion, _ in on_deals(world, people):
        is_gone = world.is_deleted(person) or person.number in world.detached
        if champion.deal is not None and not is_gone:
            links.setdefault(deal_id(champion.deal), []).append(contact_id(person))
    return links


def _company(first: Person, archived: datetime | None) -> CrmRecord:
    account, created = first.account, first.created_at
    properties: dict[str, str | None] = {
        "name": account.name,
        "domain": account.domain,
        "industry": account.industry,
        "region": account.region,
        "segment": account.segment,
        "country": account.country,
        "numberofemployees": str(account.employees),
        "hubspot_owner_id": str(7_000 + OWNERS.index(first.owner)),
        "createdate": iso(created),
        "hs_lastmodifieddate": iso(archived or created),
    }
    return CrmRecord(company_id(account), created, archived or created, properties, archived=archived)


def _mirrors(person: Person, deal: Deal, world: World) -> Iterator[CrmRecord]:
    """The deal as often as HubSpot has it; a deal that the CRM has deleted is archived here."""
    mirror = _deal(person, deal, world)
    yield mirror
    for copy in range(1, deal.copies + 1):
        yield replace(mirror, id=f"{int(mirror.id) + copy * 1_000_000_000}")


def _deal(person: Person, deal: Deal, world: World) -> CrmRecord:
    now = world.now
    passed = [(STAGE_IDS[name], at) for name, at in deal.stages if at <= now]
    stage, entered = passed[-1]
    is_closed = deal.closed_at <= now
    gone = deal_gone(deal, now)
    modified = max(entered, gone or entered, world.detached.get(person.number, entered))
    properties = {
        "dealname": deal.name,
        "pipeline": PIPELINE,
        "dealstage": stage,
        "amount": None if deal.amount is None else str(deal.amount),
        "deal_currency_code": deal.currency,
        "closedate": iso(deal.closed_at) if is_closed else None,
        "createdate": iso(deal.created_at),
        "hs_lastmodifieddate": iso(modified),
        "hs_is_closed": str(is_closed).lower(),
        "hs_is_closed_won": str(is_closed and deal.is_won).lower(),
        "hubspot_owner_id": str(7_000 + OWNERS.index(deal.owner)),
        "salesforceopportunityid": salesforce_id("006", deal.number),
    }
    history = [
        {"value": name, "timestamp": iso(at), "sourceType": "SALESFORCE", "sourceId": "sync"}
        for name, at in reversed(passed)
    ]
    kept = {"dealstage": history}
    return CrmRecord(deal_id(deal), deal.created_at, modified, properties, kept, archived=gone)


def _shown(record: CrmRecord, names: tuple[str, ...], history: tuple[str, ...]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": record.id,
        "properties": {"hs_object_id": record.id} | {name: record.properties.get(name) for name in names},
        "createdAt": iso(record.created),
        "updatedAt": iso(record.modified),
        "archived": record.archived is not None,
    }
    if record.archived is not None:
        shown["archivedAt"] = iso(record.archived)
    if history:
        shown["propertiesWithHistory"] = {name: record.history.get(name, []) for name in history}
    return shown


def _owner(index: int, name: str) -> dict[str, Any]:
    first, last = name.split(" ", 1)
    return {
        "id": str(7_000 + index),
        "email": f"{first}.{last}@touch.example".lower(),
        "firstName": first,
        "lastName": last,
        "archived": False,
    }


def _campaign(campaign: Campaign, number: int, cost: FlatCost | None) -> dict[str, Any]:
    started = iso(datetime.combine(campaign.starts, datetime.min.time()))
    return {
        "id": f"7c3a0000-0000-4000-8000-{number:012x}",
        "properties": {
            "hs_name": campaign.name,
            "hs_utm": campaign.key,
            "hs_campaign_status": "in_progress",
            "hs_start_date": campaign.starts.isoformat(),
            "hs_end_date": campaign.ends.isoformat(),
            "hs_currency_code": cost.currency if cost else REPORTING_CURRENCY,
            "hs_budget_items_sum_amount": None,
            "hs_spend_items_sum_amount": str(cost.amount) if cost else None,
        },
        "createdAt": started,
        "updatedAt": started,
    }


def _email(campaign: Campaign, number: int) -> dict[str, Any]:
    started = iso(datetime.combine(campaign.starts, datetime.min.time()))
    return {
        "id": str(EMAILS + number),
        "name": f"Newsletter {campaign.name}",
        "subject": f"News: {campaign.name}",
        "campaignUtm": campaign.key,
        "state": "PUBLISHED",
        "publishedAt": started,
        "updatedAt": started,
    }


def _paging(end: int, total: int) -> dict[str, Any]:
    return {"paging": {"next": {"after": str(end)}}} if end < total else {}


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()


def _millis(at: datetime) -> int:
    return int(at.replace(tzinfo=UTC).timestamp() * 1000)
