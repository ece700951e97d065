"""Attribution by changed journeys: what is credited anew, and what goes before it.

Each row of `attribution.journey_touch` carries the `journey_version` that it was made from. A version is a digest of all
that credit depends on, so rows whose version is no longer that of any event are stale, and an event whose version has no
rows is to be built. `attribution.learned_credit` does the same by `learned_version`, which takes in what was learned.
"""

import json

from sqlglot import exp
from sqlmesh import macro
from sqlmesh.core.macros import MacroEvaluator, RuntimeStage


@macro()
def digest_of(evaluator: MacroEvaluator, *parts: exp.Expression) -> exp.Expression:
    """A number of 64 bits made of the parts, to be summed over the rows of a group whatever their order."""
    if evaluator.gateway == "postgres":
        text = exp.cast(exp.Anonymous(this="ROW", expressions=list(parts)), "TEXT")
        return exp.Anonymous(this="HASHTEXTEXTENDED", expressions=[text, exp.Literal.number(0)])
    digest = exp.Anonymous(this="HASH", expressions=list(parts))
    # DuckDB's has no sign: one bit less fits the numbers that every engine has.
    return exp.cast(exp.BitwiseRightShift(this=digest, expression=exp.Literal.number(1)), "BIGINT")


@macro()
def attribution_settings(evaluator: MacroEvaluator) -> exp.Expression:
    """The rules and settings of attribution as one text: where they change, every journey is built again."""
    return exp.Literal.string(json.dumps(evaluator.var("attribution"), sort_keys=True))


@macro()
def is_to_build(evaluator: MacroEvaluator, version: exp.Expression) -> exp.Expression:
    """This model has no rows of that version yet; the column is called the same here and there."""
    if evaluator.runtime_stage != RuntimeStage.EVALUATING.value:
        return exp.true()
    return evaluator.parse_one(
        f"NOT EXISTS (SELECT 1 FROM {evaluator.this_model} AS m WHERE m.{version.name} = {version.sql('snowflake')})"
    )


@macro()
def delete_stale_journeys(evaluator: MacroEvaluator) -> exp.Expression | None:
    """Before the query: away with the rows of journeys that changed or are gone."""
    return _delete_stale(evaluator, "journey_version", "attribution.credited_event")


@macro()
def delete_stale_learning(evaluator: MacroEvaluator) -> exp.Expression | None:
    """Before the query: away with what was learned otherwise, or of journeys that changed or are gone."""
    return _delete_stale(evaluator, "learned_version", "attribution.learned_event")


def _delete_stale(evaluator: MacroEvaluator, version: str, current: str) -> exp.Expression | None:
    if evaluator.runtime_stage != RuntimeStage.EVALUATING.value:
        return None
    return evaluator.parse_one(
        f"DELETE FROM {evaluator.this_model} WHERE {version} NOT IN (SELECT {version} FROM {current})"
    )
