"""The columns of the rule-based attribution models, one set per model of attribution.yml.

`attribution.journey_weight` works in three passes over a journey's touches, so that one sort serves every model:
hits (in how many places of the model is the touch, and what are they worth), middle (how the middle share is divided),
and the running share, rounded, whose steps are the weights: they sum to exactly 1.
"""

from datetime import date, timedelta

from sqlglot import exp
from sqlmesh import macro
from sqlmesh.core.macros import MacroEvaluator

JOURNEY = "PARTITION BY credit_kind, credited_id"
PLACES = ("first", "lead", "opportunity", "close", "last", "last_non_direct")


def _models(evaluator: MacroEvaluator) -> dict[str, dict[str, float]]:
    return evaluator.var("attribution")["models"]


def _columns(evaluator: MacroEvaluator, columns: list[tuple[str, str]]) -> list[exp.Expression]:
    return [exp.alias_(evaluator.parse_one(text), name) for name, text in columns]


def _sum(terms: list[str]) -> str:
    return " + ".join(terms) or "0"


@macro()
def lookback_days(evaluator: MacroEvaluator) -> exp.Expression:
    """How long before the event a touch may be."""
    return exp.Literal.number(evaluator.var("attribution")["lookback_days"])


@macro()
def half_life_days(evaluator: MacroEvaluator) -> exp.Expression:
    """After how many days a touch counts half."""
    return exp.Literal.number(evaluator.var("attribution")["half_life_days"])


@macro()
def model_hits(evaluator: MacroEvaluator) -> list[exp.Expression]:
    """Per model: the number of its places that the touch is in, and their points."""
    columns = []
    for model, weights in _models(evaluator).items():
        places = [place for place in PLACES if place in weights]
        columns.append((f"hits_{model}", _sum([f"at_{place}" for place in places])))
        points = [f"{float(weights[place])} * at_{place}" for place in places]
        if "decay" in weights:
            points.append(f"{float(weights['decay'])} * decay")
        columns.append((f"points_{model}", f"CAST({_sum(points)} AS DOUBLE)"))
    return _columns(evaluator, columns)


@macro()
def model_points(evaluator: MacroEvaluator) -> list[exp.Expression]:
    """Per model: the points of the touch with its part of the middle share."""
    columns = []
    for model, weights in _models(evaluator).items():
        hits, points, middle = f"hits_{model}", f"points_{model}", float(weights.get("middle", 0))
        between = f"SUM(CASE WHEN {hits} = 0 THEN 1 ELSE 0 END) OVER ({JOURNEY})"
        text = points
        if middle:
            text = f"""{points} + CASE
                WHEN {hits} = 0 THEN {middle} / {between}
                WHEN {between} = 0 THEN {middle} * {hits} / SUM({hits}) OVER ({JOURNEY})
                ELSE 0 END"""
        columns.append((f"points_{model}", text))
    return _columns(evaluator, columns)


@macro()
def model_shares(evaluator: MacroEvaluator) -> list[exp.Expression]:
    """Per model: the running share up to the touch. A journey in none of the model's places is divided evenly."""
    ordered = f"{JOURNEY} ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
    columns = []
    for model in _models(evaluator):
        points = f"points_{model}"
        share = f"""CASE
            WHEN position = touch_count THEN 1
            WHEN SUM({points}) OVER ({JOURNEY}) > 0
                THEN SUM({points}) OVER ({ordered}) / SUM({points}) OVER ({JOURNEY})
            ELSE CAST(position AS DOUBLE) / touch_count END"""
        columns.append((f"share_{model}", f"CAST({share} AS DECIMAL(18, 12))"))
    return _columns(evaluator, columns)


@macro()
def model_rows(evaluator: MacroEvaluator) -> exp.Expression:
    """The shares of every model under each other: (credit_kind, credited_id, touch_id, position, attribution_model, share)."""
    selects = [
        f"SELECT credit_kind, credited_id, touch_id, position, '{model}' AS attribution_model,"
        f" share_{model} AS share FROM share"
        for model in _models(evaluator)
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
