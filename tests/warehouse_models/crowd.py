"""The forty cases and, beside them, what they leave out: every source, a crowd that Markov and Shapley learn from, and
instants between two seconds."""

import random
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from tests.warehouse_models import forty

PEOPLE = 64
TODAY = datetime.combine(datetime.now(UTC).date(), time())
LOADED = TODAY - timedelta(hours=30.5)


def ago(days: float) -> datetime:
    """An instant of the training window; not a whole second."""
    return TODAY - timedelta(days=days, milliseconds=round(days * 7919) % 1000)


def rows() -> forty.Rows:
    """All raw rows, {table: [row]}; the same ones all day."""
    found = forty.rows()
    for fill in (_people, _other_sources, _loads):
        for table, added in fill().items():
            found.setdefault(f"raw.{table}", []).extend(added)
    return found


def _people() -> forty.Rows:
    draw = random.Random(11)
    leads, deals, touches = [], [], []
    for number in range(PEOPLE):
        lead, began = f"c{number}", 200 - number
        leads.append(
            {
                "lead_id": lead,
                "email": f"{lead}@crowd{number % 9}.example",
                "created_at": ago(began),
                "mql_at": ago(began - 3.37) if number % 8 else None,
                "sql_at": ago(began - 5.21) if number % 4 else None,
                "channel": draw.choice(("email", "paid_search", None)),
                "region": draw.choice(("EMEA", "AMER")),
            }
        )
        touches += [
            {
                "touch_id": f"{lead}-{step}",
                "lead_id": lead,
                "occurred_at": ago(began + 20 - 11.3 * step),
                "channel": draw.choice(("email", "paid_search", "direct", "events")),
                "campaign": draw.choice(("Spring Push", "Webinar_7")),
                "content": draw.choice(("Guide", "Recording", None)),
                "kind": "visit",
            }
            for step in range(1 + number % 4)
        ]
        deals.append(
            {
                "deal_id": f"d{number}",
                "lead_id": lead,
                "account": f"Crowd {number % 9}",
                "created_at": ago(began - 9),
                "closed_at": ago(began - 29),
                "amount": Decimal(draw.randrange(100, 9_999_99)) / 100,
                "is_won": number % 6 > 0,
                "is_closed": True,
            }
        )
    return {"files__leads": leads, "files__deals": deals, "files__touches": touches}


def _other_sources() -> forty.Rows:
    day = ago(40).date()
    money = {"day": day, "account_id": "1", "currency": "USD", "impressions": 900, "clicks": 9}
    return {
        "linkedin_ads__campaigns": [{"id": "l1", "account_id": "1", "name": "Spring_Push", "region": "EMEA"}],
        "linkedin_ads__analytics": [
            money | {"campaign_id": "l1", "cost_in_local_currency": Decimal("12.345678")}
        ],
        "meta_ads__campaigns": [{"id": "f1", "account_id": "1", "name": "Feed", "start_at": ago(50)}],
        "microsoft_ads__campaign_day": [
            money | {"campaign_id": "b1", "campaign_name": "Bing", "spend": Decimal("7.5"), "region": "AMER"}
        ],
        "hubspot__companies": [{"id": "k1", "name": "Company", "domain": "https://www.Company.example/x"}],
        "hubspot__deals": [
            {"id": "hd1", "pipeline": "p", "dealstage": "s2", "amount": Decimal(50), "createdate": ago(30)}
        ],
        "hubspot__deal_stages": [
            {"deal_id": "hd1", "stage": stage, "occurred_at": ago(days)}
            for stage, days in (("s1", 30), ("s2", 20))
        ],
        "hubspot__pipelines": [
            {"pipeline_id": "p", "stage_id": f"s{n}", "stage_label": f"Stage {n}", "is_closed": False}
            for n in (1, 2)
        ],
        "hubspot__associations": [
            {"from_object": "deals", "from_id": "hd1", "to_object": kind, "to_id": one, "label": "Primary"}
            for kind, one in (("contacts", "h25"), ("companies", "k1"))
        ],
        "hubspot__campaigns": [{"id": "hc1", "hs_name": "Spring push", "hs_start_date": day}],
        "hubspot__emails": [{"id": "e1", "name": "Newsletter", "campaign_utm": "Spring Push"}],
        "marketo__programs": [{"id": "g1", "name": "Webinar 7", "type": "event", "channel": "Webinar"}],
        "marketo__activities": [
            {
                "id": f"a{n}",
                "lead_id": "m1",
                "activity_type": kind,
                "occurred_at": ago(60 + n),
                "program_id": "g1",
            }
            for n, kind in enumerate(("Fill Out Form", "Click Email", "Visit Webpage"))
        ],
        "marketo__lead_merges": [{"loser_id": "m9", "winner_id": "m1", "merged_at": ago(9)}],
        "ga4__sessions": [
            {
                "day": day,
                "property_id": "1",
                "channel_group": "Paid Search",
                "source": "google",
                "medium": "(not set)",
                "campaign": "Spring Push",
                "landing_page": "/",
                "sessions": 7,
                "key_events": Decimal(2),
            }
        ],
        "ga4__events": [
            {
                "event_id": f"v{n}",
                "event_at": ago(35) + timedelta(seconds=n),
                "event_name": name,
                "user_pseudo_id": "browser",
                "user_id": "c1@crowd1.example" if n else None,
                "ga_session_id": 1,
                "medium": "cpc",
                "is_key_event": n == 1,
            }
            for n, name in enumerate(("page_view", "form_submit"))
        ],
        "files__targets": [
            {
                "metric": "mqls",
                "target_month": day.replace(day=1),
                "version": f"v{n}",
                "value": Decimal(10 + n),
            }
            for n in (1, 2)
        ],
    }


def _loads() -> forty.Rows:
    run = {
        "run_id": "r1",
        "status": "ok",
        "started_at": LOADED,
        "rows": 5,
        "requests": 2,
        "seconds": Decimal("1.5"),
    }
    return {
        "source_run": [
            run
            | {
                "source": source,
                "object": "all",
                "finished_at": LOADED + timedelta(seconds=1, milliseconds=500),
                "watermark": ago(3),
                "expected_hours": Decimal(26),
            }
            for source in ("files", "hubspot", "salesforce")
        ]
    }
