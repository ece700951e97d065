"""The glossary's formats -> d3 formats, which Superset draws numbers with."""

from __future__ import annotations

from typing import Any

D3 = {
    "integer": ",d",
    "count": ",d",
    "number": ",.1f",
    "decimal": ",.2f",
    "ratio": ",.2f",
    "multiple": ",.2f",
    "currency": ",.0f",
    "money": ",.0f",
    "percent": ".1%",
    "days": ",.1f",
    "hours": ",.1f",
}
SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}
MONEY = ("currency", "money")


def d3_format(name: str | None) -> str | None:
    """`percent` -> `.1%`; a d3 format (it holds a digit, a comma or a dollar) is passed through."""
    if name is None or name in D3:
        return D3.get(name or "")
    return name if any(sign in name for sign in ",.%$0123456789") else None


def currency(facts: dict[str, Any]) -> dict[str, str] | None:
    """The currency sign of a money metric as Superset wants it; None for anything else."""
    if facts.get("format") not in MONEY:
        return None
    return {"symbol": str(facts.get("currency") or "USD"), "symbolPosition": "prefix"}
