"""The forecast once more, from what the pipeline was each evening: loops and dictionaries, no line of the project's.

A walk is all that is known of a deal: in which stage it was on which evening, and whether, when and for how much it
closed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

Rules = dict[str, Any]  # what sqlmesh/forecast.yml says


@dataclass
class Walk:
    """`open[evening] = (stage, amount)`; `closed` is the evening that it was won or lost."""

    open: dict[int, tuple[str, float]] = field(default_factory=dict)
    closed: int | None = None
    is_won: bool = False
    booked: int | None = None
    amount: float = 0.0
    has_amount: bool = True

    def state(self, evening: int) -> str | None:
        """The stage, won, lost, or None before the deal was there. Between closed and opened again it is lost."""
        if evening in self.open:
            return self.open[evening][0]
        if self.closed is not None and evening >= self.closed:
            return "won" if self.is_won else "lost"
        return "lost" if any(day < evening for day in self.open) else None

    def age(self, evening: int) -> int:
        """Evenings since it entered the stage it is in."""
        age = 0
        while self.state(evening - age - 1) == self.state(evening):
            age += 1
        return age


def expected(
    walks: Sequence[Walk], day: int, first: int, last: int, rules: Rules
) -> tuple[float, float, float]:
    """What is won in the period until `day`, what the open deals bring and what deals to come bring."""
    chances = daily_chances(walks, day, rules)

    @cache
    def won_within(stage: str, age: int, days: int) -> float:
        if stage in ("won", "lost") or not days:
            return float(stage == "won")
        leaves = chances[stage][band(age, rules)]
        stays = 1 - sum(leaves.values())
        gone = sum(chance * won_within(to, 0, days - 1) for to, chance in leaves.items())
        return gone + stays * won_within(stage, min(age + 1, oldest), days - 1)

    oldest = rules["age_bands"][-1]
    for days in range(last - day + 1):  # from short to long, so that no call goes deep
        for stage in chances:
            for age in range(oldest + 1):
                won_within(stage, age, days)
    size = size_of_wins(walks, day)
    booked = sum(w.amount for w in walks if is_won_by(w, day) and first <= (w.booked or 0) <= last)
    in_hand = [(w.open[day], w.age(day)) for w in walks if day in w.open]
    held = sum(
        amount * size * won_within(stage, min(age, oldest), last - day) for (stage, amount), age in in_hand
    )
    start = min(first_evening(w) for w in walks)
    window = min(rules["new_deal_days"], day - start + 1)
    coming = sum(
        amount * size * won_within(stage, 0, last - later) / window
        for stage, amount, came in arrivals(walks, day)
        if came > day - window
        for later in range(day + 1, last + 1)
    )
    return booked, held, coming


def is_won_by(walk: Walk, day: int) -> bool:
    return walk.is_won and walk.closed is not None and walk.closed <= day


def first_evening(walk: Walk) -> int:
    days = list(walk.open) + ([walk.closed] if walk.closed is not None else [])
    return min(days)


def arrivals(walks: Iterable[Walk], day: int) -> Iterable[tuple[str, float, int]]:
    """(stage, amount, evening) of deals seen open for the first time, or again; or first seen when they closed."""
    for walk in walks:
        for evening, (stage, amount) in walk.open.items():
            if evening <= day and evening - 1 not in walk.open:
                yield stage, amount, evening
        if not walk.open and walk.closed is not None and walk.closed <= day:
            yield "won" if walk.is_won else "lost", walk.amount, walk.closed


def size_of_wins(walks: Iterable[Walk], day: int) -> float:
    closed = [w for w in walks if w.has_amount and w.closed is not None and w.closed <= day]
    won = [w.amount for w in closed if w.is_won]
    return (sum(won) / len(won)) / (sum(w.amount for w in closed) / len(closed))


def band(age: int, rules: Rules) -> int:
    return max(place for place, low in enumerate(rules["age_bands"]) if low <= age)


def daily_chances(walks: Sequence[Walk], day: int, rules: Rules) -> dict[str, list[dict[str, float]]]:
    """By stage and age band: where a deal goes on an evening, and how likely."""
    risk: dict[str, Counter[int]] = defaultdict(Counter)
    moves: dict[str, list[Counter[str]]] = {}
    for walk in walks:
        age, before = 0, None
        for evening in sorted(walk.open):
            stage = walk.open[evening][0]
            age = age + 1 if before == (evening - 1, stage) else 0
            before = (evening, stage)
            if evening > day:
                break
            moves.setdefault(
                stage, [Counter() for _ in rules["age_bands"]]
            )  # a stage that nobody left is a stage
            if evening == day:
                break
            risk[stage][band(age, rules)] += 1
            then = walk.state(evening + 1)
            if then != stage:
                moves[stage][band(age, rules)][str(then)] += 1
    left = {stage: sum(sum(to.values()) for to in bands) for stage, bands in moves.items()}
    all_risk, all_moves = Counter[int](), [Counter[str]() for _ in rules["age_bands"]]
    for stage in moves:
        all_risk.update(risk[stage])
        for place, to in enumerate(moves[stage]):
            all_moves[place].update(to)
    found = {}
    for stage in moves:
        thin = left[stage] < rules["minimum_exits"]
        found[stage] = in_bands(all_risk if thin else risk[stage], all_moves if thin else moves[stage])
    return found


def in_bands(risk: Counter[int], moves: list[Counter[str]]) -> list[dict[str, float]]:
    """Chances by band; from the oldest on, a band with fewer than five moves joins the one before it."""
    groups: list[list[int]] = [[]]
    for place in range(len(moves) - 1, -1, -1):
        groups[-1].append(place)
        if sum(sum(moves[one].values()) for one in groups[-1]) >= 5:
            groups.append([])
    if not groups[-1]:
        groups.pop()
    chances: dict[int, dict[str, float]] = {}
    for group in groups:
        evenings = sum(risk[place] for place in group)
        together = sum((moves[place] for place in group), Counter[str]())
        for place in group:
            chances[place] = {to: count / evenings for to, count in together.items()}
    return [chances[place] for place in range(len(moves))]
