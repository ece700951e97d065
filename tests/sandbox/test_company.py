"""The company is the same every time, and its true answers are what a person would count."""

from collections import Counter
from datetime import date, datetime
from decimal import Decimal

import pytest

from infra.sandbox.cases.catalogue import NAMES
from infra.sandbox.company import Company
from infra.sandbox.generate import generate
from infra.sandbox.truth import lookup, true_answers
from infra.sandbox.truth.books import flat_days

NOW = datetime(2026, 10, 31, 23, 59, 59)


@pytest.fixture(scope="module")
def company() -> Company:
    return generate(leads=1500, cases=True)


def test_the_same_seed_gives_the_same_company() -> None:
    first, second, other = generate(leads=80), generate(leads=80), generate(seed=8, leads=80)
    assert first.people == second.people
    assert first.spend == second.spend
    assert first.people != other.people


@pytest.mark.parametrize("leads", [1, 37, 500])
def test_the_size_is_the_number_of_leads_until_the_last_day(leads: int) -> None:
    people = generate(leads=leads).people
    assert sum(person.created_at <= NOW for person in people) == leads


def test_until_must_be_the_last_day_of_a_month() -> None:
    with pytest.raises(ValueError, match="2026-10-30"):
        generate(until=date(2026, 10, 30))


def test_every_case_is_planted_and_named(company: Company) -> None:
    counted = Counter(one.case for one in company.planted)
    assert set(counted) == set(NAMES) == set(range(1, 41))


def test_true_answers_are_what_a_loop_over_the_people_counts(company: Company) -> None:
    answer = lookup(true_answers(company, NOW))
    seen = [p for p in company.people if p.created_at <= NOW and not p.merged_at and not p.deleted_at]
    assert answer("leads") == len(seen)
    mqls = [p for p in seen if "mql" in p.reached and p.reached["mql"] <= NOW]
    assert answer("mqls") == len(mqls)
    in_march = [p for p in mqls if p.reached["mql"].strftime("%Y-%m") == "2026-03"]
    assert answer("mqls", date(2026, 3, 1)) == len(in_march)
    spend = sum((one.amount for one in company.spend if one.day <= NOW.date()), Decimal(0))
    flat = sum((one.amount for one in flat_days(company, NOW)), Decimal(0))
    assert answer("marketing_spend") == spend + flat
    dollars = [
        one for one in company.costs if one.counts and one.currency == "USD" and one.ends <= NOW.date()
    ]
    for cost in dollars:
        days = [one.amount for one in flat_days(company, NOW) if one.campaign == cost.campaign]
        assert sum(days) == cost.amount
    assert answer("cost_per_mql") == pytest.approx(float((spend + flat) / len(mqls)))


def test_channels_and_months_add_up_to_the_total(company: Company) -> None:
    answers = true_answers(company, NOW)
    for metric in ("leads", "closed_won_revenue", "marketing_spend"):
        total = lookup(answers)(metric)
        parts = [a.value for a in answers if a.metric == metric and a.month and a.channel is not None]
        assert sum(parts) == total


def test_what_cannot_be_known_is_missing_not_zero() -> None:
    # No asset made anything in the first months, and no sequence of assets was met by enough deals.
    answers = true_answers(generate(seed=23, leads=200, cases=True), NOW)
    told = {(one.metric, one.month): one.value for one in answers if one.channel is None}
    early = [month for metric, month in told if metric == "content_assets" and month is not None]
    barren = [month for month in early if ("content_key_assets", month) not in told]
    assert barren
    assert {told["content_concentration", month] for month in barren} == {None}
    assert "deals_closed_for_sequence" not in {metric for metric, _ in told}
