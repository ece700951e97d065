"""The settings of content.yml, and the interval of a difference of two shares."""

from sqlglot import exp
from sqlmesh import macro
from sqlmesh.core.macros import MacroEvaluator

NINETY_FIVE = 1.959963984540054  # the normal distribution's 97.5 % point: 95 % lie within


@macro()
def content_setting(evaluator: MacroEvaluator, of: exp.Expression, name: exp.Expression) -> exp.Expression:
    """A number of content.yml: `@content_setting(sequences, minimum_deals)`."""
    return exp.Literal.number(evaluator.var("content")[of.name][name.name])


@macro()
def difference_low(evaluator: MacroEvaluator, *counts: exp.Expression) -> exp.Expression:
    """The lower end of the 95 % interval of with_1 / all_1 - with_2 / all_2, from these four counts."""
    return evaluator.parse_one(_limit(*(count.sql("snowflake") for count in counts), sign="-"))


@macro()
def difference_high(evaluator: MacroEvaluator, *counts: exp.Expression) -> exp.Expression:
    """The upper end of the 95 % interval of with_1 / all_1 - with_2 / all_2, from these four counts."""
    return evaluator.parse_one(_limit(*(count.sql("snowflake") for count in counts), sign="+"))


def _limit(with_1: str, all_1: str, with_2: str, all_2: str, sign: str) -> str:
    """Newcombe's hybrid score interval of two independent shares, NULL where one is of nothing.

    Method 10 of R. G. Newcombe, Interval estimation for the difference between independent proportions: comparison of
    eleven methods, Statistics in Medicine 17 (1998) 873-890. It joins the two shares' own Wilson intervals, stays within
    -1 and 1, and keeps its promise in small samples and at shares of 0 and 1, where the plain interval does not.
    """
    down, up = ("-", "+") if sign == "-" else ("+", "-")
    first, second = _distance(with_1, all_1, down), _distance(with_2, all_2, up)
    shares = f"({with_1})::DOUBLE / NULLIF({all_1}, 0) - ({with_2})::DOUBLE / NULLIF({all_2}, 0)"
    return f"{shares} {sign} SQRT({first} * {first} + {second} * {second})"


def _distance(count: str, total: str, sign: str) -> str:
    """From a share to the end of its Wilson interval."""
    z, share = NINETY_FIVE, f"(({count})::DOUBLE / NULLIF({total}, 0))"
    n = f"NULLIF({total}, 0)"
    root = f"{z} * SQRT({share} * (1 - {share}) / {n} + {z * z / 4} / ({n} * {n}))"
    limit = f"({share} + {z * z / 2} / {n} {sign} {root}) / (1 + {z * z} / {n})"
    return f"({limit} - {share})"
