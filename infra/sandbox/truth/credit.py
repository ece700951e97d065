"""Who gets the credit of a journey, straight from the definition of each model, in exact fractions."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from infra.sandbox.truth.journeys import Journey
from infra.sandbox.truth.touches import TrueTouch

HALF_LIFE_SECONDS = 7 * 86_400
SCALE = 2**80  # weights of time decay are whole numbers of its parts
SHARE, CENT = Decimal("1e-12"), Decimal("0.01")
Points = list[Fraction]

# Shares of the milestones, and what the touches at none of them share evenly.
MILESTONES = {
    "u_shaped": ({"first": "40", "last": "40"}, "20"),
    "w_shaped": ({"first": "30", "lead": "30", "opportunity": "30"}, "10"),
    "full_path": ({"first": "22.5", "lead": "22.5", "opportunity": "22.5", "close": "22.5"}, "10"),
    "custom": ({"first": "40", "lead": "20", "opportunity": "20", "close": "10"}, "10"),
}


@dataclass(frozen=True, slots=True)
class Credit:
    """What a touch (None: no touch led there) is given of a journey; `money` is None where there is none."""

    touch: TrueTouch | None
    weight: Decimal
    money: Decimal | None


def rule_models() -> dict[str, Callable[[Journey], Points]]:
    """The rule-based models by name; each gives the touches of a journey points."""
    return {
        "first": lambda journey: _all_to(journey, 0),
        "last": lambda journey: _all_to(journey, len(journey.touches) - 1),
        "last_non_direct": _last_non_direct,
        "linear": lambda journey: [Fraction(1)] * len(journey.touches),
        "time_decay": _time_decay,
        **{name: _milestones(name) for name in MILESTONES},
    }


def credits(journey: Journey, points: Points) -> list[Credit]:
    """Points as credit. Shares are steps of the running share, rounded to 12 places, and cents are steps of what
    the running share is worth, so that both add up exactly."""
    if not journey.touches:
        return [Credit(None, Decimal(1), journey.amount)]
    if not any(points):
        points = [Fraction(1)] * len(points)
    total, run = sum(points, Fraction(0)), Fraction(0)
    given: list[Credit] = []
    share_before = money_before = Decimal(0)
    for touch, point in zip(journey.touches, points, strict=True):
        run += point
        share = _rounded(run / total)
        money = (journey.amount or Decimal(0)) * share
        money = money.quantize(CENT, ROUND_HALF_UP)
        if share > share_before:
            worth = None if journey.amount is None else money - money_before
            given.append(Credit(touch, share - share_before, worth))
        share_before, money_before = share, money
    return given


def _rounded(share: Fraction) -> Decimal:
    return (Decimal(share.numerator) / Decimal(share.denominator)).quantize(SHARE, ROUND_HALF_UP)


def _all_to(journey: Journey, place: int) -> Points:
    return [Fraction(index == place) for index in range(len(journey.touches))]


def _last_non_direct(journey: Journey) -> Points:
    places = [index for index, touch in enumerate(journey.touches) if touch.channel != "direct"]
    return _all_to(journey, places[-1] if places else len(journey.touches) - 1)


def _time_decay(journey: Journey) -> Points:
    """2^(-days/half-life): only ratios count, so days before the last touch do as well as days before the event."""
    last = journey.touches[-1].at
    ages = ((last - touch.at).total_seconds() for touch in journey.touches)
    return [Fraction(int(2 ** (-age / HALF_LIFE_SECONDS) * SCALE), SCALE) for age in ages]


def _milestones(model: str) -> Callable[[Journey], Points]:
    shares, between = MILESTONES[model]

    def points(journey: Journey) -> Points:
        found = _milestone_touches(journey)
        held = [(found[name], Fraction(share)) for name, share in shares.items() if name in found]
        given = {touch: Fraction(0) for touch in journey.touches}
        for touch, share in held:
            given[touch] += share
        middle = [touch for touch in journey.touches if touch not in {holder for holder, _ in held}]
        # Without touches between, their share is divided over the milestones, so a touch at two of them gets two parts.
        receivers = middle or [touch for touch, _ in held]
        for touch in receivers:
            given[touch] += Fraction(between) / len(receivers)
        return [given[touch] for touch in journey.touches]

    return points


def _milestone_touches(journey: Journey) -> dict[str, TrueTouch]:
    """The touch of each milestone that the journey has: the latest one at or before the stage change."""
    first, last = journey.touches[0], journey.touches[-1]
    found = {
        "first": first,
        "lead": journey.latest(journey.lead_at),
        "opportunity": journey.latest(journey.opportunity_at),
        "close": last if journey.kind == "revenue" else None,
        "last": last,
    }
    return {name: touch for name, touch in found.items() if touch is not None}
