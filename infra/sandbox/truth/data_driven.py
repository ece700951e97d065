"""Markov and Shapley over the company's own journeys, in exact fractions."""

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from fractions import Fraction

from infra.sandbox.company import Company
from infra.sandbox.truth.credit import Points
from infra.sandbox.truth.deals import DealStory
from infra.sandbox.truth.events import BLANK
from infra.sandbox.truth.journeys import KINDS, Journey, window_start
from infra.sandbox.truth.people import has_reached, is_forgotten, is_gone
from infra.sandbox.truth.touches import UNKNOWN, TrueTouch

TRAINING_DAYS = 730
FEWEST_CONVERSIONS = 50
START, WON, LOST = "(start)", "(won)", "(lost)"
Path = tuple[str, ...]


def data_driven_models(
    company: Company,
    now: datetime,
    built_on: date,
    told: list[TrueTouch],
    stories: list[DealStory],
    walked: list[Journey],
) -> dict[str, dict[str, Callable[[Journey], Points]]]:
    """model -> kind -> points, for the kinds that have conversions enough to learn from."""
    since = window_start(built_on, TRAINING_DAYS)
    models: dict[str, dict[str, Callable[[Journey], Points]]] = {"markov": {}, "shapley": {}}
    for kind in KINDS:
        won = [_path(j.touches) for j in walked if j.kind == kind and j.touches and j.credited_at >= since]
        if len(won) < FEWEST_CONVERSIONS:
            continue
        lost = [_path(one) for one in _without(kind, company, now, since, told, stories) if one]
        models["markov"][kind] = _divided(_removal_effects(won, lost))
        models["shapley"][kind] = _divided(None)
    return models


def _step(touch: TrueTouch) -> str:
    return UNKNOWN if touch.channel == BLANK else touch.channel


def _path(walked: tuple[TrueTouch, ...] | list[TrueTouch]) -> Path:
    return tuple(_step(touch) for touch in walked)


def _without(
    kind: str,
    company: Company,
    now: datetime,
    since: datetime,
    told: list[TrueTouch],
    stories: list[DealStory],
) -> list[list[TrueTouch]]:
    """Journeys that led nowhere: of people who never became MQL, of MQLs on no deal, of deals that were lost."""
    if kind == "revenue":
        lost = [s for s in stories if s.is_closed and not s.is_won and s.closed_at >= since]
        return [list(story.touches) for story in lost]
    on_deals = {person.number for story in stories for person in story.people}
    by_person: dict[int, list[TrueTouch]] = {}
    for touch in told:
        if touch.person is not None and touch.at >= since:
            by_person.setdefault(touch.person.number, []).append(touch)
    found = []
    for person in company.people:
        if person.number not in by_person or is_gone(person, now) or is_forgotten(person, now):
            continue
        is_mql = has_reached(person, "mql", now)
        if (kind == "mql" and not is_mql) or (
            kind == "pipeline" and is_mql and person.number not in on_deals
        ):
            found.append(by_person[person.number])
    return found


def _removal_effects(won: list[Path], lost: list[Path]) -> dict[str, Fraction]:
    """Per channel the share of conversions that are lost when everybody who comes to it leaves."""
    moves: dict[str, Counter[str]] = {}
    for paths, end in ((won, WON), (lost, LOST)):
        for path, times in Counter(paths).items():
            for here, there in zip((START, *path), (*path, end), strict=True):
                if here != there:  # who stays on a channel has not moved
                    moves.setdefault(here, Counter())[there] += times
    channels = sorted(set(moves) - {START})
    whole = _chance(moves, channels, None)
    return {channel: 1 - _chance(moves, channels, channel) / whole for channel in channels}


def _chance(moves: dict[str, Counter[str]], channels: list[str], removed: str | None) -> Fraction:
    """The chance to convert from the start, when `removed` leads nowhere: solved by elimination."""
    chance: dict[str, dict[str, Fraction]] = {}
    for here in (*channels, START):
        total = sum(moves[here].values())
        chance[here] = {there: Fraction(times, total) for there, times in moves[here].items()}
    for out in channels:  # take one channel after the other out of the chain
        row = {} if out == removed else chance[out]
        stay = row.pop(out, Fraction(0))
        row = {there: value / (1 - stay) for there, value in row.items()}
        for here in (*channels[channels.index(out) + 1 :], START):
            through = chance[here].pop(out, Fraction(0))
            for there, value in row.items():
                chance[here][there] = chance[here].get(there, Fraction(0)) + through * value
    return chance[START].get(WON, Fraction(0))


def _divided(effects: dict[str, Fraction] | None) -> Callable[[Journey], Points]:
    """The channels of a journey share it in the ratio of their effects (evenly: None); a channel's touches evenly."""

    def points(journey: Journey) -> Points:
        times = Counter(_step(touch) for touch in journey.touches)
        return [
            (Fraction(1) if effects is None else effects.get(_step(touch), Fraction(0))) / times[_step(touch)]
            for touch in journey.touches
        ]

    return points
