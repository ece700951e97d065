"""The rows of the forty cases: for each case the smallest company that sets the trap, all of them in one warehouse.

Every case has people and deals of its own, named after its number; nothing is shared but the three exchange rates.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

# What people decided about values of these rows: a file for TOUCHSTONE_VALUE_MAPPING.
DECISIONS = """\
kind,from_value,to_value,status,decided_by,decided_on,reason,evidence
source,lnkedn,linkdin,approved,jane,2025-06-01,typo,
source,LINKDIN,linkedin,approved,jane,2025-06-02,typo,
medium,paid_socal,paid_social,approved,jane,2025-06-01,typo,
campaign,expo (relaunch),Expo,approved,jo,2025-06-01,renamed on LinkedIn,
campaign,Expo_25,Expo,rejected,jo,2025-06-01,another fair,
content,white papper,White-Paper,approved,jo,2025-06-01,typo,
product,widgetone,Widget One,approved,jo,2025-06-01,,
"""

Rows = dict[str, list[dict[str, Any]]]
DAY = datetime(2025, 3, 3, 9, 0)


def at(days: float) -> datetime:
    """The instant `days` after the first morning of the story."""
    return DAY + timedelta(days=days)


def case(number: int) -> str:
    """The company domain of a case."""
    return f"case{number:02d}.example"


def contact(id_: str, email: str | None, days: float = 0, **more: Any) -> dict[str, Any]:
    return {"id": id_, "email": email, "createdate": at(days), "archived": False} | more


def sf_id(kind: str, number: int) -> str:
    """An 18-character id without capitals, whose check characters are therefore AAA."""
    return f"{kind}{number:012d}aaa"[:15] + "AAA"


def deal(
    number: int, days: float, closes: float | None, amount: str | None = "1000", **more: Any
) -> dict[str, Any]:
    """A Salesforce opportunity of account `number`; closed won after `closes` days where given."""
    won = closes is not None
    return {
        "id": sf_id("006", number),
        "account_id": sf_id("001", number),
        "name": f"deal {number}",
        "stage_name": "Closed Won" if won else "Proposal",
        "amount": Decimal(amount) if amount is not None else None,
        "currency_iso_code": "USD",
        "created_date": at(days),
        "close_date": at(closes if won else days + 90).date(),
        "is_closed": won,
        "is_won": won,
    } | more


def account(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": sf_id("001", number),
        "name": f"Case {number}",
        "website": case(number),
        "created_date": at(0),
    } | more


def form(id_: str, email: str, days: float, medium: str | None = "cpc", **more: Any) -> dict[str, Any]:
    return {
        "submission_id": id_,
        "email": email,
        "submitted_at": at(days),
        "utm_medium": medium,
        "utm_source": "google",
    } | more


def buyer(rows: Rows, number: int, days: float = 0, **more: Any) -> str:
    """A HubSpot contact of case `number` who was a lead on day `days`; gives back the e-mail."""
    email = f"buyer@{case(number)}"
    rows["raw.hubspot__contacts"].append(
        contact(f"h{number}", email, days, salesforceaccountid=sf_id("001", number), **more)
    )
    rows["raw.salesforce__account"].append(account(number))
    return email


def _identity(rows: Rows) -> None:
    hubspot, leads = rows["raw.hubspot__contacts"], rows["raw.salesforce__lead"]
    # 1: MAP lead, CRM lead and CRM contact of one person, tied by e-mail and by id
    hubspot.append(contact("h1", "Ann@Case01.example"))
    rows["raw.marketo__leads"].append({"id": "m1", "email": "ann@case01.example", "created_at": at(1)})
    leads.append(
        {
            "id": sf_id("00q", 1),
            "email": "ann@case01.example",
            "created_date": at(2),
            "converted_contact_id": sf_id("003", 1),
        }
    )
    rows["raw.salesforce__contact"].append(
        {"id": sf_id("003", 1), "email": "ann.new@case01.example", "created_date": at(3)}
    )
    # 2: merge chains A -> B -> C, in both systems
    hubspot += [
        contact("h2a", "a@case02.example", archived=True),
        contact("h2b", "b@case02.example", archived=True, hs_merged_object_ids="h2a"),
        contact("h2c", "c@case02.example", hs_merged_object_ids="h2b"),
    ]
    leads += [
        {
            "id": sf_id("00q", 21),
            "email": "x@case02.example",
            "created_date": at(0),
            "is_deleted": True,
            "master_record_id": sf_id("00q", 22),
        },
        {
            "id": sf_id("00q", 22),
            "email": "y@case02.example",
            "created_date": at(0),
            "is_deleted": True,
            "master_record_id": sf_id("00q", 23),
        },
        {"id": sf_id("00q", 23), "email": "z@case02.example", "created_date": at(0)},
    ]
    # 3: the merge is known to the survivor only; the loser still looks alive
    hubspot += [
        contact("h3a", "old@case03.example"),
        contact("h3b", "new@case03.example", hs_merged_object_ids="h3a;h3x"),
    ]
    # 5: a lead that was converted into a contact who was there before
    rows["raw.salesforce__contact"].append(
        {"id": sf_id("003", 5), "email": "old@case05.example", "created_date": at(-400)}
    )
    leads.append(
        {
            "id": sf_id("00q", 5),
            "email": "new@case05.example",
            "created_date": at(0),
            "converted_contact_id": sf_id("003", 5),
        }
    )
    # 6: case, plus-tag, changed address
    hubspot.append(contact("h6", "Joe@Case06.example", hs_additional_emails="joe.former@case06.example"))
    leads.append({"id": sf_id("00q", 6), "email": "joe+news@case06.example", "created_date": at(0)})
    rows["raw.hubspot__form_submissions"].append(form("f6", "JOE.FORMER@case06.example", 1))
    # 7: forgotten
    hubspot.append(contact("h7", None, archived=True, archived_at=at(9)))
    rows["raw.hubspot__contact_lifecycle"].append(
        {"contact_id": "h7", "stage": "marketingqualifiedlead", "occurred_at": at(3)}
    )
    # 8: free mail, throw-away mail, test domain
    hubspot += [
        contact("h8a", "someone@gmail.com"),
        contact("h8b", "someone@mailinator.com"),
        contact("h8c", "x@test.com"),
    ]
    # 9: a contact without account
    rows["raw.salesforce__contact"].append({"id": sf_id("003", 9), "email": None, "created_date": at(0)})
    # 10: two domains of one account, one domain of two accounts
    rows["raw.salesforce__account"] += [
        account(10),
        account(101, website="https://www.twice.example/a"),
        account(102, website="twice.example", created_date=at(5)),
    ]
    hubspot += [
        contact("h10a", "a@case10-group.example", salesforceaccountid=sf_id("001", 10)),
        contact("h10b", "b@case10-group.example"),
        contact("h10c", "c@twice.example"),
    ]
    # 11: two people behind one shared inbox
    hubspot.append(contact("h11", "info@case11.example"))
    leads.append({"id": sf_id("00q", 11), "email": "info@case11.example", "created_date": at(0)})
    # 12: the short form of an id in one place, the long one in another
    rows["raw.salesforce__account"].append(
        {"id": "001D000000IqhSLIAZ", "name": "Case 12", "created_date": at(0)}
    )
    rows["raw.salesforce__opportunity"].append(deal(12, 0, None, account_id="001D000000IqhSL"))


def _stages(rows: Rows) -> None:
    deals, leads = rows["raw.salesforce__opportunity"], rows["raw.salesforce__lead"]
    history, roles = (
        rows["raw.salesforce__opportunity_history"],
        rows["raw.salesforce__opportunity_contact_role"],
    )
    # 4: a HubSpot deal that mirrors a Salesforce deal, and one that was merged away
    buyer(rows, 4)
    deals.append(deal(4, 1, 20))
    rows["raw.hubspot__deals"] += [
        {
            "id": "d4a",
            "amount": Decimal(1000),
            "createdate": at(1),
            "closedate": at(20),
            "hs_is_closed": True,
            "hs_is_closed_won": True,
            "salesforceopportunityid": sf_id("006", 4),
        },
        {
            "id": "d4b",
            "amount": Decimal(1000),
            "createdate": at(1),
            "closedate": at(20),
            "hs_is_closed": True,
            "hs_is_closed_won": True,
            "archived": True,
        },
    ]
    # 13: MQL, back to lead, MQL again
    buyer(rows, 13)
    rows["raw.hubspot__contact_lifecycle"] += [
        {"contact_id": "h13", "stage": stage, "occurred_at": at(days)}
        for stage, days in (
            ("lead", 0),
            ("marketingqualifiedlead", 5),
            ("lead", 20),
            ("marketingqualifiedlead", 60),
        )
    ]
    # 14: accepted by sales without ever having been MQL
    leads.append(
        {"id": sf_id("00q", 14), "email": "a@case14.example", "created_date": at(0), "accepted_at": at(3)}
    )
    # 15: won before the first contact
    buyer(rows, 15, days=10)
    deals.append(deal(15, 1, 5, contact_id=sf_id("003", 15)))
    rows["raw.salesforce__contact"].append(
        {"id": sf_id("003", 15), "email": f"buyer@{case(15)}", "created_date": at(10)}
    )
    # 16: closed lost, opened again, won
    buyer(rows, 16)
    deals.append(deal(16, 1, 50))
    history += [
        {
            "id": sf_id("008", 160 + n),
            "opportunity_id": sf_id("006", 16),
            "stage_name": stage,
            "amount": Decimal(1000),
            "created_date": at(days),
        }
        for n, (stage, days) in enumerate(
            (("Prospecting", 1), ("Closed Lost", 20), ("Proposal", 40), ("Closed Won", 50))
        )
    ]
    # 17: closed before it was created
    buyer(rows, 17)
    deals.append(deal(17, 30, 10))
    # 18: no contact role: everybody of the account
    email = buyer(rows, 18)
    rows["raw.hubspot__contacts"].append(contact("h18b", f"other@{case(18)}"))
    rows["raw.hubspot__form_submissions"].append(form("f18", email, 0))
    deals.append(deal(18, 1, 20))
    # 19: a role that was given after the close
    buyer(rows, 19)
    rows["raw.salesforce__contact"].append(
        {"id": sf_id("003", 19), "email": f"late@{case(19)}", "created_date": at(0)}
    )
    rows["raw.hubspot__form_submissions"].append(form("f19", f"late@{case(19)}", 40))
    deals.append(deal(19, 1, 20))
    roles.append(
        {
            "id": sf_id("00k", 19),
            "opportunity_id": sf_id("006", 19),
            "contact_id": sf_id("003", 19),
            "role": "Decision Maker",
            "created_date": at(30),
        }
    )
    # 20: no amount; no IsWon
    deals += [deal(20, 1, 20, amount=None), deal(201, 1, 20, is_won=None)]
    rows["raw.salesforce__account"] += [account(20), account(201)]
    # 21: a refund
    rows["raw.hubspot__form_submissions"].append(form("f21", buyer(rows, 21), 0))
    deals.append(deal(21, 1, 20, amount="-100.01"))
    # 22: three products on a deal; three roles, two of them of one person; a deal whose products do not add up
    rows["raw.salesforce__contact"] += [
        {"id": sf_id("003", 220 + n), "email": f"p{n}@{case(22)}", "created_date": at(0)} for n in (1, 2)
    ]
    roles += [
        {
            "id": sf_id("00k", 220 + n),
            "opportunity_id": sf_id("006", 22),
            "contact_id": sf_id("003", 220 + who),
            "role": role,
        }
        for n, (who, role) in enumerate(((1, "Buyer"), (1, "Champion"), (2, "Buyer")))
    ]
    rows["raw.hubspot__form_submissions"].append(form("f22", buyer(rows, 22), 0))
    deals += [deal(22, 1, 20), deal(221, 1, 20)]
    rows["raw.salesforce__account"].append(account(221))
    rows["raw.salesforce__opportunity_line_item"] += [
        {
            "id": sf_id("00x", line),
            "opportunity_id": sf_id("006", line // 10),
            "product_name": product,
            "quantity": Decimal(1),
            "total_price": Decimal(price),
        }
        for line, product, price in (
            (220, "GTX", "500"),
            (221, "GTX Pro", "300"),
            (222, "Insight", "200"),
            (2210, "GTX", "999.99"),
        )
    ]
    rows["raw.salesforce__opportunity_split"] += [
        {
            "id": sf_id("1Pl", 220 + n),
            "opportunity_id": sf_id("006", 22),
            "split_owner_id": sf_id("005", 220 + n),
            "split_owner_name": name,
            "split_type_name": kind,
            "split_field": "Amount",
            "is_total_validated": kind == "Revenue",
            "split_percentage": Decimal(percent),
        }
        for n, (name, kind, percent) in enumerate(
            (("Ada", "Revenue", "33.335"), ("Bob", "Revenue", "33.335"), ("Cyd", "Overlay", "150"))
        )
    ]
    # 23: deleted after it had been reported
    rows["raw.salesforce__account"].append(account(23))
    deals.append(deal(23, 1, 20, is_deleted=True))
    # 24: a stage that no longer exists
    rows["raw.salesforce__account"].append(account(24))
    deals.append(deal(24, 1, None))
    history += [
        {
            "id": sf_id("008", 240 + n),
            "opportunity_id": sf_id("006", 24),
            "stage_name": stage,
            "created_date": at(days),
        }
        for n, (stage, days) in enumerate((("Old name", 1), ("Proposal", 9)))
    ]


def _touches(rows: Rows) -> None:
    forms, deals = rows["raw.hubspot__form_submissions"], rows["raw.salesforce__opportunity"]
    members, touches = rows["raw.salesforce__campaign_member"], rows["raw.files__touches"]
    # 25: two touches in the same instant
    email = buyer(rows, 25)
    forms += [form("f25b", email, 0, "cpc"), form("f25a", email, 0, "email")]
    deals.append(deal(25, 1, 20))
    # 26: before, on the day of, and after the close
    email = buyer(rows, 26)
    forms += [form("f26a", email, 0), form("f26b", email, 20.1), form("f26c", email, 21.1)]
    deals.append(deal(26, 1, 20))
    # 27: nobody was touched
    buyer(rows, 27)
    deals.append(deal(27, 1, 20))
    # 28: one touch in every position
    forms.append(form("f28", buyer(rows, 28), 0))
    deals.append(deal(28, 1, 20, amount="1000.01"))
    # 28, turned round: a deal that nobody had touched when it was opened
    rows["raw.salesforce__account"].append(account(281))
    rows["raw.hubspot__contacts"].append(
        contact("h281", "late@case281.example", 0, salesforceaccountid=sf_id("001", 281))
    )
    forms.append(form("f281", "late@case281.example", 10, utm_campaign="Too late"))
    deals.append(deal(281, 1, 20))
    # 29: longer ago than the lookback
    forms.append(form("f29", buyer(rows, 29), -4000))
    deals.append(deal(29, 1, 20))
    # 30: opens, a click by a machine, a click by a human
    email = buyer(rows, 30)
    rows["raw.hubspot__email_events"] += [
        {"id": f"e30{n}", "type": type_, "recipient": email, "occurred_at": at(n), "is_filtered": bot}
        for n, (type_, bot) in enumerate(
            (("SENT", False), ("OPEN", True), ("OPEN", False), ("CLICK", True), ("CLICK", False))
        )
    ]
    # 31: a badge scan that was typed in later and lies before everything
    email = buyer(rows, 31)
    forms.append(form("f31", email, 0))
    touches.append(
        {"touch_id": "t31", "email": email, "occurred_at": at(-30), "channel": "events", "kind": "badge_scan"}
    )
    deals.append(deal(31, 1, 20))
    # 32: a campaign member whose lead was deleted
    rows["raw.salesforce__lead"].append(
        {"id": sf_id("00q", 32), "email": "a@case32.example", "created_date": at(0), "is_deleted": True}
    )
    members.append(
        {
            "id": sf_id("00v", 32),
            "campaign_id": sf_id("701", 1),
            "lead_id": sf_id("00q", 32),
            "has_responded": True,
            "first_responded_date": at(2).date(),
            "status": "Responded",
        }
    )
    # 33: a member to whom a mail was sent, and no more
    rows["raw.salesforce__lead"].append(
        {"id": sf_id("00q", 33), "email": "a@case33.example", "created_date": at(0)}
    )
    members.append(
        {
            "id": sf_id("00v", 33),
            "campaign_id": sf_id("701", 1),
            "lead_id": sf_id("00q", 33),
            "has_responded": False,
            "status": "Sent",
        }
    )
    touches.append(
        {
            "touch_id": "t33",
            "email": "a@case33.example",
            "occurred_at": at(1),
            "kind": "Sent",
            "channel": "email",
        }
    )


def _campaigns(rows: Rows) -> None:
    forms, campaigns = rows["raw.hubspot__form_submissions"], rows["raw.salesforce__campaign"]
    # 34: case and blanks of a UTM, a missing one, an unknown one
    email = buyer(rows, 34)
    forms += [
        form("f34a", email, 0, utm_campaign="Spring_Launch"),
        form("f34b", email, 1, utm_campaign=" spring launch "),
        form("f34c", email, 2, medium=None, utm_source=None),
        form("f34d", email, 3, medium="unknown", utm_campaign="unknown"),
    ]
    # 35: a name that drifts
    forms += [form("f35a", email, 4, utm_campaign="GTXPro"), form("f35b", email, 5, utm_campaign="GTX Pro")]
    # 36: a program with a child and a grandchild, an orphan, a circle
    for number, name, parent in (
        (1, "Program", None),
        (2, "Child", 1),
        (3, "Grandchild", 2),
        (4, "Orphan", 99),
        (5, "Circle A", 6),
        (6, "Circle B", 5),
    ):
        campaigns.append(
            {
                "id": sf_id("701", number),
                "name": name,
                "type": "Email",
                "parent_id": sf_id("701", parent) if parent else None,
            }
        )
    rows["raw.files__spend"] += [
        {"spend_id": name, "spend_date": date(2025, 3, 3), "campaign": name, "amount": Decimal(cost)}
        for name, cost in (("Child", 100), ("Grandchild", 50))
    ]
    # 37: an ad campaign that was renamed
    rows["raw.google_ads__campaigns"].append({"id": "g37", "customer_id": "c", "name": "New name"})
    rows["raw.google_ads__campaign_day"] += [
        {
            "day": day,
            "customer_id": "c",
            "campaign_id": "g37",
            "campaign_name": name,
            "currency": "USD",
            "cost": cost,
            "cost_micros": int(cost * 1_000_000),
            "impressions": 10,
            "clicks": 1,
        }
        for name, day, cost in (
            ("Old name", date(2025, 3, 3), Decimal("10")),
            ("New name", date(2025, 3, 4), Decimal("12")),
        )
    ]
    forms.append(form("f37", email, 6, utm_campaign="Old name"))
    # 37 where the platform tells today's name only, and values whose meaning people approved (DECISIONS)
    rows["raw.linkedin_ads__campaigns"].append(
        {"id": "l37", "name": "Expo (relaunch)", "currency": "USD", "region": "EMEA"}
    )
    rows["raw.linkedin_ads__analytics"].append(
        {
            "day": date(2025, 3, 3),
            "campaign_id": "l37",
            "currency": "USD",
            "cost_in_local_currency": Decimal("77.70"),
            "impressions": 10,
            "clicks": 1,
        }
    )
    forms += [
        form(
            "fm1",
            email,
            7,
            medium="Paid_Socal",
            utm_source="Lnkedn",
            utm_campaign="Expo",
            content="White Papper",
        ),
        form(
            "fm2",
            email,
            8,
            medium="paid_social",
            utm_source="linkedin",
            utm_campaign="Expo 25",
            content="white-paper",
        ),
    ]
    campaigns.append({"id": sf_id("701", 37), "name": "Expo", "type": "Paid Social"})
    rows["raw.salesforce__account"].append(account(371))
    rows["raw.salesforce__opportunity"].append(deal(371, 1, 20, product="WidgetOne"))


def _money_and_time(rows: Rows) -> None:
    # 38: two rates of one currency, micros, a tiny correction downwards
    rows["raw.files__exchange_rates"] += [
        {"rate_date": date(2025, 1, 1), "currency": "EUR", "rate_to_reporting": Decimal("1.05")},
        {"rate_date": date(2025, 4, 1), "currency": "EUR", "rate_to_reporting": Decimal("1.10")},
    ]
    rows["raw.salesforce__account"] += [account(38), account(381), account(39), account(40)]
    rows["raw.salesforce__opportunity"] += [
        deal(38, 1, 20, currency_iso_code="EUR"),
        deal(381, 1, 40, currency_iso_code="EUR"),
        # 39: opened in the last minute of a month, lost on the first day of the next
        deal(39, 28.6, 29, stage_name="Closed Lost", is_won=False),
        # 40: a deal worth nothing
        deal(40, 1, 20, amount="0"),
    ]
    rows["raw.meta_ads__insights"] += [
        {
            "day": date(2025, 3, 3),
            "account_id": "a",
            "campaign_id": "m38",
            "campaign_name": "Meta",
            "currency": "EUR",
            "spend": Decimal("10.004999"),
            "impressions": 1,
            "clicks": 0,
        },
        {
            "day": date(2025, 3, 4),
            "account_id": "a",
            "campaign_id": "m38",
            "campaign_name": "Meta",
            "currency": "EUR",
            "spend": Decimal("-0.010000"),
            "impressions": 0,
            "clicks": 0,
        },
    ]


def _flat_costs(rows: Rows) -> None:
    """What campaigns cost altogether: names say what is odd about each."""
    campaigns = rows["raw.salesforce__campaign"]
    for number, name, first, last, cost, more in (
        (50, "Fair", date(2025, 3, 1), date(2025, 3, 3), "100", {}),
        (51, "No end", date(2025, 3, 5), None, "50", {}),
        (52, "No dates", None, None, "40", {"created_date": datetime(2025, 3, 6, 23, 59)}),
        (53, "Backwards", date(2025, 3, 10), date(2025, 3, 1), "30", {}),
        (54, "Two rates", date(2025, 3, 31), date(2025, 4, 1), "10", {"currency_iso_code": "EUR"}),
        (55, "Without any date", None, None, "20", {}),
        (56, "Meta", date(2025, 3, 1), date(2025, 3, 31), "310", {}),  # Meta tells its spend
        (57, "Tour", date(2025, 3, 1), date(2025, 3, 2), "12", {}),
        (58, "Tour Oslo", date(2025, 3, 1), date(2025, 3, 2), "20", {"parent_id": sf_id("701", 57)}),
        (59, "Tour Rome", date(2025, 3, 1), date(2025, 3, 2), "30", {"parent_id": sf_id("701", 57)}),
        (60, "Sums", date(2025, 3, 1), date(2025, 3, 2), "7.50", {}),  # typed in: what its children cost
        (61, "Sums A", date(2025, 3, 1), date(2025, 3, 2), "5", {"parent_id": sf_id("701", 60)}),
        (62, "Sums B", date(2025, 3, 1), date(2025, 3, 2), "2.50", {"parent_id": sf_id("701", 60)}),
        (63, "Budget only", date(2025, 3, 1), date(2025, 3, 2), None, {"budgeted_cost": Decimal(99)}),
        (64, "To come", date(2999, 1, 1), date(2999, 1, 2), "5", {}),
    ):
        amount = Decimal(cost) if cost else None
        told = {"id": sf_id("701", number), "name": name, "start_date": first, "end_date": last}
        campaigns.append({**told, "type": "Event", "actual_cost": amount, **more})
    rows["raw.hubspot__campaigns"] += [
        {
            "id": name,
            "hs_name": name,
            "hs_start_date": date(2025, 3, 1),
            "hs_end_date": date(2025, 3, 3),
            "hs_currency_code": "USD",
            "hs_budget_items_sum_amount": Decimal(90),
            "hs_spend_items_sum_amount": Decimal(cost),
        }
        for name, cost in (("Fair", "100"), ("Webinar", "70"))
    ]
    rows["raw.files__spend"] += [
        {
            "spend_id": name,
            "spend_date": date(2025, 3, 1),
            "spend_until": until,
            "campaign": name,
            "channel": "events",
        }
        | {"amount": Decimal(cost)}
        for name, until, cost in (
            ("Stand", date(2025, 3, 4), "10.01"),
            ("Stand back", date(2025, 2, 1), "3"),
        )
    ]


def visit(
    browser: str, session: int, days: float, user: str | None = None, medium: str = "cpc"
) -> dict[str, Any]:
    """An event of the analytics export; `user` is who signed in."""
    return {
        "event_id": f"{browser}:{session}:{days}",
        "event_at": at(days),
        "event_date": at(days).date(),
        "event_name": "form_submit" if user else "page_view",
        "user_pseudo_id": browser,
        "user_id": user,
        "ga_session_id": session,
        "source": "google",
        "medium": medium,
        "is_key_event": user is not None,
    }


def _visitors(rows: Rows) -> None:
    """Browsers: before and after somebody is known, on two devices, and shared by several."""
    email = buyer(rows, 41)
    rows["raw.ga4__events"] += [
        visit("phone", 1, -9, medium="organic"),  # nobody yet
        visit("phone", 2, -3),
        visit("phone", 2, -2.9, email),  # converts: both sessions are the person's
        visit("laptop", 1, 5, email.upper()),
        visit("tablet", 1, -6, medium="organic"),
        visit("tablet", 2, 6, "member-41"),
        visit("desk", 1, 7, email),
        visit("desk", 2, 8, "member-41"),  # and so the tablet is theirs too
        visit("family", 1, 1, email),
        visit("family", 2, 2, buyer(rows, 42)),  # two people: nobody's
        visit("kiosk", 1, 1, "guest"),
        visit("passer-by", 1, 1),
    ]
    rows["raw.ga4__sessions"].append(
        {
            "property_id": "1",
            "day": date(2024, 1, 1),
            "channel_group": "Direct",
            "sessions": 5000,
            "key_events": 4500,
        }
    )


def _hard_rows(rows: Rows) -> None:
    """Rows that are wrong at their source, or larger or emptier than most; asserted in test_hard_rows.py."""
    hubspot, leads = rows["raw.hubspot__contacts"], rows["raw.salesforce__lead"]
    accounts, deals = rows["raw.salesforce__account"], rows["raw.salesforce__opportunity"]
    hubspot += [
        contact("h70a", "a@case70.example", hs_merged_object_ids="h70b"),  # each says it is the other
        contact("h70b", "b@case70.example", hs_merged_object_ids="h70a"),
        contact("h71a", "n/a"),
        contact("h71b", "N/A"),
        contact("h71c", "jane@case71.example"),
        contact("h71d", "\u00a0Jane@case71.example\t"),
        contact("h72a", "jo@case72.example", website="https://www.facebook.com/case72"),
        contact("h72b", "jo72@gmail.com", website="HTTP://WWW.Case72.example:8080/x?y"),
    ]
    gone = {"is_deleted": True, "created_date": at(0)}
    leads += [
        {"id": sf_id("00q", 70), "email": "c@case70.example", "master_record_id": sf_id("00q", 999)} | gone,
        {"id": sf_id("00q", 71), "email": "d@case70.example", "master_record_id": sf_id("00q", 72)} | gone,
        {"id": sf_id("00q", 72), "email": "e@case70.example"} | gone,  # merged into one that was deleted
    ]
    buyer(rows, 73, -5)
    accounts.append(account(72))
    own = {"account_id": sf_id("001", 73)}
    deals += [
        deal(730, 1, 20, is_won=None, is_closed=None, **own),
        deal(731, 1, 20, is_won=True, is_closed=False, **own),
        deal(732, 1, None, created_date=None, close_date=None, **own),  # converted without a day
        deal(733, 1, None, created_date=datetime(2009, 5, 5), currency_iso_code="EUR", amount=None, **own),
        deal(734, 1, 60, **own),  # its history ends long before it was won
        deal(735, 1, 20, amount="2000000000", currency_iso_code="EUR", **own),
        deal(736, 1, 20, amount=None, currency_iso_code="EUR", **own),
        deal(737, 1, 20, account_id=None),  # only a primary role says who leads it
    ]
    rows["raw.salesforce__opportunity_history"] += [
        {"id": sf_id("008", 70), "stage_name": "Prospecting", "created_date": at(1)}
        | {"opportunity_id": sf_id("006", 734), "amount": Decimal(500)},
        {"id": sf_id("008", 71), "stage_name": "Proposal", "created_date": at(10)}
        | {"opportunity_id": sf_id("006", 734), "amount": Decimal(900)},
    ]
    rows["raw.salesforce__opportunity_line_item"] += [
        {"id": sf_id("00k", 70), "opportunity_id": sf_id("006", 736), "total_price": Decimal(1000)},
        {"id": sf_id("00k", 71), "opportunity_id": sf_id("006", 736), "total_price": Decimal(-1000)},
    ]
    rows["raw.salesforce__contact"].append(
        {"id": sf_id("003", 73), "email": "lead@case73.example", "created_date": at(-5)}
    )
    rows["raw.salesforce__opportunity_contact_role"].append(
        {"id": sf_id("00k", 73), "opportunity_id": sf_id("006", 737), "contact_id": sf_id("003", 73)}
        | {"role": "Buyer", "is_primary": True, "created_date": at(1)}
    )
    # A deal that was merged away is never seen again: only the survivor tells.
    won = {"hs_is_closed": True, "hs_is_closed_won": True, "amount": Decimal(700)}
    rows["raw.hubspot__deals"] += [
        {"id": "d74", "createdate": at(0), "closedate": at(9), "hs_merged_object_ids": "d74b"} | won,
        {"id": "d74b", "createdate": at(0), "closedate": at(9)} | won,
    ]
    email = buyer(rows, 75)
    rows["raw.hubspot__form_submissions"] += [
        form("f75a", email, 1, "(not set)", utm_source="(not set)", utm_campaign="(direct)"),
        form("f75b", email, 2, "cpc", utm_source="LinkedIn"),
    ]
    rows["raw.files__leads"].append({"lead_id": "l76", "email": "jo@case76.example", "created_at": at(0)})
    rows["raw.files__touches"].append(
        {"touch_id": "t76", "lead_id": "not in the file", "email": "jo@case76.example", "occurred_at": at(1)}
    )
    rows["raw.files__spend"].append(
        {"spend_id": "large", "spend_date": date(2025, 3, 1), "platform": "tv", "amount": Decimal("250000")}
    )
    rows["raw.microsoft_ads__campaign_day"] += [
        {"day": date(2025, 3, day), "account_id": "a", "campaign_id": "m77", "campaign_name": "Thin"}
        | {"currency": "USD", "spend": Decimal("0.004"), "impressions": 1, "clicks": 0}
        for day in range(1, 11)
    ]
    _owners_and_stages(rows)


def _owners_and_stages(rows: Rows) -> None:
    """Owners who took another name, and deals whose history says what their present does not."""
    own = {"account_id": sf_id("001", 73)}
    rows["raw.salesforce__user"].append({"id": sf_id("005", 78), "name": "Ada Byron"})
    rows["raw.salesforce__opportunity"] += [
        deal(780, 1, 30, stage_name="Signed", owner_id=sf_id("005", 78)[:15], owner_name="Ada King", **own),
        deal(781, 1, None, owner_id=sf_id("00g", 78), owner_name="Queue", **own),
    ]
    rows["raw.salesforce__opportunity_history"] += [
        {"id": sf_id("008", 780 + days), "stage_name": stage, "created_date": at(days)}
        | {"opportunity_id": sf_id("006", 780), "amount": Decimal(1000)}
        for stage, days in (("Prospecting", 1), ("Signed", 10), ("Proposal", 20), ("Signed", 30))
    ]
    rows["raw.salesforce__opportunity_field_history"] += [
        {
            "id": sf_id("017", number * 10 + month),
            "opportunity_id": sf_id("006", number),
            "field": "CloseDate",
        }
        | {"old_value": f"2025-0{month}-01", "new_value": f"2025-0{month + 1}-01", "created_date": at(month)}
        for number, months in ((780, 4), (781, 3), (733, 2))
        for month in range(1, months + 1)
    ]


def _money_again(rows: Rows) -> None:
    """What is stated again, in currencies worth little, and on days that no calendar goes to."""
    rows["raw.files__exchange_rates"] += [
        {"rate_date": date(2024, 1, 1), "currency": "IDR", "rate_to_reporting": Decimal(rate)}
        | {"_source_file": file}
        for rate, file in (("0.00007", "a.csv"), ("0.000065", "b.csv"), ("0.000065", "b.csv"))
    ]
    rows["raw.files__spend"].append(
        {"spend_id": "year", "spend_date": date(2024, 2, 29), "spend_until": date(2025, 2, 27)}
        | {"platform": "hoarding", "amount": Decimal(100_000), "currency": "IDR"}
    )
    rows["raw.files__targets"] += [
        {"metric": "mqls", "target_month": date(2025, 3, day), "version": version, "segment": segment}
        | {"value": Decimal(value), "_source_file": file}
        for day, version, segment, value, file in (
            (1, "Plan-9", None, 30, "a.csv"),
            (1, "plan-10", None, 40, "a.csv"),
            (31, "plan-10", None, 50, "b.csv"),
            (1, "plan-10", "SMB", 45, "a.csv"),
            (1, "plan-10", "SMB", 45, "b.csv"),
            (1, "plan-10", "Enterprise", -1, "b.csv"),
        )
    ]
    buyer(rows, 98, -5)
    own = {"account_id": sf_id("001", 98), "currency_iso_code": "IDR"}
    rows["raw.salesforce__opportunity"] += [
        deal(980, 1, 20, amount="1000000", close_date=date(2099, 12, 31), **own),
        deal(981, 1, None, amount="1000000", created_date=datetime(2028, 2, 29), close_date=None, **own),
    ]


def rows() -> Rows:
    """All raw rows, {table: [row]}."""
    names = (
        "hubspot__contacts hubspot__contact_lifecycle hubspot__form_submissions hubspot__deals hubspot__email_events "
        "salesforce__lead salesforce__account salesforce__contact salesforce__opportunity "
        "salesforce__opportunity_history salesforce__opportunity_field_history salesforce__user "
        "salesforce__opportunity_contact_role salesforce__campaign salesforce__campaign_member marketo__leads "
        "google_ads__campaigns google_ads__campaign_day linkedin_ads__campaigns linkedin_ads__analytics "
        "meta_ads__insights files__touches files__exchange_rates "
        "salesforce__opportunity_line_item salesforce__opportunity_split files__spend hubspot__campaigns "
        "ga4__events ga4__sessions files__leads files__targets microsoft_ads__campaign_day"
    )
    tables: Rows = {f"raw.{name}": [] for name in names.split()}
    for fill in (
        _identity,
        _stages,
        _touches,
        _campaigns,
        _money_and_time,
        _flat_costs,
        _visitors,
        _hard_rows,
        _money_again,
    ):
        fill(tables)
    return tables
