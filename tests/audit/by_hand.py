"""A company of the forty cases, each set up by hand on people and deals of its own, with who must be found.

Everything else about each of them is as it should be: a case that also finds somebody else's row is a false alarm.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

Rows = dict[str, list[dict[str, Any]]]
DAY = datetime(2025, 3, 3, 9, 0)
LOADED = datetime(2026, 6, 1)


def at(days: float) -> datetime:
    """The instant `days` after the first morning."""
    return DAY + timedelta(days=days)


def sf(kind: str, number: int) -> str:
    """An 18-character id without capitals, whose check characters are therefore AAA."""
    return f"{kind}{number:012d}AAA"


def mail(number: int) -> str:
    return f"jo@case{number}.example"


class Company:
    """Raw rows, and how a healthy contact, deal or form looks."""

    def __init__(self) -> None:
        self.rows: Rows = defaultdict(list)
        for place, stage in enumerate(("Proposal", "Closed Won", "Closed Lost")):
            self.add(
                "hubspot__pipelines",
                pipeline_id="p",
                stage_id=stage.lower().replace(" ", ""),
                stage_label=stage,
                display_order=place,
                is_closed=place > 0,
            )

    def add(self, table: str, **row: Any) -> dict[str, Any]:
        row.setdefault("_loaded_at", LOADED)
        self.rows[table].append(row)
        return row

    def contact(self, number: int | str, email: str | None = None, **more: Any) -> str:
        """A HubSpot contact `h<number>`; gives back its address."""
        address = email or mail(int(number))
        defaults = {"createdate": at(0), "archived": False, "hs_analytics_source": "PAID_SEARCH"}
        self.add("hubspot__contacts", id=f"h{number}", email=address, **defaults | more)
        return address

    def stage(self, number: int | str, stage: str, days: float | datetime) -> None:
        when = days if isinstance(days, datetime) else at(days)
        self.add("hubspot__contact_lifecycle", contact_id=f"h{number}", stage=stage, occurred_at=when)

    def form(self, number: int, address: str, days: float, **more: Any) -> None:
        tags = {"utm_source": "google", "utm_medium": "cpc"} | more
        known = len(self.rows["hubspot__form_submissions"])
        self.add(
            "hubspot__form_submissions", submission_id=f"f{number}-{known}", email=address,
            submitted_at=at(days), **tags,
        )  # fmt: skip

    def lead(self, number: int, **more: Any) -> None:
        row = {"email": mail(number), "created_date": at(1), "is_deleted": False} | more
        self.add("salesforce__lead", id=sf("00q", number), **row)

    def sale(self, number: int, touches: tuple[float, ...] = (1, 5), role: bool = True, **more: Any) -> None:
        """A contact with two forms whose deal opens on day 10 and is won on day 30."""
        self.contact(number, salesforcecontactid=sf("003", number))
        for days in touches:
            self.form(number, mail(number), days)
        self.add("salesforce__account", id=sf("001", number), website=f"https://case{number}.example",
                 name=f"Case {number}", created_date=at(9))  # fmt: skip
        self.add("salesforce__contact", id=sf("003", number), email=mail(number), account_id=sf("001", number),
                 created_date=at(10))  # fmt: skip
        deal = {
            "account_id": sf("001", number), "contact_id": sf("003", number), "name": f"deal {number}",
            "type": "New", "stage_name": "Closed Won", "amount": Decimal(1000), "currency_iso_code": "USD",
            "created_date": at(10), "close_date": at(30).date(), "is_closed": True, "is_won": True,
            "is_deleted": False, "system_modstamp": at(30), "product": "GTX Pro",
        }  # fmt: skip
        self.add("salesforce__opportunity", id=sf("006", number), **deal | more)
        if role:
            self.role(number, number, 10)

    def role(self, number: int, deal: int, days: float) -> None:
        self.add("salesforce__opportunity_contact_role", id=sf("00k", number), opportunity_id=sf("006", deal),
                 contact_id=sf("003", number), created_date=at(days))  # fmt: skip

    def step(self, number: int, stage: str, days: float) -> None:
        self.add("salesforce__opportunity_history", id=sf("008", number * 10 + int(days) % 10),
                 opportunity_id=sf("006", number), stage_name=stage, created_date=at(days))  # fmt: skip


def _identity(it: Company) -> None:
    it.contact(1)
    it.lead(1, converted_contact_id=sf("003", 1))
    it.add(
        "salesforce__contact", id=sf("003", 1), email=mail(1), account_id=sf("001", 26), created_date=at(2)
    )
    it.contact("2", hs_merged_object_ids="h2a;h2b", hs_additional_emails="a@case2.example;b@case2.example")
    it.contact("3a", "a@case3.example")
    it.contact("3b", "b@case3.example")
    it.lead(31, email="a@case3.example", hubspot_contact_id="h3a")
    it.lead(
        32, email="b@case3.example", hubspot_contact_id="h3b", is_deleted=True, master_record_id=sf("00q", 31)
    )
    it.lead(51, converted_contact_id=sf("003", 5))
    it.lead(52, email="jo@private5.example", converted_contact_id=sf("003", 5))
    it.add(
        "salesforce__contact", id=sf("003", 5), email=mail(51), account_id=sf("001", 26), created_date=at(2)
    )
    it.contact(6)
    it.form(6, "JO@Case6.example", 1)
    it.form(6, "jo+news@case6.example", 2)
    it.form(7, "gone@case7.example", 1)
    it.contact(8, "jo@gmail.com")
    it.add("salesforce__contact", id=sf("003", 9), email=mail(9), account_id=None, created_date=at(2))
    it.sale(10)
    it.add(
        "salesforce__contact",
        id=sf("003", 100),
        email="x@other10.example",
        account_id=sf("001", 10),
        created_date=at(9),
    )
    it.form(11, "info@case11.example", 1)
    it.contact(12, salesforceleadid="00Q5e000000123j")


def _stages(it: Company) -> None:
    it.sale(4)
    for name in ("d4", "d4copy"):
        it.add("hubspot__deals", id=name, salesforceopportunityid=sf("006", 4), amount=Decimal(1000),
               deal_currency_code="USD", createdate=at(10))  # fmt: skip
    it.contact(13)
    it.stage(13, "marketingqualifiedlead", 1)
    it.stage(13, "marketingqualifiedlead", 50)
    it.contact(14)
    it.stage(14, "salesqualifiedlead", 2)
    it.sale(15, role=False, created_date=at(-40), close_date=at(-3).date())
    it.role(15, 15, -40)
    it.sale(16)
    for stage, days in (("Proposal", 10), ("Closed Lost", 12), ("Proposal", 14), ("Closed Won", 30)):
        it.step(16, stage, days)
    it.sale(17, close_date=at(8).date())
    it.step(17, "Closed Won", 30)
    it.sale(18, role=False)
    it.sale(19)
    it.add(
        "salesforce__contact",
        id=sf("003", 190),
        email="late@case19.example",
        account_id=sf("001", 19),
        created_date=at(40),
    )
    it.role(190, 19, 41)
    it.sale(20, amount=None)
    it.sale(21, amount=Decimal(-50))
    it.sale(210, type="Renewal")
    it.sale(22)
    for number in (1, 2):
        it.add("salesforce__opportunity_line_item", id=sf("00l", number), opportunity_id=sf("006", 22),
               product_name="GTX Pro", total_price=Decimal(500))  # fmt: skip
    it.add(
        "salesforce__opportunity_line_item",
        id=sf("00l", 3),
        opportunity_id=sf("006", 21),
        total_price=Decimal(1),
    )
    it.sale(23, is_deleted=True, system_modstamp=at(90))
    it.sale(24)
    it.step(24, "Discovery", 10)
    it.step(24, "Closed Won", 30)


def _touches(it: Company) -> None:
    it.contact(25)
    it.form(25, mail(25), 1)
    it.form(25, mail(25), 1, utm_campaign="emea-launch-2025")
    it.sale(26, touches=(1, 5, 40))
    it.sale(27, touches=())
    it.sale(28, touches=(1,))
    it.sale(29, touches=(-400, 1))
    it.contact(30)
    for kind in ("OPEN", "CLICK"):
        it.add(
            "hubspot__email_events",
            id=f"e{kind}",
            type=kind,
            recipient=mail(30),
            is_filtered=True,
            occurred_at=at(3),
        )
    it.lead(310)
    it.contact(310)
    it.add("salesforce__campaign", id=sf("701", 1), name="Fair", utm_campaign="fair")
    member = {"campaign_id": sf("701", 1), "status": "Attended", "has_responded": True}
    it.add("salesforce__campaign_member", id=sf("00v", 31), lead_id=sf("00q", 310), created_date=at(60),
           first_responded_date=at(2).date(), **member)  # fmt: skip
    it.contact(320)
    it.lead(320, is_deleted=True)
    it.add("salesforce__campaign_member", id=sf("00v", 32), lead_id=sf("00q", 320), created_date=at(2),
           first_responded_date=at(2).date(), **member)  # fmt: skip
    it.lead(330)
    it.contact(330)
    it.add("salesforce__campaign_member", id=sf("00v", 33), lead_id=sf("00q", 330), created_date=at(2),
           **member | {"status": "Sent", "has_responded": False})  # fmt: skip


def _campaigns_and_money(it: Company) -> None:
    it.contact(34)
    for days in range(40):  # what is usual, so that a slip can be told
        it.form(34, mail(34), 100 + days)
    it.form(34, mail(34), 1, utm_source="googel")
    it.form(34, mail(34), 2, utm_source="Google", utm_medium="CPC")
    it.form(34, mail(34), 3, utm_source=None, utm_medium=None)
    it.form(34, mail(34), 4, utm_source="unknown", utm_medium="unknown")
    it.sale(35, product="GTXPro")
    ring = (("a", 2, 3), ("b", 3, 2), ("orphan", 4, 99))
    for name, number, parent in ring:
        it.add("salesforce__campaign", id=sf("701", number), name=f"legacy {name}", utm_campaign=f"legacy-{name}",
               parent_id=sf("701", parent))  # fmt: skip
    it.add("salesforce__campaign", id=sf("701", 5), name="EMEA launch", utm_campaign="emea-launch-2025")
    it.add("linkedin_ads__campaigns", id="l1", name="emea-launch-2025 (relaunch)", currency="USD")
    it.add("linkedin_ads__analytics", day=at(0).date(), campaign_id="l1", currency="USD", clicks=3,
           cost_in_local_currency=Decimal(10))  # fmt: skip
    it.sale(38, currency_iso_code="EUR")
    it.add("files__spend", spend_id="s1", spend_date=at(0).date(), platform="email", channel="email", campaign="fair",
           amount=Decimal("-0.01"), currency="USD")  # fmt: skip
    it.contact(39)
    it.stage(39, "marketingqualifiedlead", datetime(2025, 3, 31, 23, 59, 59))
    it.contact(40, hs_analytics_source="PAID_SOCIAL")
    it.stage(40, "marketingqualifiedlead", 1)
    # Who became MQL in the month of the spend came from elsewhere, whatever a second record of theirs says.
    for name, source in (("40a", "DIRECT_TRAFFIC"), ("40b", "EMAIL_MARKETING")):
        it.contact(name, "twice@case40.example", hs_analytics_source=source)
    it.stage("40a", "marketingqualifiedlead", 41)
    it.add("files__spend", spend_id="s2", spend_date=at(40).date(), platform="email", channel="email", campaign="fair",
           amount=Decimal(20), currency="USD")  # fmt: skip


def company() -> Rows:
    """Every case, in one company."""
    it = Company()
    _identity(it)
    _stages(it)
    _touches(it)
    _campaigns_and_money(it)
    return it.rows


def healthy() -> Rows:
    """A company without a fault: one sale, one MQL who came by the campaign that spends."""
    it = Company()
    it.sale(1)
    it.sale(2)
    it.contact(3)
    it.stage(3, "marketingqualifiedlead", 1)
    it.stage(3, "salesqualifiedlead", 3)
    it.add("files__spend", spend_id="s", spend_date=at(1).date(), platform="google", channel="paid_search",
           campaign="launch", amount=Decimal(10), currency="USD")  # fmt: skip
    it.form(3, mail(3), 1, utm_campaign="launch")
    return it.rows


def _deals(*numbers: int) -> set[str]:
    return {sf("006", number) for number in numbers}


# {case: the ids that must be found, and no other}; for case 34 the numbers of occurrences are enough.
EXPECTED: dict[int, set[str]] = {
    1: {sf("003", 1)},
    2: {"hubspot:contact:h2"},
    3: {f"salesforce:lead:{sf('00q', 32)}"},
    4: _deals(4),
    5: {sf("003", 5)},
    6: {"email:jo@case6.example"},
    7: {"gone@case7.example"},
    8: {"jo@gmail.com"},
    9: {sf("003", 9)},
    10: {sf("001", 10), sf("001", 26)},  # 26 is the account that cases 1 and 5 put their contacts into
    11: {"info@case11.example"},
    12: {"h12"},
    13: {"h13"},
    14: {"email:jo@case14.example"},
    15: _deals(15),
    16: _deals(16),
    17: _deals(17),
    18: _deals(18),
    19: {sf("003", 190)},
    20: _deals(20),
    21: _deals(21, 210),
    22: _deals(22),
    23: _deals(23),
    24: _deals(24),
    25: {"email:jo@case25.example"},
    26: _deals(15, 26),  # what was won before the first contact has all its touches after the close
    27: _deals(27),
    28: _deals(28),
    29: _deals(29),
    30: {"jo@case30.example"},
    31: {sf("00v", 31)},
    32: {sf("00v", 32)},
    33: {sf("00q", 330)},
    35: _deals(35),
    36: {sf("701", 2), sf("701", 4)},
    37: {"emea-launch-2025-(relaunch)"},
    38: {*_deals(38), "fair"},
    39: {"email:jo@case39.example"},
    40: {"2025-04 email"},
}
