"""Cohort ROI and content beside outcomes: prevalence, sequences, gaps, concentration, against trying everything."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.campaigns import expected_content as content
from tests.campaigns.conftest import Company, near, until_today
from tests.campaigns.expected import month
from tests.campaigns.told import Deal

pytestmark = pytest.mark.timeout(900)

Cell = tuple[dict[str, Any], list[tuple[int, Deal]]]
ENDS = ("low", "high")
PREVALENCE = (
    "content_prevalence_won",
    "content_prevalence_lost",
    "content_prevalence_difference",
    *(f"content_prevalence_difference_{end}" for end in ENDS),
    "content_win_rate_lift",
)
SEQUENCE = tuple(f"content_sequence_{name}" for name in ("deals", "support", "win_rate", "lift", "deal_size"))
GAP = ("stage_content_won", "stage_content_lost", "content_gap", *(f"content_gap_{end}" for end in ENDS))
CURVE = (
    "content_assets",
    "content_key_assets",
    "content_concentration",
    "content_cumulative_share",
    "content_year_revenue",
)


def closed_months(company: Company) -> list[date]:
    return sorted({month(deal.on) for deal in company.told.deals if deal.closed and until_today(deal.on)})


def cells(company: Company) -> Iterator[Cell]:
    """What is asked, and the closed deals (by number) that it is about: all, some single months, three, a region."""
    closed = [(number, deal) for number, deal in enumerate(company.told.deals) if deal.closed]
    yield {}, closed
    yield {"where": ["region = 'EMEA'"]}, [one for one in closed if one[1].region == "EMEA"]
    months = closed_months(company)
    for since, until in ((months[0], months[0]), (months[3], months[3]), (months[5], months[7])):
        last = (until.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        asked = {"time_range": {"from": str(since), "to": str(last)}}
        yield asked, [one for one in closed if since <= month(one[1].on) <= until]


def compare(shown: dict[str, Any], expected: dict[str, Any], *of: Any) -> list[Any]:
    return [
        (*of, metric, shown.get(metric), value)
        for metric, value in expected.items()
        if not near(shown.get(metric), value)
    ]


def test_prevalence_and_its_interval(built_company: Company) -> None:
    told = built_company.told
    for asked, closed in cells(built_company):
        shown = built_company.rows(*PREVALENCE, by=("content",), **asked)
        assert {title for (title,) in shown} == {told.titles[asset] for asset in told.kinds}
        for asset in told.kinds:
            row = shown[(told.titles[asset],)]
            assert compare(row, content.prevalence(asset, [deal for _, deal in closed]), asset, asked) == []


@pytest.mark.parametrize("of", ["asset", "content_type"])
@pytest.mark.parametrize("length", [2, 3])
def test_sequences(built_company: Company, of: str, length: int) -> None:
    told = built_company.told
    listed = content.sequences(told).get((of, length), {})
    assert len(listed) == content.MOST_LISTED or of == "content_type"
    names = {
        " > ".join(told.titles[step] if of == "asset" else step for step in steps): steps for steps in listed
    }
    for asked, closed in cells(built_company):
        where = [*asked.get("where", []), f"sequence_of = '{of}'", f"sequence_length = {length}"]
        shown = built_company.rows(*SEQUENCE, by=("content_sequence",), **asked | {"where": where})
        assert {name for (name,) in shown} == {*names}
        for name, steps in names.items():
            expected = content.sequence_metrics(listed[steps], closed)
            assert compare(shown[(name,)], expected, name, asked) == []


def test_gaps_by_stage(built_company: Company) -> None:
    told = built_company.told
    kinds = {kind for kind in told.kinds.values() if kind}
    for asked, closed in cells(built_company):
        deals = [deal for _, deal in closed]
        shown = built_company.rows(*GAP, by=("journey_stage", "content_met"), **asked)
        entered = {stage for deal in deals for stage in content.stages(deal)}
        assert {*shown} == {(stage, kind) for stage in entered for kind in (*kinds, "anything")}
        for (stage, kind), row in shown.items():
            expected = content.gaps(told, deals, stage, None if kind == "anything" else kind)
            assert compare(row, expected, stage, kind, asked) == []


@pytest.mark.parametrize("model", ["first", "last"])
def test_the_curve_of_each_month(built_company: Company, model: str) -> None:
    """A deal that is said to be closed years ahead makes no month of its own."""
    told = built_company.told
    won = [month(deal.on) for deal in told.deals if deal.won and until_today(deal.on)]
    shown = built_company.rows(*CURVE, by=("metric_time",), attribution_model=model)
    assert (min(shown), max(shown)) == ((min(won),), (max(won),))
    for (until,), row in shown.items():
        assert compare(row, content.concentration(content.curve(told, until, model)), until) == []
    (last,) = built_company.rows(*CURVE, attribution_model=model).values()
    points = content.curve(told, max(won), model)
    assert compare(last, content.concentration(points), "last") == []
    ranks = built_company.rows(
        "content_year_revenue", by=("content_rank", "content"), attribution_model=model
    )
    assert [(title, row["content_year_revenue"]) for (_, title), row in sorted(ranks.items())] == [
        (told.titles[asset], money) for asset, money in points
    ]


@pytest.mark.parametrize(
    ("by", "place"),
    [((), ()), (("metric_time",), (0,)), (("channel",), (1,)), (("region",), (2,)), (("campaign",), (3,))],
)
def test_cohorts_that_had_twelve_months(
    built_company: Company, by: tuple[str, ...], place: tuple[int, ...]
) -> None:
    """One lead of the year 2925 makes no cohort older; a deal won before somebody was a lead is not of the cohort."""
    money = content.cohorts(built_company.told, date.today())
    summed: dict[tuple[Any, ...], dict[str, Any]] = {}
    for metric, of in money.items():
        for key, value in of.items():
            cell = summed.setdefault(tuple(key[number] for number in place), {})
            cell[metric] = cell.get(metric, 0) + value
    shown = built_company.rows("cohort_revenue", "cohort_roi", "cohort_maturity", by=by)
    assert {*shown} >= {*summed}
    for members, row in shown.items():
        cell = summed.get(members, {})
        revenue, spend, people = (cell.get(f"cohort_{name}") for name in ("revenue", "spend", "leads"))
        expected = {
            "cohort_revenue": revenue,
            "cohort_roi": (revenue - spend) / spend if spend and spend > 0 else None,
            "cohort_maturity": cell.get("mature_cohort_leads", Decimal(0)) / people if people else None,
        }
        assert compare(row, expected, members) == []
