"""The nouns of the simulated company. Everything carries its instants, so that any "now" can be served.

Instants are naive UTC; money is in the row's currency, exact.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

STAGES = ("lead", "mql", "sql", "opportunity", "customer")
REGIONS = ("AMER", "EMEA", "APAC")  # never "NA": report CSV turns it into an empty cell
REPORTING_CURRENCY = "USD"


@dataclass(frozen=True, slots=True)
class Campaign:
    """A tactic under a program; a program has no channel, no region and no parent."""

    key: str  # the UTM campaign, the same in every system
    name: str
    parent: str | None
    channel: str | None
    region: str | None
    starts: date
    ends: date
    platform: str | None = None  # where it spends
    source: str = ""  # the UTM source of its links


@dataclass(frozen=True, slots=True)
class Content:
    """An asset behind a form."""

    key: str
    title: str
    kind: str
    form_id: str


@dataclass(frozen=True, slots=True)
class Account:
    """A company that may buy."""

    number: int
    name: str
    domain: str
    region: str
    segment: str
    industry: str
    employees: int
    country: str


@dataclass(frozen=True, slots=True)
class Touch:
    """A form that a person filled in, with where the visit came from."""

    at: datetime
    channel: str | None
    source: str | None
    medium: str | None
    campaign: str | None
    content: Content
    email: str | None = None  # what the person typed, where it is not their address


@dataclass(frozen=True, slots=True)
class Attendance:
    """An event that a person was invited to by sales: known to the CRM alone, by the day."""

    at: datetime
    campaign: str
    status: str  # Sent, Registered, Attended
    recorded_at: datetime | None = None  # when somebody typed it in, where that was later

    @property
    def is_response(self) -> bool:
        """Whether the person did anything: an invitation alone is no touch."""
        return self.status != "Sent"


@dataclass(frozen=True, slots=True)
class EmailEvent:
    """What happened to a newsletter at a person: SENT, OPEN or CLICK; `is_bot` events are a scanner's."""

    at: datetime
    kind: str
    campaign: str
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """A session on the web site; `user` is the analytics cookie."""

    at: datetime
    user: str
    channel: str
    source: str
    medium: str
    campaign: str | None
    landing_page: str
    is_conversion: bool


@dataclass(frozen=True, slots=True)
class LineItem:
    """A product on a deal; the totals of a deal's lines are its amount."""

    product: str
    quantity: int
    unit_price: Decimal

    @property
    def total(self) -> Decimal:
        """What the line is worth."""
        return self.quantity * self.unit_price


@dataclass(frozen=True, slots=True)
class Deal:
    """An opportunity with its whole life; `stages` are (stage, entered), the last one may close it."""

    number: int
    name: str
    created_at: datetime
    stages: tuple[tuple[str, datetime], ...]
    amount: Decimal | None
    currency: str
    product: str
    owner: str
    expected_close: date
    kind: str = "New Business"
    recorded_close: date | None = None  # what the CRM says where that is not the day it closed
    has_roles: bool = True
    stage_names: tuple[tuple[str, str], ...] = ()  # names of stages that the CRM has renamed since
    deleted_at: datetime | None = None
    lines: tuple[LineItem, ...] = ()
    copies: int = 0  # further HubSpot deals that mirror the same opportunity

    @property
    def closed_at(self) -> datetime:
        """When it was won or lost, perhaps in the future of the company's clock."""
        return self.stages[-1][1]

    @property
    def is_won(self) -> bool:
        """Whether it ends won."""
        return self.stages[-1][0] == "Closed Won"

    @property
    def closed_on(self) -> date:
        """The close date in the CRM, once it is closed."""
        return self.recorded_close or self.closed_at.date()


@dataclass(slots=True)
class Person:
    """A person and their journey; `reached` maps a stage to when it was first reached."""

    number: int
    first_name: str
    last_name: str
    email: str
    title: str
    account: Account
    channel: str
    owner: str
    reached: dict[str, datetime] = field(default_factory=dict)
    touches: tuple[Touch, ...] = ()
    deal: Deal | None = None
    joined: "tuple[Person, datetime] | None" = None  # the colleague whose deal this person joined, and when
    attended: tuple[Attendance, ...] = ()
    emails: tuple[EmailEvent, ...] = ()
    merged_into: "Person | None" = None
    merged_at: datetime | None = None
    deleted_at: datetime | None = None
    absorbed: "tuple[tuple[datetime, Person], ...]" = ()  # who was merged into this record, and when
    merged_in: str = "map"  # where the merge was made: in the marketing system, or in the CRM alone
    origin: Touch | None = None  # the first touch, where the forms do not show it
    former_email: str | None = None
    is_forgotten: bool = False  # deleted without a trace: not even listed as archived
    recycled: tuple[datetime, ...] = ()  # further times the person became an MQL
    second_lead: str | None = None  # the address of another lead record, converted into the same contact
    has_account: bool = True
    has_short_ids: bool = False  # the marketing system keeps the 15-character ids of the CRM

    @property
    def first_touch(self) -> Touch:
        """What brought the person in."""
        return self.origin or self.touches[0]

    @property
    def created_at(self) -> datetime:
        """When the person became a lead."""
        return self.reached["lead"]


@dataclass(frozen=True, slots=True)
class SpendDay:
    """What a campaign cost on a day on its platform."""

    day: date
    campaign: Campaign
    platform: str
    amount: Decimal
    currency: str
    impressions: int
    clicks: int


@dataclass(frozen=True, slots=True)
class FlatCost:
    """What a campaign cost altogether from `starts` to `ends`, as somebody typed it in.

    `counts` says whether it is money of its own: it is not where spend, or another system, tells the same.
    """

    campaign: Campaign
    stated_in: str  # salesforce, hubspot or files
    amount: Decimal
    currency: str
    starts: date
    ends: date
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Target:
    """A growth-model target; channel None means the whole company."""

    metric: str
    month: date
    channel: str | None
    value: Decimal


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit of a currency is worth in the reporting currency, from a day on."""

    day: date
    currency: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class Planted:
    """One occurrence of one of the forty cases: which, and whom it concerns by the generator's numbers."""

    case: int
    entity: str  # person, deal, account, campaign or spend
    number: int | str
    detail: str = ""


@dataclass(slots=True)
class Company:
    """The whole company, including what lies after `until`: the service decides how much has happened."""

    seed: int
    first_month: date
    until: date
    campaigns: tuple[Campaign, ...]
    contents: tuple[Content, ...]
    accounts: tuple[Account, ...]
    people: list[Person]
    spend: tuple[SpendDay, ...]
    visits: tuple[Visit, ...]
    targets: tuple[Target, ...]
    rates: tuple[Rate, ...] = ()
    costs: tuple[FlatCost, ...] = ()
    planted: tuple[Planted, ...] = ()
