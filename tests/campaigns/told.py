"""What the raw rows tell, in plain Python: people, deals, touches, campaigns, spend. Written from the definitions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from tests.campaigns.rows import Row, Rows, slug

CHANNELS = {
    "cpc": "paid_search",
    "event": "events",
    "PAID_SEARCH": "paid_search",
    "EMAIL_MARKETING": "email",
    "OFFLINE": "events",
    "DIRECT_TRAFFIC": "direct",
}
Spend = tuple[date, str | None, str | None, str | None, Decimal]
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@dataclass
class Touch:
    """Something that reached somebody; ties at one instant break by the key."""

    key: str
    at: datetime
    channel: str | None
    campaign: str | None
    content: str | None


@dataclass
class Person:
    """Somebody, with every time that each stage was reached."""

    row: Row
    created: datetime
    channel: str | None
    campaign: str | None
    content: str | None
    stages: dict[str, list[datetime]]
    touches: list[Touch]
    counts: bool  # gone only where no record is left
    deals: list[Deal] = field(default_factory=list)  # those that they lead

    def first(self, stage: str) -> datetime | None:
        return min(self.stages[stage], default=None)


@dataclass
class Deal:
    """A deal with the touches of all its people before it was closed, in order."""

    key: str
    amount: Decimal | None
    people: list[Person]
    touches: list[Touch]
    stays: list[tuple[str, datetime]]
    region: str | None
    won: bool
    closed: bool
    created: datetime
    closed_at: datetime | None  # midnight where only the day is known

    @property
    def on(self) -> date:
        assert self.closed_at is not None
        return self.closed_at.date()

    @property
    def sourcing(self) -> list[Touch]:
        """The first touch and the one that created the lead, as far as they were before the deal."""
        lead = min((person.created for person in self.people), default=datetime.max)
        sourced = [*self.touches[:1], *[touch for touch in self.touches if touch.at <= lead][-1:]]
        return [touch for touch in sourced if touch.at < self.created + SECOND]


@dataclass(repr=False)
class World:
    """All of it. Spend is (day, channel, campaign, region, money)."""

    people: list[Person]
    deals: list[Deal]
    above: dict[str, str]
    names: dict[str, str]
    types: dict[str, str]
    spend: list[Spend]
    kinds: dict[str, str | None]  # of every asset that anything mentions
    titles: dict[str, str]
    touches: list[Touch]
    days: list[date]  # on which something is known to have happened


def campaign_key(name: str | None) -> str | None:
    """The campaign that a tag names; a word in brackets is none."""
    return None if (name or "").strip().startswith("(") else slug(name)


def tag(row: Row) -> str | None:
    """The name that every system knows a campaign by."""
    return slug(row.get("utm_campaign") or row["name"])


def told(rows: Rows) -> World:
    """Read the raw rows."""
    touches = _touches(rows)
    people = _people(rows, touches)
    deals = []
    for row in rows["raw.salesforce__opportunity"]:
        if not row["is_deleted"]:
            deals.append(_deal(rows, row, people))
            if row["contact_id"]:
                people[row["contact_id"]].deals.append(deals[-1])
    readers = _readers(rows, touches)
    for row in rows["raw.files__deals"]:
        deals.append(_file_deal(row, readers[row["lead_id"]]))
        readers[row["lead_id"]].deals.append(deals[-1])
    people |= readers
    live = [row for row in rows["raw.salesforce__campaign"] if not row["is_deleted"]]
    by_id = {row["id"]: tag(row) for row in live}
    every = [touch for person in people.values() for touch in person.touches]
    return World(
        people=list(people.values()),
        deals=deals,
        above={
            key: by_id[row["parent_id"]]
            for row in live
            if (key := tag(row)) and by_id.get(row.get("parent_id")) not in (None, key)
        },
        names={"ghost": "Ghost", "nobody": "Nobody"} | {tag(row): row["name"] for row in reversed(live)},
        types={tag(row): row["type"] for row in live},
        spend=list(_spend(rows)),
        kinds=_kinds(rows),
        titles=_titles(rows),
        touches=every,
        days=[
            *(person.created.date() for person in people.values()),
            *(row["close_date"] for row in rows["raw.salesforce__opportunity"] if row["is_closed"]),
            *(row["closed_at"].date() for row in rows["raw.files__deals"] if row["closed_at"]),
            *(row["spend_date"] for row in rows["raw.files__spend"] if row["spend_until"] is None),
        ],
    )


def _mentions(rows: Rows) -> Iterator[tuple[str, str | None]]:
    """Every asset as it is written, with its kind. What was only sent is no touch."""
    for row in rows["raw.hubspot__contacts"]:
        yield row["utm_content"] or "", None
    for row in rows["raw.files__leads"]:
        yield row["content"] or "", None
    for row in (*rows["raw.hubspot__form_submissions"], *rows["raw.files__touches"]):
        if row.get("kind") != "sent":
            yield row["content"] or "", row["content_type"]


def _kinds(rows: Rows) -> dict[str, str | None]:
    """Asset -> its kind, however that is written."""
    found: dict[str, str | None] = {}
    for name, kind in _mentions(rows):
        key = slug(name)
        if key is not None:
            found[key] = found.get(key) or (slug(kind) or "").replace("-", "_") or None
    return found


def _titles(rows: Rows) -> dict[str, str]:
    """Asset -> how it is shown: of its ways of writing the first by code."""
    found: dict[str, str] = {}
    for name, _ in _mentions(rows):
        key = slug(name)
        if key is not None:
            found[key] = min(found.get(key, name.strip()), name.strip())
    return found


def _touches(rows: Rows) -> dict[str, list[Touch]]:
    """E-mail -> touches in order. What was only sent is none."""
    found: dict[str, list[Touch]] = defaultdict(list)
    for row in rows["raw.hubspot__form_submissions"]:
        channel = CHANNELS.get(row["utm_medium"], row["utm_medium"])
        tags = (channel, campaign_key(row["utm_campaign"]), slug(row["content"]))
        found[row["email"]].append(Touch(f"hubspot:form:{row['submission_id']}", row["submitted_at"], *tags))
    for row in rows["raw.files__touches"]:
        if row["kind"] != "sent":
            tags = (row["channel"], campaign_key(row["campaign"]), slug(row["content"]))
            found[(row["email"] or row["lead_id"]).lower()].append(
                Touch(f"files:touch:{row['touch_id']}", row["occurred_at"], *tags)
            )
    for of in found.values():
        of.sort(key=lambda touch: (touch.at, touch.key))
    return found


def _people(rows: Rows, touches: dict[str, list[Touch]]) -> dict[str, Person]:
    """Salesforce contact id -> the person; both records tell when the lead was created, the older one counts."""
    crm = {row["email"]: row for row in rows["raw.salesforce__contact"]}
    found = {}
    for row in rows["raw.hubspot__contacts"]:
        stages: dict[str, set[datetime]] = {"mql": set(), "sql": set()}
        for step in rows["raw.hubspot__contact_lifecycle"]:
            if step["contact_id"] == row["id"]:
                stages[{"m": "mql", "s": "sql"}[step["stage"][0]]].add(step["occurred_at"])
        known = crm[row["email"]]
        found[known["id"]] = Person(
            row,
            min(row["createdate"], known["created_date"]),
            CHANNELS.get(row["hs_analytics_source"]),
            campaign_key(row["utm_campaign"]),
            slug(row["utm_content"]),
            {stage: sorted(times) for stage, times in stages.items()},
            touches.get(row["email"], []),
            not (row["archived"] and known["is_deleted"]),
        )
    return found


def _readers(rows: Rows, touches: dict[str, list[Touch]]) -> dict[str, Person]:
    """Lead id -> the person of a file. Where no touch is known, the origin of the lead is its first contact."""
    found = {}
    for row in rows["raw.files__leads"]:
        tags = (row["channel"], campaign_key(row["campaign"]), slug(row["content"]))
        origin = [Touch(f"files:lead:{row['lead_id']}", row["created_at"], *tags)] if row["channel"] else []
        stages = {stage: [row[f"{stage}_at"]] if row[f"{stage}_at"] else [] for stage in ("mql", "sql")}
        found[row["lead_id"]] = Person(
            row,
            row["created_at"],
            *tags,
            stages,
            touches.get(row["lead_id"], origin),
            not row["is_deleted"],
        )
    return found


def _file_deal(row: Row, person: Person) -> Deal:
    """A deal of a file, which closed on an instant: that second counts, and the whole day where it is midnight."""
    won, at = bool(row["is_won"]), row["closed_at"]
    closed = won or bool(row["is_closed"])
    ends = datetime.max
    if closed:
        ends = at + (DAY if at == datetime.combine(at.date(), datetime.min.time()) else SECOND)
    on = at.date() if closed else row["created_at"].date()
    return Deal(
        row["deal_id"],
        None if row["amount"] is None else cents(row["amount"] * rate(row["currency"], on)),
        [person],
        [touch for touch in person.touches if touch.at < ends],
        [],
        row["region"] or person.row["region"],
        won,
        closed,
        row["created_at"],
        at,
    )


def cents(money: Decimal) -> Decimal:
    return money.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _deal(rows: Rows, row: Row, people: dict[str, Person]) -> Deal:
    roles = {
        role["contact_id"]
        for role in rows["raw.salesforce__opportunity_contact_role"]
        if role["opportunity_id"] == row["id"] and not role["is_deleted"]
    }
    account = row["account_id"]
    team = roles or {key for key, person in people.items() if person.row["salesforceaccountid"] == account}
    team = team | ({row["contact_id"]} if row["contact_id"] else set())
    on = [people[key] for key in sorted(team)]
    ends = (
        datetime.combine(row["close_date"], datetime.min.time()) + DAY if row["is_closed"] else datetime.max
    )
    touches = [touch for person in on for touch in person.touches if touch.at < ends]
    told_stages = [
        (step["stage_name"], step["created_date"])
        for step in rows["raw.salesforce__opportunity_history"]
        if step["opportunity_id"] == row["id"]
    ]
    regions = {one["id"]: one["region"] for one in rows["raw.salesforce__account"]}
    leader = people.get(row["contact_id"])
    return Deal(
        row["id"],
        _money(row),
        on,
        sorted(touches, key=lambda touch: (touch.at, touch.key)),
        told_stages,
        row["region"] or regions[account] or (leader.row["region"] if leader else None),
        bool(row["is_won"]),
        bool(row["is_closed"]),
        row["created_date"],
        datetime.combine(row["close_date"], datetime.min.time()) if row["is_closed"] else None,
    )


def rate(currency: str | None, on: date) -> Decimal:
    if currency != "EUR":
        return Decimal(1)
    return Decimal("1.2") if on >= date(2025, 1, 1) else Decimal("1.1")


def _money(row: Row) -> Decimal | None:
    """At the rate of the close; of an open deal, of its creation."""
    on = row["close_date"] if row["is_closed"] else row["created_date"].date()
    return None if row["amount"] is None else row["amount"] * rate(row["currency_iso_code"], on)


def _spend(rows: Rows) -> Iterator[Spend]:
    """Every day's money; a period in equal parts (the amounts divide without rest)."""
    for row in rows["raw.files__spend"]:
        days = (row["spend_until"] - row["spend_date"]).days + 1 if row["spend_until"] else 1
        for number in range(days):
            on = row["spend_date"] + number * DAY
            money = row["amount"] / days * rate(row["currency"], on)
            yield on, row["channel"], slug(row["campaign"]), row["region"], money
