"""Credited money is rounded by doubles where they cannot be wrong: everywhere the same cents as decimals give."""

import random
from decimal import ROUND_HALF_UP, Decimal

import duckdb
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


def test_credited_money_is_rounded_as_decimals_are() -> None:
    _, macros = project_macros("attribution")
    evaluator = MacroEvaluator(dialect="snowflake")
    query = macros["credited_money"].func(evaluator, column("amount"), column("zero"), column("share"))
    pairs = [drawn(random.Random(seed)) for seed in range(5000)]
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE drawn (amount DECIMAL(18, 2), share DECIMAL(18, 12), zero DECIMAL(18, 12))"
        )
        connection.executemany("INSERT INTO drawn VALUES (?, ?, 0)", pairs)
        found = connection.execute(f"SELECT {query.sql('duckdb')} FROM drawn").fetchall()
    expected = [(amount * share).quantize(CENT, ROUND_HALF_UP) for amount, share in pairs]
    assert [money for (money,) in found] == expected
    halves = [pair for pair in pairs if abs((pair[0] * pair[1] * 100) % 1) == Decimal("0.5")]
    assert len(halves) > 100, "half cents are drawn"
