"""Salesforce: the OAuth token endpoint and SOQL `query` / `queryAll` with `nextRecordsUrl`."""

import re
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from infra.sandbox.company import Deal, Person
from infra.sandbox.reply import json_reply
from infra.sandbox.salesforce_ids import salesforce_id
from infra.sandbox.tokens import TokenDesk
from infra.sandbox.vendors.hubspot import contact_id, is_handed_over
from infra.sandbox.vendors.salesforce_bulk import BulkJobs, Selection
from infra.sandbox.vendors.salesforce_records import (
    PROBABILITY,
    Record,
    deal_gone,
    lead_id,
    owner_fields,
    stamp,
    stamps,
    wide_records,
)
from infra.sandbox.vocabulary import CHANNELS
from infra.sandbox.world import World

PAGE = 2_000
SECOND_LEADS = 5_000_000  # numbers of lead records that turned out to be somebody else's second one
PARENTS = {
    "Owner": "User",
    "Product2": "Product2",
    "SplitOwner": "User",
    "SplitType": "OpportunitySplitType",
}  # the object behind a relationship field
_SOQL = re.compile(
    r"^\s*SELECT\s+(?P<fields>.+?)\s+FROM\s+(?P<object>\w+)"
    r"(?:\s+WHERE\s+(?P<where>.+?))?(?:\s+ORDER\s+BY\s+(?P<order>.+?))?(?:\s+LIMIT\s+(?P<limit>\d+))?\s*$",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"^(\w+)\s*(>=|<=|>|<|=)\s*(\S+)$")
_COMPARE = {
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    "=": lambda a, b: a == b,
}


class Salesforce:
    """The vendor's slice of the world. A query's result is fixed when it starts, like a real cursor."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._version = -1
        self._records: dict[str, list[Record]] = {}
        self._cursors: dict[str, tuple[list[Record], tuple[str, ...], str]] = {}
        self.desk = TokenDesk("00Dsandbox!")
        self.bulk = BulkJobs(self._select)

    def routes(self) -> list[Route]:
        """The vendor's addresses below its mount point."""
        return [
            Route("/services/oauth2/token", self.token, methods=["POST"]),
            Route("/services/data/{version}/query", self.query),
            Route("/services/data/{version}/query/", self.query),
            Route("/services/data/{version}/queryAll", self.query_all),
            Route("/services/data/{version}/queryAll/", self.query_all),
            Route("/services/data/{version}/query/{locator}", self.more),
            Route("/services/data/{version}/sobjects/{name}/describe", self.describe),
            *self.bulk.routes(),
        ]

    async def token(self, request: Request) -> Response:
        """POST token: the client-credentials and refresh-token grants, with the address of the org."""
        response = await self.desk.answer(request)
        answer = orjson.loads(response.body)
        if "access_token" not in answer:
            return json_reply(answer, 400)
        base = str(request.url).split("/services/")[0]
        told = {"instance_url": base, "id": f"{base}/id/00Dsandbox/005sandbox", "signature": "sandbox"}
        return json_reply(answer | told)

    async def query(self, request: Request) -> Response:
        """GET query: live records."""
        return self._start(request, with_deleted=False)

    async def query_all(self, request: Request) -> Response:
        """GET queryAll: deleted and merged records too."""
        return self._start(request, with_deleted=True)

    async def describe(self, request: Request) -> Response:
        """GET an object's fields: its own, and those of people that were added by hand."""
        self._prepare()
        if request.path_params["name"] not in self._records:
            return refusal(404, "NOT_FOUND", "The requested resource does not exist")
        types = {"text": "string", "number": "double"}
        own = next(iter(self._records.get(request.path_params["name"], ())), {"Id": ""})
        added = {f"{name.title()}__c" for name in self.world.custom}
        fields = [
            {"name": name, "type": "id" if name == "Id" else "string", "custom": name.endswith("__c")}
            for name in own
            if "." not in name and name not in added
        ]
        if request.path_params["name"] == "Lead":
            fields += [
                {"name": f"{name.title()}__c", "type": types[kind], "custom": True}
                for name, kind in self.world.custom.items()
            ]
        return json_reply({"name": request.path_params["name"], "fields": fields})

    async def more(self, request: Request) -> Response:
        """GET the next page of a query."""
        key, _, offset = request.path_params["locator"].rpartition("-")
        if key not in self._cursors:
            return refusal(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(key, int(offset), request.path_params["version"])

    def _start(self, request: Request, with_deleted: bool) -> Response:
        selected = self._select(request.query_params.get("q", ""), with_deleted)
        if isinstance(selected, Response):
            return selected
        key = f"01g5e{secrets.token_hex(6)}"
        self._cursors[key] = selected
        return self._page(key, 0, request.path_params["version"])

    def _select(self, query: str, with_deleted: bool) -> Selection | Response:
        """What a SOQL statement finds: records, fields and object; or the refusal that it earns."""
        self._prepare()
        parsed = _SOQL.match(query)
        if parsed is None:
            return refusal(400, "MALFORMED_QUERY", "unexpected token")
        name = parsed["object"]
        if name not in self._records:
            return refusal(400, "INVALID_TYPE", f"sObject type '{name}' is not supported.")
        fields = tuple(field.strip() for field in parsed["fields"].split(","))
        found = [r for r in self._records[name] if with_deleted or not r["IsDeleted"]]
        for missing in _unknown_fields(fields, self._records[name]):
            return refusal(400, "INVALID_FIELD", f"No such column '{missing}' on entity '{name}'.")
        for condition in re.split(r"\s+AND\s+", parsed["where"] or "", flags=re.IGNORECASE):
            found = _filtered(found, condition)
        if parsed["order"]:
            found.sort(key=lambda record: [record[f.strip().split()[0]] for f in parsed["order"].split(",")])
        return found[: int(parsed["limit"])] if parsed["limit"] else found, fields, name

    def _page(self, key: str, offset: int, version: str) -> Response:
        found, fields, name = self._cursors[key]
        page = found[offset : offset + PAGE]
        is_done = offset + PAGE >= len(found)
        body: Record = {"totalSize": len(found), "done": is_done}
        if not is_done:
            body["nextRecordsUrl"] = f"/services/data/{version}/query/{key}-{offset + PAGE}"
        body["records"] = [_selected(record, fields, name, version) for record in page]
        return json_reply(body)

    def _prepare(self) -> None:
        if self._version == self.world.version:
            return
        self._cursors.clear()
        people = self.world.people()
        self._records = {
            "Lead": list(_leads(self.world, people)),
            "Account": list(_accounts(self.world, people)),
            "Opportunity": list(_opportunities(self.world, people)),
            **wide_records(self.world, people),
        }
        self._version = self.world.version


def refusal(status: int, code: str, message: str) -> Response:
    """Salesforce's error body: a list."""
    return json_reply([{"message": message, "errorCode": code}], status)


def _leads(world: World, people: list[Person]) -> Iterator[Record]:
    """People whom marketing has handed over: a lead record is made when they become MQL."""
    for person in people:
        stages = dict(world.reached(person))
        if not is_handed_over(stages) or person.number in world.purged_people:
            continue
        handed_over_at = min(at for stage, at in stages.items() if stage in ("mql", "sql"))
        keeper = person.merged_into if world.is_merged_in_crm(person) else None
        is_merged = keeper is not None and is_handed_over(dict(world.reached(keeper)))
        deal = world.deal_of(person)
        joined = person.joined if person.joined and person.joined[1] <= world.now else None
        gone = [
            at
            for at in (person.deleted_at, person.merged_at if is_merged else None)
            if at and at <= world.now
        ]
        modified = max([*stages.values(), *gone, *([joined[1]] if joined else [])])
        converted_at = deal.created_at if deal else joined[1] if joined else None
        account = person.account
        lead = {
            "Id": lead_id(person),
            "IsDeleted": bool(gone),
            "MasterRecordId": lead_id(keeper) if is_merged and keeper else None,
            "FirstName": person.first_name,
            "LastName": person.last_name,
            "Title": person.title,
            "Email": person.email,
            "Company": account.name,
            "Website": f"https://www.{account.domain}",
            "Country": account.country,
            "LeadSource": CHANNELS[person.channel].salesforce_source,
            "Status": "Converted" if converted_at else "Accepted" if "sql" in stages else "Open",
            "Industry": account.industry,
            **owner_fields(person.owner),
            **stamps(min(handed_over_at, modified), modified),
            "IsConverted": converted_at is not None,
            "ConvertedDate": converted_at.date().isoformat() if converted_at else None,
            "ConvertedContactId": salesforce_id("003", person.number) if converted_at else None,
            "ConvertedAccountId": salesforce_id("001", account.number) if converted_at else None,
            "ConvertedOpportunityId": salesforce_id("006", deal.number) if deal else None,
            "Accepted_Date__c": stamp(stages["sql"]) if "sql" in stages else None,
            "Region__c": account.region,
            "Segment__c": account.segment,
            "HubSpot_Contact_Id__c": contact_id(person),
            **{f"{name.title()}__c": world.custom_value(name, person) for name in world.custom},
        }
        yield lead
        if person.second_lead and converted_at:
            yield lead | {
                "Id": salesforce_id("00Q", SECOND_LEADS + person.number),
                "Email": person.second_lead,
                "HubSpot_Contact_Id__c": None,
                "ConvertedOpportunityId": None,
                "Accepted_Date__c": None,
            }


def _accounts(world: World, people: list[Person]) -> Iterator[Record]:
    for person in people:
        deal = world.deal_of(person)
        if deal is None:
            continue
        account = person.account
        yield {
            "Id": salesforce_id("001", account.number),
            "IsDeleted": False,
            "MasterRecordId": None,
            "ParentId": None,
            "Name": account.name,
            "Website": f"https://www.{account.domain}",
            "Type": "Customer" if deal.is_won and deal.closed_at <= world.now else "Prospect",
            "Industry": account.industry,
            "NumberOfEmployees": account.employees,
            "BillingCountry": account.country,
            **owner_fields(person.owner),
            **stamps(deal.created_at, deal.closed_at if deal.closed_at <= world.now else deal.created_at),
            "Region__c": account.region,
            "Segment__c": account.segment,
        }


def _opportunities(world: World, people: list[Person]) -> Iterator[Record]:
    for person in people:
        deal = world.deal_of(person)
        if deal is not None and deal.number not in world.purged_deals:
            yield _opportunity(person, deal, world.now)


def _opportunity(person: Person, deal: Deal, now: datetime) -> Record:
    gone = deal_gone(deal, now)
    stage, entered = [(name, at) for name, at in deal.stages if at <= now][-1]
    is_closed = deal.closed_at <= now
    expected = max(deal.expected_close, (entered + timedelta(days=30)).date())
    return {
        "Id": salesforce_id("006", deal.number),
        "IsDeleted": gone is not None,
        "AccountId": salesforce_id("001", person.account.number),
        "ContactId": salesforce_id("003", person.number),
        "Name": deal.name,
        "Type": deal.kind,
        "StageName": stage,
        "Amount": None if deal.amount is None else float(deal.amount),
        "CurrencyIsoCode": deal.currency,
        "Probability": float(PROBABILITY[stage]),
        "CloseDate": (deal.closed_on if is_closed else expected).isoformat(),
        "IsClosed": is_closed,
        "IsWon": is_closed and deal.is_won,
        "ForecastCategory": "Closed" if is_closed and deal.is_won else "Omitted" if is_closed else "Pipeline",
        "LeadSource": CHANNELS[person.channel].salesforce_source,
        "CampaignId": None,
        **owner_fields(deal.owner),
        **stamps(deal.created_at, gone or entered),
        "Region__c": person.account.region,
        "Segment__c": person.account.segment,
        "Product__c": deal.product,
    }


def _unknown_fields(fields: tuple[str, ...], records: list[Record]) -> list[str]:
    return [field for field in fields if records and field not in records[0]]


def _filtered(records: list[Record], condition: str) -> list[Record]:
    parsed = _CONDITION.match(condition.strip())
    if parsed is None:
        return records
    field, operator, literal = parsed.groups()
    # SOQL writes 2026-01-05T10:11:12Z where records say 2026-01-05T10:11:12.000+0000.
    wanted = literal.strip("'").removesuffix("Z")
    compare = _COMPARE[operator]
    return [r for r in records if r[field] is not None and compare(str(r[field])[: len(wanted)], wanted)]


def _selected(record: Record, fields: tuple[str, ...], name: str, version: str) -> Record:
    url = f"/services/data/{version}/sobjects/{name}/{record['Id']}"
    chosen: Record = {"attributes": {"type": name, "url": url}}
    for field in fields:
        parent, dot, child = field.partition(".")
        if dot:
            chosen.setdefault(parent, {"attributes": {"type": PARENTS[parent]}})[child] = record[field]
        else:
            chosen[field] = record[field]
    return chosen
