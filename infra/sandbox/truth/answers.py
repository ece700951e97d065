"""From events to answers: every metric of the glossary by month and channel, by month, by channel and in total."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from infra.sandbox.company import Company
from infra.sandbox.truth.events import Cell, Event, Number
from infra.sandbox.truth.recipes import (
    BALANCES,
    FORMULAS,
    SIMPLE,
    WHERE_KNOWN,
    WITHOUT_CHANNEL,
    Formula,
)
from infra.sandbox.truth.story import Story

Value = Number | float | None


@dataclass(frozen=True, slots=True)
class TrueAnswer:
    """One number; month or channel None means over all of them, channel "" that nobody recorded one.

    A ratio over nothing has value None. `by` and `member` narrow it: `("attribution_model", "linear")`.
    """

    metric: str
    month: date | None
    channel: str | None
    value: Value
    by: str | None = None
    member: str | None = None

    def to_document(self) -> dict:
        """The answer as JSON: exact decimals are strings, months are their first day."""
        told = {
            "metric": self.metric,
            "month": self.month.isoformat() if self.month else None,
            "channel": self.channel,
            "value": str(self.value) if isinstance(self.value, Decimal) else self.value,
        }
        return told if self.by is None else {**told, "by": self.by, "member": self.member}


def true_answers(company: Company, now: datetime) -> list[TrueAnswer]:
    """Every metric by month and channel, by month, by channel and in total, as known at `now`.

    Credit is that of the glossary's default model; `true_answers_by` has the others.
    """
    return list(_answers(Story(company, now).events()))


def true_answers_by(company: Company, now: datetime, built_on: date) -> list[TrueAnswer]:
    """Credit under each attribution model, by month and channel; and in total the metrics of each campaign,
    program and asset.

    The data-driven models learn from the days before `built_on`, the day of the build.
    """
    return [
        replace(one, by=chapter.by, member=chapter.member)
        for chapter in Story(company, now).chapters(built_on)
        for one in _answers(chapter.events)
        if one.metric in chapter.metrics
        and (chapter.by == "attribution_model" or (one.month, one.channel) == (None, None))
    ]


def _answers(events: Iterable[Event]) -> Iterator[TrueAnswer]:
    sums = _sums(events)
    cells = sorted({cell for by_cell in sums.values() for cell in by_cell}, key=_cell_order)
    for metric in SIMPLE:
        for cell in cells:
            if cell in sums[metric] or None in cell:
                yield TrueAnswer(metric, *cell, sums[metric].get(cell, 0))
    for metric in WHERE_KNOWN:
        yield from (TrueAnswer(metric, *cell, sums[metric][cell]) for cell in cells if cell in sums[metric])
    for metric, (parts, formula) in FORMULAS.items():
        for cell in cells:
            if any(cell in sums[part] for part in parts) and (
                cell[1] is None or metric not in WITHOUT_CHANNEL
            ):
                yield TrueAnswer(metric, *cell, _formed(formula, [_part(sums, part, cell) for part in parts]))


def _part(sums: dict[str, dict[Cell, Number]], metric: str, cell: Cell) -> Decimal | None:
    """What a formula is given: None where the metric is missing, 0 where nothing happened."""
    if metric in WHERE_KNOWN and cell not in sums[metric]:
        return None
    return Decimal(sums[metric].get(cell, 0))


def _formed(formula: Formula, parts: list[Decimal | None]) -> Value:
    """Nothing can be made of what is missing."""
    known = [part for part in parts if part is not None]
    return formula(*known) if len(known) == len(parts) else None


def _sums(events: Iterable[Event]) -> dict[str, dict[Cell, Number]]:
    sums: dict[str, dict[Cell, Number]] = defaultdict(lambda: defaultdict(int))
    for event in events:
        for cell in event.cells():
            sums[event.metric][cell] += event.value
    for metric in BALANCES:
        _close_balance(sums[metric])
    return sums


def _close_balance(by_cell: dict[Cell, Number]) -> None:
    """A balance is never added over months: over all of them it is that of the last one."""
    last = max((month for month, _ in by_cell if month is not None), default=None)
    for month, channel in list(by_cell):
        if month is None:
            by_cell[None, channel] = by_cell.get((last, channel), 0)


def _cell_order(cell: Cell) -> tuple:
    month, channel = cell
    return (month is not None, month or date.min, channel is not None, channel or "")


def lookup(answers: Iterable[TrueAnswer]) -> Callable[..., Value]:
    """A function (metric, month=None, channel=None) -> value over `answers`, for tests."""
    by_key = {(a.metric, a.month, a.channel): a.value for a in answers}
    return lambda metric, month=None, channel=None: by_key[metric, month, channel]
