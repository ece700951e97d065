"""The forty cases that the numbers must survive (sqlmesh/README.md has the rulings); the rows are in forty.py."""

from datetime import date
from decimal import Decimal

import pytest

from tests.warehouse_models.conftest import Ask
from tests.warehouse_models.forty import at, sf_id
from tests.warehouse_models.raw import PROJECT

pytestmark = pytest.mark.timeout(900)


def people(ask: Ask, *identifiers: str) -> set[str]:
    """The person ids of these identifiers."""
    marks = ", ".join("?" for _ in identifiers)
    found = ask(f"SELECT person_id FROM core.person_identifier WHERE identifier IN ({marks})", *identifiers)
    assert len(found) == len(identifiers), f"not every identifier is known: {identifiers}"
    return {person for (person,) in found}


def findings(ask: Ask, rule: str) -> set[str]:
    return {entity for (entity,) in ask("SELECT entity_id FROM ops.audit_finding WHERE rule = ?", rule)}


def opportunity(ask: Ask, number: int, columns: str) -> tuple:
    (row,) = ask(f"SELECT {columns} FROM core.opportunity WHERE opportunity_id = ?", sf_id("006", number))
    return row


def credit(
    ask: Ask, number: int, model: str, columns: str = "touch_id, weight, amount", kind: str = "revenue"
) -> list:
    return ask(
        f"SELECT {columns} FROM attribution.credit"
        " WHERE opportunity_id = ? AND attribution_model = ? AND credit_kind = ? ORDER BY touch_at, touch_id",
        sf_id("006", number),
        model,
        kind,
    )


def test_01_map_lead_crm_lead_and_crm_contact_are_one_person(ask: Ask) -> None:
    assert (
        len(
            people(
                ask,
                "h1",
                "m1",
                sf_id("00q", 1),
                sf_id("003", 1),
                "ann@case01.example",
                "ann.new@case01.example",
            )
        )
        == 1
    )


def test_02_merge_chains_are_followed_to_their_end(ask: Ask) -> None:
    assert len(people(ask, "h2a", "h2b", "h2c", "a@case02.example", "c@case02.example")) == 1
    assert len(people(ask, *(sf_id("00q", n) for n in (21, 22, 23)))) == 1
    assert ask("SELECT is_deleted FROM core.person WHERE email = 'c@case02.example'") == [(False,)]


def test_03_a_merge_that_only_the_survivor_knows(ask: Ask) -> None:
    assert len(people(ask, "h3a", "h3b", "old@case03.example", "h3x")) == 1


def test_04_mirrored_and_merged_deals_count_once(ask: Ask) -> None:
    counted = ask(
        "SELECT COUNT(*), SUM(amount) FROM core.opportunity WHERE NOT is_deleted AND opportunity_id IN (?, ?, ?)",
        sf_id("006", 4),
        "hubspot:deal:d4a",
        "hubspot:deal:d4b",
    )
    assert counted == [(1, Decimal(1000))]


def test_05_a_lead_converted_into_an_existing_contact(ask: Ask) -> None:
    (person,) = people(ask, sf_id("00q", 5), sf_id("003", 5), "old@case05.example", "new@case05.example")
    assert ask("SELECT created_at FROM core.person WHERE person_id = ?", person) == [(at(-400),)]


def test_06_case_plus_tag_and_changed_address(ask: Ask) -> None:
    (person,) = people(
        ask,
        "h6",
        sf_id("00q", 6),
        "joe@case06.example",
        "joe+news@case06.example",
        "joe.former@case06.example",
    )
    assert ask("SELECT person_id FROM core.touch WHERE touch_id = 'hubspot:form:f6'") == [(person,)]


def test_07_a_forgotten_contact_is_kept_without_address_and_marked(ask: Ask) -> None:
    (person,) = people(ask, "h7")
    assert ask("SELECT email, is_deleted FROM core.person WHERE person_id = ?", person) == [(None, True)]
    assert ask("SELECT COUNT(*) FROM attribution.credit WHERE person_id = ?", person) == [(0,)]


def test_08_free_mail_and_test_domains_make_no_account(ask: Ask) -> None:
    owners = ask(
        "SELECT account_id FROM core.person"
        " WHERE email IN ('someone@gmail.com', 'someone@mailinator.com', 'x@test.com')"
    )
    assert owners == [(None,)] * 3


def test_09_a_contact_without_account_is_a_person(ask: Ask) -> None:
    (person,) = people(ask, sf_id("003", 9))
    assert ask("SELECT account_id FROM core.person WHERE person_id = ?", person) == [(None,)]


def test_10_domains_and_accounts_many_to_many(ask: Ask) -> None:
    assert ask("SELECT DISTINCT account_id FROM core.person WHERE email LIKE '%@case10-group.example'") == [
        (sf_id("001", 10),)
    ]
    assert ask("SELECT account_id FROM core.person WHERE email = 'c@twice.example'") == [(sf_id("001", 101),)]
    assert findings(ask, "domain_of_two_accounts") == {"twice.example"}


def test_11_a_shared_inbox_ties_nobody_together(ask: Ask) -> None:
    assert len(people(ask, "h11", sf_id("00q", 11))) == 2
    assert "info@case11.example" in findings(ask, "shared_inbox")


def test_12_both_forms_of_a_salesforce_id_are_one(ask: Ask) -> None:
    assert opportunity(ask, 12, "account_id") == ("001D000000IqhSLIAZ",)


def test_13_a_recycled_mql_counts_once(ask: Ask) -> None:
    (person,) = people(ask, "h13")
    events = ask(
        "SELECT occurred_at, is_first FROM core.lifecycle_event WHERE stage = 'mql' AND person_id = ? ORDER BY 1",
        person,
    )
    assert events == [(at(5), True), (at(60), False)]
    assert ask("SELECT first_mql_at FROM core.person WHERE person_id = ?", person) == [(at(5),)]


def test_14_a_skipped_stage_is_reported(ask: Ask) -> None:
    (person,) = people(ask, sf_id("00q", 14))
    assert ask("SELECT first_mql_at, first_sql_at FROM core.person WHERE person_id = ?", person) == [
        (None, at(3))
    ]
    assert person in findings(ask, "skipped_stage")


def test_15_won_before_first_contact_counts_and_is_reported(ask: Ask) -> None:
    assert findings(ask, "won_before_first_contact") == {sf_id("006", 15)}
    assert opportunity(ask, 15, "is_won, amount") == (True, Decimal(1000))


def test_16_a_reopened_deal_was_no_open_pipeline_while_it_was_lost(ask: Ask) -> None:
    stays = ask(
        "SELECT stage FROM core.opportunity_stage WHERE opportunity_id = ? ORDER BY place", sf_id("006", 16)
    )
    assert [stage for (stage,) in stays] == ["Prospecting", "Closed Lost", "Proposal", "Closed Won"]
    days = {
        day
        for (day,) in ask(
            "SELECT snapshot_date FROM core.pipeline_day WHERE opportunity_id = ?", sf_id("006", 16)
        )
    }
    assert [at(d).date() in days for d in (1, 19, 20, 39, 40, 49, 50)] == [
        True,
        True,
        False,
        False,
        True,
        True,
        False,
    ]
    assert sf_id("006", 16) in findings(ask, "reopened_deal")


def test_17_closed_before_created_is_reported(ask: Ask) -> None:
    assert findings(ask, "closed_before_created") == {sf_id("006", 17)}
    assert opportunity(ask, 17, "is_won") == (True,)


def test_18_without_contact_roles_the_account_is_taken(ask: Ask) -> None:
    contacts = ask("SELECT mapping FROM core.opportunity_contact WHERE opportunity_id = ?", sf_id("006", 18))
    assert contacts == [("account",)] * 2
    assert opportunity(ask, 18, "is_marketing_sourced, channel") == (True, "paid_search")


def test_19_a_role_after_the_close_brings_no_touch_after_the_close(ask: Ask) -> None:
    assert sf_id("006", 19) in findings(ask, "role_after_close")
    assert credit(ask, 19, "linear", "channel, weight") == [("unattributed", Decimal(1))]


def test_20_blank_amount_and_blank_is_won(ask: Ask) -> None:
    assert opportunity(ask, 20, "is_won, amount") == (True, None)
    assert sf_id("006", 20) in findings(ask, "won_without_amount")
    assert opportunity(ask, 201, "is_won") == (True,)


def test_21_a_refund_keeps_its_sign_in_every_model(ask: Ask) -> None:
    sums = ask(
        "SELECT attribution_model, SUM(amount) FROM attribution.credit"
        " WHERE opportunity_id = ? AND credit_kind = 'revenue' GROUP BY 1",
        sf_id("006", 21),
    )
    assert {total for _, total in sums} == {Decimal("-100.01")}
    assert sf_id("006", 21) in findings(ask, "negative_amount")


def test_22_line_items_and_roles_do_not_multiply_a_deal(ask: Ask) -> None:
    assert opportunity(ask, 22, "amount") == (Decimal(1000),)
    assert ask(
        "SELECT COUNT(*), SUM(amount) FROM core.opportunity_line WHERE opportunity_id = ?", sf_id("006", 22)
    ) == [(3, Decimal(1000))]
    assert ask(
        "SELECT COUNT(*) FROM core.opportunity_contact WHERE opportunity_id = ? AND mapping = 'role'",
        sf_id("006", 22),
    ) == [(2,)]
    assert findings(ask, "line_items_differ") == {sf_id("006", 221)}


def test_22_who_shares_a_deal_has_parts_that_are_the_deal(ask: Ask) -> None:
    """What the shares leave is the deal owner's; an overlay is nobody's revenue."""
    parts = (
        "SELECT COALESCE(owner, '-'), amount FROM core.opportunity_split WHERE opportunity_id = ? ORDER BY 1"
    )
    given = ask(parts, sf_id("006", 22))
    owner = opportunity(ask, 22, "COALESCE(owner, '-')")[0]
    assert given == sorted(
        [("Ada", Decimal("333.35")), ("Bob", Decimal("333.35")), (owner, Decimal("333.30"))]
    )


def test_23_a_deleted_deal_stays_and_is_marked(ask: Ask) -> None:
    assert opportunity(ask, 23, "is_deleted, amount") == (True, Decimal(1000))
    assert credit(ask, 23, "first") == []


def test_24_a_stage_that_was_renamed_keeps_its_history(ask: Ask) -> None:
    stays = ask(
        "SELECT stage, valid_to, is_current FROM core.opportunity_stage WHERE opportunity_id = ? ORDER BY place",
        sf_id("006", 24),
    )
    assert stays == [("Old name", at(9), False), ("Proposal", None, True)]


def test_25_ties_break_by_touch_id(ask: Ask) -> None:
    assert credit(ask, 25, "first", "touch_id") == [("hubspot:form:f25a",)]
    assert credit(ask, 25, "last", "touch_id") == [("hubspot:form:f25b",)]


def test_26_touches_after_close_never_count(ask: Ask) -> None:
    assert credit(ask, 26, "linear", "touch_id, weight") == [
        ("hubspot:form:f26a", Decimal("0.5")),
        ("hubspot:form:f26b", Decimal("0.5")),
    ]


def test_27_without_a_touch_the_deal_is_unattributed(ask: Ask) -> None:
    assert credit(ask, 27, "w_shaped", "channel, touch_id, weight, amount") == [
        ("unattributed", None, Decimal(1), Decimal(1000))
    ]


@pytest.mark.parametrize(
    "model", ["first", "last", "linear", "time_decay", "u_shaped", "w_shaped", "full_path", "custom"]
)
def test_28_one_touch_in_every_position_gets_everything(ask: Ask, model: str) -> None:
    assert credit(ask, 28, model) == [("hubspot:form:f28", Decimal(1), Decimal("1000.01"))]


def test_28_a_milestone_without_touch_is_left_out_and_told(ask: Ask) -> None:
    assert credit(ask, 281, "w_shaped", "touch_id, weight") == [("hubspot:form:f281", Decimal(1))]
    assert sf_id("006", 281) in findings(ask, "milestone_without_touch")
    assert sf_id("006", 28) not in findings(ask, "milestone_without_touch")
    assert ask(
        "SELECT is_sourcing FROM attribution.opportunity_touch WHERE touch_id = 'hubspot:form:f281'"
    ) == [(False,)]


def test_29_outside_the_lookback_is_unattributed(ask: Ask) -> None:
    assert credit(ask, 29, "first", "channel") == [("unattributed",)]


def test_30_only_a_human_click_is_a_touch(ask: Ask) -> None:
    (person,) = people(ask, "h30")
    assert ask("SELECT touch_id FROM core.touch WHERE person_id = ?", person) == [("hubspot:email:e304",)]


def test_31_a_back_dated_offline_touch_is_the_first_touch(ask: Ask) -> None:
    assert credit(ask, 31, "first", "channel") == [("events",)]
    assert opportunity(ask, 31, "channel") == ("events",)


def test_32_the_touch_of_a_deleted_lead_stays_with_the_person(ask: Ask) -> None:
    (person,) = people(ask, sf_id("00q", 32))
    assert ask("SELECT is_deleted FROM core.person WHERE person_id = ?", person) == [(True,)]
    assert ask("SELECT kind, channel FROM core.touch WHERE person_id = ?", person) == [
        ("campaign_response", "email")
    ]


def test_33_what_was_only_sent_is_no_touch(ask: Ask) -> None:
    (person,) = people(ask, sf_id("00q", 33))
    assert ask("SELECT COUNT(*) FROM core.touch WHERE person_id = ?", person) == [(0,)]


def test_34_utm_case_missing_and_unknown(ask: Ask) -> None:
    rows = ask(
        "SELECT campaign_id, channel FROM core.touch WHERE touch_id LIKE 'hubspot:form:f34%' ORDER BY touch_id"
    )
    assert rows == [
        ("spring-launch", "paid_search"),
        ("spring-launch", "paid_search"),
        (None, None),
        ("unknown", "unknown"),
    ]


def test_35_names_that_drift_are_proposed_not_merged(ask: Ask) -> None:
    assert "gtxpro" in findings(ask, "campaign_name_drift")
    assert ask(
        "SELECT COUNT(DISTINCT campaign_id) FROM core.touch WHERE touch_id LIKE 'hubspot:form:f35%'"
    ) == [(2,)]


def test_36_hierarchy_orphan_and_circle(ask: Ask) -> None:
    up = ask(
        "SELECT ancestor_id, depth FROM core.campaign_ancestor WHERE campaign_id = 'grandchild' ORDER BY depth"
    )
    assert up == [("grandchild", 0), ("child", 1), ("program", 2)]
    cost = ask(
        "SELECT a.ancestor_id, SUM(s.spend) FROM core.spend_day AS s"
        " JOIN core.campaign_ancestor AS a ON a.campaign_id = s.campaign_id"
        " WHERE a.ancestor_id IN ('program', 'child', 'grandchild') GROUP BY 1"
    )
    assert dict(cost) == {"program": Decimal(150), "child": Decimal(150), "grandchild": Decimal(50)}
    tops = dict(ask("SELECT campaign_id, program_id FROM core.campaign"))
    assert {tops[one] for one in ("program", "child", "grandchild")} == {"program"}
    assert {tops[one] for one in ("circle-a", "circle-b")} == {"circle-a"}
    assert findings(ask, "campaign_orphan") == {sf_id("701", 4)}
    assert findings(ask, "campaign_cycle") == {"circle-a", "circle-b"}


def test_37_a_renamed_ad_campaign_is_one_campaign(ask: Ask) -> None:
    assert ask("SELECT campaign_id FROM core.touch WHERE touch_id = 'hubspot:form:f37'") == [("new-name",)]
    assert ask("SELECT SUM(spend) FROM core.spend_day WHERE campaign_id = 'new-name'") == [
        (Decimal("22.00"),)
    ]


def test_38_dated_rates_micros_and_tiny_corrections(ask: Ask) -> None:
    assert opportunity(ask, 38, "amount, amount_original") == (
        Decimal("1050.00"),
        Decimal("1000.00"),
    )  # closed in March
    assert opportunity(ask, 381, "amount") == (Decimal("1100.00"),)  # closed in April
    spend = ask(
        "SELECT spend, spend_original FROM core.spend_day WHERE platform = 'meta_ads' ORDER BY spend_date"
    )
    # 9.994999 at 1.05 are 10.4947: the month is the platform's to the cent, each row by itself would make it 10.50.
    assert spend == [(Decimal("10.51"), Decimal("10.004999")), (Decimal("-0.02"), Decimal("-0.010000"))]


def test_39_retail_years_have_whole_weeks(ask: Ask) -> None:
    (row,) = ask(
        "SELECT retail_year_start, retail_month_start, iso_week_start FROM core.calendar"
        " WHERE calendar_date = '2025-03-03'"
    )
    assert row == (date(2024, 12, 29), date(2025, 2, 23), date(2025, 3, 3))
    assert ask("SELECT COUNT(*) FROM core.calendar WHERE retail_month_start > calendar_date") == [(0,)]
    weeks = ask(
        "SELECT DISTINCT COUNT(*) FROM core.calendar"
        " WHERE retail_year_start BETWEEN '2013-01-01' AND '2026-12-31'"
        " GROUP BY retail_year_start"
    )
    assert {days for (days,) in weeks} == {364, 371}


def test_39_the_pipeline_of_a_month_is_what_was_open_on_its_last_evening(ask: Ask) -> None:
    days = ask("SELECT snapshot_date FROM core.pipeline_day WHERE opportunity_id = ?", sf_id("006", 39))
    assert days == [(date(2025, 3, 31),)]


def test_40_a_deal_worth_nothing_divides_nothing_by_zero(ask: Ask) -> None:
    assert credit(ask, 40, "linear", "weight, amount") == [(Decimal(1), Decimal(0))]


def test_40_a_cohort_that_is_young_is_marked(ask: Ask) -> None:
    months = ask("SELECT DISTINCT cohort_month, is_mature FROM marts.campaign_cohort ORDER BY 1")
    assert (date(2025, 3, 1), False) in months
    assert (date(2024, 1, 1), True) in months or min(months)[1]


def test_every_model_credits_every_event_in_full(ask: Ask) -> None:
    broken = ask(
        "SELECT credit_kind, attribution_model, COALESCE(opportunity_id, person_id) FROM attribution.credit"
        " GROUP BY ALL HAVING SUM(weight) <> 1"
    )
    assert broken == []


def test_each_of_the_forty_has_a_test_and_a_ruling_that_names_it() -> None:
    here = {name for name in globals() if name.startswith("test_") and name[5:7].isdigit()}
    assert {int(name[5:7]) for name in here} == set(range(1, 41))
    told = (PROJECT / "README.md").read_text()
    assert [name for name in sorted(here) if f"`{name}`" not in told] == []
