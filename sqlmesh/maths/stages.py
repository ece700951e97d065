"""What becomes of an open deal: won, lost or still open after so many days, learnt from how long deals stayed in each stage.

A deal is looked at evening by evening. From a stage, in an age band (days since it entered the stage), it moves to another
stage, is won or is lost with a daily chance: moves seen / evenings at risk. A deal that is still open adds its evenings and
no move, so open deals bias nothing, and none has to be left out for being young.
"""

import typing as t
from dataclasses import dataclass

import numpy as np
import pandas as pd

WON, LOST = "(won)", "(lost)"  # no names of stages: an open stage may well be called `lost`


SILENCE = 365  # days without any change: what came before is no history


@dataclass(frozen=True)
class Chain:
    """Daily chances. `moves[stage, age, to]`: the last two of `to` are won and lost; the last age stands for all older ones."""

    stages: tuple[str, ...]
    moves: np.ndarray
    exits: np.ndarray  # moves that were seen, by stage
    pooled: np.ndarray  # stages with too few of them: they are given the chances of all stages together


def known(stays: pd.DataFrame, day: int) -> pd.DataFrame:
    """The stays as anybody could know them on the evening of `day`: the only door through which history is read.

    Stays are rows of prep.deal_stay with days as numbers, sorted by deal and day; `until` is NaN while a stay lasts. Adds
    `before` and `after`: what the deal was in before and after the stay (a stage, WON, LOST; None: nothing known).
    """
    seen = stays[stays["since"] <= day].copy()
    seen.loc[seen["until"] > day, "until"] = np.nan
    state = seen["stage"].where(seen["state"] == "open", seen["state"].map({"won": WON, "lost": LOST}))
    same = seen["deal"].to_numpy()[1:] == seen["deal"].to_numpy()[:-1]
    names = state.to_numpy(dtype=object)
    seen["name"] = names
    seen["before"] = np.concatenate([[None], np.where(same, names[:-1], None)]) if len(seen) else None
    seen["after"] = np.concatenate([np.where(same, names[1:], None), [None]]) if len(seen) else None
    return seen


def began(seen: pd.DataFrame) -> int:
    """The first day of the history. One deal that was typed in as of 1970 does not make it fifty years longer."""
    days = np.unique(seen["since"].to_numpy(dtype=int))
    after = np.flatnonzero(np.diff(days) > SILENCE)
    return int(days[after[-1] + 1] if len(after) else days[0])


def learn(seen: pd.DataFrame, day: int, bands: t.Sequence[int], minimum: int) -> Chain:
    """The chain of what was `known` on the evening of `day`.

    `bands` are the first ages of the age bands, in days. A band with fewer than 5 moves is taken together with the one
    before it, a stage with fewer than `minimum` moves is given the chances of all stages together.
    """
    stays = seen[seen["state"] == "open"]
    stages = tuple(sorted(stays["stage"].unique()))
    places = {name: place for place, name in enumerate((*stages, WON, LOST))}
    entered, ends = stays["entered"].to_numpy(), stays["until"].fillna(day).to_numpy()
    young, old = np.maximum(stays["since"].to_numpy(), began(seen) if len(seen) else 0) - entered, ends - entered
    stage = stays["stage"].map(places).to_numpy(dtype=int)
    risk = np.zeros((len(stages), len(bands)))
    moved = np.zeros((len(stages), len(bands), len(places)))
    limits = [*bands[1:], np.inf]
    for band, (low, high) in enumerate(zip(bands, limits)):
        np.add.at(risk[:, band], stage, np.clip(np.minimum(old, high) - np.maximum(young, low), 0, None))
    left = (stays["until"].notna() & stays["after"].notna() & (stays["after"] != stays["stage"])).to_numpy()
    to = stays["after"].map(places).fillna(-1).to_numpy(dtype=int)
    band_of = np.searchsorted(np.asarray(bands), old - 1, side="right") - 1
    np.add.at(moved, (stage[left], band_of[left], to[left]), 1.0)
    exits = moved.sum(axis=(1, 2))
    pooled = exits < minimum
    risk[pooled], moved[pooled] = risk.sum(axis=0), moved.sum(axis=0)
    chances = np.stack([by_band(risk[place], moved[place]) for place in range(len(stages))]) if stages else moved
    ages = np.searchsorted(np.asarray(bands), np.arange(bands[-1] + 1), side="right") - 1
    return Chain(stages, chances[:, ages, :], exits, pooled)


def by_band(risk: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """Daily chances of one stage by band and where to; thin bands take the chance of themselves and what is before."""
    groups = list(range(len(risk)))
    risk, moved = risk.copy(), moved.copy()
    for band in range(len(risk) - 1, 0, -1):
        if moved[band].sum() < 5:
            risk[band - 1] += risk[band]
            moved[band - 1] += moved[band]
            groups = [band - 1 if group == band else group for group in groups]
    chances = np.divide(moved, risk[:, None], out=np.zeros_like(moved), where=risk[:, None] > 0)
    return chances[groups]


def win_chances(chain: Chain, days: int) -> np.ndarray:
    """`chances[n, stage, age]`: that a deal in `stage` for `age` days is won within `n` days, n from 0 to `days`."""
    count = len(chain.stages)
    ages = chain.moves.shape[1]
    chances = np.zeros((days + 1, count, ages))
    on, won = chain.moves[:, :, :count], chain.moves[:, :, count]
    stay = 1.0 - chain.moves.sum(axis=2)
    older = np.minimum(np.arange(ages) + 1, ages - 1)
    for day in range(1, days + 1):
        before = chances[day - 1]
        chances[day] = won + on @ before[:, 0] + stay * before[:, older]
    return chances
