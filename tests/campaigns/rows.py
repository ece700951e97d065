"""Raw rows of a small random company: every shape that a campaign, a cohort or an asset can have, from one seed.

Instants lie on few seconds at the borders of days and months, so that ties and borders are common instead of rare.
"""

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

Row = dict[str, Any]
Rows = dict[str, list[Row]]

FIRST, LAST = date(2024, 1, 1), date(2026, 3, 31)
CLOCKS = ((0, 0, 0), (9, 0, 0), (23, 59, 59))
MEDIA = ("cpc", "email", "event", "paid_social", None)
SOURCES = ("PAID_SEARCH", "EMAIL_MARKETING", "OFFLINE", "DIRECT_TRAFFIC", None)
REGIONS = ("EMEA", "AMER", None)
STAGES = ("Discovery", "Proposal", "Negotiation", "sql")  # a CRM may call a stage as the funnel does
# As people and tools write them; a name in brackets is analytics' word for none.
CAMPAIGNS = (
    "Spring",
    "spring ",
    "SPRING",
    "Expo",
    "Expo_East",
    "expo east",
    "Program",
    "Ghost",
    "fair",
    "Deep 30",
    "(direct)",
    None,
)
ASSETS = ("Guide", " guide", "GUIDE", "Webinar_1", "webinar 1", "Case A", "Price", "Tour", "Blog", "  ", None)
KINDS = {
    "guide": ("white_paper", "White Paper", "white-paper"),
    "webinar-1": ("webinar", "WEBINAR"),
    "case-a": ("case_study",),
    "tour": ("Webinar ",),
}
DEPTH = 30
READERS, SHELF = 6, 25  # deals that met more assets than sequences are made of


def salesforce_id(kind: str, number: int) -> str:
    """An 18-character id without capitals, whose check characters are therefore AAA."""
    return f"{kind}{number:012d}AAA"


class Draw:
    """What is drawn for one company; `rows` are its raw tables."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.rows: Rows = {}

    def add(self, table: str, **row: Any) -> Row:
        self.rows.setdefault(f"raw.{table}", []).append(row)
        return row

    def day(self, since: date = FIRST, until: date = LAST) -> date:
        """Any day, or (as often) the first or last of a month."""
        day = since + timedelta(days=self.draw.randint(0, max((until - since).days, 0)))
        border = self.draw.choice((None, None, 1, 0))
        if border == 1:
            day = day.replace(day=1)
        if border == 0:
            day = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        return day

    def instant(self, since: date = FIRST, until: date = LAST) -> datetime:
        return datetime.combine(self.day(since, until), datetime.min.time()).replace(
            **dict(zip(("hour", "minute", "second"), self.draw.choice(CLOCKS), strict=True))
        )

    def chance(self, share: float) -> bool:
        return self.draw.random() < share


def company(seed: int, accounts: int = 60) -> Rows:
    """The raw tables of a company of so many accounts."""
    drawn = Draw(seed)
    _campaigns(drawn)
    _spend(drawn)
    for day, rate in ((date(2023, 1, 1), "1.1"), (date(2025, 1, 1), "1.2")):
        drawn.add("files__exchange_rates", rate_date=day, currency="EUR", rate_to_reporting=Decimal(rate))
    people = 0
    for number in range(accounts):
        drawn.add(
            "salesforce__account",
            id=salesforce_id("001", number),
            name=f"Account {number}",
            website=f"company{number}.example",
            created_date=datetime(2023, 1, 1),
            region=drawn.draw.choice(REGIONS),
        )
        team = range(people, people + drawn.draw.randint(1, 3))
        people = team.stop
        for person in team:
            _person(drawn, number, person)
        for deal in range(drawn.draw.randint(0, 3)):
            _deal(drawn, number, number * 10 + deal, list(team))
    for number in range(accounts // 2):
        _from_files(drawn, number)
    for number in range(READERS):
        _reader(drawn, accounts + number, people + number)
    _in_the_future(drawn)
    return drawn.rows


def _campaigns(drawn: Draw) -> None:
    """A program of two levels, a circle of two with one below it, one above itself, an orphan, and a long chain."""
    tree = {
        "Program": None,
        "Spring": "Program",
        "Expo": "Spring",
        "Expo East": "Expo",
        "Round 1": "Round 2",
        "Round 2": "Round 1",
        "Below": "Round 1",
        "A below": "Below",
        "Own": "Own",
        "Orphan": "Gone",
    }
    tree |= {f"Deep {depth}": f"Deep {depth - 1}" if depth else None for depth in range(DEPTH + 1)}
    numbers = {name: number for number, name in enumerate([*tree, "Gone"])}
    for name, above in tree.items():
        drawn.add(
            "salesforce__campaign",
            id=salesforce_id("701", numbers[name]),
            name=name,
            parent_id=salesforce_id("701", numbers[above]) if above else None,
            type={"Program": "Program", "Expo": "Trade Show", "Expo East": "Trade Show"}.get(name, "Email"),
            is_deleted=False,
        )
    drawn.add(
        "salesforce__campaign",
        id=salesforce_id("701", numbers["Gone"]),
        name="Gone",
        is_deleted=True,
        actual_cost=Decimal(9),
    )
    # Its name is not its tag. Two records bear the tag: the younger one knows what is above.
    for number, above in ((900, None), (901, "Program")):
        drawn.add(
            "salesforce__campaign",
            id=salesforce_id("701", number),
            name=f"The Fair {number}",
            utm_campaign="Fair",
            parent_id=salesforce_id("701", numbers[above]) if above else None,
            type="Trade Show",
            is_deleted=False,
        )


def _spend(drawn: Draw) -> None:
    """Days, periods, refunds, another currency; a campaign that nobody was touched by; money without a campaign."""
    names = [
        *(name for name in CAMPAIGNS if name != "(direct)"),
        "Nobody",
        "Round 1",
        "Round 2",
        "Below",
        "A below",
        "Own",
        "Orphan",
        "Deep 0",
        "Deep 15",
    ]
    for number in range(120):
        day = drawn.day()
        amount = Decimal(drawn.draw.choice((-50, 0, 10, 100, 250, 1000)))
        period = drawn.chance(0.2)
        days = drawn.draw.choice((1, 9, 39)) if period else 0
        drawn.add(
            "files__spend",
            spend_id=f"s{number}",
            spend_date=day,
            spend_until=day + timedelta(days=days) if period else None,
            platform=drawn.draw.choice(("tv", "radio")),
            channel=drawn.draw.choice(("paid_search", "email", "events", None)),
            campaign=drawn.draw.choice(names),
            region=drawn.draw.choice(REGIONS),
            amount=abs(amount) * (days + 1) if period else amount,
            currency=drawn.draw.choice(("USD", None, "EUR")),
        )


def _person(drawn: Draw, account: int, number: int) -> None:
    created = drawn.instant(until=date(2025, 12, 31))
    email = f"p{number}@company{account}.example"
    gone = drawn.chance(0.15)
    drawn.add(
        "hubspot__contacts",
        id=f"h{number}",
        email=email,
        createdate=created,
        archived=gone,
        salesforceaccountid=salesforce_id("001", account),
        hs_analytics_source=drawn.draw.choice(SOURCES),
        utm_campaign=drawn.draw.choice(CAMPAIGNS),
        utm_content=drawn.draw.choice(ASSETS),
        region=drawn.draw.choice(REGIONS),
    )
    drawn.add(
        "salesforce__contact",
        id=salesforce_id("003", number),
        email=email,
        is_deleted=gone and drawn.chance(0.5),
        account_id=salesforce_id("001", account),
        created_date=drawn.instant(created.date(), created.date() + timedelta(days=90)),
    )
    _stages(drawn, number, created)
    for touch in range(drawn.draw.choice((0, 1, 2, 4, 8))):
        _touch(drawn, number, touch, email, created)


def _stages(drawn: Draw, number: int, created: datetime) -> None:
    """Some skip a stage, some come back to it, some years later, some before they were created."""
    for stage, share in (("marketingqualifiedlead", 0.6), ("salesqualifiedlead", 0.4)):
        if drawn.chance(share):
            for _ in range(drawn.draw.choice((1, 1, 1, 2, 3))):
                since = created.date() - timedelta(days=40 if drawn.chance(0.1) else 0)
                drawn.add(
                    "hubspot__contact_lifecycle",
                    contact_id=f"h{number}",
                    stage=stage,
                    occurred_at=created if drawn.chance(0.1) else drawn.instant(since),
                )


def _touch(drawn: Draw, number: int, touch: int, email: str, created: datetime) -> None:
    at = (
        created
        if drawn.chance(0.3)
        else drawn.instant(
            created.date() - timedelta(days=60), min(LAST, created.date() + timedelta(days=300))
        )
    )
    asset = drawn.draw.choice(ASSETS)
    key = slug(asset)
    kind = drawn.draw.choice(KINDS.get(key or "", (None,)))
    if drawn.chance(0.3):
        drawn.add(
            "files__touches",
            touch_id=f"t{number}-{touch}",
            email=email.upper(),
            occurred_at=at,
            channel=drawn.draw.choice(("events", "direct", None)),
            campaign=drawn.draw.choice(CAMPAIGNS),
            content=asset,
            content_type=kind,
            kind=drawn.draw.choice(("attended", "sent", None)),
        )
        return
    drawn.add(
        "hubspot__form_submissions",
        submission_id=f"f{number}-{touch}",
        email=email,
        submitted_at=at,
        utm_medium=drawn.draw.choice(MEDIA),
        utm_source="news",
        utm_campaign=drawn.draw.choice(CAMPAIGNS),
        content=asset,
        content_type=kind,
    )


def _deal(drawn: Draw, account: int, number: int, team: list[int]) -> None:
    created = drawn.instant(date(2024, 3, 1))
    closes = drawn.day(
        created.date() - timedelta(days=20 if drawn.chance(0.05) else 0), created.date() + timedelta(days=200)
    )
    state = drawn.draw.choice(("won", "won", "lost", "lost", "open"))
    key = salesforce_id("006", number)
    drawn.add(
        "salesforce__opportunity",
        id=key,
        account_id=salesforce_id("001", account),
        contact_id=salesforce_id("003", drawn.draw.choice(team)) if drawn.chance(0.8) else None,
        stage_name={"won": "Closed Won", "lost": "Closed Lost", "open": "Proposal"}[state],
        amount=drawn.draw.choice(
            (None, Decimal(0), Decimal(-500), Decimal(1000), Decimal(2500), Decimal(40000))
        ),
        currency_iso_code=drawn.draw.choice(("USD", "EUR")),
        created_date=created,
        close_date=closes,
        is_closed=state != "open",
        is_won=state == "won",
        is_deleted=drawn.chance(0.08),
        region=drawn.draw.choice(REGIONS),
    )
    for person in drawn.draw.sample(team, drawn.draw.randint(0, len(team))) if drawn.chance(0.5) else ():
        drawn.add(
            "salesforce__opportunity_contact_role",
            id=salesforce_id("00k", number * 100 + person),
            opportunity_id=key,
            contact_id=salesforce_id("003", person),
            is_primary=False,
            is_deleted=drawn.chance(0.2),
            created_date=created,
        )
    if drawn.chance(0.7):
        _history(drawn, number, key, created, closes, state)


def _history(drawn: Draw, number: int, key: str, created: datetime, closes: date, state: str) -> None:
    """Stages in any order, with ties, amounts that change within one, and reopened deals."""
    steps = ["Discovery", *(drawn.draw.choice(STAGES) for _ in range(drawn.draw.randint(0, 3)))]
    if drawn.chance(0.15):
        steps.insert(1, "Closed Lost")
        steps.insert(2, "Negotiation")
    until = max(closes, created.date())
    times = sorted([created, *(drawn.instant(created.date(), until) for _ in steps[1:])])
    times = [max(created, min(at, datetime.combine(until, datetime.min.time()))) for at in times]
    last = {"won": "Closed Won", "lost": "Closed Lost", "open": "Proposal"}[state]
    told = [
        *zip(steps, times, strict=True),
        (last, max(datetime.combine(closes, datetime.min.time()), times[-1])),
    ]
    for place, (stage, at) in enumerate(told):
        drawn.add(
            "salesforce__opportunity_history",
            id=salesforce_id("008", number * 100 + place),
            opportunity_id=key,
            stage_name=stage,
            created_date=at,
        )


def _from_files(drawn: Draw, number: int) -> None:
    """A lead of a file and its deal, closed on an instant: touches of that second count, of the next they do not."""
    created = drawn.instant(until=date(2025, 12, 31))
    stages = [drawn.instant(created.date()) if drawn.chance(share) else None for share in (0.6, 0.4)]
    drawn.add(
        "files__leads",
        lead_id=f"l{number}",
        email=f"reader{number}@gmail.com",
        created_at=created,
        mql_at=stages[0],
        sql_at=stages[1],
        channel=drawn.draw.choice(("events", "email", "direct", None)),
        campaign=drawn.draw.choice(CAMPAIGNS),
        content=drawn.draw.choice(ASSETS),
        region=drawn.draw.choice(REGIONS),
        is_deleted=drawn.chance(0.1),
    )
    opened = drawn.instant(created.date() - timedelta(days=5))
    closed = max(opened, drawn.instant(opened.date(), opened.date() + timedelta(days=90)))
    state = drawn.draw.choice(("won", "lost", "open"))
    drawn.add(
        "files__deals",
        deal_id=f"d{number}",
        lead_id=f"l{number}",
        stage=drawn.draw.choice(("done", None)),
        created_at=opened,
        closed_at=closed if state != "open" else None,
        close_date=drawn.draw.choice((None, drawn.day(opened.date()))),  # as it was expected once
        amount=drawn.draw.choice((None, Decimal(700), Decimal("-0.01"))),
        currency=drawn.draw.choice(("EUR", None)),
        is_won=state == "won",
        is_closed=None if state == "won" else state == "lost",
        region=drawn.draw.choice(REGIONS),
    )
    for touch in range(drawn.draw.choice((0, 1, 3))):
        asset = drawn.draw.choice(ASSETS)
        drawn.add(
            "files__touches",
            touch_id=f"r{number}-{touch}",
            lead_id=f"l{number}",
            email=None,
            occurred_at=drawn.draw.choice(
                (created, opened, closed, closed + timedelta(seconds=1), opened + timedelta(seconds=1))
            ),
            channel=drawn.draw.choice(("events", "email", None)),
            campaign=drawn.draw.choice(CAMPAIGNS),
            content=asset,
            content_type=drawn.draw.choice(KINDS.get(slug(asset) or "", (None,))),
            kind="attended",
        )


def _reader(drawn: Draw, account: int, number: int) -> None:
    """A deal of one person who met a shelf of assets, all at few instants."""
    key, opened = salesforce_id("006", account * 10), datetime(2025, 5, 1)
    won = number % 2 == 0
    drawn.add(
        "salesforce__account",
        id=salesforce_id("001", account),
        name="Reader",
        website=f"company{account}.example",
        created_date=opened,
        region="EMEA",
    )
    drawn.add(
        "hubspot__contacts",
        id=f"h{number}",
        email=f"p{number}@company{account}.example",
        createdate=opened,
        archived=False,
        salesforceaccountid=salesforce_id("001", account),
        hs_analytics_source=None,
        utm_campaign=None,
        utm_content=None,
        region=None,
    )
    drawn.add(
        "salesforce__contact",
        id=salesforce_id("003", number),
        email=f"p{number}@company{account}.example",
        is_deleted=False,
        account_id=salesforce_id("001", account),
        created_date=opened,
    )
    for asset in range(SHELF):
        drawn.add(
            "hubspot__form_submissions",
            submission_id=f"f{number}-{asset:02d}",
            email=f"p{number}@company{account}.example",
            submitted_at=opened + timedelta(days=asset // 4),
            utm_medium=None,
            utm_source="news",
            utm_campaign=None,
            content=f"Shelf {asset:02d}",
            content_type="book" if asset % 2 else None,
        )
    drawn.add(
        "salesforce__opportunity",
        id=key,
        account_id=salesforce_id("001", account),
        contact_id=salesforce_id("003", number),
        stage_name="Closed Won" if won else "Closed Lost",
        amount=Decimal(100),
        currency_iso_code="USD",
        created_date=opened,
        close_date=date(2025, 6, 1),
        is_closed=True,
        is_won=won,
        is_deleted=False,
        region=None,
    )


def _in_the_future(drawn: Draw) -> None:
    """What typing errors look like: nobody has lived to see it."""
    drawn.rows["raw.hubspot__contacts"][0]["createdate"] = datetime(2925, 1, 1)
    drawn.rows["raw.salesforce__contact"][0]["created_date"] = datetime(2925, 1, 1)
    for deal in drawn.rows["raw.salesforce__opportunity"][:1]:
        deal |= {"close_date": date(2033, 1, 1)}


def slug(name: str | None) -> str | None:
    """Names that differ only in case, blanks around them, and blanks or underscores within are one name."""
    text = (name or "").strip().lower().replace(" ", "-").replace("_", "-")
    return text or None
