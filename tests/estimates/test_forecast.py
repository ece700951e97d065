"""The forecast against counting by hand, every outcome counted out, and a second computation."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pandas as pd
import pytest

from tests.estimates import by_hand
from tests.estimates.maths import load
from tests.estimates.test_stages import NEVER, deal, stays

maths = load("forecast")
RULES = {
    "age_bands": (0, 7, 14, 30),
    "minimum_exits": 10,
    "minimum_wins": 4,
    "minimum_days": 20,
    "new_deal_days": 60,
    "interval": 0.8,
}
SETTINGS = maths.Settings(**RULES)
SIMPLE = maths.Settings((0,), 1, 1, 1, 100, 0.8)


def whole(told: object) -> tuple[float, float, float]:
    """Won, open and new of all segments."""
    return tuple(sum(part.values()) for part in (told.won, told.open, told.new))  # type: ignore[attr-defined, return-value]


def test_a_company_that_can_be_counted_by_hand() -> None:
    # On day 10: four won and four lost after 5 evenings, for 100 each; two open since day 8, for 1,000.
    ended = [row for n in range(4) for row in deal(f"w{n}", 0, 5, "won") + deal(f"l{n}", 0, 5, "lost")]
    open_now = deal("a", 8, 0, "open", 1000) + deal("b", 8, 0, "open", 1000)
    told = maths.forecast(stays(*ended, *open_now), 10, 1, 12, SIMPLE)
    # 8 x 5 + 2 x 2 = 44 evenings at risk: 1/11 a day won, 1/11 lost. Two days are left: 1/11 + 9/11 x 1/11 = 20/121.
    # Ten deals came in 11 days, for 8 x 100 and 2 x 1,000: those of tomorrow have one day left.
    won, held, coming = whole(told)
    assert won == 400
    assert held == pytest.approx(2000 * 20 / 121)
    assert coming == pytest.approx((2800 / 11) * (1 / 11))
    assert told.status == "ok"
    assert told.wins == 4


def test_won_deals_are_smaller_and_so_the_open_ones_are_worth_less() -> None:
    rows = [
        row for n in range(4) for row in deal(f"w{n}", 0, 5, "won", 50) + deal(f"l{n}", 0, 5, "lost", 150)
    ]
    told = maths.forecast(stays(*rows, *deal("a", 10, 0, "open", 1000)), 10, 1, 11, SIMPLE)
    # A won deal has half the amount of a closed one; the one day that is left wins it with 4 / 40.
    assert whole(told)[1] == pytest.approx(1000 * 0.5 * 4 / 40)


def test_the_interval_holds_what_every_outcome_counted_out_says() -> None:
    amounts, chances = [300.0, 500.0, 700.0, 1100.0, 1300.0, 1700.0], [0.2, 0.5, 0.3, 0.7, 0.1, 0.4]
    held = maths.Chance(np.array(amounts), np.array(chances), np.array(["s"] * 6))
    nothing = maths.Chance(np.array([]), np.array([]), np.array([]))
    outcomes = []
    for bits in itertools.product((0, 1), repeat=6):
        odds = np.prod([c if bit else 1 - c for bit, c in zip(bits, chances, strict=True)])
        outcomes.append((sum(a * bit for a, bit in zip(amounts, bits, strict=True)), odds))
    outcomes.sort()
    below = np.cumsum([odds for _, odds in outcomes])
    want = [outcomes[int(np.searchsorted(below, level))][0] for level in (0.1, 0.9)]
    assert maths.interval(held, nothing, 1e-12, 0.8) == pytest.approx(want, abs=10)


def test_deals_to_come_are_a_poisson_sum() -> None:
    nothing = maths.Chance(np.array([]), np.array([]), np.array([]))
    coming = maths.Chance(np.array([100.0]), np.array([2.0]), np.array(["s"]))
    # P(0) = 0.135, P(up to 3) = 0.857, P(up to 4) = 0.947
    assert maths.interval(nothing, coming, 1e-12, 0.8) == pytest.approx((0, 400), abs=1)


def test_fewer_wins_make_a_wider_interval_and_refunds_stay_negative() -> None:
    held = maths.Chance(np.full(40, 100.0), np.full(40, 0.5), np.array(["s"] * 40))
    nothing = maths.Chance(np.array([]), np.array([]), np.array([]))
    widths = [np.diff(maths.interval(held, nothing, 1 / wins, 0.8))[0] for wins in (1000, 100, 20)]
    assert widths == sorted(widths)
    refunds = maths.Chance(np.full(40, -100.0), np.full(40, 0.5), np.array(["s"] * 40))
    low, high = maths.interval(refunds, nothing, 1 / 1000, 0.8)
    given = maths.interval(held, nothing, 1 / 1000, 0.8)
    assert (-high, -low) == pytest.approx(given, abs=10)


@pytest.mark.parametrize(
    ("day", "reason"),
    [(3, "0 deals won so far, 1 needed"), (10, "10 days of history, 30 needed")],
)
def test_too_little_history_is_refused(day: int, reason: str) -> None:
    rows = [row for n in range(4) for row in deal(f"w{n}", 0, 5, "won")]
    told = maths.forecast(stays(*rows), day, 0, 20, maths.Settings((0,), 1, 1, 30, 100, 0.8))
    assert told.status == f"refused: {reason}"
    assert (told.open, told.new, told.low, told.high) == (None, None, None, None)


def test_deals_without_amounts_are_refused() -> None:
    rows = [row for n in range(4) for row in deal(f"w{n}", 0, 5, "won", float("nan"))]
    assert (
        maths.forecast(stays(*rows), 10, 0, 20, SIMPLE).status == "refused: the closed deals have no amounts"
    )


def drawn(seed: int, deals: int = 150) -> pd.DataFrame:
    """A company of chance: deals that pass stages, skip some, change their amounts, end, and are opened again."""
    draw = random.Random(seed)
    rows: list[tuple] = []
    for number in range(deals):
        day, amount = draw.randrange(0, 150), float(draw.randrange(1, 90) * 100)
        for stage in draw.choice([("a", "b", "c"), ("a", "c"), ("a", "a", "b"), ("b", "c"), ("rare", "b")]):
            spent = draw.randrange(1, 20)
            rows.append((f"d{number:03d}", day, day + spent, stage, "open", amount))
            day, amount = day + spent, amount * draw.choice([1, 1, 0.9])
        if draw.random() < 0.1:
            rows.append((f"d{number:03d}", day, day + 7, "Closed lost", "lost", amount))
            rows.append((f"d{number:03d}", day + 7, day + 12, "b", "open", amount))
            day += 12
        state = draw.choice(["won", "lost", "lost"])
        rows.append((f"d{number:03d}", day, NEVER, f"Closed {state}", state, amount))
    table = stays(*rows)
    same = (table["deal"] == table["deal"].shift()) & (table["stage"] == table["stage"].shift())
    table["entered"] = table["since"].where(~same).ffill()
    table["segment"] = [("x", "y", "")[int(name[1:]) % 3] for name in table["deal"]]
    return table


def walks(table: pd.DataFrame, day: int) -> list[by_hand.Walk]:
    """The same company, evening by evening, as anybody could know it on the evening of `day`."""
    found: dict[str, by_hand.Walk] = {}
    for row in table.itertuples():
        if row.since > day:
            continue
        walk = found.setdefault(row.deal, by_hand.Walk())
        walk.closed = None
        if row.state == "open":
            ends = day + 1 if np.isnan(row.until) else min(int(row.until), day + 1)
            walk.open |= dict.fromkeys(range(int(row.since), ends), (row.stage, row.amount))
        elif np.isnan(row.until) or row.until > day:
            walk.closed, walk.is_won, walk.amount = int(row.since), row.state == "won", row.amount
            walk.booked = int(row.since)
    return list(found.values())


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("day", [60, 110])
def test_it_is_what_evenings_counted_one_by_one_say(seed: int, day: int) -> None:
    table = drawn(seed)
    told = maths.forecast(table, day, day - 9, day + 20, SETTINGS)
    assert told.status == "ok"
    want = by_hand.expected(walks(table, day), day, day - 9, day + 20, dict(RULES))
    assert whole(told) == pytest.approx(want, rel=1e-9)


@pytest.mark.parametrize("day", [45, 80])
def test_nothing_after_its_day_is_read(day: int) -> None:
    table = drawn(3)
    told = maths.forecast(table, day, day - 9, day + 20, SETTINGS)
    until_then = table[table["since"] <= day].copy()
    until_then.loc[until_then["until"] > day, "until"] = NEVER
    assert maths.forecast(until_then, day, day - 9, day + 20, SETTINGS) == told
    changed = table.copy()
    later = changed["since"] > day
    changed.loc[later, "amount"] *= 1000
    changed.loc[later, "state"] = "won"
    changed.loc[later, "booked"] = day - 1
    assert maths.forecast(changed, day, day - 9, day + 20, SETTINGS) == told


def test_the_parts_of_the_segments_are_the_whole() -> None:
    table = drawn(4)
    by_segment = maths.forecast(table, 90, 81, 110, SETTINGS)
    one = maths.forecast(table.assign(segment="all"), 90, 81, 110, SETTINGS)
    assert sorted(by_segment.open) == ["", "x", "y"]
    assert whole(by_segment) == pytest.approx(whole(one))
    assert (by_segment.low, by_segment.high) == pytest.approx((one.low, one.high))


def test_the_naive_forecast_is_the_mean_rate() -> None:
    rows = [row for n in range(10) for row in deal(f"w{n}", n, n + 5, "won")]
    # Six won by day 10, for 100 each, in 11 days; two of them on or after day 9; five days left.
    assert maths.naive(stays(*rows), 10, 9, 15, 365) == pytest.approx(200 + 5 * 600 / 11)
