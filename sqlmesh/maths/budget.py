"""The same budget divided so that a further unit brings the same on every channel, as far as channels may move."""

import math
import typing as t
from dataclasses import dataclass

from maths.response import Response, Rules, change, quantile


@dataclass(frozen=True)
class Shift:
    """A month's spend of a channel now and proposed, and what that does to its pipeline."""

    channel: str
    now: float
    proposed: float
    gain: float
    error: float


@dataclass(frozen=True)
class Plan:
    """Shifts that add up to nothing, and what they gain together; none where `status` is a refusal."""

    status: str
    shifts: tuple[Shift, ...] = ()
    gain: float | None = None
    low: float | None = None
    high: float | None = None


def divide(responses: dict[str, Response], rules: Rules) -> Plan:
    """The best division of what is spent now on the channels whose response is known."""
    known = {name: one for name, one in sorted(responses.items()) if one.status == "ok"}
    if len(known) < 2:
        return Plan(f"refused: the response of {len(known)} of {len(responses)} channels is known, two are needed")
    cents = settle(known, rules)
    shifts = []
    for name, one in known.items():
        gain, error = change(one, cents[name] / 100)
        shifts.append(Shift(name, one.spend, cents[name] / 100, gain, error))
    gain = sum(shift.gain for shift in shifts)
    reach = quantile(rules.interval, min(one.freedom for one in known.values()))
    width = reach * math.sqrt(sum(shift.error**2 for shift in shifts))
    if gain - width <= 0:
        return Plan(f"refused: what a shift gains cannot be told from nothing ({gain:.2f} ± {width:.2f} a month)")
    return Plan("ok", tuple(shifts), gain, gain - width, gain + width)


def settle(known: dict[str, Response], rules: Rules) -> dict[str, int]:
    """Cents of each channel, as many together as now: the price of a further unit is found by halving."""
    total = sum(round(one.spend * 100) for one in known.values())
    cheap, dear = 1e-12, max(t.cast(float, one.marginal) for one in known.values()) * 1e6
    for _ in range(200):
        price = math.sqrt(cheap * dear)
        if sum(wanted(one, price, rules) for one in known.values()) > total / 100:
            cheap = price
        else:
            dear = price
    cents = {name: math.floor(wanted(one, dear, rules) * 100) for name, one in known.items()}
    # The rest goes to who still takes it at the price, a straight line (elasticity 1) up to all it may take.
    for name, one in sorted(known.items(), key=lambda item: -t.cast(float, item[1].marginal)):
        room = math.floor(bounds(one, rules)[1] * 100) - cents[name]
        given = min(total - sum(cents.values()), max(room, 0))
        cents[name] += given
    return cents


def bounds(one: Response, rules: Rules) -> tuple[float, float]:
    """The least and the most that may be spent: the largest change, and never beyond a month that was tried."""
    low, high = one.spend * (1 - rules.maximum_change), one.spend * (1 + rules.maximum_change)
    return min(max(low, one.lowest), one.spend), max(min(high, one.highest), one.spend)


def wanted(one: Response, price: float, rules: Rules) -> float:
    """What is spent while a further unit brings more than `price`."""
    low, high = bounds(one, rules)
    elasticity, marginal = t.cast(float, one.elasticity), t.cast(float, one.marginal)
    if elasticity >= 1 - 1e-9:
        return high if marginal > price else low
    power = math.log(marginal / price) / (1 - elasticity)
    return min(max(one.spend * math.exp(min(max(power, -50.0), 50.0)), low), high)
