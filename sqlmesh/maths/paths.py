"""Attribution over paths: who gets the credit when all that is known is the order of the channels.

A path is a tuple of channels with the conversions it led to, their value, and the journeys that ended without one.
The models are exact: Markov by linear algebra, Shapley by its closed form or by counting every coalition; nothing is
simulated unless the coalitions are too many, and then the answer carries its error bound.

Used by the command `touchstone attribute` and by the model attribution.data_driven.
"""

import math
import random
import typing as t
from dataclasses import dataclass

import numpy as np

HALF_LIFE_STEPS = 7.0  # time_decay has no clock here: a step counts as a day
EXACT_CHANNELS = 12  # 2^12 coalitions are counted one by one; beyond, orders of channels are drawn
DRAWS = 20_000
DIRECT = ("direct", "(direct)", "(direct) / (none)", "direct traffic", "direct_traffic")  # in small letters
UNATTRIBUTED = "unattributed"


@dataclass(frozen=True)
class Path:
    """Journeys that took the same steps."""

    steps: tuple[str, ...]
    conversions: float
    value: float = 0.0
    nulls: float = 0.0


@dataclass(frozen=True)
class Credit:
    """What a channel is given. `error` bounds conversions with 95 % confidence; 0 where the answer is exact."""

    channel: str
    conversions: float
    value: float
    error: float = 0.0


def attribute(model: str, paths: t.Sequence[Path]) -> list[Credit]:
    """Credit by `model` (one of MODELS), channels in alphabetical order; conversions and value sum to the paths' totals.

    What paths without any step brought is nobody's: a last row, `unattributed`, where there is any. A channel of that name
    is the same row: there is one row a channel.

    >>> [(c.channel, c.conversions) for c in attribute("linear", [Path(("a", "b"), 1)])]
    [('a', 0.5), ('b', 0.5)]
    """
    credits = MODELS[model]([path for path in paths if path.steps])
    lone = [path for path in paths if not path.steps]
    conversions, value = sum(path.conversions for path in lone), sum(path.value for path in lone)
    if not (conversions or value):
        return credits
    named = [credit for credit in credits if credit.channel == UNATTRIBUTED]
    nobody = Credit(
        UNATTRIBUTED,
        conversions + sum(credit.conversions for credit in named),
        value + sum(credit.value for credit in named),
        max((credit.error for credit in named), default=0.0),
    )
    return [*(credit for credit in credits if credit.channel != UNATTRIBUTED), nobody]


def by_position(weigh: t.Callable[[int], list[float]]) -> t.Callable[[t.Sequence[Path]], list[Credit]]:
    """A model that gives each step a weight by its place only; `weigh(n)` are the weights of a path of n steps."""

    def model(paths: t.Sequence[Path]) -> list[Credit]:
        given: dict[str, list[float]] = {}
        for path in paths:
            for channel, weight in zip(path.steps, weigh(len(path.steps))):
                credit = given.setdefault(channel, [0.0, 0.0])
                credit[0] += weight * path.conversions
                credit[1] += weight * path.value
        return [Credit(channel, *given[channel]) for channel in sorted(given)]

    return model


def first(count: int) -> list[float]:
    """All to the first step."""
    return [1.0] + [0.0] * (count - 1)


def last(count: int) -> list[float]:
    """All to the last step."""
    return [0.0] * (count - 1) + [1.0]


def linear(count: int) -> list[float]:
    """The same to every step."""
    return [1.0 / count] * count


def u_shaped(count: int) -> list[float]:
    """40 to the first, 40 to the last, 20 between; half and half where there is nothing between."""
    if count <= 2:
        return linear(count)
    return [0.4] + [0.2 / (count - 2)] * (count - 2) + [0.4]


def time_decay(count: int) -> list[float]:
    """Half the weight for every HALF_LIFE_STEPS steps before the last."""
    weights = [2 ** (-(count - 1 - place) / HALF_LIFE_STEPS) for place in range(count)]
    return [weight / sum(weights) for weight in weights]


def last_non_direct(paths: t.Sequence[Path]) -> list[Credit]:
    """All to the last step that is not `direct`; to the last where every step is."""

    def kept(path: Path) -> Path:
        steps = [step for step in path.steps if step.lower() not in DIRECT] or list(path.steps)
        return Path((steps[-1],), path.conversions, path.value, path.nulls)

    channels = {step for path in paths for step in path.steps}
    credits = {credit.channel: credit for credit in by_position(last)([kept(path) for path in paths])}
    return [credits.get(channel, Credit(channel, 0.0, 0.0)) for channel in sorted(channels)]


def markov(paths: t.Sequence[Path]) -> list[Credit]:
    """First-order Markov chain: a channel's credit is its removal effect, as a share of all removal effects.

    The removal effect is the share of conversions that are lost when everybody who comes to the channel leaves. Money has
    removal effects of its own: a conversion is worth the mean value of those that came from the same last channel.
    """
    channels = sorted({step for path in paths for step in path.steps})
    effects, money_effects = removal_effects(paths, channels)
    conversions = sum(path.conversions for path in paths)
    value = sum(path.value for path in paths)
    shares = _shares(effects)
    # Money that is nothing or less in sum has no shares of its own: it goes where the conversions go.
    money_shares = _shares(money_effects) if money_effects.any() else shares
    return [
        Credit(channel, conversions * share, value * money_share)
        for channel, share, money_share in zip(channels, shares, money_shares)
    ]


def removal_effects(paths: t.Sequence[Path], channels: t.Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """(effect on conversions, effect on value) of removing each channel, between 0 and 1."""
    place = {channel: index + 1 for index, channel in enumerate(channels)}  # 0 is the start
    count = len(channels) + 1
    moves = np.zeros((count, count))
    wins, worth, leaves = np.zeros(count), np.zeros(count), np.zeros(count)
    for path in paths:
        steps = [0] + [place[step] for step in path.steps]
        for here, there in zip(steps, steps[1:]):
            moves[here, there] += path.conversions + path.nulls
        wins[steps[-1]] += path.conversions
        worth[steps[-1]] += path.value
        leaves[steps[-1]] += path.nulls
    # Who stays on a channel has not moved: without loops the chain ends where it would end with them.
    np.fill_diagonal(moves, 0.0)
    total = moves.sum(axis=1) + wins + leaves
    total[total == 0] = 1.0
    moves, wins = moves / total[:, None], wins / total
    money = worth / total
    return _lost(moves, wins), _lost(moves, money)


def _lost(moves: np.ndarray, reward: np.ndarray) -> np.ndarray:
    """The share of the expected reward from the start that is lost when each channel leads nowhere.

    That is the chance ever to come to the channel, times what is to be expected from there.
    """
    visits = np.linalg.inv(
        np.eye(len(reward)) - moves
    )  # how often a channel (column) is met from another (row)
    expected = visits @ reward
    if expected[0] <= 0:
        return np.zeros(len(reward) - 1)
    reached = visits[0] / visits.diagonal()
    lost: np.ndarray = np.clip(reached * expected / expected[0], 0.0, 1.0)[1:]
    return lost


def _shares(effects: np.ndarray) -> np.ndarray:
    total = effects.sum()
    return (
        effects / total if total > 0 else np.full(len(effects), 1 / len(effects)) if len(effects) else effects
    )


def shapley(paths: t.Sequence[Path]) -> list[Credit]:
    """Shapley value where a coalition is worth the conversions of the paths that need no channel outside it.

    Its closed form divides a path's conversions evenly among its distinct channels: exact for any number of channels
    (Zhao, Mahboobi, Bagheri 2018). Repetition and order do not count; journeys without a conversion do not either.
    """
    given: dict[str, list[float]] = {}
    for path in paths:
        members = sorted(set(path.steps))
        for channel in members:
            credit = given.setdefault(channel, [0.0, 0.0])
            credit[0] += path.conversions / len(members)
            credit[1] += path.value / len(members)
    return [Credit(channel, *given[channel]) for channel in sorted(given)]


def shapley_rate(paths: t.Sequence[Path]) -> list[Credit]:
    """Shapley value where a coalition is worth its conversion rate: what lost journeys have in common counts against it.

    Every coalition is counted up to EXACT_CHANNELS channels; beyond, DRAWS orders are drawn and `error` is the 95 % bound.
    A channel that does more harm than good gets nothing; the rest share all conversions.
    """
    channels = sorted({step for path in paths for step in path.steps})
    sets = _sets(paths, channels)
    values, errors = (_shapley_exact if len(channels) <= EXACT_CHANNELS else _shapley_drawn)(sets)
    positive = np.clip(values, 0.0, None)
    total = positive.sum()
    conversions = sum(path.conversions for path in paths)
    value = sum(path.value for path in paths)
    shares = _shares(positive)
    scale = conversions / total if total > 0 else 0.0
    return [
        Credit(channel, conversions * share, value * share, float(error * scale))
        for channel, share, error in zip(channels, shares, errors)
    ]


@dataclass(frozen=True)
class Sets:
    """The journeys by the set of their channels: `members` is sets x channels, the others count the journeys of a set."""

    members: np.ndarray
    won: np.ndarray
    walked: np.ndarray


def _sets(paths: t.Sequence[Path], channels: t.Sequence[str]) -> Sets:
    totals: dict[frozenset[str], list[float]] = {}
    for path in paths:
        counted = totals.setdefault(frozenset(path.steps), [0.0, 0.0])
        counted[0] += path.conversions
        counted[1] += path.conversions + path.nulls
    members = np.array([[channel in steps for channel in channels] for steps in totals], dtype=bool)
    won, walked = np.array(list(totals.values())).reshape(-1, 2).T
    return Sets(members.reshape(len(totals), len(channels)), won, walked)


def _shapley_exact(sets: Sets) -> tuple[np.ndarray, np.ndarray]:
    count = sets.members.shape[1]
    masks = sets.members @ (1 << np.arange(count))
    worth = np.zeros(1 << count)
    for coalition in range(1 << count):
        inside = (masks & coalition) == masks
        journeys = sets.walked[inside].sum()
        worth[coalition] = sets.won[inside].sum() / journeys if journeys else 0.0
    coalitions = np.arange(1 << count)
    sizes = np.array([coalition.bit_count() for coalition in range(1 << count)])
    weights = np.array([1 / (count * math.comb(count - 1, size)) for size in range(count)])
    values = np.zeros(count)
    for player in range(count):
        without = coalitions[coalitions >> player & 1 == 0]
        values[player] = (weights[sizes[without]] * (worth[without | 1 << player] - worth[without])).sum()
    return values, np.zeros(count)


def _shapley_drawn(sets: Sets) -> tuple[np.ndarray, np.ndarray]:
    rng = random.Random(0)  # the same answer every time
    count, drawn = sets.members.shape[1], DRAWS // 2
    channels = np.nonzero(sets.members)[1]  # of the first set, then of the second, ...
    starts = np.cumsum(sets.members.sum(axis=1)) - sets.members.sum(axis=1)
    gains = np.zeros((drawn, count))
    order = list(range(count))
    for draw in range(drawn):
        rng.shuffle(order)
        # An order and its reverse together vary less than two orders of their own.
        for walk in (order, order[::-1]):
            gains[draw, walk] += np.diff(_rates(sets, channels, starts, walk)) / 2
    return gains.mean(axis=0), 1.96 * gains.std(axis=0, ddof=1) / math.sqrt(drawn)


def _rates(sets: Sets, channels: np.ndarray, starts: np.ndarray, order: list[int]) -> np.ndarray:
    """The conversion rate of the first 0, 1, 2, ... channels of an order together: a set is there with its last channel.

    `channels` are those of all sets, one set after the other; each set's begin at its place in `starts`.
    """
    count = len(order)
    place = np.empty(count, dtype=np.int64)
    place[order] = np.arange(1, count + 1)
    there = np.maximum.reduceat(place[channels], starts)
    won = np.bincount(there, weights=sets.won, minlength=count + 1).cumsum()
    walked = np.bincount(there, weights=sets.walked, minlength=count + 1).cumsum()
    return np.divide(won, walked, out=np.zeros(count + 1), where=walked > 0)


MODELS: dict[str, t.Callable[[t.Sequence[Path]], list[Credit]]] = {
    "first": by_position(first),
    "last": by_position(last),
    "last_non_direct": last_non_direct,
    "linear": by_position(linear),
    "time_decay": by_position(time_decay),
    "u_shaped": by_position(u_shaped),
    "markov": markov,
    "shapley": shapley,
    "shapley_rate": shapley_rate,
}
