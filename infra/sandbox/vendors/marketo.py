"""Marketo: activities with paging tokens and short pages, leads by id, programs, merges as activity 32.

The same people as in HubSpot, for a company that runs Marketo instead of it.
"""

import base64
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from infra.sandbox.company import Campaign, Person
from infra.sandbox.reply import json_reply
from infra.sandbox.salesforce_ids import salesforce_id
from infra.sandbox.tokens import TokenDesk
from infra.sandbox.vocabulary import CHANNELS
from infra.sandbox.world import World

PAGE = 300
FORM, EMAIL_SENT, EMAIL_OPEN, EMAIL_CLICK, NEW_LEAD, CHANGE, MERGE, DELETE = 2, 6, 10, 11, 12, 13, 32, 37
EMAIL_TYPES = {"SENT": EMAIL_SENT, "OPEN": EMAIL_OPEN, "CLICK": EMAIL_CLICK}


class Marketo:
    """The vendor's slice of the world."""

    def __init__(self, world: World) -> None:
        self.desk = TokenDesk("mkto:")
        self.world = world
        self._version = -1
        self._activities: list[dict[str, Any]] = []
        self._people: dict[str, Person] = {}
        self._programs = {campaign.key: 1_000 + n for n, campaign in enumerate(world.company.campaigns, 1)}

    def routes(self) -> list[Route]:
        """The vendor's addresses below its mount point."""
        return [
            self.desk.route("/identity/oauth/token"),
            Route("/rest/v1/activities/pagingtoken.json", self.paging_token),
            Route("/rest/v1/activities.json", self.activities),
            Route("/rest/v1/leads.json", self.leads),
            Route("/rest/v1/leads/schema/fields.json", self.fields),
            Route("/rest/v1/leads/describe.json", self.describe),
            Route("/rest/asset/v1/programs.json", self.programs),
        ]

    async def paging_token(self, request: Request) -> Response:
        """GET a token for an instant."""
        self._prepare()
        since = request.query_params["sinceDatetime"].rstrip("Z")
        start = sum(one["activityDate"].rstrip("Z") < since for one in self._activities)
        return _result(None, nextPageToken=_token(start))

    async def activities(self, request: Request) -> Response:
        """GET a page: 300 activities are looked at, those of the types asked for are sent, perhaps none."""
        self._prepare()
        types = {int(one) for one in request.query_params["activityTypeIds"].split(",")}
        start = int(base64.b64decode(request.query_params["nextPageToken"]))
        page = self._activities[start : start + PAGE]
        found = [one for one in page if one["activityTypeId"] in types]
        more = start + PAGE < len(self._activities)
        return _result(found or None, nextPageToken=_token(start + len(page)), moreResult=more)

    async def leads(self, request: Request) -> Response:
        """GET leads by id; merged and deleted ones are gone."""
        self._prepare()
        ids = request.query_params["filterValues"].split(",")
        if len(ids) > PAGE:
            return json_reply({"success": False, "errors": [{"code": "1003", "message": "Too many values"}]})
        fields = request.query_params["fields"].split(",")
        known = self._lead(next(iter(self._people.values())))
        for missing in (name for name in fields if name not in known):
            errors = [{"code": "1006", "message": f"Field '{missing}' not found"}]
            return json_reply({"success": False, "errors": errors})
        found = [self._lead(self._people[one]) for one in ids if one in self._people]
        return _result([{name: lead.get(name) for name in fields} for lead in found])

    async def fields(self, request: Request) -> Response:
        """GET the schema: one of Marketo's own fields, and those that were added by hand."""
        custom = [{"name": name, "isCustom": True} for name in self.world.custom]
        return _result([{"name": "email", "isCustom": False}, *custom])

    async def describe(self, request: Request) -> Response:
        """GET the fields of a lead, by the names that REST knows them by."""
        self._prepare()
        lead = self._lead(next(iter(self._people.values())))
        return _result([{"displayName": name, "rest": {"name": name}} for name in lead])

    async def programs(self, request: Request) -> Response:
        """GET programs by offset; no `result` at all when there are none."""
        start = int(request.query_params.get("offset", "0"))
        end = start + int(request.query_params.get("maxReturn", "20"))
        visible = [c for c in self.world.company.campaigns if c.starts <= self.world.now.date()]
        return _result([self._program(one) for one in visible[start:end]] or None)

    def _prepare(self) -> None:
        if self._version == self.world.version:
            return
        people = self.world.people()
        gone = (self.world.is_merged, self.world.is_deleted)
        self._people = {lead_id(person): person for person in people if not any(is_(person) for is_ in gone)}
        self._activities = [one for person in people for one in self._of(person)]
        self._activities.sort(key=lambda one: (one["activityDate"], one["marketoGUID"]))
        self._version = self.world.version

    def _of(self, person: Person) -> list[dict[str, Any]]:
        now, owner = self.world.now, person
        if person.merged_into is not None and self.world.is_merged(person):
            owner = person.merged_into  # a merged lead's activities move to the winner
        found = [_activity(person, owner, NEW_LEAD, person.created_at, "New", 0)]
        # All that will ever happen: what an activity is numbered must not depend on the clock.
        again = [one for at in person.recycled for one in (("lead", at - timedelta(days=10)), ("mql", at))]
        stages = sorted([*person.reached.items(), *again], key=lambda one: one[1])
        for (before, _), (stage, at) in pairwise(stages):
            change = {"New Value": stage, "Old Value": before, "Reason": "the sandbox's story"}
            found.append(_activity(person, owner, CHANGE, at, "Lead Status", len(found), change))
        for touch in person.touches:
            told = {"Program ID": str(self._programs[touch.campaign])} if touch.campaign else {}
            found.append(_activity(person, owner, FORM, touch.at, touch.content.key, len(found), told))
        for event in person.emails:
            told = {"Program ID": str(self._programs[event.campaign])}
            kind = EMAIL_TYPES[event.kind]
            found.append(_activity(person, owner, kind, event.at, event.campaign, len(found), told))
        for at, other in person.absorbed:
            told = {"Merge IDs": f"[{lead_id(other)}]", "Master Updated": "true"}
            found.append(_activity(person, owner, MERGE, at, "", len(found) + 900, told))
        if person.deleted_at is not None:
            found.append(_activity(person, owner, DELETE, person.deleted_at, "", len(found) + 950))
        stamp = _iso(now)
        return [one for one in found if one["activityDate"] <= stamp]

    def _lead(self, person: Person) -> dict[str, Any]:
        stages = dict(self.world.reached(person))
        has_deal = self.world.deal_of(person) is not None
        first, account = person.first_touch, person.account
        return {
            "id": int(lead_id(person)),
            "email": person.email,
            "firstName": person.first_name,
            "lastName": person.last_name,
            "title": person.title,
            "company": account.name,
            "website": f"https://www.{account.domain}",
            "country": account.country,
            "industry": account.industry,
            "region": account.region,
            "segment": account.segment,
            "leadSource": CHANNELS[person.channel].salesforce_source,
            "leadStatus": list(stages)[-1],
            "originalSourceType": "Web form fillout",
            "utmSource": first.source,
            "utmMedium": first.medium,
            "utmCampaign": first.campaign,
            "mqlDate": _iso(stages["mql"]) if "mql" in stages else None,
            "createdAt": _iso(person.created_at),
            "updatedAt": _iso(self.world.last_change(person)),
            "sfdcLeadId": salesforce_id("00Q", person.number) if "mql" in stages else None,
            "sfdcContactId": salesforce_id("003", person.number) if has_deal else None,
            "sfdcAccountId": salesforce_id("001", account.number) if has_deal else None,
            **{name: self.world.custom_value(name, person) for name in self.world.custom},
        }

    def _program(self, campaign: Campaign) -> dict[str, Any]:
        created = f"{campaign.starts.isoformat()}T00:00:00Z+0000"  # Marketo's way, of assets only
        return {
            "id": self._programs[campaign.key],
            "name": campaign.name,
            "type": "Program",
            "channel": CHANNELS[campaign.channel].salesforce_source if campaign.channel else "Content",
            "status": "on",
            "startDate": campaign.starts.isoformat(),
            "endDate": campaign.ends.isoformat(),
            "createdAt": created,
            "updatedAt": created,
            "tags": [{"tagType": "UTM Campaign", "tagValue": campaign.key}],
        }


def lead_id(person: Person) -> str:
    """Marketo's id of the person."""
    return str(1_000_000 + person.number)


def _activity(
    person: Person,
    owner: Person,
    kind: int,
    at: datetime,
    asset: str,
    index: int,
    told: dict[str, str] | None = None,
) -> dict[str, Any]:
    return {
        "marketoGUID": f"{person.number}-{kind}-{index}",
        "leadId": int(lead_id(owner)),
        "activityDate": _iso(at),
        "activityTypeId": kind,
        "primaryAttributeValueId": index,
        "primaryAttributeValue": asset,
        "attributes": [{"name": name, "value": value} for name, value in (told or {}).items()],
    }


def _iso(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _token(position: int) -> str:
    return base64.b64encode(str(position).encode()).decode()


def _result(rows: list[dict[str, Any]] | None, **more: Any) -> Response:
    body: dict[str, Any] = {"requestId": "sandbox", "success": True, **more}
    return json_reply(body if rows is None else body | {"result": rows})
