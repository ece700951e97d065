"""Each of the forty cases on rows that can be checked by eye: who is found, and nobody else."""

import pytest

from infra.audit.cases import CASES, Found, find
from tests.audit import by_hand
from tests.audit.conftest import ground_of, land


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> dict[int, Found]:
    file = land(tmp_path_factory.mktemp("cases") / "warehouse.duckdb", by_hand.company())
    with ground_of(file) as ground:
        return {one.case.number: one for one in find(ground)}


def test_there_are_forty_and_each_says_what_it_is():
    assert [case.number for case in CASES] == list(range(1, 41))
    assert all(case.definition and case.matters and case.to_do for case in CASES)


@pytest.mark.parametrize("number", sorted(by_hand.EXPECTED))
def test_a_case_finds_its_own_and_nothing_else(found, number):
    assert {one.entity_id for one in found[number].examples} == by_hand.EXPECTED[number]
    assert len(found[number].examples) == len(by_hand.EXPECTED[number])


def test_every_kind_of_bad_link_is_found_and_named(found):
    details = sorted(one.detail for one in found[34].examples)
    assert details == [
        "no source and no medium",
        "source 'Google': casing; medium 'CPC': casing",
        "source 'googel': typo",
        "source 'unknown': unknown; medium 'unknown': unknown",
    ]


def test_a_healthy_company_has_no_case(lay):
    with lay(by_hand.healthy()) as ground:
        assert {one.case.number: one.examples for one in find(ground) if one.examples} == {}


def test_a_case_without_its_tables_says_which_are_missing(lay):
    it = by_hand.Company()
    it.contact(1)
    with lay(it.rows) as ground:
        one = next(one for one in find(ground) if one.case.number == 18)
    assert one.missing == ("raw.salesforce__opportunity", "raw.salesforce__opportunity_contact_role")
