"""Inventory, quality, UTM, names, duplicates, mandatory fields and lag, each on rows that can be counted by eye."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from infra.audit.duplicates import company_key, duplicates
from infra.audit.expectations import FILE, read_expectations
from infra.audit.inventory import inventory
from infra.audit.lag import lag
from infra.audit.mapping import read_rules
from infra.audit.naming import naming
from infra.audit.nouns import Section
from infra.audit.quality import all_checks, quality, required_fields
from infra.audit.utm import utm
from tests.audit import by_hand
from tests.audit.by_hand import Company, at, mail, sf
from tests.audit.conftest import HERE


def rows_of(section: Section, table: str) -> list[dict]:
    return next(one for one in section.tables if one.name == table).records()


def codes(section: Section) -> dict[str, int]:
    return {finding.code: finding.count for finding in section.findings}


def spend(it: Company, day: date, **more: object) -> None:
    known = len(it.rows["files__spend"])
    row = {
        "platform": "google",
        "campaign": "launch",
        "amount": Decimal(1),
        "currency": "USD",
        "channel": "paid_search",
    }
    it.add("files__spend", spend_id=f"s{known}", spend_date=day, **row | more)


# --- inventory ---


def test_an_object_has_its_history_and_its_holes(lay):
    it = Company()
    for month in (1, 2, 5):
        for day in (5, 10, 20):
            it.contact(f"9{month}{day}", f"m{month}{day}@a.example", createdate=datetime(2025, month, day))
    for number in range(400):
        if not 100 <= number < 110:
            spend(it, date(2025, 1, 1) + timedelta(days=number))
    with lay(it.rows) as ground:
        section = inventory(ground)
    rows = {row["object"]: row for row in rows_of(section, "inventory")}
    assert (rows["contacts"]["rows"], rows["contacts"]["months"]) == (9, 5)
    assert rows["contacts"]["gaps"] == 2
    assert rows["contacts"]["longest_gap"] == "2025-03-01 to 2025-04-01"
    assert rows["spend"]["gaps"] == 10
    assert rows["spend"]["longest_gap"] == "2025-04-11 to 2025-04-20"
    assert codes(section)["history_gaps"] == 2


def test_weekends_without_a_row_are_no_hole(lay):
    it = Company()
    for number in range(200):
        day = date(2025, 1, 1) + timedelta(days=number)
        if day.weekday() < 5:
            spend(it, day)
    with lay(it.rows) as ground:
        assert rows_of(inventory(ground), "inventory")[1]["gaps"] in (0, None)


def test_what_is_rare_or_quiet_now_and_then_has_no_hole(lay):
    """Three deals with line items in a year, a young web site's second day; but an account that spends each day."""
    it = Company()
    for number, day in enumerate((date(2025, 1, 3), date(2025, 1, 5), date(2025, 12, 1))):
        it.add("salesforce__opportunity_line_item", id=f"l{number}", created_date=day, system_modstamp=day)
    for number in range(250):
        day = date(2025, 1, 1) + timedelta(days=number)
        if number != 1:
            for row in range(1 if number < 5 else 4 + number % 3):
                it.add("ga4__sessions", day=day, property_id="1", source=f"s{row}", sessions=1)
        if number != 100:
            it.add("meta_ads__insights", day=day, campaign_id="c", spend=Decimal(1), clicks=1)
    with lay(it.rows) as ground:
        found = next(one for one in inventory(ground).findings if one.code == "history_gaps")
    told = [(one.entity_id, one.detail) for one in found.examples]
    assert told == [("meta_ads__insights", "nothing from 2025-04-11 to 2025-04-11")]


def test_a_source_that_is_behind_is_named_and_monthly_files_are_not(lay):
    it = Company()
    it.contact(1, createdate=at(0), lastmodifieddate=datetime(2025, 6, 20))
    for month in range(1, 7):
        for platform in ("email", "events"):
            spend(it, date(2025, month, 1), platform=platform)
    spend(it, date(2025, 2, 11), platform="agency")  # one row that came otherwise
    it.add("meta_ads__insights", day=date(2025, 6, 1), campaign_id="c", spend=Decimal(1), clicks=1)
    it.add("meta_ads__insights", day=date(2025, 6, 5), campaign_id="c", spend=Decimal(1), clicks=1)
    with lay(it.rows) as ground:
        section = inventory(ground)
        scores = {row["source"]: row for row in rows_of(quality(ground, ()), "quality")}
    behind = next(one for one in section.findings if one.code == "source_behind")
    assert [one.entity_id for one in behind.examples] == ["meta_ads"]
    assert scores["files"]["timeliness"] == 100
    assert scores["meta_ads"]["timeliness"] == pytest.approx(100 * (1 - 14 / 29))


def test_a_failed_load_is_grave(lay):
    it = Company()
    it.contact(1)
    run = {"run_id": "r", "source": "hubspot", "object": "contacts", "started_at": at(9), "error": "401"}
    it.rows["source_run"] = [run | {"status": "failed"}]
    with lay(it.rows) as ground:
        found = {one.code: one for one in inventory(ground).findings}
    assert found["load_failed"].severity == "high"
    assert found["load_failed"].examples[0].detail == "401"


# --- quality and mandatory fields ---

EXPECT = """
hubspot__contacts:
  live: NOT COALESCE(archived, FALSE)
  required: {email: 1, region: 0.5, segment: 0.9}
  unique: [email]
  valid: {email: email}
  refers: {salesforceleadid: salesforce__lead.id}
"""


@pytest.fixture
def four(tmp_path: Path):
    """Four live contacts: one without e-mail, two that share one, one that is no address; half of each other field."""
    it = Company()
    it.contact(1, "a@x.example", region="EMEA", salesforceleadid=sf("00q", 1))
    it.contact(2, "A@x.example ", region="EMEA", salesforceleadid=sf("00q", 2))
    it.contact(3, "no address", region=" ")
    it.contact(4, " ")
    it.contact(5, "gone@x.example", archived=True)
    it.lead(1)
    file = tmp_path / "expect.yml"
    file.write_text(EXPECT)
    return it.rows, read_expectations(file)


def test_each_part_of_a_score_is_its_formula(lay, four):
    rows, expected = four
    with lay(rows) as ground:
        checks = all_checks(ground, expected)
        score = next(row for row in rows_of(quality(ground, checks), "quality") if row["source"] == "hubspot")
    assert score["completeness"] == pytest.approx(100 * (3 / 4 + 2 / 4 + 0 / 4) / 3)
    assert score["uniqueness"] == pytest.approx(100 * 1 / 3)
    assert score["validity"] == pytest.approx(100 * 2 / 3)
    assert score["consistency"] == pytest.approx(100 * 1 / 2)
    parts = [score[part] for part in ("completeness", "uniqueness", "validity", "consistency", "timeliness")]
    assert score["score"] == pytest.approx(sum(parts) / 5)
    assert score["light"] == "red"


def test_fields_are_held_to_their_share(lay, four):
    rows, expected = four
    with lay(rows) as ground:
        section = required_fields(all_checks(ground, expected))
    lights = {row["field"]: (row["filled"], row["light"]) for row in rows_of(section, "required_fields")}
    assert lights == {"email": (3, "red"), "region": (2, "green"), "segment": (0, "red")}
    assert codes(section) == {"fields_red": 2}


def test_the_expectations_of_the_project_name_real_columns():
    assert len(read_expectations(FILE)) > 20


# --- UTM ---


def links(it: Company) -> None:
    it.contact(1)
    for number in range(40):
        it.form(1, mail(1), number, utm_campaign="emea-launch-2025")
    it.form(1, mail(1), 50, utm_medium="ppcc", utm_source="gogle", utm_campaign="emea-lunch-2025")
    it.form(1, mail(1), 51, utm_medium="influencer", utm_source="tiktok", utm_campaign="free-thing")
    it.form(1, mail(1), 52, utm_medium=None)
    it.add("salesforce__campaign", id=sf("701", 1), name="EMEA launch", utm_campaign="emea-launch-2025")
    spend(it, date(2025, 3, 3), campaign="emea-launch-2025")
    spend(it, date(2025, 3, 3), campaign="dark-campaign", amount=Decimal(70))


def test_links_are_counted_and_their_slips_explained(lay):
    it = Company()
    links(it)
    with lay(it.rows) as ground:
        section = utm(ground, read_rules(HERE["seeds"]))
    [coverage] = rows_of(section, "utm_coverage")
    assert (coverage["rows"], coverage["tagged"]) == (43, 42)
    values = {
        (row["field"], row["value"]): (row["problem"], row["should_be"])
        for row in rows_of(section, "utm_values")
    }
    assert values == {
        ("source", "gogle"): ("typo", "google"),
        ("campaign", "emea-lunch-2025"): ("typo", "emea-launch-2025"),
    }


def test_unknown_mediums_get_a_channel_or_wait_for_a_person(lay):
    it = Company()
    links(it)
    with lay(it.rows) as ground:
        rows = {row["value"]: row for row in rows_of(utm(ground, read_rules(HERE["seeds"])), "utm_mapping")}
    assert rows["ppcc"]["channel"] == "paid_search"
    assert "resembles 'ppc'" in rows["ppcc"]["why"]
    assert rows["influencer"]["channel"] == ""


def test_spend_without_clicks_and_clicks_without_spend(lay):
    it = Company()
    links(it)
    with lay(it.rows) as ground:
        section = utm(ground, read_rules(HERE["seeds"]))
    rows = {row["campaign"]: row["problem"] for row in rows_of(section, "campaigns_without_match")}
    assert rows == {
        "dark-campaign": "spends, never tracked",
        "emea-lunch-2025": "tracked, never spends",
        "free-thing": "tracked, never spends",
    }
    assert codes(section)["spend_untracked"] == 1


def test_the_proposed_mapping_can_take_the_place_of_the_seed(tmp_path):
    rules = read_rules(HERE["seeds"])
    for name in ("channel.csv", "shared_inbox.csv"):
        (tmp_path / name).write_text((HERE["seeds"] / name).read_text())
    (tmp_path / "channel_rule.csv").write_text(rules.text([("medium", 'odd, "one"', "email")]))
    assert read_rules(tmp_path).of("medium")['odd, "one"'] == "email"
    assert (HERE["seeds"] / "channel_rule.csv").read_text() == rules.text()


# --- names ---


def test_a_convention_is_read_from_the_names(lay):
    it = Company()
    for region in ("emea", "apac", "amer"):
        for topic in ("launch", "webinar", "demo"):
            spend(it, date(2025, 1, 1), campaign=f"{region}-{topic}-2025-03")
    for odd in ("EMEA_Launch_2025", "misc"):
        spend(it, date(2025, 1, 1), campaign=odd)
    with lay(it.rows) as ground:
        section = naming(ground)
    [pattern] = rows_of(section, "naming_patterns")
    assert pattern["pattern"] == (
        "lower case, words separated by -, begins with one of amer, apac, emea, ends with 2025-11 style"
    )
    assert (pattern["follow"], pattern["names"]) == (9, 11)
    deviations = {row["name"]: row["deviation"] for row in rows_of(section, "naming_deviations")}
    assert set(deviations) == {"EMEA_Launch_2025", "misc"}
    assert "case: Mixed Case instead of lower case" in deviations["EMEA_Launch_2025"]
    assert "date: no date instead of ends with" in deviations["misc"]


# --- duplicates ---


def test_duplicates_and_their_reasons(lay):
    it = Company()
    it.contact(1, "jane@acme.example", firstname="Jane", lastname="Doe")
    it.contact(2, "Jane+x@ACME.example", firstname="Jane", lastname="Doe")
    it.contact(3, "j.doe@acme.example", firstname="jane", lastname="doe")
    it.contact(4, "jane@other.example", firstname="Jane", lastname="Doe")
    for number, name, site in (
        (1, "Acme Inc.", "acme.example"), (2, "ACME, Ltd", None), (3, "Globex Industries", "globex.example"),
        (4, "Globex Industrie", "shop.globex.example"), (5, "Initech", "initech.example"),
        (6, "Initech", "other.example"),
        (7, "Hooli 1", "www.hooli.example"), (8, "Hooli 2", "https://hooli.example/x"),
    ):  # fmt: skip
        it.add("salesforce__account", id=sf("001", number), name=name, website=site)
    for number in (1, 2):
        it.add("salesforce__opportunity", id=sf("006", number), account_id=sf("001", 1), name="Big", amount=Decimal(5),
               close_date=date(2025, 5, 1))  # fmt: skip
    with lay(it.rows) as ground:
        section = duplicates(ground)
    found = {
        (row["what"], row["reason"], row["records"], row["key"]) for row in rows_of(section, "duplicates")
    }
    assert found == {
        ("people", "same e-mail", 2, "jane@acme.example"),
        ("people", "same name, same company domain", 3, "J. D. at acme.example"),
        ("accounts", "same name without legal form", 2, "acme"),
        ("accounts", "nearly the same name", 2, "globex industrie / globex industries"),
        ("accounts", "same website", 2, "hooli.example"),
        ("deals", "same account, name, amount and close date", 2, "Big, 5.00"),
    }


def test_a_legal_form_is_no_part_of_a_name():
    assert company_key("Müller & Söhne GmbH & Co. KG") == "müller söhne"


# --- lag ---


def test_lag_runs_from_the_mql_to_the_crm(lay):
    it = Company()
    hours = (0, 1, 2, 3, 4, 5, 6, 7, 8, 100)
    for number, lagged in enumerate(hours):
        it.contact(number, createdate=at(-5))
        it.stage(number, "marketingqualifiedlead", 0)
        it.lead(number, created_date=at(lagged / 24))
    it.contact(20, createdate=at(3))
    it.lead(20, created_date=at(1))  # the CRM knew first
    it.contact(21)
    it.stage(21, "marketingqualifiedlead", 0)  # never arrived
    it.lead(22)  # never came from marketing
    with lay(it.rows) as ground:
        section = lag(ground)
    [row] = rows_of(section, "lag")
    assert (row["pairs"], row["crm_first"]) == (11, 1)
    assert (row["median_hours"], row["p90_hours"], row["worst_hours"]) == (4.0, 8.0, 100.0)
    assert (row["missing_in_crm"], row["missing_in_map"]) == (1, 1)
    assert sum(one["people"] for one in rows_of(section, "lag_distribution")) == 11
    assert codes(section) == {"missing_in_crm": 1, "missing_in_map": 1}


def test_without_a_crm_the_lag_says_what_is_missing(lay):
    with lay({"hubspot__contacts": by_hand.healthy()["hubspot__contacts"]}) as ground:
        assert "raw.salesforce__lead" in lag(ground).notes[0]
