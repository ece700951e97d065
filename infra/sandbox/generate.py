"""Draw the company: the same seed, size and last day always give the same people, deals and spend."""

import calendar
import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from infra.sandbox.cases import plant
from infra.sandbox.company import (
    REGIONS,
    REPORTING_CURRENCY,
    Account,
    Campaign,
    Company,
    Content,
    Deal,
    Person,
    SpendDay,
    Touch,
)
from infra.sandbox.engagement import engage, visits
from infra.sandbox.plan import growth_model
from infra.sandbox.vocabulary import (
    ASSETS,
    CHANNELS,
    COMPANY_HEADS,
    COMPANY_TAILS,
    COUNTRIES,
    FIRST_NAMES,
    INDUSTRIES,
    LAST_NAMES,
    OWNERS,
    PRODUCTS,
    PROGRAMS,
    REGION_WEIGHTS,
    SEGMENTS,
    TITLES,
)

DEFAULT_UNTIL = date(2026, 10, 31)
DEFAULT_SEED = 7
DEFAULT_LEADS = 5_000
MONTHS = 24
FUTURE_DAYS = 62  # life after `until`, for "the company goes on"
CAMPAIGN_MONTHS = 6
OPEN_STAGES = ("Prospecting", "Qualification", "Proposal", "Negotiation")


def generate(
    seed: int = DEFAULT_SEED,
    leads: int = DEFAULT_LEADS,
    until: date = DEFAULT_UNTIL,
    months: int = MONTHS,
    cases: bool = False,
) -> Company:
    """The company of `seed` with `leads` leads in the `months` months that end with `until`.

    `cases` plants the forty cases that the numbers must survive, and lists them in `planted`.

    `until` must be the last day of a month; ValueError otherwise. What happens in the FUTURE_DAYS after
    `until` is generated too and waits until the company's clock reaches it.
    """
    if until.day != calendar.monthrange(until.year, until.month)[1]:
        raise ValueError(f"until {until.isoformat()!r} is not the last day of a month")
    if leads < 1 or months < 1:
        raise ValueError(f"leads {leads!r} and months {months!r} must be at least 1")
    rng = random.Random(seed)  # noqa: S311 - a simulation, not a secret
    month_starts = _months_back(until, months)
    contents = tuple(_contents())
    campaigns = tuple(_campaigns(month_starts))
    plan = _leads_by_day(leads, month_starts, until)
    accounts: list[Account] = []
    people = list(_people(rng, plan, campaigns, contents, accounts))
    engage(random.Random(seed + 1), people, campaigns)  # noqa: S311 - a simulation
    company = Company(
        seed=seed,
        first_month=month_starts[0],
        until=until,
        campaigns=campaigns,
        contents=contents,
        accounts=tuple(accounts),
        people=people,
        spend=tuple(_spend(rng, plan, campaigns)),
        visits=tuple(visits(random.Random(seed + 2), people)),  # noqa: S311 - a simulation
        targets=tuple(growth_model(plan, month_starts)),
    )
    if cases:
        plant(company, random.Random(seed + 3))  # noqa: S311 - a simulation
    return company


def slug(text: str) -> str:
    """A name as it stands in an address: `GTX Pro launch` -> `gtx-pro-launch`."""
    return text.lower().replace("_", "-").replace(" ", "-")


def add_months(day: date, months: int) -> date:
    """The first of the month `months` after `day`'s month."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def _months_back(until: date, months: int) -> list[date]:
    return [add_months(until, offset) for offset in range(1 - months, 1)]


def _contents() -> Iterator[Content]:
    for number, (kind, title) in enumerate(ASSETS, start=1):
        form_id = f"{number:08x}-5a3d-4c1e-9b7a-{number * 7919:012x}"
        yield Content(key=f"{kind.replace('_', '-')}-{slug(title)}", title=title, kind=kind, form_id=form_id)


def _campaigns(month_starts: list[date]) -> Iterator[Campaign]:
    """Programs of half a year with a tactic for each paid channel and region, one half year past the end."""
    for first in range(0, len(month_starts) + CAMPAIGN_MONTHS, CAMPAIGN_MONTHS):
        starts = add_months(month_starts[0], first)
        ends = add_months(starts, CAMPAIGN_MONTHS) - timedelta(days=1)
        for program in PROGRAMS:
            name = f"{program} {starts:%Y-%m}"
            yield Campaign(slug(name), name, None, None, None, starts, ends)
            for channel, traits in CHANNELS.items():
                for platform, source, _ in traits.platforms:
                    # The first platform of a channel has the plain name, as the campaigns came first there.
                    words = channel if platform == traits.platforms[0][0] else f"{channel} {source}"
                    for region in REGIONS:
                        label = f"{region} {words.replace('_', ' ')} {name}"
                        yield Campaign(
                            slug(label), label, slug(name), channel, region, starts, ends, platform, source
                        )


def _leads_by_day(leads: int, month_starts: list[date], until: date) -> dict[date, int]:
    """How many leads are created on which day: growing by 60 % over the months, quiet at weekends."""
    span = max(len(month_starts) - 1, 1)
    weights: dict[date, float] = {}
    for index, start in enumerate(month_starts):
        season = 0.8 if start.month in (8, 12) else 1.0
        for offset in range(calendar.monthrange(start.year, start.month)[1]):
            day = start + timedelta(days=offset)
            weights[day] = (1 + 0.6 * index / span) * season * (0.35 if day.weekday() >= 5 else 1.0)
    scale = leads / sum(weights.values())
    for offset in range(1, FUTURE_DAYS + 1):
        day = until + timedelta(days=offset)
        weights[day] = 1.6 * (0.35 if day.weekday() >= 5 else 1.0)
    plan, carried, given = {}, 0.0, 0
    for day, weight in weights.items():
        carried += weight * scale
        # Rounding could leave the last day one short or one over: the size is a promise.
        count = leads - given if day == until else min(int(carried), leads - given if day < until else 10**9)
        carried -= count
        plan[day] = count
        given += count
    return plan


def _people(
    rng: random.Random,
    plan: dict[date, int],
    campaigns: tuple[Campaign, ...],
    contents: tuple[Content, ...],
    accounts: list[Account],
) -> Iterator[Person]:
    horizon = datetime.combine(max(plan), datetime.max.time())
    finder = CampaignFinder(campaigns)
    names: dict[str, int] = {}
    number = 0
    for day, count in plan.items():
        instants = sorted(
            datetime(day.year, day.month, day.day) + timedelta(seconds=rng.randrange(25_000, 75_000))
            for _ in range(count)
        )
        for created_at in instants:
            number += 1
            is_first = not accounts or rng.random() < 0.62
            if is_first:
                accounts.append(_account(rng, len(accounts) + 1))
            account = accounts[-1] if is_first else rng.choice(accounts)
            person = _person(rng, number, account, created_at, names)
            _walk(rng, person, may_buy=is_first)
            person.touches = tuple(_touches(rng, person, finder, contents, horizon))
            yield person


def _account(rng: random.Random, number: int) -> Account:
    region = rng.choices(REGIONS, [REGION_WEIGHTS[name] for name in REGIONS])[0]
    segment = rng.choices(list(SEGMENTS), [traits.weight for traits in SEGMENTS.values()])[0]
    head = COMPANY_HEADS[(number * 7) % len(COMPANY_HEADS)]
    tail = COMPANY_TAILS[(number * 11) % len(COMPANY_TAILS)]
    turn = number // (len(COMPANY_HEADS) * len(COMPANY_TAILS))
    name = f"{head} {tail} {number}" if turn or number > 900 else f"{head} {tail}"
    return Account(
        number=number,
        name=name,
        domain=f"{slug(head)}{slug(tail)}{number}.example",
        region=region,
        segment=segment,
        industry=rng.choice(INDUSTRIES),
        employees=rng.randint(*SEGMENTS[segment].employees),
        country=rng.choice(COUNTRIES[region]),
    )


def _person(
    rng: random.Random, number: int, account: Account, created_at: datetime, names: dict[str, int]
) -> Person:
    first, last = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES)
    local = f"{first}.{last}".lower()
    address = f"{local}@{account.domain}"
    seen = names[address] = names.get(address, 0) + 1
    return Person(
        number=number,
        first_name=first,
        last_name=last,
        email=address if seen == 1 else f"{local}{seen}@{account.domain}",
        title=rng.choice(TITLES),
        account=account,
        channel=rng.choices(list(CHANNELS), [traits.weight for traits in CHANNELS.values()])[0],
        owner=OWNERS[account.number % len(OWNERS)],
        reached={"lead": created_at},
    )


def _walk(rng: random.Random, person: Person, may_buy: bool) -> None:
    """Let the person reach the stages they will ever reach. Only an account's first person opens a deal."""
    factor = CHANNELS[person.channel].factor * SEGMENTS[person.account.segment].factor
    at = person.created_at
    for stage, chance, days in (("mql", 0.48, 6.0), ("sql", 0.45, 8.0)):
        if rng.random() > chance * factor:
            return
        at = _later(rng, at, days)
        person.reached[stage] = at
    if may_buy and rng.random() < 0.8:
        at = _later(rng, at, 7.0)
        person.reached["opportunity"] = at
        person.deal = _deal(rng, person, at, won=rng.random() < 0.34 * factor)
        if person.deal.is_won:
            person.reached["customer"] = person.deal.closed_at


def _later(rng: random.Random, at: datetime, mean_days: float) -> datetime:
    return at + timedelta(seconds=600 + int(rng.expovariate(1 / mean_days) * 86_400))


def _deal(rng: random.Random, person: Person, created_at: datetime, won: bool) -> Deal:
    segment = SEGMENTS[person.account.segment]
    amount = Decimal(round(segment.deal * rng.lognormvariate(0, 0.45) * 100)) / 100
    at = created_at
    stages = [(OPEN_STAGES[0], at)]
    # A lost deal may end at any stage; a won one passes through all of them.
    passed = len(OPEN_STAGES) if won else rng.randint(1, len(OPEN_STAGES))
    for stage in OPEN_STAGES[1:passed]:
        at = _later(rng, at, 14.0)
        stages.append((stage, at))
    stages.append(("Closed Won" if won else "Closed Lost", _later(rng, at, 16.0)))
    product = rng.choice(PRODUCTS)
    return Deal(
        number=person.number,
        name=f"{person.account.name} - {product}",
        created_at=created_at,
        stages=tuple(stages),
        amount=amount,
        currency=REPORTING_CURRENCY,
        product=product,
        owner=person.owner,
        expected_close=(created_at + timedelta(days=90)).date(),
    )


class CampaignFinder:
    """The tactics that run in a channel and region on a day."""

    def __init__(self, campaigns: tuple[Campaign, ...]) -> None:
        self._running: dict[tuple[str | None, str | None], list[Campaign]] = {}
        for campaign in campaigns:
            self._running.setdefault((campaign.channel, campaign.region), []).append(campaign)

    def pick(self, rng: random.Random, channel: str, region: str, day: date) -> Campaign | None:
        """One of them, by the share of its platform; None when the channel has no campaigns."""
        running = [c for c in self._running.get((channel, region), ()) if c.starts <= day <= c.ends]
        if not running:
            return None
        shares = {platform: share for platform, _, share in CHANNELS[channel].platforms}
        return rng.choices(running, [shares[campaign.platform or ""] for campaign in running])[0]


def _touches(
    rng: random.Random,
    person: Person,
    finder: CampaignFinder,
    contents: tuple[Content, ...],
    horizon: datetime,
) -> Iterator[Touch]:
    """The form that created the lead, then a few more while the person is being worked on."""
    ends = max(person.reached.values())
    if person.deal is not None:
        ends = max(ends, person.deal.closed_at)
    ends = min(ends + timedelta(days=20), horizon)
    more = min(int(rng.expovariate(1 / (0.5 + 0.6 * len(person.reached)))), 12)
    span = max(int((ends - person.created_at).total_seconds()) - 60, 1)
    instants = sorted(person.created_at + timedelta(seconds=60 + rng.randrange(span)) for _ in range(more))
    for index, at in enumerate((person.created_at, *instants)):
        is_own = index == 0 or rng.random() < 0.4
        channel = person.channel if is_own else rng.choice(list(CHANNELS))
        traits = CHANNELS[channel]
        campaign = finder.pick(rng, channel, person.account.region, at.date())
        yield Touch(
            at=at,
            channel=channel,
            source=campaign.source if campaign else traits.source,
            medium=traits.medium,
            campaign=campaign.key if campaign else None,
            content=rng.choice(contents),
        )


def _spend(rng: random.Random, plan: dict[date, int], campaigns: tuple[Campaign, ...]) -> Iterator[SpendDay]:
    """What campaigns cost: daily on the ad platforms, once a month for e-mail and events."""
    smooth = _monthly_means(plan)
    first, last = min(plan), max(plan)
    for campaign in campaigns:
        if campaign.channel is None or campaign.region is None:
            continue
        traits = CHANNELS[campaign.channel]
        is_daily = traits.click_price > 1
        for day in _days(campaign.starts, min(campaign.ends, last)):
            if day < first or (not is_daily and day.day != 1):
                continue
            days = 1 if is_daily else 30
            leads = smooth[day.replace(day=1)] * traits.weight * REGION_WEIGHTS[campaign.region] * days
            share = {platform: share for platform, _, share in traits.platforms}[campaign.platform or ""]
            cost = leads * share / len(PROGRAMS) * traits.cost_per_lead * rng.lognormvariate(0, 0.18)
            amount = Decimal(round(cost * 100)) / 100
            clicks = round(cost / traits.click_price) if traits.click_price else 0
            yield SpendDay(
                day=day,
                campaign=campaign,
                platform=campaign.platform or "",
                amount=amount,
                currency=REPORTING_CURRENCY,
                impressions=clicks * rng.randint(60, 140),
                clicks=clicks,
            )


def _monthly_means(plan: dict[date, int]) -> dict[date, float]:
    totals: dict[date, list[int]] = {}
    for day, count in plan.items():
        totals.setdefault(day.replace(day=1), []).append(count)
    return {month: sum(counts) / len(counts) for month, counts in totals.items()}


def _days(first: date, last: date) -> Iterator[date]:
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)
