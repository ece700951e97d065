"""What holds for the whole glossary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

WRITTEN_IN = "duckdb"


@dataclass(frozen=True)
class Settings:
    """What holds for the whole glossary.

    dialect: the one that the expressions of its files are written in; loading brings them into WRITTEN_IN.
    semantics: 'metricflow' follows that engine where ours differs on purpose, so that an imported manifest gives
    the numbers it gave before. There, two dimensions behind one join are each joined by themselves (the same rows
    wherever keys are unique); an offset by months goes day by day where longer periods are shown, so that the last
    days of a month are met several times or never (for running numbers too); the range of an offset running number
    bounds its data too; and filled parts, balances by several times and starts of periods are read as in
    docs/differences-from-metricflow.md.
    """

    dialect: str = WRITTEN_IN
    time_zone: str = "UTC"
    reporting_currency: str = ""
    semantics: Literal["touchstone", "metricflow"] = "touchstone"
    required_approvals: tuple[str, ...] = ()
    required_money_approvals: tuple[str, ...] = ()
