"""Forecasts of odd companies: stages called lost, one huge deal, one deal only, all won, all lost, a leap day."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from tests.estimates.maths import load
from tests.estimates.test_stages import NEVER, deal, stays

maths, periods, stages = load("forecast"), load("periods"), load("stages")
SETTINGS = maths.Settings((0, 7, 14, 30, 60, 90, 180), 10, 20, 180, 365, 0.8)
NONE = maths.Chance(np.array([]), np.array([]), np.array([]))


def company(won: int, lost: int, length: int = 20) -> list[tuple]:
    """Deals of 100, one a day, each open for `length` days."""
    states = ["won"] * won + ["lost"] * lost
    return [row for n, state in enumerate(states) for row in deal(f"d{n:03d}", n, n + length, state)]


def told(rows: list[tuple], day: int = 250, first: int = 241, last: int = 270) -> object:
    return maths.forecast(stays(*rows), day, first, last, SETTINGS)


def test_an_open_stage_may_be_called_won_or_lost() -> None:
    """It stopped the build; and a deal in it is neither won nor lost."""
    given = [told(named("Talks", "Offer")), told(named("won", "lost"))]
    assert [one.status for one in given] == ["ok", "ok"]  # type: ignore[attr-defined]
    assert given[0] == given[1]
    assert given[0].open_deals == 22  # type: ignore[attr-defined]


def named(first: str, second: str) -> list[tuple]:
    """Deals in two more stages: eleven still there in each, and one that went on from the second."""
    rows = company(40, 40)
    for stage in (first, second):
        rows += [(f"{stage}{n}", 230, NEVER, stage, "open", 100) for n in range(11)]
    return [*rows, ("z", 150, 160, second, "open", 5), ("z", 160, NEVER, "Closed Lost", "lost", 5)]


@pytest.mark.parametrize(
    ("rows", "day", "reason"),
    [
        (company(1, 0), 250, "1 deals won so far, 20 needed"),
        (company(0, 60), 250, "0 deals won so far, 20 needed"),
        (company(19, 60), 250, "19 deals won so far, 20 needed"),
        (company(60, 60), 179, "179 days of history, 180 needed"),
        (
            [(f"w{n}", n * 10, NEVER, "Closed Won", "won", 100) for n in range(22)],
            250,
            "no deal was ever seen open",
        ),
        ([("a", 0, NEVER, "x", "open", 1)], 250, "0 deals won so far"),
    ],
)
def test_too_thin_a_history_is_refused(rows: list[tuple], day: int, reason: str) -> None:
    made = told(rows, day)
    assert made.status.startswith(f"refused: {reason}")  # type: ignore[attr-defined]
    assert made.low is None  # type: ignore[attr-defined]


def test_exactly_enough_is_enough_and_all_won_is_a_forecast() -> None:
    for rows, day in ((company(20, 60), 180), (company(20, 0), 250)):
        made = told([*rows, ("open", day - 1, NEVER, "open", "open", 1000)], day, day, day + 29)
        assert made.status == "ok"  # type: ignore[attr-defined]
        assert 0 < made.open["all"] < 1000  # type: ignore[attr-defined]


def test_a_stage_that_nobody_ever_left_has_the_chances_of_all() -> None:
    rows = [*company(60, 60), *(("new" + str(n), 240, NEVER, "Legal", "open", 100) for n in range(3))]
    chain = stages.learn(stages.known(stays(*rows), 250), 250, SETTINGS.age_bands, 10)
    assert chain.pooled.tolist() == [True, False]
    assert chain.moves[0].sum(axis=0)[-2:].tolist() == pytest.approx(
        chain.moves[1].sum(axis=0)[-2:], rel=0.05
    )


def test_a_deal_of_1970_makes_the_history_no_longer() -> None:
    """With it thirty days were fifty years: no refusal, and a twelfth of the deals to come."""
    old = ("old", -20000, NEVER, "open", "open", 100)
    assert told([*company(60, 60), old], 100).status == "refused: 100 days of history, 180 needed"  # type: ignore[attr-defined]
    without, beside = told(company(100, 100)), told([*company(100, 100), old])
    assert beside.new["all"] == pytest.approx(without.new["all"], rel=0.2)  # type: ignore[attr-defined]
    assert maths.naive(stays(*company(100, 100), old), 250, 241, 270, 365) == pytest.approx(
        maths.naive(stays(*company(100, 100)), 250, 241, 270, 365)
    )


@pytest.mark.parametrize("state", ["won", "lost"])
def test_one_closed_deal_of_a_billion_says_little_of_the_worth_of_others(state: str) -> None:
    """A lost one took all worth from the open deals, a won one doubled it."""
    rows = [*company(100, 100), ("open", 240, NEVER, "open", "open", 1000)]
    plain, odd = told(rows), told([*rows, *deal("huge", 50, 80, state, 1e9)])
    assert odd.open["all"] == pytest.approx(plain.open["all"], rel=0.15)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("huge", "chance"), [(1e6, 0.5), (1e7, 0.05), (1e9, 0.02), (1e12, 0.01)])
def test_one_huge_deal_does_not_swallow_the_others(huge: float, chance: float) -> None:
    """A thousand deals of 500 bring some 150,000; beside one of ten millions the interval was 0 to 0."""
    held = maths.Chance(
        np.array([500.0] * 1000 + [huge]), np.array([0.3] * 1000 + [chance]), np.array(["s"] * 1001)
    )
    low, high = maths.interval(held, NONE, 1 / 400, 0.8)
    draw = np.random.default_rng(1)
    width = np.log1p(1 / 400)
    factor = np.exp(draw.normal(0, np.sqrt(width), 100_000) - width / 2)
    came = draw.binomial(1000, 0.3 * factor) * 500 + (draw.random(100_000) < chance * factor) * huge
    assert (low, high) == pytest.approx(tuple(np.quantile(came, [0.1, 0.9])), rel=0.03)


def test_the_interval_holds_four_outcomes_in_five() -> None:
    """What came of 60 months of two companies that go through three stages by chance."""
    held = months = 0
    missed = total = 0.0
    for seed in (1, 2):
        table = by_chance(seed)
        for day in range(500, 1400, 30):
            made = maths.forecast(table, day, day + 1, day + 30, SETTINGS)
            won = table[(table["state"] == "won") & table["booked"].between(day + 1, day + 30)][
                "amount"
            ].sum()
            held += made.low <= won <= made.high
            months += 1
            missed += sum(made.open.values()) + sum(made.new.values()) - won
            total += won
    assert months == 60
    assert 41 <= held <= 55  # of a fair interval 48, and in 98 of 100 companies within this
    assert abs(missed) < 0.1 * total


def by_chance(seed: int) -> pd.DataFrame:
    """Two deals in five days for four years: each evening they move on, are lost, or in the end won, by chance."""
    draw = np.random.default_rng(seed)
    rows: list[tuple] = []
    for number, day in enumerate(np.flatnonzero(draw.random(1450) < 0.4)):
        amount, at = float(draw.lognormal(9.5, 0.7)), float(day)
        for stage, stays_for, ends in (("a", 20, 0.3), ("b", 25, 0.3), ("c", 15, 1.0)):
            then = at + draw.geometric(1 / stays_for)
            rows.append((f"d{number:04d}", at, then, stage, "open", amount))
            at = then
            if draw.random() < ends:
                state = "won" if stage == "c" and draw.random() < 0.6 else "lost"
                rows.append((f"d{number:04d}", at, NEVER, f"Closed {state}", state, amount))
                break
    return stays(*rows)


def test_periods_at_leap_days_and_of_fiscal_years() -> None:
    """On 29 February the quarter of a year that begins in February is a month old; a year before it had 28 days."""
    made = periods.periods(dt.date(2028, 2, 29), 2, {"month": 12, "quarter": 4})
    assert [(p.start.isoformat(), p.end.isoformat()) for p in made if p.is_current] == [
        ("2028-03-01", "2028-03-31"),
        ("2028-02-01", "2028-04-30"),
    ]
    quarters = [p for p in made if p.horizon == "quarter"]
    assert [p.start.isoformat() for p in quarters] == [
        "2028-02-01", "2027-11-01", "2027-08-01", "2027-05-01", "2027-02-01",
    ]  # fmt: skip
    assert [p.as_of.isoformat() for p in quarters[1:]] == [
        "2027-11-29",
        "2027-08-29",
        "2027-05-29",
        "2027-03-01",
    ]
    assert {p.as_of for p in made if p.horizon == "month" and p.start == dt.date(2028, 2, 1)} == {
        dt.date(2028, 1, 31)
    }
    on_the_28th = periods.periods(dt.date(2028, 2, 28), 1, {"month": 1, "quarter": 0})
    assert [(p.start.isoformat(), p.as_of.isoformat()) for p in on_the_28th[:2]] == [
        ("2028-02-01", "2028-02-28"), ("2028-01-01", "2028-01-28"),
    ]  # fmt: skip
