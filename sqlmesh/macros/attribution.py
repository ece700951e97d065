"""The rule-based attribution models of attribution.yml, as arithmetic on the positions of a journey's places.

A model is a running share of the journey, rounded; its steps are the weights, so that they sum to exactly 1.
"""

from datetime import date, timedelta

from sqlglot import exp
from sqlmesh import macro
from sqlmesh.core.macros import MacroEvaluator

# Where each place of a journey is: a column of attribution.journey_touch, or a number; beyond the last touch where the
# journey has none, so that no condition on it is ever NULL.
PLACES = {
    "first": "1",
    "lead": "COALESCE(lead_position, touch_count + 1)",
    "opportunity": "COALESCE(opportunity_position, touch_count + 1)",
    "close": "COALESCE(close_position, touch_count + 1)",
    "last": "touch_count",
    "last_non_direct": "COALESCE(non_direct_position, touch_count)",  # all of them direct: the last
}
ALWAYS_THERE = ("first", "last", "last_non_direct")


def _models(evaluator: MacroEvaluator) -> dict[str, dict[str, float]]:
    return evaluator.var("attribution")["models"]


def _sum(terms: list[str]) -> str:
    return " + ".join(terms) or "0"


def _one_if(conditions: list[str]) -> str:
    # No CASE: engines that work on columns branch there, row by row.
    return f"CAST(({' AND '.join(conditions)}) AS INTEGER)" if conditions else "1"


def _points_if(conditions: list[str], points: float) -> str:
    # With an exponent it is a double: DuckDB's arithmetic on decimals is several times slower.
    return f"{points}e0 * {_one_if(conditions)}" if conditions else f"{points}e0"


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
    there = {place: [] if place in ALWAYS_THERE else [f"{PLACES[place]} <= touch_count"] for place in places}
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
    share = f"CAST({_sum(points)} AS DOUBLE) / ({_sum(total)})"
    if any(weights.get(place) for place in (*ALWAYS_THERE, "middle", "decay")):
        return share
    return f"CASE WHEN {_sum(total)} > 0 THEN {share} ELSE CAST({touch} AS DOUBLE) / touch_count END"


def _middle(weight: float, places: list[str], there: dict, reached: dict, touch: str) -> str:
    """The middle share up to a touch: evenly over the touches in no place; without any, over the places.

    Where all touches are in places, as many are taken so far as there are touches so far, so that the first term is 0.
    """
    # A touch in several places is one touch: a place counts where no earlier one of the list is at the same touch.
    alone = {
        place: [f"{PLACES[place]} <> {PLACES[other]}" for other in places[:number]]
        for number, place in enumerate(places)
    }
    taken = _sum([_one_if(there[place] + alone[place]) for place in places])
    taken_so_far = _sum([_one_if(reached[place] + alone[place]) for place in places])
    if not places:
        return f"{weight}e0 * {touch} / touch_count"
    hits = _sum([_one_if(there[place]) for place in places])
    hits_so_far = _sum([_one_if(reached[place]) for place in places])
    all_taken = _one_if([f"touch_count = {taken}"])
    return f"""{weight}e0 * ({touch} - ({taken_so_far}) + {all_taken} * ({hits_so_far}))
        / (touch_count - ({taken}) + {all_taken} * ({hits}))"""


def _is_whole(weights: dict[str, float]) -> bool:
    """All to one touch that every journey has: nothing is shared, nothing rounded."""
    return len(weights) == 1 and next(iter(weights)) in ALWAYS_THERE


@macro()
def rule_shares(evaluator: MacroEvaluator) -> list[exp.Expression]:
    """Two columns a model: the running share of the journey before this touch and up to it, rounded to 12 decimals.

    0 before the first touch and 1 at the last; made of the positions of attribution.journey_touch. A model that gives all
    to one touch has one column instead: whether it is this one.
    """
    columns = []
    for model, weights in _models(evaluator).items():
        if _is_whole(weights):
            columns.append(f"position = {PLACES[next(iter(weights))]} AS {model}_here")
            continue
        columns += [
            f"CAST({_running_share(weights, before)} AS DECIMAL(18, 12)) AS {model}_{side}"
            for side, before in (("before", True), ("after", False))
        ]
    return [evaluator.parse_one(column) for column in columns]


def _sides(evaluator: MacroEvaluator) -> list[str]:
    """The running shares of the models that share: linear_before, linear_after, ..."""
    shared = [model for model, weights in _models(evaluator).items() if not _is_whole(weights)]
    return [f"{model}_{side}" for model in shared for side in ("before", "after")]


@macro()
def rule_cents(evaluator: MacroEvaluator) -> list[exp.Expression]:
    """Each running share of `amount_cents`, in cents and parts of them: <model>_before_cents, <model>_after_cents."""
    return [evaluator.parse_one(f"amount_cents * CAST({side} AS DOUBLE) AS {side}_cents") for side in _sides(evaluator)]


@macro()
def rule_whole_cents(evaluator: MacroEvaluator) -> list[exp.Expression]:
    """The whole cents nearest to each of rule_cents: <model>_before_whole, <model>_after_whole."""
    return [evaluator.parse_one(f"FLOOR({side}_cents + 0.5e0) AS {side}_whole") for side in _sides(evaluator)]


@macro()
def rule_credits(evaluator: MacroEvaluator) -> list[exp.Expression]:
    """Two columns a model: the touch's weight and its part of the amount, as steps of the model's running share.

    Made of the columns of rule_shares, rule_cents and rule_whole_cents, each computed once, and `amount`, `is_large`.
    """
    columns = []
    for model, weights in _models(evaluator).items():
        if _is_whole(weights):
            share = f"CAST({model}_here AS INTEGER)"
            money = f"CASE WHEN {model}_here THEN amount ELSE amount - amount END"
        else:
            share = f"{model}_after - {model}_before"
            money = _step(*(f"{model}_{side}" for side in ("before", "after")))
        columns += [
            f"CAST({share} AS DECIMAL(18, 12)) AS {model}_weight /* the share that {model} gives */",
            f"CAST({money} AS DECIMAL(18, 2)) AS {model}_amount /* the money that {model} gives; NULL for mql */",
        ]
    return [evaluator.parse_one(column) for column in columns]


def _step(before: str, after: str) -> str:
    """The cents from one running share to the next: by doubles wherever they know both, else as `_to_the_cent` has it."""
    return f"""CASE
        WHEN is_large OR ABS({before}_cents - {before}_whole) > 0.499e0 OR ABS({after}_cents - {after}_whole) > 0.499e0
        THEN {_exact("amount", after)} - {_exact("amount", before)}
        ELSE CAST(({after}_whole - {before}_whole) / 100 AS DECIMAL(18, 2)) END"""


@macro()
def credited_money(
    evaluator: MacroEvaluator, amount: exp.Expression, before: exp.Expression, after: exp.Expression
) -> exp.Expression:
    """What a step of a running share is of the amount, to the cent: the steps of a journey sum to the amount."""
    return evaluator.parse_one(_money(*(part.sql("snowflake") for part in (amount, before, after))))


def _money(amount: str, before: str, after: str) -> str:
    return f"{_to_the_cent(amount, after)} - {_to_the_cent(amount, before)}"


def _to_the_cent(amount: str, share: str) -> str:
    """`amount * share` rounded half away from zero, exactly.

    A double knows the cents of any sum below a billion unless it is about half a cent. Only then is it left to decimals,
    whose division by a power of ten takes DuckDB a hundred times as long.
    """
    cents = f"(CAST({amount} AS DOUBLE) * CAST({share} AS DOUBLE) * 100)"
    return f"""CASE
        WHEN ABS({amount}) < 1000000000 AND ABS({cents} - FLOOR({cents}) - 0.5e0) > 0.001e0
        THEN CAST({cents} / 100 AS DECIMAL(18, 2))
        ELSE {_exact(amount, share)} END"""


def _exact(amount: str, share: str) -> str:
    # The running share has four digits before its point: times the amount, DuckDB needs the room.
    return f"ROUND({amount} * CAST({share} AS DECIMAL(22, 12)), 2)"


@macro()
def every_model(
    evaluator: MacroEvaluator, journeys: exp.Expression, learned: exp.Expression
) -> exp.Expression:
    """The columns of the rule-based models under each other, and the rows of the data-driven ones."""
    keys = (
        "credit_kind, credited_id, opportunity_id, person_id, touch_id, campaign_id, content_id, channel, source, medium,"
        " region, segment, industry, product, owner, touch_at, credited_at"
    )
    selects = [
        f"""SELECT '{model}' AS attribution_model, {keys}, {model}_weight AS weight, {model}_amount AS amount, journey_version
        FROM {journeys.sql("snowflake")} WHERE {model}_weight > 0"""
        for model in _models(evaluator)
    ]
    selects.append(f"SELECT attribution_model, {keys}, weight, amount, journey_version FROM {learned.sql('snowflake')}")
    return evaluator.parse_one(" UNION ALL ".join(selects)).subquery()


@macro()
def training_start(evaluator: MacroEvaluator) -> exp.Expression:
    """The first day that Markov and Shapley learn from."""
    days = evaluator.var("attribution")["data_driven"]["training_days"]
    first = date.fromisoformat(str(evaluator.locals["execution_ds"])) - timedelta(days=days)
    return exp.cast(exp.Literal.string(first.isoformat()), "TIMESTAMP")
