"""Closed-won revenue to the end of a period: what is won, what the open deals bring, what deals to come bring; with an interval.

Expected = won + sum of amount x chance + deals opened a day x their amount x their chances. The interval is of the exact
distribution of that sum, by its characteristic function on a grid of money: each open deal brings its amount or nothing,
deals to come are a compound Poisson sum, and all chances are off together by a factor whose width the wins learnt from set.
docs/forecast.md has the formulas.
"""

import math
import typing as t
from dataclasses import dataclass

import numpy as np
import pandas as pd

from maths.stages import LOST, WON, Chain, began, known, learn, win_chances

CELLS = 4096  # of the grid of money
HUGE = 20  # times the median of closed deals


@dataclass(frozen=True)
class Settings:
    """What forecast.yml says."""

    age_bands: tuple[int, ...]
    minimum_exits: int
    minimum_wins: int
    minimum_days: int
    new_deal_days: int
    interval: float


@dataclass(frozen=True)
class Forecast:
    """Money in the reporting currency, by segment ("": none is known); None where `status` is a refusal."""

    status: str
    wins: int  # learnt from
    open_deals: int
    won: dict[str, float]
    open: dict[str, float] | None = None
    new: dict[str, float] | None = None
    low: float | None = None  # of what is still to be won
    high: float | None = None


@dataclass(frozen=True)
class Chance:
    """Amounts, and the chance, or for deals to come the expected number of times, that each is won."""

    amount: np.ndarray
    chance: np.ndarray
    segment: np.ndarray


def mean_of(deals: Chance) -> float:
    """What they are expected to bring."""
    return float(deals.amount @ deals.chance)


def by_segment(deals: Chance) -> dict[str, float]:
    """What they are expected to bring, by segment."""
    sums = pd.Series(deals.amount * deals.chance).groupby(deals.segment).sum()
    return {str(name): float(value) for name, value in sums.items()}


def forecast(stays: pd.DataFrame, day: int, first: int, last: int, settings: Settings) -> Forecast:
    """The forecast for the period of the days `first` to `last`, from what was known on the evening of `day`.

    `stays`: see maths.stages.known; besides, `amount` in the reporting currency, `booked`, the day that a won deal counts
    on, and `segment`. Nothing that happened after `day` is read.
    """
    seen = known(stays, day)
    now = seen[seen["until"].isna()]
    won, in_hand = now[now["state"] == "won"], now[now["state"] == "open"]
    booked = won[won["booked"].between(first, last)].groupby("segment")["amount"].sum()
    before = {str(name): float(value) for name, value in booked.items()}
    reason = refusal(seen, day, len(won), settings)
    if reason:
        return Forecast(f"refused: {reason}", len(won), len(in_hand), before)
    chain = learn(seen, day, settings.age_bands, settings.minimum_exits)
    chances = win_chances(chain, max(last - day, 0))
    size = size_of_wins(now)
    held = open_deals(in_hand, chain, chances[-1], day, size)
    coming = new_deals(seen, chain, chances, day, settings.new_deal_days, size)
    low, high = interval(held, coming, 1.0 / len(won), settings.interval)
    return Forecast("ok", len(won), len(in_hand), before, by_segment(held), by_segment(coming), low, high)


def refusal(seen: pd.DataFrame, day: int, wins: int, settings: Settings) -> str | None:
    """Why there is too little to learn from; None where there is enough."""
    days = day - began(seen) if len(seen) else 0
    if wins < settings.minimum_wins:
        return f"{wins} deals won so far, {settings.minimum_wins} needed"
    if days < settings.minimum_days:
        return f"{days} days of history, {settings.minimum_days} needed"
    if not ((seen["state"] == "open") & seen["until"].notna()).any():
        return "no deal was ever seen open before it was closed"
    if not size_of_wins(seen[seen["until"].isna()]) > 0:
        return "the closed deals have no amounts"
    return None


def size_of_wins(now: pd.DataFrame) -> float:
    """Mean amount of the won deals over that of all closed ones: large deals are won less often, and for less.

    One lost deal of a billion would take all worth from the open ones: no amount counts for more than HUGE medians.
    """
    closed = now[now["state"] != "open"]
    middle = closed["amount"].dropna().median()
    sizes = closed["amount"].clip(upper=HUGE * middle) if middle > 0 else closed["amount"]
    mean = sizes.mean()
    return float(sizes[closed["state"] == "won"].mean() / mean) if mean > 0 else float("nan")


def open_deals(in_hand: pd.DataFrame, chain: Chain, chances: np.ndarray, day: int, size: float) -> Chance:
    """The open deals, each with its chance; a deal without amount brings nothing."""
    places = {name: place for place, name in enumerate(chain.stages)}
    stage = in_hand["stage"].map(places).to_numpy(dtype=int)
    age = np.minimum(day - in_hand["entered"].to_numpy(dtype=int), chances.shape[1] - 1)
    return Chance(amounts(in_hand) * size, chances[stage, age], in_hand["segment"].to_numpy())


def amounts(deals: pd.DataFrame) -> np.ndarray:
    """Their amounts, a missing one as 0."""
    return deals["amount"].fillna(0.0).to_numpy(dtype=float)


def new_deals(seen: pd.DataFrame, chain: Chain, chances: np.ndarray, day: int, window: int, size: float) -> Chance:
    """Deals that will be opened (or opened again): as many a day, of the amounts and in the stages, as in the last days.

    The amounts are those of the deals of the window; each stands for as many deals as its share of what is to come.
    """
    window = min(window, day - began(seen) + 1)
    came = seen[seen["before"].isna() | ((seen["state"] == "open") & seen["before"].isin([WON, LOST]))]
    came = came[came["since"] > day - window]
    places = {name: place for place, name in enumerate(chain.stages)}
    horizon = chances.shape[0] - 1
    # A deal opened k days from now has horizon - k days left on its first evening.
    expected = chances[:horizon, :, 0].sum(axis=0) if horizon else np.zeros(len(chain.stages))
    by_name = {name: expected[place] for name, place in places.items()} | {WON: float(horizon), LOST: 0.0}
    times = came["name"].map(by_name).to_numpy(dtype=float) / window
    return Chance(amounts(came) * size, times, came["segment"].to_numpy())


def interval(held: Chance, coming: Chance, variance: float, level: float) -> tuple[float, float]:
    """The quantiles (1 - level) / 2 and (1 + level) / 2 of what is still to be won.

    `variance` is of the common factor on all chances, which has mean 1.
    """
    if held.chance.sum() + coming.chance.sum() == 0:
        return 0.0, 0.0
    tail = (1 - level) / 2
    values, step = quantiles(held, coming, variance, (tail, 1 - tail))
    low, high = (
        refined(held, coming, variance, at, value, step) for at, value in zip((tail, 1 - tail), values)
    )
    return low, high


def quantiles(held: Chance, coming: Chance, variance: float, levels: tuple[float, ...]) -> tuple[list[float], float]:
    """The sums that are not exceeded in these shares of outcomes, and the money of a cell that they are known to."""
    step, below = grid(held, coming, variance)
    weights, factors = common_factor(variance)
    waves = waves_of_open(held, factors, step) * np.exp(np.outer(factors, wave_of_new(coming, step)))
    density = weights @ np.maximum(np.fft.irfft(waves, CELLS, axis=1), 0.0)
    total = np.cumsum(np.roll(density, below))
    return [float((place - below) * step) for place in np.searchsorted(total, np.array(levels) * total[-1])], step


def refined(held: Chance, coming: Chance, variance: float, level: float, value: float, step: float) -> float:
    """The quantile on finer cells, where one huge deal made them so wide that the others vanished in them.

    Amounts that are cut at more than the quantile leave it where it is: with such a deal the sum is above it either way.
    """
    if min(held.amount.min(initial=0.0), coming.amount.min(initial=0.0)) < 0:
        return value
    largest = max(held.amount.max(initial=0.0), coming.amount.max(initial=0.0))
    for _ in range(12):
        limit = 2 * value + 16 * step
        if step <= max(value / 100, 1.0) or limit >= largest:
            return value
        cut = [Chance(np.minimum(one.amount, limit), one.chance, one.segment) for one in (held, coming)]
        [finer], step = quantiles(cut[0], cut[1], variance, (level,))
        if finer >= limit:
            return value
        value = finer
    return value


def grid(held: Chance, coming: Chance, variance: float) -> tuple[float, int]:
    """Money a cell, and how many cells are below 0 (negative amounts are refunds). The sum does not leave the grid."""
    mean = mean_of(held) + mean_of(coming)
    of_open = float(held.amount**2 @ (held.chance * (1 - held.chance)))
    of_new = float(coming.amount**2 @ coming.chance)
    spread = math.sqrt(of_open + of_new + mean**2 * variance)
    below = -float(np.minimum(held.amount, 0).sum()) + (8 * spread if (coming.amount < 0).any() else 0.0)
    largest = float(np.abs(np.concatenate([held.amount, coming.amount])).max())
    step = (abs(mean) + 10 * spread + largest + below) / CELLS or 1.0
    return step, math.ceil(below / step)


def common_factor(variance: float) -> tuple[np.ndarray, np.ndarray]:
    """Weights and values of a lognormal factor with mean 1, at the seven points of Gauss and Hermite."""
    points, weights = np.polynomial.hermite_e.hermegauss(7)
    width = math.sqrt(math.log1p(variance))
    return weights / math.sqrt(2 * math.pi), np.exp(width * points - width * width / 2)


def turn(amount: int, width: int) -> np.ndarray:
    """The characteristic function of whole cells of the grid, at its first `width` frequencies, less 1."""
    return np.exp(-2j * np.pi * (np.arange(width) * amount % CELLS) / CELLS) - 1


def wave(amount: float, width: int) -> np.ndarray:
    """The same of an amount in cells: a small one is as often the cell below as keeps its mean, and else the cell above."""
    if abs(amount) >= 16:
        return turn(round(amount), width)
    below = math.floor(amount)
    above = amount - below
    return above * turn(below + 1, width) + ((1 - above) * turn(below, width) if below and above < 1 else 0.0)


def waves_of_open(held: Chance, factors: np.ndarray, step: float) -> np.ndarray:
    """The characteristic function of what the open deals bring, a row for each factor that all chances are off by."""
    waves = np.ones((len(factors), CELLS // 2 + 1), dtype=complex)
    chances = np.minimum(np.outer(held.chance, factors), 1.0)
    width = waves.shape[1]
    for place, (chance, amount) in enumerate(zip(chances, held.amount / step)):
        waves[:, :width] *= 1 + np.outer(chance, wave(float(amount), width))
        if place % 64 == 63:
            # It only ever shrinks: frequencies at which nothing is left are done with, and thousands of deals cost little.
            width = int(np.flatnonzero(np.abs(waves).max(axis=0) > 1e-15)[-1]) + 1
            waves[:, width:] = 0.0
    return waves


def wave_of_new(coming: Chance, step: float) -> np.ndarray:
    """The logarithm of the characteristic function of what deals to come bring."""
    amount = coming.amount / step
    cells, which = np.unique(np.where(np.abs(amount) < 16, np.round(amount, 2), np.rint(amount)), return_inverse=True)
    times = np.bincount(which, weights=coming.chance, minlength=len(cells))
    exponent = np.zeros(CELLS // 2 + 1, dtype=complex)
    for expected, cell in zip(times, cells):
        exponent += expected * wave(float(cell), len(exponent))
    return exponent


def naive(stays: pd.DataFrame, day: int, first: int, last: int, window: int) -> float:
    """What somebody without a pipeline would say: won so far, and the days left at the mean rate of the last `window` days."""
    seen = known(stays, day)
    won = seen[(seen["state"] == "won") & seen["until"].isna()]
    window = min(window, day - began(seen) + 1)
    rate = won[won["booked"].between(day - window + 1, day)]["amount"].sum() / window
    return float(won[won["booked"].between(first, last)]["amount"].sum() + rate * (last - day))
