"""Cases 38 to 40: currencies, the edges of months, and spend that brought nobody."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from infra.sandbox.cases.ground import EACH, Field, has_won_deal, is_only_mql, on_deal
from infra.sandbox.company import Campaign, FlatCost, Planted, Rate, SpendDay

EURO = "EUR"
PILOT = "display"  # a channel that no lead comes from


def currencies(ground: Field) -> Iterator[Planted]:
    """Case 38: a foreign currency, a tiny negative cost."""
    company = ground.company
    months = sorted({one.day.replace(day=1) for one in company.spend})
    company.rates = tuple(
        Rate(month, EURO, Decimal("1.0500") + Decimal(index % 7) / 100) for index, month in enumerate(months)
    )
    for person in ground.people(lambda p: has_won_deal(p) and p.account.region == "EMEA"):
        yield on_deal(38, person, currency=EURO)
    spend = list(company.spend)
    index = next(i for i, one in enumerate(spend) if one.platform == "email" and one.clicks)
    spend[index] = replace(spend[index], amount=Decimal("-0.01"))
    company.spend = tuple(spend)
    yield Planted(38, "spend", spend[index].campaign.key, "a cost of -0.01")


def edges_of_months(ground: Field) -> Iterator[Planted]:
    """Case 39: a month's last or first second."""
    for index, person in enumerate(ground.people(lambda p: is_only_mql(p) and p.reached["mql"].day < 25)):
        at = person.reached["mql"]
        following = (date(at.year, at.month, 1) + timedelta(days=32)).replace(day=1)
        edge = datetime.combine(following, datetime.min.time()) - timedelta(seconds=index % 2)
        person.reached["mql"] = edge
        yield Planted(39, "person", person.number, edge.isoformat())


def pilot(ground: Field) -> Iterator[Planted]:
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
    yield from ()  # zero_denominators counts it, among those that are there by chance


def flat_costs(ground: Field) -> Iterator[Planted]:
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


def zero_denominators(ground: Field) -> Iterator[Planted]:
    """Case 40: spend in a month and channel without MQLs."""
    company = ground.company
    seen = {(p.reached["mql"].strftime("%Y-%m"), p.channel) for p in company.people if "mql" in p.reached}
    paid = {(s.day.strftime("%Y-%m"), s.campaign.channel) for s in company.spend if s.day <= company.until}
    for month, channel in sorted(paid - seen, key=str):
        yield Planted(40, "spend", f"{month} {channel}")
