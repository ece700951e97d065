"""Salesforce's records beside Lead, Account and Opportunity: contacts, roles, history, campaigns, users."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from infra.sandbox.company import Campaign, Deal, Person
from infra.sandbox.salesforce_ids import salesforce_id
from infra.sandbox.splits import splits_of
from infra.sandbox.vocabulary import CHANNELS, OWNERS
from infra.sandbox.world import World

Record = dict[str, Any]
PROBABILITY = {
    "Prospecting": 10,
    "Qualification": 25,
    "Proposal": 50,
    "Negotiation": 75,
    "Closed Won": 100,
    "Closed Lost": 0,
}
KNOTTED = 900_000  # the first number of campaigns that are tied in knots
CAMPAIGN_TYPES = {name: traits.salesforce_source for name, traits in CHANNELS.items()}


def stamp(at: datetime) -> str:
    """An instant as Salesforce writes it: `2026-01-05T10:11:12.000+0000`."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}+0000"


def stamps(created: datetime, modified: datetime) -> Record:
    """The three instants that every record carries."""
    return {
        "CreatedDate": stamp(created),
        "LastModifiedDate": stamp(modified),
        "SystemModstamp": stamp(modified),
    }


def lead_id(person: Person) -> str:
    """Salesforce's id of the person's lead record."""
    return salesforce_id("00Q", person.number)


def member_id(person: Person, index: int) -> str:
    """Salesforce's id of the person's membership of a campaign."""
    return salesforce_id("00v", person.number * 10 + index)


def owner_fields(name: str) -> Record:
    """The owner's id, and the name as a relationship field gives it."""
    return {"OwnerId": salesforce_id("005", OWNERS.index(name) + 1), "Owner.Name": name}


def wide_records(world: World, people: list[Person]) -> dict[str, list[Record]]:
    """Records by object name, as of now."""
    ids = {campaign.key: salesforce_id("701", n) for n, campaign in enumerate(world.company.campaigns, 1)}
    return {
        "Contact": list(_contacts(world, people)),
        "OpportunityContactRole": list(_roles(world, people)),
        "OpportunityHistory": list(_history(world, people)),
        "OpportunityFieldHistory": list(_field_history(world, people)),
        "OpportunityLineItem": list(_line_items(world, people)),
        "OpportunitySplit": list(_splits(world, people)),
        "Campaign": [
            *(_campaign(world, c, ids) for c in world.company.campaigns if c.starts <= world.now.date()),
            *_knotted(world),
        ],
        "CampaignMember": list(_members(world, people, ids)),
        "User": [_user(world, name) for name in OWNERS],
    }


def on_deals(world: World, people: list[Person]) -> Iterator[tuple[Person, Person, datetime]]:
    """(person, whose deal, since when) of everyone on a deal by now; its own person first."""
    for person in people:
        deal = world.deal_of(person)
        if deal is not None:
            yield person, person, deal.created_at
        elif person.joined is not None and person.joined[1] <= world.now:
            yield person, *person.joined


def deal_gone(deal: Deal, now: datetime) -> datetime | None:
    """When a deal was deleted, and what belongs to it with it; None while it is there."""
    return deal.deleted_at if deal.deleted_at is not None and deal.deleted_at <= now else None


def _contacts(world: World, people: list[Person]) -> Iterator[Record]:
    for person, _, since in on_deals(world, people):
        if person.number in world.purged_people:
            continue
        gone = person.deleted_at if world.is_deleted(person) else None
        made = max(since, person.created_at)  # nobody is a contact before anybody has heard of them
        yield {
            "Id": salesforce_id("003", person.number),
            "IsDeleted": gone is not None,
            "MasterRecordId": None,
            "AccountId": salesforce_id("001", person.account.number) if person.has_account else None,
            "FirstName": person.first_name,
            "LastName": person.last_name,
            "Title": person.title,
            "Email": person.email,
            "LeadSource": CHANNELS[person.channel].salesforce_source,
            **owner_fields(person.owner),
            **stamps(made, gone or made),
        }


def _roles(world: World, people: list[Person]) -> Iterator[Record]:
    for person, champion, since in on_deals(world, people):
        is_primary = person is champion
        is_purged = champion.number in world.purged_deals or person.number in world.purged_people
        if champion.deal is None or not champion.deal.has_roles or is_purged:
            continue
        yield {
            "Id": salesforce_id("00K", person.number),
            "IsDeleted": False,
            "OpportunityId": salesforce_id("006", champion.number),
            "ContactId": salesforce_id("003", person.number),
            "Role": "Decision Maker" if is_primary else "Influencer",
            "IsPrimary": is_primary,
            **stamps(since, since),
        }


def _history(world: World, people: list[Person]) -> Iterator[Record]:
    for person in people:
        deal = world.deal_of(person)
        for index, (stage, entered) in enumerate(deal.stages if deal else ()):
            if deal is None or entered > world.now or deal.number in world.purged_deals:
                continue
            is_last = index == len(deal.stages) - 1
            yield {
                "Id": salesforce_id("008", person.number * 10 + index),
                "IsDeleted": False,
                "OpportunityId": salesforce_id("006", deal.number),
                "StageName": dict(deal.stage_names).get(stage, stage),
                "Amount": None if deal.amount is None else float(deal.amount),
                "Probability": float(PROBABILITY[stage]),
                "CloseDate": (entered.date() if is_last else deal.expected_close).isoformat(),
                **stamps(entered, entered),
            }


def _field_history(world: World, people: list[Person]) -> Iterator[Record]:
    """That it was created, each change of its stage, and of the close date when it closes."""
    for person in people:
        deal = world.deal_of(person)
        if deal is None or deal.number in world.purged_deals:
            continue
        names = [(dict(deal.stage_names).get(stage, stage), at) for stage, at in deal.stages]
        changes: list[tuple[str, str, str | None, str | None, datetime]] = [
            ("created", "Text", None, None, deal.created_at)
        ]
        for (old, _), (new, at) in pairwise(names):
            changes.append(("StageName", "DynamicEnum", old, new, at))
        expected, closed = deal.expected_close.isoformat(), deal.closed_on.isoformat()
        changes.append(("CloseDate", "DateOnly", expected, closed, deal.closed_at))
        for index, (name, kind, old_value, new_value, at) in enumerate(changes):
            if at <= world.now:
                yield {
                    "Id": salesforce_id("017", person.number * 10 + index),
                    "IsDeleted": deal_gone(deal, world.now) is not None,
                    "OpportunityId": salesforce_id("006", deal.number),
                    "Field": name,
                    "DataType": kind,
                    "OldValue": old_value,
                    "NewValue": new_value,
                    "CreatedById": salesforce_id("005", OWNERS.index(deal.owner) + 1),
                    "CreatedDate": stamp(at),
                }


def _line_items(world: World, people: list[Person]) -> Iterator[Record]:
    for person in people:
        deal = world.deal_of(person)
        for index, line in enumerate(deal.lines if deal else ()):
            if deal is not None and deal.number not in world.purged_deals:
                yield {
                    "Id": salesforce_id("00k", deal.number * 10 + index),
                    "IsDeleted": deal_gone(deal, world.now) is not None,
                    "OpportunityId": salesforce_id("006", deal.number),
                    "Product2.Name": line.product,
                    "Quantity": float(line.quantity),
                    "UnitPrice": float(line.unit_price),
                    "TotalPrice": float(line.total),
                    **stamps(deal.created_at, deal_gone(deal, world.now) or deal.created_at),
                }


def _splits(world: World, people: list[Person]) -> Iterator[Record]:
    for person in people:
        deal = world.deal_of(person)
        if deal is None or deal.number in world.purged_deals:
            continue
        for index, split in enumerate(splits_of(deal)):
            amount = None if deal.amount is None else float(deal.amount * split.percent / 100)
            yield {
                "Id": salesforce_id("1Pl", deal.number * 10 + index),
                "IsDeleted": deal_gone(deal, world.now) is not None,
                "OpportunityId": salesforce_id("006", deal.number),
                "SplitOwnerId": salesforce_id("005", OWNERS.index(split.owner) + 1),
                "SplitOwner.Name": split.owner,
                "SplitTypeId": salesforce_id("149", 2 if split.is_overlay else 1),
                "SplitType.DeveloperName": "Overlay" if split.is_overlay else "Revenue",
                "SplitType.SplitField": "Amount",
                "SplitType.IsTotalValidated": not split.is_overlay,
                "SplitPercentage": float(split.percent),
                "SplitAmount": amount,
                **stamps(deal.created_at, deal_gone(deal, world.now) or deal.created_at),
            }


def _campaign(world: World, campaign: Campaign, ids: dict[str, str]) -> Record:
    created = datetime.combine(campaign.starts, datetime.min.time())
    cost = world.cost_of(campaign, "salesforce")
    ended = datetime.combine(campaign.ends + timedelta(days=1), datetime.min.time())
    return {
        "Id": ids[campaign.key],
        "IsDeleted": False,
        "Name": campaign.name,
        "ParentId": ids[campaign.parent] if campaign.parent else None,
        "Type": CAMPAIGN_TYPES.get(campaign.channel, "Display") if campaign.channel else "Program",
        "Status": "In Progress" if ended > world.now else "Completed",
        "IsActive": ended > world.now,
        "StartDate": campaign.starts.isoformat(),
        "EndDate": campaign.ends.isoformat(),
        "BudgetedCost": None,
        "ActualCost": float(cost.amount) if cost else None,
        "CurrencyIsoCode": cost.currency if cost else "USD",
        "UTM_Campaign__c": campaign.key,
        "Region__c": campaign.region,
        **owner_fields(OWNERS[0]),
        **stamps(created, ended if ended <= world.now else created),
    }


def _knotted(world: World) -> Iterator[Record]:
    """Two campaigns that are each other's parent, and one whose parent is gone: case 36."""
    if not any(one.case == 36 for one in world.company.planted):
        return
    first = world.company.campaigns[0]
    ids = {name: salesforce_id("701", KNOTTED + n) for n, name in enumerate(("a", "b", "orphan", "gone"))}
    for name, parent in (("a", "b"), ("b", "a"), ("orphan", "gone")):
        key = f"legacy-{name}"
        campaign = replace(first, key=key, name=key, parent="parent")
        yield _campaign(world, campaign, {key: ids[name], "parent": ids[parent]})


def _members(world: World, people: list[Person], ids: dict[str, str]) -> Iterator[Record]:
    contacts = {person.number: since for person, _, since in on_deals(world, people)}
    for person in people:
        if person.number in world.purged_people:
            continue
        for index, attendance in enumerate(person.attended):
            recorded_at = attendance.recorded_at or attendance.at
            if recorded_at > world.now:
                continue
            converted_at = contacts.get(person.number)
            responded = attendance.at.date().isoformat() if attendance.is_response else None
            yield {
                "Id": member_id(person, index),
                "IsDeleted": False,
                "CampaignId": ids[attendance.campaign],
                "LeadId": lead_id(person),
                "ContactId": salesforce_id("003", person.number) if converted_at else None,
                "Status": attendance.status,
                "HasResponded": attendance.is_response,
                "FirstRespondedDate": responded,
                **stamps(recorded_at, max(recorded_at, converted_at or recorded_at)),
            }


def _user(world: World, name: str) -> Record:
    created = datetime.combine(world.company.first_month, datetime.min.time())
    return {
        "Id": salesforce_id("005", OWNERS.index(name) + 1),
        "Name": name,
        "Email": f"{name.lower().replace(' ', '.')}@touch.example",
        "IsActive": True,
        "IsDeleted": False,
        **stamps(created, created),
    }
