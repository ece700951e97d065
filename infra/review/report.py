"""A comparison told: as text for a terminal, as Markdown for a pull request, as JSON and rows for machines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from infra.review.compare import Comparison, Restatement
from infra.review.moves import Cell, Movement
from infra.rows import Format, render

COLUMNS = ("metric", "month", "by", "before", "after", "difference", "change")
CLOSED = ("metric", "month", "by", "as_reported", "before", "after")
SHOWN = 24
"""Numbers that one table of the text shows; JSON and CSV have all."""


def text(found: Comparison) -> str:
    """For the terminal."""
    parts = [_headline(found), *found.notes, *_sections(found, _text_table, lambda title: f"\n{title}")]
    return "\n".join(parts)


def markdown(found: Comparison) -> str:
    """For a pull request."""
    parts = [f"## {_headline(found)}", "", *(f"> {note}\n" for note in found.notes)]
    parts += _sections(found, _markdown_table, lambda title: f"\n### {title}\n")
    return "\n".join(parts)


def document(found: Comparison) -> dict[str, Any]:
    """Everything, as plain values: exact decimals are strings."""
    return {
        "before": found.before,
        "after": found.after,
        "headline": _headline(found),
        "notes": list(found.notes),
        "tables": {"own": list(found.own), "shared": found.shared},
        "metrics": [_metric(one) for one in found.movements],
        "restatements": [_restatement(one) for one in found.restatements],
    }


def rows(found: Comparison) -> list[dict[str, Any]]:
    """Every number that moves, one row each; `month` is empty over all time."""
    return [
        {"metric": one.metric, "month": cell.month, "by": _members(cell), **_values(cell)}
        for one in found.movements
        for cell in (*one.totals, *one.months, *(cell for _, cells in one.within for cell in cells))
    ]


def _headline(found: Comparison) -> str:
    moved, failed = len(found.of("moves")), len(found.of("fails"))
    told = f"{found.after} against {found.before}: "
    told += f"{moved} of {len(found.movements)} metrics move" if moved else "no metric moves"
    return told + (f", {failed} cannot be answered any more" if failed else "")


def _sections(found: Comparison, table: Any, heading: Any) -> Iterator[str]:
    own = ", ".join(found.own) or "none"
    yield f"Tables of its own: {own}. Shared with {found.before}, row for row: {found.shared}."
    for title, listed in (
        (f"Cannot be answered in {found.after}", found.of("fails")),
        (f"Could not be answered in {found.before}", found.of("answers")),
    ):
        if listed:
            yield heading(title)
            yield table(
                ("metric", "reason"), [{"metric": one.metric, "reason": one.reason} for one in listed]
            )
    yield from _definitions(found, table, heading)
    if found.restatements:
        yield heading("Closed months that would be restated (what was reported stays)")
        yield table(CLOSED, [_shown(_restatement(one)) for one in found.restatements[:SHOWN]])
        yield from _more(len(found.restatements))
    for one in found.of("moves", "answers"):
        yield from _movement(one, table, heading)
    clock = [one.metric for one in found.of("clock")]
    if clock:
        yield f"\nNot compared, their numbers follow the clock: {', '.join(clock)}."


def _definitions(found: Comparison, table: Any, heading: Any) -> Iterator[str]:
    listed = [one for one in found.movements if one.redefined or one.outcome in ("new", "gone")]
    if listed:
        yield heading("Definitions")
        yield table(("metric", "is", "signatures"), [_definition(one) for one in listed])


def _definition(one: Movement) -> dict[str, str]:
    told = {"new": "new", "gone": "gone"}.get(one.outcome, "redefined")
    stays = ", its numbers stay" if one.redefined and one.outcome == "same" else ""
    lapse = f"lapse: {', '.join(one.lapses)}" if one.lapses else ""
    return {"metric": one.metric, "is": told + stays, "signatures": lapse}


def _movement(one: Movement, table: Any, heading: Any) -> Iterator[str]:
    yield heading(f"{one.metric}: {one.label} ({one.status})")
    if one.totals or one.months:
        cells = (*one.totals, *one.months[:SHOWN])
        listed = [{"month": cell.month or "all", "by": _members(cell), **_values(cell)} for cell in cells]
        columns = [name for name in COLUMNS[1:] if name != "by" or any(row["by"] for row in listed)]
        yield table(columns, [_shown(row) for row in listed])
        yield from _more(len(one.months))
    else:
        yield "The whole stays in every month."
    if one.within:
        yield "Moves by " + "; ".join(f"{by}: {_count(cells)}" for by, cells in one.within) + "."


def _more(numbers: int) -> Iterator[str]:
    if numbers > SHOWN:
        yield f"and {numbers - SHOWN} more."


def _count(cells: Sequence[Cell]) -> str:
    months = {cell.month for cell in cells}
    return f"{len(cells)} numbers in {len(months)} {'month' if len(months) == 1 else 'months'}"


def _members(cell: Cell) -> str:
    return ", ".join(f"{name}={'(none)' if value is None else value}" for name, value in cell.members)


def _values(cell: Cell) -> dict[str, Any]:
    return {
        "before": _plain(cell.before),
        "after": _plain(cell.after),
        "difference": _plain(cell.difference),
        "change": cell.change,
    }


def _restatement(one: Restatement) -> dict[str, Any]:
    return {
        "metric": one.metric,
        "month": one.cell.month,
        "by": _members(one.cell),
        "as_reported": one.as_reported,
        "before": _plain(one.cell.before),
        "after": _plain(one.cell.after),
        "closed": one.closing.words,
    }


def _metric(one: Movement) -> dict[str, Any]:
    return {
        "metric": one.metric,
        "label": one.label,
        "format": one.format,
        "status": one.status,
        "outcome": one.outcome,
        "redefined": one.redefined,
        "signatures_lapse": list(one.lapses),
        "reason": one.reason,
        "total": [_cell(cell) for cell in one.totals],
        "months": [_cell(cell) for cell in one.months],
        "within": {by: [_cell(cell) for cell in cells] for by, cells in one.within},
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {"month": cell.month, "members": dict(cell.members), **_values(cell)}


def _plain(value: Any) -> Any:
    return format(value, "f") if isinstance(value, Decimal) else value


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """Numbers as people read them: thousands apart, ratios to six digits, changes in percent."""
    return {key: _percent(value) if key == "change" else _number(value) for key, value in row.items()}


def _number(value: Any) -> Any:
    if isinstance(value, float):
        return f"{value:,.6g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return value


def _percent(value: float | None) -> str | None:
    return None if value is None else f"{value:+.1%}"


def _text_table(columns: Sequence[str], listed: Sequence[dict[str, Any]]) -> str:
    return render(columns, listed, Format.TABLE)


def _markdown_table(columns: Sequence[str], listed: Sequence[dict[str, Any]]) -> str:
    lines = [f"| {' | '.join(columns)} |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(_escaped(row.get(name)) for name in columns) + " |" for row in listed]
    return "\n".join(lines)


def _escaped(value: Any) -> str:
    return "" if value is None else str(value).replace("|", "\\|").replace("\n", " ")
