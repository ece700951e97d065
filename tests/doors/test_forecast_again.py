"""The forecast of the simulated company, computed a second time from its published evenings by plain loops."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

import pytest
import yaml

from infra.settings import PROJECT
from tests.doors.companies import Company, build_sandbox
from tests.estimates.by_hand import Walk, expected
from tests.truth.compare import Ask as Asks
from tests.truth.every import asker

pytestmark = pytest.mark.timeout(900)
RULES: dict[str, Any] = yaml.safe_load((PROJECT / "sqlmesh" / "forecast.yml").read_text())
FORECASTS = """
SELECT horizon, period_start, period_end, as_of_date, is_current, status, wins_learnt_from, won_revenue, open_revenue,
  new_revenue, revenue, revenue_low, revenue_high, actual_revenue
FROM marts.forecast ORDER BY horizon, period_start
"""
EVENINGS = """
SELECT opportunity_id, snapshot_date, stage, CAST(amount AS DOUBLE) FROM core.pipeline_day
WHERE opportunity_id IS NOT NULL AND snapshot_date <= (SELECT MAX(as_of_date) FROM marts.forecast) ORDER BY 1, 2
"""
CLOSED = """
SELECT opportunity_id, CAST(s.valid_from AS DATE), o.is_won, COALESCE(o.close_date, CAST(s.valid_from AS DATE)),
  CAST(o.amount AS DOUBLE)
FROM core.opportunity AS o JOIN core.opportunity_stage AS s USING (opportunity_id)
WHERE s.is_current AND o.is_closed AND NOT o.is_deleted AND s.valid_from IS NOT NULL
"""


@pytest.fixture(scope="module")
def company(companies: dict[str, Company], tmp_path_factory: pytest.TempPathFactory) -> Company:
    if "sandbox" not in companies:
        companies["sandbox"] = build_sandbox(tmp_path_factory.mktemp("sandbox"))
    return companies["sandbox"]


@pytest.fixture(scope="module")
def glossary_asks(company: Company) -> Asks:
    return asker(company.home)


def number(day: dt.date) -> int:
    return (day - dt.date(1970, 1, 1)).days


def walks(company: Company, day: int) -> list[Walk]:
    """Each deal evening by evening, as it was known on the evening of `day`."""
    found: dict[str, Walk] = defaultdict(Walk)
    for deal, evening, stage, amount in company.by_hand(EVENINGS):
        if number(evening) <= day:
            found[deal].open[number(evening)] = (stage, amount or 0.0)
    for deal, closed, is_won, booked, amount in company.by_hand(CLOSED):
        if number(closed) <= day:
            walk = found[deal]
            walk.closed, walk.is_won, walk.booked = number(closed), is_won, number(booked)
            walk.amount, walk.has_amount = amount or 0.0, amount is not None
    for walk in found.values():
        if walk.closed is None and day not in walk.open:  # it was lost then, and opened again later
            walk.closed = max(walk.open) + 1
            walk.amount = walk.open[max(walk.open)][1]
    return list(found.values())


def test_every_forecast_is_what_the_evenings_say(company: Company) -> None:
    checked = 0
    made = company.by_hand(FORECASTS)
    # Each takes seconds this way: every third one, and the running ones.
    some = [row for place, row in enumerate(made) if row[4] or place % 3 == 0]
    for horizon, start, end, as_of, _, status, wins, won, held, coming, *_ in some:
        known = walks(company, number(as_of))
        assert wins == sum(walk.is_won for walk in known)
        if status != "ok":
            assert wins < RULES["minimum_wins"] or "days of history" in status
            assert (held, coming) == (None, None)
            continue
        want = expected(known, number(as_of), number(start), number(end), RULES)
        given = tuple(float(part) for part in (won, held, coming))
        assert given == pytest.approx(want, abs=0.03), (horizon, start)
        checked += 1
    assert checked > 1


def test_what_is_won_of_a_period_and_what_came_of_it_are_the_glossary_s(
    company: Company, glossary_asks: Asks
) -> None:
    for _, start, end, as_of, is_current, _, _, won, *_, actual in company.by_hand(FORECASTS):
        until, told = (as_of, won) if is_current else (end, actual)
        if until < start:
            assert told == 0
            continue
        asked = {"metrics": ["closed_won_revenue"], "time_range": {"from": str(start), "to": str(until)}}
        [row] = glossary_asks(asked)
        assert told == row["closed_won_revenue"], start


def test_the_running_forecast_is_between_its_ends(company: Company) -> None:
    for *_, revenue, low, high, _ in company.by_hand(FORECASTS):
        if revenue is not None:
            assert low <= revenue <= high


def test_the_glossary_tells_the_running_ones(company: Company, glossary_asks: Asks) -> None:
    rows = glossary_asks({"metrics": ["forecast_revenue", "forecast_revenue_high"], "group_by": ["horizon"]})
    given = {row["horizon"]: (row["forecast_revenue"], row["forecast_revenue_high"]) for row in rows}
    assert given == {row[0]: (row[10], row[12]) for row in company.by_hand(FORECASTS) if row[4]}
