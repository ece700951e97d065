"""Credited money is rounded by doubles where they cannot be wrong: everywhere the same cents as decimals give."""

import random
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

import duckdb
import pytest
from sqlglot import column
from sqlmesh.core.macros import MacroEvaluator

from tests.project_macros import project_macros

CENT, SHARE = Decimal("0.01"), Decimal("0.000000000001")


def drawn(draw: random.Random) -> tuple[Decimal, Decimal]:
    """An amount and a share, half of them at or beside half a cent; small, large, and negative amounts."""
    amount = Decimal(draw.randrange(-(10 ** draw.randint(1, 14)), 10 ** draw.randint(1, 14))) / 100
    share = draw.choice(
        (Decimal("0.5"), Decimal("0.25"), Decimal("0.125"), Decimal("0.4"), Decimal(0), Decimal(1))
    )
    if draw.random() < 0.5:
        share = Decimal(draw.randrange(10**12)) / 10**12
    elif draw.random() < 0.3:
        share = min(max(share + SHARE * draw.choice((-1, 1)), Decimal(0)), Decimal(1))
    return amount, share


def by_macro() -> str:
    """The money of a step from a share of 0, as attribution.learned_credit asks for it."""
    _, macros = project_macros("attribution")
    evaluator = MacroEvaluator(dialect="snowflake")
    money = macros["credited_money"].func(evaluator, column("amount"), column("m_before"), column("m_after"))
    return f"SELECT {money.sql('duckdb')} FROM drawn"


def by_columns() -> str:
    """The same step by the columns that attribution.journey_touch makes one after the other."""
    _, macros = project_macros("attribution")
    evaluator = MacroEvaluator(dialect="snowflake")
    evaluator.locals["__sqlmesh__vars__"] = {"attribution": {"models": {"m": {"first": 1, "middle": 1}}}}
    cents, whole, credits = (
        [made.sql("duckdb") for made in macros[name].func(evaluator)]
        for name in ("rule_cents", "rule_whole_cents", "rule_credits")
    )
    amounts = "CAST(amount AS DOUBLE) * 100 AS amount_cents, ABS(amount) >= 1000000000 AS is_large"
    rated = f"SELECT *, {', '.join(cents)} FROM (SELECT *, {amounts} FROM drawn)"
    rounded = f"SELECT *, {', '.join(whole)} FROM ({rated})"
    return f"SELECT m_amount FROM (SELECT {', '.join(credits)} FROM ({rounded}))"


@pytest.mark.parametrize("asked", [by_macro, by_columns])
def test_credited_money_is_rounded_as_decimals_are(asked: Callable[[], str]) -> None:
    pairs = [drawn(random.Random(seed)) for seed in range(5000)]
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE drawn (amount DECIMAL(18, 2), m_after DECIMAL(18, 12), m_before DECIMAL(18, 12))"
        )
        connection.executemany("INSERT INTO drawn VALUES (?, ?, 0)", pairs)
        found = connection.execute(asked()).fetchall()
    expected = [(amount * share).quantize(CENT, ROUND_HALF_UP) for amount, share in pairs]
    assert [money for (money,) in found] == expected
    halves = [pair for pair in pairs if abs((pair[0] * pair[1] * 100) % 1) == Decimal("0.5")]
    assert len(halves) > 100, "half cents are drawn"
