"""The planted truth: every planted case is found with the right count, and nothing else is claimed."""

from __future__ import annotations

import pytest

from infra.audit.cases import Found, find
from infra.sandbox.cases.catalogue import NAMES
from infra.sandbox.vendors.hubspot import contact_id
from tests.audit.conftest import Loaded, ground_of
from tests.audit.truth import expected

# Cases whose entity is a person: named by the smallest of their identifiers, so both sides are translated.
PEOPLE = (6, 14, 25, 39)
# What every healthy company shows.
NATURAL = {1, 26, 28, 29, 30, 33, 40}


def found_in(loaded: Loaded) -> tuple[dict[int, Found], dict[str, str]]:
    with ground_of(loaded.warehouse) as ground:
        people = dict(ground.ask("SELECT node, person FROM audit.person"))
        return {one.case.number: one for one in find(ground)}, people


@pytest.fixture(scope="module")
def of_planted(planted):
    return found_in(planted)


@pytest.fixture(scope="module")
def of_clean(clean):
    return found_in(clean)


def check(number: int, found: tuple[dict[int, Found], dict[str, str]], wanted: set[str]) -> None:
    cases, people = found
    ids = [example.entity_id for example in cases[number].examples]
    if number in PEOPLE:
        wanted = {people[node] for node in wanted}
    assert set(ids) == wanted
    assert len(ids) == len(wanted)


@pytest.mark.parametrize("number", sorted(set(NAMES) - {34}))
def test_a_planted_case_is_found_where_it_is_and_nowhere_else(of_planted, planted, number):
    wanted = expected(planted.world)[number]
    check(number, of_planted, wanted)
    if number not in NATURAL - {1} | {40}:
        assert wanted, f"case {number} is not planted in a company of this size"


def test_bad_links_are_those_of_the_people_they_were_planted_on(of_planted, planted):
    cases, _ = of_planted
    numbers = {
        f"hubspot:contact:{51_000_000 + int(one.entity_id.split('-')[0], 16)}" for one in cases[34].examples
    }
    assert numbers == expected(planted.world)[34]
    assert len(cases[34].examples) == 4


@pytest.mark.parametrize("number", sorted(NAMES))
def test_a_clean_company_has_only_what_every_company_has(of_clean, clean, number):
    wanted = expected(clean.world)[number] if number in NATURAL else set()
    check(number, of_clean, wanted)


def test_the_clean_company_is_fit_to_report_on(clean):
    report = clean.audited()
    assert [one.code for one in report.findings() if one.severity == "high"] == []
    assert {row["light"] for row in report.table("quality").records()} == {"green"}
    assert contact_id(clean.company.people[0]).startswith("51")
