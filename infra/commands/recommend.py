"""`touchstone recommend`: what more spend on a channel would bring, and how the same budget is better divided."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from infra import asking
from infra.errors import MistakeError
from infra.rows import Format, render

COLUMNS = (
    "channel",
    "spend_now",
    "marginal_return",
    "marginal_return_low",
    "marginal_return_high",
    "spend_proposed",
    "spend_change",
    "pipeline_change",
    "pipeline_change_low",
    "pipeline_change_high",
    "status",
)
SHOWN = ("channel", "spend now", "proposed", "one more unit brings", "pipeline change", "status")
CHANNELS = """
SELECT r.*, s.spend_proposed, s.spend_change, s.pipeline_change, s.pipeline_change_low, s.pipeline_change_high,
  s.status AS shift_status
FROM marts.channel_return AS r JOIN marts.budget_shift AS s ON s.channel = r.channel AND NOT s.is_whole
ORDER BY r.channel
"""
WHOLE = """
SELECT present_month, status, spend_now, spend_proposed, spend_change, pipeline_change, pipeline_change_low,
  pipeline_change_high
FROM marts.budget_shift WHERE is_whole
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(recommend)


def recommend(
    form: Annotated[Format, typer.Option("--format", help="How the answer is printed.")] = Format.TABLE,
) -> None:
    """What one more unit of spend would bring on each channel, and a better division of the same monthly budget.

    Amounts are of a month and in the reporting currency. What the data cannot carry is refused, with the reason.
    """
    warehouse = asking.warehouse()
    channels = warehouse.run(CHANNELS, ()).to_pylist()
    if not channels:
        raise MistakeError("there is no spend to divide: no published month has spend of a channel")
    [whole] = warehouse.run(WHOLE, ()).to_pylist()
    currency = asking.glossary().settings.reporting_currency
    if form is Format.JSON:
        told = {"currency": currency, "plan": _plain(whole), "channels": [_plain(row) for row in channels]}
        print(json.dumps(told, indent=2, ensure_ascii=False))
        return
    if form is Format.CSV:
        print(render(COLUMNS, [*channels, whole], form))
        return
    print(render(SHOWN, [_shown(row) for row in (*channels, {**whole, "channel": "all channels"})], form))
    print(f"\n{_in_words(whole, currency)}")


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row for JSON: exact decimals and days as text."""
    return {
        name: value if value is None or isinstance(value, bool | int | float | str) else str(value)
        for name, value in row.items()
    }


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """A row to read: an interval beside its number."""
    return {
        "channel": row["channel"],
        "spend now": row["spend_now"],
        "proposed": row["spend_proposed"],
        "one more unit brings": _with_interval(row, "marginal_return"),
        "pipeline change": _with_interval(row, "pipeline_change"),
        "status": row["status"],
    }


def _with_interval(row: dict[str, Any], name: str) -> str | None:
    if row.get(name) is None:
        return None
    return f"{row[name]:.2f} ({row[f'{name}_low']:.2f} to {row[f'{name}_high']:.2f})"


def _in_words(whole: dict[str, Any], currency: str) -> str:
    month = f"{whole['present_month']:%B %Y}"
    if whole["status"] != "ok":
        return f"No shift is proposed as of {month}: {whole['status'].removeprefix('refused: ')}."
    return (
        f"As of {month}, a month in {currency}: the same {whole['spend_now']}, divided as proposed, brings"
        f" {whole['pipeline_change']} more pipeline"
        f" ({whole['pipeline_change_low']} to {whole['pipeline_change_high']})."
    )
