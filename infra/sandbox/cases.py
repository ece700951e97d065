"""The forty cases that the numbers must survive: planted a few times each, and counted.

Each function below plants one case and returns what it planted. Cases that the company shows by itself
(1: people in every system, 33: invitations without a response, 30: scanners) are only counted.
"""

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from infra.sandbox.company import (
    Attendance,
    Campaign,
    Company,
    FlatCost,
    LineItem,
    Person,
    Planted,
    Rate,
    SpendDay,
)
from infra.sandbox.vocabulary import PRODUCTS

EACH = 3  # how often a case is planted, in a company that is large enough
EURO = "EUR"
PILOT = "display"  # a channel that no lead comes from
NAMES = {
    1: "the same person as MAP lead, CRM lead and CRM contact",
    2: "merge chain A -> B -> C",
    3: "merged in one system only",
    4: "a deal mirrored twice",
    5: "a second lead converted into an existing contact",
    6: "e-mail case, plus-tag, changed address",
    7: "a forgotten contact",
    8: "a free-mail address",
    9: "a contact without account",
    10: "a second domain of an account",
    11: "a shared inbox",
    12: "15-character Salesforce ids",
    13: "a recycled MQL",
    14: "a skipped stage",
    15: "won before first contact",
    16: "a reopened deal",
    17: "close date before creation",
    18: "a deal without contact role",
    19: "a role added after close",
    20: "a blank amount",
    21: "a negative amount or a renewal",
    22: "line items fanning out",
    23: "deleted after it was reported",
    24: "a stage that was renamed",
    25: "touches at the same instant",
    26: "a touch after close",
    27: "a deal without any touch",
    28: "one touch in every position",
    29: "a touch long before the close",
    30: "a bot's click",
    31: "a back-dated offline touch",
    32: "a campaign member whose lead was deleted",
    33: "an invitation that nobody answered",
    34: "UTM case, typo, missing, unknown",
    35: "a product name that drifts",
    36: "a campaign cycle or orphan",
    37: "an ad campaign renamed",
    38: "a foreign currency, a tiny negative cost",
    39: "a month's last or first second",
    40: "spend in a month and channel without MQLs",
}


@dataclass
class Field:
    """The company being planted: who is still free, and chance."""

    rng: random.Random
    company: Company
    taken: set[int] = field(default_factory=set)

    @property
    def end(self) -> datetime:
        """The last instant of the company's reported months."""
        return datetime.combine(self.company.until, datetime.max.time())

    def people(self, fits: Callable[[Person], bool], count: int = EACH) -> Iterator[Person]:
        """Up to `count` people nobody has planted anything on, well before the end."""
        latest = self.end - timedelta(days=120)
        for person in self.company.people:
            if count and person.number not in self.taken and person.created_at < latest and fits(person):
                self.taken.add(person.number)
                count -= 1
                yield person


Planter = Callable[[Field], Iterable[Planted]]


def plant(company: Company, rng: random.Random) -> None:
    """Plant every case, and leave the list of them in `company.planted`."""
    ground = Field(rng, company)
    planted = [one for planter in PLANTERS for one in planter(ground)]
    company.planted = tuple(sorted(planted, key=lambda one: (one.case, str(one.number))))


def is_only_lead(person: Person) -> bool:
    """A lead and nothing more, whose account's deal they have not joined."""
    return len(person.reached) == 1


def is_only_mql(person: Person) -> bool:
    """Qualified, not accepted."""
    return list(person.reached) == ["lead", "mql"] and not person.recycled


def _leads_after(at: datetime) -> Callable[[Person], bool]:
    return lambda person: is_only_lead(person) and person.created_at > at


def _mqls_after(at: datetime) -> Callable[[Person], bool]:
    return lambda person: is_only_mql(person) and person.created_at > at


def has_closed_deal(person: Person) -> bool:
    """Has a deal that is closed long before the end, or will be."""
    return person.deal is not None and (person.deal.closed_at - person.deal.created_at).days > 14


def has_won_deal(person: Person) -> bool:
    """Has a deal that ends won."""
    return has_closed_deal(person) and person.deal is not None and person.deal.is_won


def _merge_chains(ground: Field) -> Iterator[Planted]:
    for keeper in ground.people(lambda p: True):
        others = list(ground.people(_leads_after(keeper.created_at), 2))
        if len(others) == 2:
            middle, last = others
            _merge(last, middle, ground.end - timedelta(days=40))
            _merge(middle, keeper, ground.end - timedelta(days=30))
            yield Planted(2, "person", keeper.number, f"{last.number} -> {middle.number} -> {keeper.number}")


def _merge(person: Person, keeper: Person, at: datetime, where: str = "map") -> None:
    person.merged_into, person.merged_at, person.merged_in = keeper, at, where
    if where == "map":
        keeper.absorbed = (*keeper.absorbed, (at, person))


def _merges_in_the_crm(ground: Field) -> Iterator[Planted]:
    for keeper in ground.people(is_only_mql):
        latest = keeper.reached["mql"]
        for other in ground.people(_mqls_after(latest), 1):
            _merge(other, keeper, ground.end - timedelta(days=35), "crm")
            yield Planted(3, "person", other.number, f"into {keeper.number}, known to the CRM alone")


def _double_mirrors(ground: Field) -> Iterator[Planted]:
    for person in ground.people(has_won_deal):
        yield _on_deal(4, person, copies=1)


def _second_leads(ground: Field) -> Iterator[Planted]:
    for person in ground.people(lambda p: p.deal is not None):
        person.second_lead = f"{person.first_name}.{person.number}@private.example".lower()
        yield Planted(5, "person", person.number, person.second_lead)


def _addresses(ground: Field) -> Iterator[Planted]:
    for index, person in enumerate(ground.people(lambda p: len(p.touches) > 1)):
        local, domain = person.email.split("@")
        typed = (person.email.upper(), f"{local}+news@{domain}", f"{local}.old@{domain}")[index % 3]
        if index % 3 == 2:
            person.former_email = typed
        person.touches = (person.touches[0], *(replace(touch, email=typed) for touch in person.touches[1:]))
        yield Planted(6, "person", person.number, typed)


def _forgotten(ground: Field) -> Iterator[Planted]:
    for person in ground.people(is_only_lead):
        person.is_forgotten, person.deleted_at = True, ground.end - timedelta(days=20)
        yield Planted(7, "person", person.number)


def _free_mail(ground: Field) -> Iterator[Planted]:
    for person in ground.people(is_only_lead):
        person.email = f"{person.first_name}.{person.last_name}.{person.number}@gmail.com".lower()
        yield Planted(8, "person", person.number, person.email)


def _without_account(ground: Field) -> Iterator[Planted]:
    for person in ground.people(lambda p: p.joined is not None):
        person.has_account = False
        yield Planted(9, "person", person.number)


def _second_domains(ground: Field) -> Iterator[Planted]:
    for person in ground.people(lambda p: p.deal is not None):
        person.email = person.email.replace("@", "@mail.")
        yield Planted(10, "account", person.account.number, person.email.split("@")[1])


def _shared_inboxes(ground: Field) -> Iterator[Planted]:
    for person in ground.people(lambda p: p.deal is None and len(p.touches) > 1):
        shared = f"info@{person.account.domain}"
        person.touches = (*person.touches[:-1], replace(person.touches[-1], email=shared))
        yield Planted(11, "person", person.number, shared)


def _short_ids(ground: Field) -> Iterator[Planted]:
    for person in ground.people(lambda p: "mql" in p.reached):
        person.has_short_ids = True
        yield Planted(12, "person", person.number)


def _recycled(ground: Field) -> Iterator[Planted]:
    for person in ground.people(is_only_mql):
        person.recycled = (person.reached["mql"] + timedelta(days=45),)
        yield Planted(13, "person", person.number)


def _skipped(ground: Field) -> Iterator[Planted]:
    for person in ground.people(lambda p: list(p.reached) == ["lead", "mql", "sql"] and p.joined is None):
        del person.reached["mql"]
        person.attended = ()
        yield Planted(14, "person", person.number, "SQL without MQL")


def _won_before_contact(ground: Field) -> Iterator[Planted]:
    for person in ground.people(
        lambda p: has_won_deal(p) and (p.created_at - _first_day(ground)).days > 120, 1
    ):
        assert person.deal is not None
        shift = person.deal.closed_at - person.created_at + timedelta(days=2)
        stages = tuple((name, at - shift) for name, at in person.deal.stages)
        person.deal = replace(person.deal, created_at=stages[0][1], stages=stages)
        person.reached |= {"opportunity": stages[0][1], "customer": stages[-1][1]}
        yield Planted(15, "deal", person.number)


def _first_day(ground: Field) -> datetime:
    return datetime.combine(ground.company.first_month, datetime.min.time())


def _reopened(ground: Field) -> Iterator[Planted]:
    for person in ground.people(has_won_deal):
        assert person.deal is not None
        *before, last = person.deal.stages
        lost = before[-1][1] + (last[1] - before[-1][1]) / 3
        again = before[-1][1] + (last[1] - before[-1][1]) / 2
        stages = (*before, ("Closed Lost", _second(lost)), ("Negotiation", _second(again)), last)
        yield _on_deal(16, person, stages=stages)


def _second(at: datetime) -> datetime:
    return at.replace(microsecond=0)


def _closed_before_created(ground: Field) -> Iterator[Planted]:
    for person in ground.people(
        lambda p: has_closed_deal(p) and p.deal is not None and p.deal.created_at.day > 5
    ):
        assert person.deal is not None
        yield _on_deal(17, person, recorded_close=person.deal.created_at.date() - timedelta(days=2))


def _without_roles(ground: Field) -> Iterator[Planted]:
    for person in ground.people(has_closed_deal):
        yield _on_deal(18, person, has_roles=False)


def _late_roles(ground: Field) -> Iterator[Planted]:
    champions = {p.account.number: p for p in ground.company.people if has_closed_deal(p)}
    for person in ground.people(
        lambda p: p.deal is None and "sql" in p.reached and p.account.number in champions
    ):
        champion = champions[person.account.number]
        assert champion.deal is not None
        person.joined = (champion, max(person.reached["sql"], champion.deal.closed_at) + timedelta(days=3))
        yield Planted(19, "person", person.number, f"on the deal of {champion.number}")


def _blank_amounts(ground: Field) -> Iterator[Planted]:
    for person in ground.people(has_won_deal):
        yield _on_deal(20, person, amount=None)


def _refunds(ground: Field) -> Iterator[Planted]:
    for index, person in enumerate(ground.people(has_won_deal)):
        assert person.deal is not None
        assert person.deal.amount is not None
        if index % 2:
            yield _on_deal(21, person, kind="Renewal")
        else:
            yield _on_deal(21, person, kind="Refund", amount=-person.deal.amount / 10)


def _line_items(ground: Field) -> Iterator[Planted]:
    """Three products on a deal: whoever joins them to it counts it three times."""
    for person in [*ground.people(has_won_deal, 1), *ground.people(has_closed_deal, EACH - 1)]:
        assert person.deal is not None
        assert person.deal.amount is not None
        pair = (person.deal.amount / 5).quantize(Decimal("0.01"))
        lines = (
            LineItem(PRODUCTS[0], 2, pair),
            LineItem(PRODUCTS[1], 1, pair),
            LineItem(PRODUCTS[2], 1, person.deal.amount - 3 * pair),
        )
        yield _on_deal(22, person, lines=lines)


def _deleted_deals(ground: Field) -> Iterator[Planted]:
    for person in ground.people(has_won_deal):
        yield _on_deal(23, person, deleted_at=ground.end - timedelta(days=12))


def _renamed_stages(ground: Field) -> Iterator[Planted]:
    for person in ground.people(has_closed_deal):
        yield _on_deal(24, person, stage_names=(("Prospecting", "Discovery"),))


def _on_deal(case: int, person: Person, **changes: object) -> Planted:
    assert person.deal is not None
    person.deal = replace(person.deal, **changes)  # type: ignore[arg-type]
    return Planted(case, "deal", person.number)


def _same_instant(ground: Field) -> Iterator[Planted]:
    for person in ground.people(lambda p: len(p.touches) > 1):
        first, second = person.touches[-2:]
        contents = ground.company.contents
        other = contents[(contents.index(first.content) + 1) % len(contents)]
        person.touches = (*person.touches[:-1], replace(second, at=first.at, content=other))
        yield Planted(25, "person", person.number)


def _after_close(ground: Field) -> Iterator[Planted]:
    for person in ground.people(has_won_deal):
        assert person.deal is not None
        late = replace(person.touches[0], at=person.deal.closed_at + timedelta(days=5))
        person.touches = tuple(sorted((*person.touches, late), key=lambda touch: touch.at))
        yield Planted(26, "deal", person.number)


def _untouched(ground: Field) -> Iterator[Planted]:
    for person in ground.people(has_won_deal):
        person.origin, person.touches, person.emails, person.attended = person.touches[0], (), (), ()
        yield Planted(27, "deal", person.number)


def _single_touch(ground: Field) -> Iterator[Planted]:
    for person in ground.people(has_won_deal):
        person.touches, person.emails, person.attended = person.touches[:1], (), ()
        yield Planted(28, "deal", person.number)


def _long_before(ground: Field) -> Iterator[Planted]:
    for person in ground.people(
        lambda p: has_won_deal(p) and p.touches[0].at > _first_day(ground) + timedelta(days=420)
    ):
        early = replace(person.touches[0], at=person.touches[0].at - timedelta(days=400))
        person.origin = person.touches[0]
        person.touches = (early, *person.touches)
        yield Planted(29, "deal", person.number)


def _back_dated(ground: Field) -> Iterator[Planted]:
    events = [campaign for campaign in ground.company.campaigns if campaign.channel == "events"]
    for person in ground.people(is_only_mql):
        at = person.reached["mql"].replace(hour=0, minute=0, second=0) + timedelta(days=1)
        running = next((c.key for c in events if c.starts <= at.date() <= c.ends), events[0].key)
        person.attended = (Attendance(at, running, "Attended", recorded_at=at + timedelta(days=60)),)
        yield Planted(31, "person", person.number)


def _deleted_members(ground: Field) -> Iterator[Planted]:
    for person in ground.people(lambda p: is_only_mql(p) and len(p.attended) > 0):
        person.deleted_at = ground.end - timedelta(days=15)
        yield Planted(32, "person", person.number)


def _utm(ground: Field) -> Iterator[Planted]:
    spoilt = (
        {"source": "LinkedIn", "medium": "Paid_Social"},
        {"source": "lnkedin"},
        {"source": None, "medium": None, "campaign": None},
        {"source": "unknown", "medium": "unknown"},
    )
    for tags in spoilt:
        # What still says where it came from is spoilt where it came from there.
        was = "linkedin" if (tags["source"] or "").lower().endswith("nkedin") else None
        fits = _whose_last_form_is_from(was)
        for person in ground.people(fits, 1):
            person.touches = (*person.touches[:-1], replace(person.touches[-1], **tags))
            yield Planted(34, "person", person.number, str(tags))


def _whose_last_form_is_from(source: str | None) -> Callable[[Person], bool]:
    return lambda p: p.deal is None and len(p.touches) > 1 and source in (None, p.touches[-1].source)


def _drifting_names(ground: Field) -> Iterator[Planted]:
    for person in ground.people(lambda p: p.deal is not None and p.deal.product == "GTX Pro"):
        yield _on_deal(35, person, product="GTXPro")


def _campaign_knots(ground: Field) -> Iterator[Planted]:
    yield Planted(36, "campaign", "legacy-a", "parent legacy-b, whose parent is legacy-a")
    yield Planted(36, "campaign", "legacy-orphan", "its parent is gone")


def _renamed_ad(ground: Field) -> Iterator[Planted]:
    first = next(c for c in ground.company.campaigns if c.platform == "linkedin_ads")
    yield Planted(37, "campaign", first.key, f"now called {renamed(first.key)!r}")


def renamed(key: str) -> str:
    """What the ad platform calls a renamed campaign now; its links still carry the old name."""
    return f"{key} (relaunch)"


def _currencies(ground: Field) -> Iterator[Planted]:
    company = ground.company
    months = sorted({one.day.replace(day=1) for one in company.spend})
    company.rates = tuple(
        Rate(month, EURO, Decimal("1.0500") + Decimal(index % 7) / 100) for index, month in enumerate(months)
    )
    for person in ground.people(lambda p: has_won_deal(p) and p.account.region == "EMEA"):
        yield _on_deal(38, person, currency=EURO)
    spend = list(company.spend)
    index = next(i for i, one in enumerate(spend) if one.platform == "email" and one.clicks)
    spend[index] = replace(spend[index], amount=Decimal("-0.01"))
    company.spend = tuple(spend)
    yield Planted(38, "spend", spend[index].campaign.key, "a cost of -0.01")


def _edges_of_months(ground: Field) -> Iterator[Planted]:
    for index, person in enumerate(ground.people(lambda p: is_only_mql(p) and p.reached["mql"].day < 25)):
        at = person.reached["mql"]
        following = (date(at.year, at.month, 1) + timedelta(days=32)).replace(day=1)
        edge = datetime.combine(following, datetime.min.time()) - timedelta(seconds=index % 2)
        person.reached["mql"] = edge
        yield Planted(39, "person", person.number, edge.isoformat())


def _counted(ground: Field) -> Iterator[Planted]:
    """Cases that are there without planting: known by looking."""
    for person in ground.company.people:
        if person.created_at > ground.end:
            continue
        if person.deal is not None:
            yield Planted(1, "person", person.number)
        if any(event.is_bot and event.kind == "CLICK" for event in person.emails):
            yield Planted(30, "person", person.number)
        if any(not attendance.is_response for attendance in person.attended):
            yield Planted(33, "person", person.number)


def _pilot(ground: Field) -> Iterator[Planted]:
    """A channel that was tried for three months and brought nobody: cost per MQL over nothing."""
    company = ground.company
    months = sorted({one.day.replace(day=1) for one in company.spend if one.day <= company.until})[-EACH:]
    pilot = Campaign(
        "pilot-display",
        "Pilot display",
        None,
        PILOT,
        "AMER",
        months[0],
        company.until,
        "display_network",
        "display",
    )
    company.campaigns = (*company.campaigns, pilot)
    bought = (SpendDay(day, pilot, "display_network", Decimal("450.50"), "USD", 9_000, 12) for day in months)
    company.spend = (*company.spend, *bought)
    yield from ()  # _zero_denominators counts it, among those that are there by chance


def _flat_costs(ground: Field) -> Iterator[Planted]:
    """What campaigns cost altogether: programs' own costs, and costs that spend or another system tells already."""
    company = ground.company
    programs = [one for one in company.campaigns if one.channel is None and one.starts < company.until]
    if len(programs) < EACH:
        return
    ad = next(one for one in company.campaigns if one.platform == "google_ads")
    mails = next(one for one in company.campaigns if one.platform == "email")
    day = company.first_month + timedelta(days=40)
    stand = Campaign(
        "stand", "Stand", None, "events", "EMEA", day, day + timedelta(days=99), "agency", "fair"
    )

    def cost(
        campaign: Campaign, where: str, amount: str, currency: str = "USD", counts: bool = True
    ) -> FlatCost:
        return FlatCost(campaign, where, Decimal(amount), currency, campaign.starts, campaign.ends, counts)

    company.costs = (
        cost(programs[0], "salesforce", "12345.67"),
        cost(programs[1], "hubspot", "9999.99", EURO),
        cost(programs[2], "salesforce", "5000.01", EURO),
        cost(programs[2], "hubspot", "5000.01", EURO, counts=False),  # the same money
        cost(ad, "salesforce", "77777.77", counts=False),  # its platform tells it day by day
        cost(mails, "hubspot", "1234.56", counts=False),  # a file tells it
        cost(stand, "files", "8000.03"),
    )
    yield from ()  # no case of the forty


def _zero_denominators(ground: Field) -> Iterator[Planted]:
    company = ground.company
    seen = {(p.reached["mql"].strftime("%Y-%m"), p.channel) for p in company.people if "mql" in p.reached}
    paid = {(s.day.strftime("%Y-%m"), s.campaign.channel) for s in company.spend if s.day <= company.until}
    for month, channel in sorted(paid - seen, key=str):
        yield Planted(40, "spend", f"{month} {channel}")


# In the order of planting: who needs the rarest people goes first.
PLANTERS: tuple[Planter, ...] = (
    _late_roles,
    _without_account,
    _won_before_contact,
    _long_before,
    _double_mirrors,
    _reopened,
    _blank_amounts,
    _refunds,
    _line_items,
    _deleted_deals,
    _untouched,
    _single_touch,
    _after_close,
    _currencies,
    _drifting_names,
    _closed_before_created,
    _without_roles,
    _renamed_stages,
    _second_leads,
    _second_domains,
    _skipped,
    _back_dated,
    _deleted_members,
    _merges_in_the_crm,
    _recycled,
    _edges_of_months,
    _short_ids,
    _addresses,
    _shared_inboxes,
    _same_instant,
    _utm,
    _forgotten,
    _free_mail,
    _merge_chains,
    _campaign_knots,
    _renamed_ad,
    _pilot,
    _flat_costs,
    _counted,
    _zero_denominators,
)
