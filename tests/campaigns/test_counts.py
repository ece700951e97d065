"""Campaigns, cohorts and durations: every number that is a sum, a count or a mean, against plain loops."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.campaigns.conftest import Company, near
from tests.campaigns.expected import MEANS, RATIOS, ROI, Member, answer, facts

pytestmark = pytest.mark.timeout(900)

OF_CAMPAIGNS = (
    "campaign_sourced_pipeline",
    "campaign_influenced_pipeline",
    "campaign_attributed_revenue",
    "campaign_spend",
    "campaign_roi",
    "time_to_revenue",
)
OF_CONTENT = ("content_touches", "content_influenced_revenue", "content_attributed_revenue")
OF_PEOPLE = (
    "leads",
    "mqls",
    "sqls",
    "recycled_mqls",
    "days_lead_to_mql",
    "days_mql_to_sql",
    "days_sql_to_opportunity",
    "cohort_mqls",
    "cohort_sqls",
    "cohort_opportunities",
    "cohort_customers",
    *RATIOS,
)
CAMPAIGN_DIMENSIONS: tuple[tuple[str, ...], ...] = (
    (),
    ("metric_time",),
    ("channel",),
    ("campaign",),
    ("parent_campaign",),
    ("program",),
    ("campaign_type",),
    ("metric_time", "channel"),
    ("region", "campaign"),
)
PEOPLE_DIMENSIONS = (
    (),
    ("metric_time",),
    ("channel",),
    ("region",),
    ("program",),
    ("metric_time", "channel"),
)
CONTENT_DIMENSIONS = (
    (),
    ("metric_time",),
    ("content",),
    ("content_type",),
    ("campaign",),
    ("channel", "content"),
)


def differences(
    company: Company,
    metrics: tuple[str, ...],
    by: tuple[str, ...],
    where: tuple[str, ...] = (),
    chosen: Callable[[Member], bool] = lambda member: True,
    zone: str = "UTC",
) -> list[tuple[Any, ...]]:
    """(metric, members, found, expected) of what differs; totals as well."""
    known, wrong = facts(company.told), []
    for metric in metrics:
        found = company.rows(metric, by=by, where=[*where], time_zone=zone)
        expected = answer(known, metric, by, chosen, zone)
        may_be_missing = metric in MEANS or metric in RATIOS or metric in ROI
        for members in {*found, *expected}:
            told = expected.get(members, None if may_be_missing else 0)
            seen = found[members][metric] if members in found else None if may_be_missing else 0
            if not near(seen, told):
                wrong.append((metric, members, seen, told))
    return wrong


@pytest.mark.parametrize("by", CAMPAIGN_DIMENSIONS)
def test_campaigns(built_company: Company, by: tuple[str, ...]) -> None:
    assert differences(built_company, OF_CAMPAIGNS, by) == []


@pytest.mark.parametrize("by", PEOPLE_DIMENSIONS)
def test_cohorts_and_durations(built_company: Company, by: tuple[str, ...]) -> None:
    assert differences(built_company, OF_PEOPLE, by) == []


@pytest.mark.parametrize("by", CONTENT_DIMENSIONS)
def test_content(built_company: Company, by: tuple[str, ...]) -> None:
    assert differences(built_company, OF_CONTENT, by) == []


@pytest.mark.parametrize(
    ("name", "member"), [("channel", "email"), ("region", "EMEA"), ("program", "Program")]
)
def test_under_a_condition(built_company: Company, name: str, member: str) -> None:
    for by in ((), ("campaign",), ("metric_time",)):
        wrong = differences(
            built_company, OF_CAMPAIGNS, by, (f"{name} = '{member}'",), lambda one: one[name] == member
        )
        assert wrong == []


def test_one_touch_has_both_of_two_conditions(built_company: Company) -> None:
    """A webinar of one campaign and a call of another are not a webinar of the other."""
    where = ("content_type = 'webinar'", "campaign = 'Spring'")
    for by in ((), ("content",), ("channel",), ("metric_time",)):
        wrong = differences(
            built_company,
            OF_CONTENT,
            by,
            where,
            lambda one: one["content_type"] == "webinar" and one["campaign"] == "Spring",
        )
        assert wrong == []


def test_the_months_of_another_zone(built_company: Company) -> None:
    assert differences(built_company, OF_PEOPLE, ("metric_time",), zone="America/New_York") == []


def test_the_total_is_not_the_sum_of_the_parts(built_company: Company) -> None:
    """A deal counts once in the total, however many campaigns it is shown under."""
    known = facts(built_company.told)
    asked = built_company.ask({"metrics": [*OF_CAMPAIGNS], "group_by": ["campaign"], "totals": True})
    assert asked.totals is not None
    (totals,) = asked.totals.to_pylist()
    for metric in OF_CAMPAIGNS:
        assert near(totals[metric], answer(known, metric)[()]), metric
    parts = sum(row["campaign_influenced_pipeline"] for row in asked.table.to_pylist())
    assert parts > totals["campaign_influenced_pipeline"]


def test_each_cost_is_in_one_program_and_under_one_parent(built_company: Company) -> None:
    (whole,) = built_company.rows("campaign_spend").values()
    for roll_up in ("program", "parent_campaign", "campaign"):
        shown = built_company.rows("campaign_spend", by=(roll_up,)).values()
        assert sum(row["campaign_spend"] for row in shown) == whole["campaign_spend"], roll_up
