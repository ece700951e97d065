"""Chances of stages, on deals few enough to count by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.estimates.maths import load

stages = load("stages")
NEVER = float("nan")


def stays(*rows: tuple) -> pd.DataFrame:
    """Rows of (deal, since, until, stage, state, amount); entered when the row begins, booked when won."""
    table = pd.DataFrame(rows, columns=["deal", "since", "until", "stage", "state", "amount"])
    table = table.astype({"since": float, "until": float, "amount": float})
    table["entered"] = table["since"]
    table["booked"] = table["since"].where(table["state"] == "won")
    table["segment"] = "all"
    return table


def deal(name: str, since: float, ends: float, state: str, amount: float = 100.0) -> list[tuple]:
    """A deal that is `open` from one day to another and then won or lost; open: it never ends."""
    if state == "open":
        return [(name, since, NEVER, "open", "open", amount)]
    return [
        (name, since, ends, "open", "open", amount),
        (name, ends, NEVER, f"Closed {state}", state, amount),
    ]


# Five won after 10 days, three lost after 5, two open for 20: 50 + 15 + 40 = 105 evenings at risk.
TEN = [
    *(row for n in range(5) for row in deal(f"w{n}", 0, 10, "won")),
    *(row for n in range(3) for row in deal(f"l{n}", 0, 5, "lost")),
    *(row for n in range(2) for row in deal(f"o{n}", 0, 0, "open")),
]


def test_chances_are_moves_over_evenings_at_risk() -> None:
    chain = stages.learn(stages.known(stays(*TEN), 20), 20, [0], 1)
    assert chain.stages == ("open",)
    assert chain.moves[0, 0].tolist() == pytest.approx([0, 5 / 105, 3 / 105])
    within = stages.win_chances(chain, 2)[:, 0, 0]
    assert within.tolist() == pytest.approx([0, 5 / 105, 5 / 105 + (97 / 105) * (5 / 105)])


def test_young_open_deals_neither_raise_nor_lower_the_chance_to_be_won() -> None:
    # Of those that ended 5 of 8 were won; forty deals of yesterday say nothing about that.
    young = [row for n in range(40) for row in deal(f"y{n}", 19, 0, "open")]
    for rows in (TEN, TEN + young):
        chain = stages.learn(stages.known(stays(*rows), 20), 20, [0], 1)
        assert stages.win_chances(chain, 3000)[-1, 0, 0] == pytest.approx(5 / 8)


def test_the_age_in_a_stage_counts() -> None:
    # Ten lost after 5 days, ten won after 15: 5 evenings each in the first week; then 7 .. 14, eight evenings each.
    rows = [row for n in range(10) for row in deal(f"l{n}", 0, 5, "lost") + deal(f"w{n}", 0, 15, "won")]
    chain = stages.learn(stages.known(stays(*rows), 20), 20, [0, 7], 1)
    assert chain.moves[0, 0].tolist() == pytest.approx([0, 0, 10 / (10 * 5 + 10 * 7)])
    assert chain.moves[0, 7].tolist() == pytest.approx([0, 10 / (10 * 8), 0])


def test_a_thin_band_is_taken_with_the_one_before_and_a_thin_stage_with_all() -> None:
    rows = [row for n in range(10) for row in deal(f"w{n}", 0, 4, "won")] + deal("late", 0, 12, "won")
    rows += [("x", 0, 2, "rare", "open", 1), ("x", 2, NEVER, "Closed lost", "lost", 1)]
    chain = stages.learn(stages.known(stays(*rows), 20), 20, [0, 7], 2)
    together = [0, 0, 11 / (10 * 4 + 12), 0]
    assert chain.stages == ("open", "rare")
    assert chain.moves[0, 7].tolist() == chain.moves[0, 0].tolist() == pytest.approx(together)
    assert chain.pooled.tolist() == [False, True]
    assert chain.moves[1, 0].tolist() == pytest.approx([0, 0, 11 / 54, 1 / 54])


def test_a_way_through_stages() -> None:
    # Every evening half of those in `a` go on to `b`, and half of those in `b` are won: 1/4 within two days.
    rows: list[tuple] = []
    for n in range(10):
        rows += [
            (f"d{n}", 0, 2, "a", "open", 1),
            (f"d{n}", 2, 4, "b", "open", 1),
            (f"d{n}", 4, NEVER, "Closed won", "won", 1),
        ]
    chain = stages.learn(stages.known(stays(*rows), 9), 9, [0], 1)
    assert stages.win_chances(chain, 3)[:, 0, 0].tolist() == pytest.approx([0, 0, 0.25, 0.5])


def test_what_is_known_ends_with_its_day() -> None:
    seen = stages.known(stays(*TEN), 7)
    assert seen["until"].dropna().unique().tolist() == [5]
    assert set(seen["name"]) == {"open", stages.LOST}
    assert seen[seen["state"] == "open"]["after"].dropna().unique().tolist() == [stages.LOST]
