"""Anonymous visitors become known when they convert, on every device that they share an identifier with."""

import pytest

from tests.warehouse_models.conftest import Ask
from tests.warehouse_models.forty import at
from tests.warehouse_models.test_forty_cases import people

pytestmark = pytest.mark.timeout(900)


def test_the_sessions_before_the_conversion_follow_the_person(ask: Ask) -> None:
    (person,) = people(ask, "buyer@case41.example")
    sessions = ask(
        "SELECT started_at, channel FROM core.web_session WHERE person_id = ? AND session_id LIKE 'ga4:phone:%'"
        " ORDER BY started_at",
        person,
    )
    assert sessions == [(at(-9), "organic_search"), (at(-3), "paid_search")]
    first = ask("SELECT touch_id FROM core.touch WHERE person_id = ? ORDER BY occurred_at LIMIT 1", person)
    assert first == [("ga4:session:phone:1",)]


def test_devices_that_share_an_identifier_are_one_person(ask: Ask) -> None:
    """By the address (laptop), and by an id of the site that another device ties to the address (tablet)."""
    (person,) = people(ask, "buyer@case41.example", "phone", "laptop", "tablet", "desk", "member-41")
    known = ask(
        "SELECT identifier_kind, identifier, source_system, reason FROM core.person_identifier"
        " WHERE person_id = ? AND identifier IN ('tablet', 'member-41') ORDER BY 1",
        person,
    )
    assert known == [
        ("cookie", "tablet", "ga4", "signed in with this browser"),
        ("user", "member-41", "ga4", "signed in with this browser"),
    ]
    earlier = ask("SELECT person_id FROM core.web_session WHERE session_id = 'ga4:tablet:1'")
    assert earlier == [(person,)]


def test_a_browser_of_several_people_and_a_nameless_one_are_nobodys(ask: Ask) -> None:
    rows = ask(
        "SELECT session_id FROM core.web_session WHERE person_id IS NULL AND source IS NOT NULL ORDER BY session_id"
    )
    assert [session for (session,) in rows] == [
        "ga4:family:1",
        "ga4:family:2",
        "ga4:kiosk:1",
        "ga4:passer-by:1",
    ]
    assert len(people(ask, "buyer@case41.example", "buyer@case42.example")) == 2


def test_every_session_of_a_busy_landing_page_is_there(ask: Ask) -> None:
    rows = ask(
        "SELECT COUNT(*), COUNT(*) FILTER (WHERE converted) FROM core.web_session WHERE started_at = '2024-01-01'"
    )
    assert rows == [(5000, 4500)]


def test_how_long_a_deal_stayed_in_a_stage(ask: Ask) -> None:
    rows = ask(
        "SELECT stage, days, is_current FROM core.opportunity_stage WHERE opportunity_id ="
        " (SELECT MIN(opportunity_id) FROM core.opportunity_stage WHERE stage = 'Old name') ORDER BY place"
    )
    assert [(stage, float(days) if days is not None else None, now) for stage, days, now in rows] == [
        ("Old name", 8.0, False),
        ("Proposal", None, True),
    ]
