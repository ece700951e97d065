"""Rows that are wrong at their source, or larger or emptier than most (the rows are in forty.py)."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from tests.warehouse_models.conftest import Ask
from tests.warehouse_models.forty import at, sf_id
from tests.warehouse_models.test_forty_cases import findings, opportunity, people

pytestmark = pytest.mark.timeout(900)


def test_a_merge_deletes_nobody(ask: Ask) -> None:
    """Not in a circle, not where the survivor was never sent; but into somebody who was deleted."""
    people_of = "SELECT p.is_deleted FROM core.person AS p JOIN core.person_identifier AS i USING (person_id)"
    for identifiers, is_deleted in (
        (("h70a", "h70b"), False),
        ((sf_id("00q", 70),), False),
        ((sf_id("00q", 71), sf_id("00q", 72)), True),
    ):
        assert len(people(ask, *identifiers)) == 1
        assert ask(f"{people_of} WHERE i.identifier = ?", identifiers[0]) == [(is_deleted,)]


def test_what_is_no_address_ties_nobody_and_blanks_are_none(ask: Ask) -> None:
    assert len(people(ask, "h71a", "h71b")) == 2
    assert "n/a" in findings(ask, "email_is_no_address")
    assert len(people(ask, "h71c", "h71d")) == 1


def test_a_page_at_a_free_host_is_no_website(ask: Ask) -> None:
    accounts = ask(
        "SELECT DISTINCT p.account_id FROM core.person AS p JOIN core.person_identifier AS i USING (person_id)"
        " WHERE i.identifier IN ('h72a', 'h72b')"
    )
    assert accounts == [(sf_id("001", 72),)]


def test_won_is_closed_whatever_the_flags_say(ask: Ask) -> None:
    for number in (730, 731):
        assert opportunity(ask, number, "is_won, is_closed, closed_at") == (True, True, datetime(2025, 3, 23))


def test_no_deal_is_too_large_or_too_empty_to_be_converted(ask: Ask) -> None:
    assert opportunity(ask, 732, "amount") == (Decimal("1000.00"),)
    assert opportunity(ask, 733, "amount, created_date") == (None, date(2009, 5, 5))
    assert opportunity(ask, 735, "amount") == (Decimal("2100000000.00"),)
    lines = ask(
        "SELECT amount FROM core.opportunity_line WHERE opportunity_id = ? ORDER BY 1", sf_id("006", 736)
    )
    assert lines == [
        (Decimal("-1050.00"),),
        (Decimal("1050.00"),),
    ]  # at the deal's rate, though the deal has no amount


def test_a_deal_is_open_until_its_close_though_its_history_ends_before(ask: Ask) -> None:
    stays = ask(
        "SELECT stage, valid_from, is_current FROM core.opportunity_stage WHERE opportunity_id = ? ORDER BY place",
        sf_id("006", 734),
    )
    closed = datetime(2025, 5, 2)
    assert stays == [("Prospecting", at(1), False), ("Proposal", at(10), False), ("Closed Won", closed, True)]
    last = ask(
        "SELECT MAX(snapshot_date), MAX(amount) FROM core.pipeline_day WHERE opportunity_id = ?",
        sf_id("006", 734),
    )
    assert last == [(date(2025, 5, 1), Decimal("900.00"))]


def test_the_primary_role_leads_a_deal_without_contact(ask: Ask) -> None:
    assert opportunity(ask, 737, "person_id") == (*people(ask, sf_id("003", 73)),)


def test_a_deal_merged_away_is_gone_though_nobody_archived_it(ask: Ask) -> None:
    rows = ask(
        "SELECT opportunity_id, is_deleted FROM core.opportunity"
        " WHERE opportunity_id LIKE 'hubspot:deal:d74%' ORDER BY 1"
    )
    assert rows == [("hubspot:deal:d74", False), ("hubspot:deal:d74b", True)]


def test_what_analytics_does_not_know_is_missing_and_paid_posts_are_social(ask: Ask) -> None:
    rows = ask(
        "SELECT channel, source, medium, campaign_id FROM core.touch"
        " WHERE touch_id LIKE 'hubspot:form:f75%' ORDER BY 1"
    )
    assert rows == [("paid_social", "linkedin", "cpc", None), (None, None, None, None)]


def test_an_unknown_lead_id_leaves_the_address(ask: Ask) -> None:
    rows = ask("SELECT person_id FROM core.touch WHERE touch_id = 'files:touch:t76'")
    assert {person for (person,) in rows} == people(ask, "l76")


def test_spend_of_any_size_is_the_platforms_to_the_cent(ask: Ask) -> None:
    rows = ask(
        "SELECT platform, SUM(spend) FROM core.spend_day"
        " WHERE platform IN ('tv', 'microsoft_ads') GROUP BY 1 ORDER BY 1"
    )
    assert rows == [("microsoft_ads", Decimal("0.04")), ("tv", Decimal("250000.00"))]


def test_an_owner_has_the_present_name_and_a_queue_the_recorded(ask: Ask) -> None:
    assert opportunity(ask, 780, "owner") == ("Ada Byron",)
    assert opportunity(ask, 781, "owner") == ("Queue",)


def test_a_deal_is_closed_in_a_stage_of_any_name(ask: Ask) -> None:
    """Won as "Signed", opened again, won again: no open pipeline in between, and reported."""
    days = ask(
        "SELECT MIN(snapshot_date), MAX(snapshot_date), COUNT(*) FROM core.pipeline_day WHERE opportunity_id = ?",
        sf_id("006", 780),
    )
    assert days == [(at(1).date(), at(29).date(), 9 + 10)]
    assert sf_id("006", 780) in findings(ask, "reopened_deal")


def test_a_close_date_put_off_again_and_again_is_reported_while_the_deal_is_open(ask: Ask) -> None:
    assert findings(ask, "close_date_pushed") == {sf_id("006", 781)}


def test_a_year_s_cost_in_rupiah_is_its_amount(ask: Ask) -> None:
    """Of 365 days each is worth 1.8 cents: rounded one by one they were 7.30."""
    rows = ask(
        "SELECT COUNT(*), SUM(spend_original), SUM(spend), MIN(spend), MAX(spend)"
        " FROM core.spend_day WHERE platform = 'hoarding'"
    )
    assert rows == [(365, Decimal("100000"), Decimal("6.50"), Decimal("0.01"), Decimal("0.02"))]


def test_a_rate_that_is_stated_again_is_the_last_file_s(ask: Ask) -> None:
    assert ask("SELECT DISTINCT rate_to_reporting FROM core.exchange_rate WHERE currency = 'IDR'") == [
        (Decimal("0.000065"),)
    ]
    assert findings(ask, "rate_stated_again") == {"IDR 2024-01-01"}


def test_a_day_beyond_the_calendar_has_the_rate_of_its_end(ask: Ask) -> None:
    assert opportunity(ask, 980, "amount, close_date") == (Decimal("65.00"), date(2099, 12, 31))
    assert opportunity(ask, 981, "amount") == (Decimal("65.00"),)


def test_of_a_target_that_is_stated_again_one_counts(ask: Ask) -> None:
    current = ask(
        "SELECT segment, version, value FROM core.target WHERE is_current AND metric = 'mqls' ORDER BY segment"
    )
    assert sorted(current, key=str) == [
        ("Enterprise", "plan-10", Decimal(-1)),
        ("SMB", "plan-10", Decimal(45)),
        (None, "plan-10", Decimal(50)),
    ]
    [(kept,)] = ask("SELECT COUNT(*) FROM core.target")
    assert kept == 6
    assert len(findings(ask, "target_stated_again")) == 2
    assert len(findings(ask, "target_without_value")) == 1
