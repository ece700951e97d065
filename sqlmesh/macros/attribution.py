"""The rule-based attribution models of attribution.yml, as arithmetic on the positions of a journey's places.

A model is a running share of the journey, rounded; its steps are the weights, so that they sum to exactly 1.
"""

from datetime import date, timedelta

from sqlglot import exp
from sqlmesh import macro
from sqlmesh.core.macros import MacroEvaluator

# Where each place of a journey is: a column of attribution.journey_touch, or a number. NULL where the journey has none.
PLACES = {
    "first": "1",
    "lead": "lead_position",
    "opportunity": "opportunity_position",
    "close": "close_position",
    "last": "touch_count",
    "last_non_direct": "non_direct_position",
}
ALWAYS_THERE = ("first", "last", "last_non_direct")


def _models(evaluator: MacroEvaluator) -> dict[str, dict[str, float]]:
    return evaluator.var("attribution")["models"]


def _sum(terms: list[str]) -> str:
    return " + ".join(terms) or "0"


def _one_if(conditions: list[str]) -> str:
    return f"CASE WHEN {' AND '.join(conditions)} THEN 1 ELSE 0 END" if conditions else "1"


def _points_if(conditions: list[str], points: float) -> str:
    # With an exponent it is a double: DuckDB's arithmetic on decimals is several times slower.
    return f"CASE WHEN {' AND '.join(conditions)} THEN {points}e0 ELSE 0e0 END" if conditions else f"{points}e0"


@macro()
def lookback_days(evaluator: MacroEvaluator) -> exp.Expression:
    """How long before the event a touch may be."""
    return exp.Literal.number(evaluator.var("attribution")["lookback_days"])


@macro()
def half_life_days(evaluator: MacroEvaluator) -> exp.Expression:
    """After how many days a touch counts half."""
    return exp.Literal.number(evaluator.var("attribution")["half_life_days"])


def _running_share(weights: dict[str, float], before: bool) -> str:
    """The share of a journey up to a touch, in closed form from the positions of its places: no window, no sort.

    With `before`, the touch itself does not count. Both are the same arithmetic on the same numbers, so that the share
    before a touch is to the last bit the share up to the one in front of it, and the steps sum to 1.
    """
    places = [place for place in PLACES if place in weights]
    there = {place: [] if place in ALWAYS_THERE else [f"{PLACES[place]} IS NOT NULL"] for place in places}
    touch, passed = ("(position - 1)", ">") if before else ("position", ">=")
    reached = {place: [f"position {passed} {PLACES[place]}"] for place in places}
    points = [_points_if(reached[place], float(weights[place])) for place in places]
    total = [_points_if(there[place], float(weights[place])) for place in places]
    if "decay" in weights:
        points.append(f"{float(weights['decay'])}e0 * {'decay_before' if before else 'decay_share'}")
        total.append(_points_if([], float(weights["decay"])))
    if "middle" in weights:
        points.append(_middle(float(weights["middle"]), places, there, reached, touch))
        total.append(_points_if([], float(weights["middle"])))
    return f"""CASE WHEN {_sum(total)} > 0 THEN CAST({_sum(points)} AS DOUBLE) / ({_sum(total)})
        ELSE CAST({touch} AS DOUBLE) / touch_count END"""


def _middle(weight: float, places: list[str], there: dict, reached: dict, touch: str) -> str:
    """The middle share up to a touch: evenly over the touches in no place; without any, over the places."""
    # A touch in several places is one touch: a place counts where no earlier one of the list is at the same touch.
    alone = {
        place: [f"{PLACES[place]} <> COALESCE({PLACES[other]}, 0)" for other in places[:number]]
        for number, place in enumerate(places)
    }
    taken = _sum([_one_if(there[place] + alone[place]) for place in places])
    taken_so_far = _sum([_one_if(reached[place] + alone[place]) for place in places])
    hits = _sum([_one_if(there[place]) for place in places]) if places else "1"
    hits_so_far = _sum([_one_if(reached[place]) for place in places])
    return f"""{weight}e0 * CASE
        WHEN touch_count > ({taken}) THEN CAST({touch} - ({taken_so_far}) AS DOUBLE) / (touch_count - ({taken}))
        ELSE CAST({hits_so_far} AS DOUBLE) / ({hits}) END"""


@macro()
def rule_shares(evaluator: MacroEvaluator, touches: exp.Expression) -> exp.Expression:
    """Every model's running shares of the `touches`, under each other, rounded to 12 decimals.

    (credit_kind, credited_id, attribution_model, touch_id, share_before, share_after); 0 before the first touch, 1 at the last.
    """
    selects = [
        f"""SELECT credit_kind, credited_id, '{model}' AS attribution_model, touch_id,
        CAST(CASE WHEN position = 1 THEN 0 ELSE {_running_share(weights, before=True)} END AS DECIMAL(18, 12)) AS share_before,
        CAST(CASE WHEN position = touch_count THEN 1 ELSE {_running_share(weights, before=False)} END AS DECIMAL(18, 12)) AS share_after
        FROM {touches.name}"""
        for model, weights in _models(evaluator).items()
    ]
    return evaluator.parse_one(" UNION ALL ".join(selects)).subquery("every_model")


@macro()
def rule_models(evaluator: MacroEvaluator) -> exp.Expression:
    """The names of the rule-based models as a table of one column, attribution_model."""
    selects = [f"SELECT '{model}' AS attribution_model" for model in _models(evaluator)]
    return evaluator.parse_one(" UNION ALL ".join(selects)).subquery()


@macro()
def training_start(evaluator: MacroEvaluator) -> exp.Expression:
    """The first day that Markov and Shapley learn from."""
    days = evaluator.var("attribution")["data_driven"]["training_days"]
    first = date.fromisoformat(str(evaluator.locals["execution_ds"])) - timedelta(days=days)
    return exp.cast(exp.Literal.string(first.isoformat()), "TIMESTAMP")
