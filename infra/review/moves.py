"""Which numbers are others on one side than on the other: every metric, asked of both through the semantic engine.

A number is exact or, where it is a floating-point one, the same to nine digits: the order in which a database
adds decides the last ones. A question is not asked where it cannot have another answer: both sides compile it to
the same SQL, and each table in it is stored once and shown by both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

import sqlglot
from sqlglot import exp

from infra.review.sides import Side
from semantic.ask import ask, compile_query, dimension_values
from semantic.clock import bound_to_clock
from semantic.definitions import METRIC_TIME, Glossary
from semantic.errors import TouchstoneError, UserError
from semantic.expand import expand, leaves_of
from semantic.fingerprint import fingerprint
from semantic.predicates import GroupBy
from semantic.query import Query
from semantic.taught import MODEL

Outcome = Literal["moves", "same", "new", "gone", "fails", "answers", "refused", "clock"]
Progress = Callable[[int, int, str], None]
NEARLY = 1e-9
MONTH = GroupBy(METRIC_TIME, "month")
UNDATED = "(none)"


@dataclass(frozen=True)
class Cell:
    """One number on both sides. members: the dimensions that it is shown by.

    month: `2026-10`; UNDATED: of what has no date; None: all time.
    """

    month: str | None
    members: tuple[tuple[str, str | None], ...]
    before: Any
    after: Any

    @property
    def difference(self) -> Any:
        """After less before; None where either is missing or no number."""
        if not (_is_number(self.before) and _is_number(self.after)):
            return None
        if isinstance(self.after, float) or isinstance(self.before, float):
            return float(self.after) - float(self.before)
        return self.after - self.before

    @property
    def change(self) -> float | None:
        """The difference as a share of what was before; None where that was nothing."""
        if self.difference is None or not self.before:
            return None
        return float(self.difference) / abs(float(self.before))


@dataclass(frozen=True)
class Movement:
    """What becomes of one metric.

    months: its numbers by month that move; totals: over all time. within: the numbers by other dimensions that move,
    by the grouping sets of the glossary's closing.yml and by each shared dimension alone. asked: how many questions
    were put; spared: how many could not have another answer.
    """

    metric: str
    label: str
    format: str
    status: str
    outcome: Outcome
    redefined: bool = False
    lapses: tuple[str, ...] = ()
    reason: str = ""
    months: tuple[Cell, ...] = ()
    totals: tuple[Cell, ...] = ()
    within: tuple[tuple[str, tuple[Cell, ...]], ...] = ()
    asked: int = 0
    spared: int = 0


def movements(before: Side, after: Side, whole_only: bool, progress: Progress) -> list[Movement]:
    """Every metric of either glossary, by name. whole_only: by month and in total, by no other dimension."""
    names = sorted({*before.glossary.metrics, *after.glossary.metrics})
    clocks = bound_to_clock(before.glossary) | bound_to_clock(after.glossary)
    found = []
    for number, name in enumerate(names, start=1):
        progress(number, len(names), name)
        found.append(_movement(name, before, after, whole_only, name in clocks))
    return found


def _movement(name: str, before: Side, after: Side, whole_only: bool, on_clock: bool) -> Movement:
    told = _described(name, before.glossary, after.glossary)
    if name not in after.glossary.metrics:
        return replace(told, outcome="gone")
    if name not in before.glossary.metrics:
        reason = _refusal(Query((name,), (MONTH,)), after)
        return replace(told, outcome="fails" if reason else "new", reason=reason)
    if on_clock and not _cannot_move(Query((name,), (MONTH,)), before, after):
        return replace(
            told, outcome="clock", reason="its number follows the clock: the sides were asked at two moments"
        )
    return _compared(told, before, after, whole_only)


def _described(name: str, before: Glossary, after: Glossary) -> Movement:
    old, new = before.metrics.get(name), after.metrics.get(name)
    metric = old or new
    assert metric is not None
    redefined = bool(old and new) and fingerprint(name, before) != fingerprint(name, after)
    lapses: tuple[str, ...] = ()
    if old and new and old.status == "confirmed" != new.status:
        lapses = tuple(f"{one.by} ({one.role})" for one in old.approvals)
    label = metric.label or metric.name
    return Movement(name, label, metric.format, metric.status, "same", redefined, lapses)


def _compared(told: Movement, before: Side, after: Side, whole_only: bool) -> Movement:
    """The numbers of a metric that both sides know; the first question that one side alone refuses decides."""
    months: list[Cell] = []
    totals: list[Cell] = []
    within: dict[str, list[Cell]] = {}
    asked = spared = 0
    answers = False
    for dimensions, query in _questions(told.metric, before, after, whole_only):
        if _cannot_move(query, before, after):
            spared += 1
            continue
        if not (_is_shown(query, before) or _is_shown(query, after)):
            continue
        old, new = _answer(query, before), _answer(query, after)
        if isinstance(old, str) and isinstance(new, str):
            continue
        asked += 1
        if isinstance(new, str):
            by = f" by {', '.join(dimensions)}" if dimensions else ""
            return replace(
                told, outcome="fails", reason=f"{new}{by and f' (asked{by})'}", asked=asked, spared=spared
            )
        answers = answers or isinstance(old, str)
        cells = _moved({} if isinstance(old, str) else old, new, query)
        if dimensions:
            within.setdefault(", ".join(dimensions), []).extend(cells)
        else:
            (months if query.group_by[:1] == (MONTH,) else totals).extend(cells)
    moved = tuple((by, tuple(cells)) for by, cells in within.items() if cells)
    outcome: Outcome = "answers" if answers else "moves" if months or totals or moved else "same"
    reason = ""
    if not asked and not spared:
        outcome, reason = "refused", _refusal(_query(told.metric, ()), after)
    return replace(
        told, outcome=outcome, reason=reason, months=tuple(months), totals=tuple(totals), within=moved,
        asked=asked, spared=spared,
    )  # fmt: skip


def _questions(
    name: str, before: Side, after: Side, whole_only: bool
) -> Iterator[tuple[tuple[str, ...], Query]]:
    """The whole by month and over all time, then by each grouping set; always by what the metric must be split by.

    Besides by every other dimension that both sides know: numbers may move between its members alone.
    """
    required = sorted({*_required(name, before.glossary), *_required(name, after.glossary)})
    if required and not _is_shown(_query(name, required), after):
        yield from _by_model(name, before, after)
        return
    yield (), _query(name, required)
    yield (), _query(name, required, by_month=False)
    sets = () if whole_only else after.glossary.closing.grouping_sets
    asked = dict.fromkeys(tuple(one for one in names if one not in required) for names in sets)
    for dimensions in asked:
        if dimensions:
            yield dimensions, _query(name, [*dimensions, *required])
    for dimension in () if whole_only else before.glossary.shared_dimensions.keys():
        query = _query(name, [dimension, *required])
        if dimension in required or (dimension,) in asked:
            continue
        if _is_shown(query, before) and _is_shown(query, after):
            yield (dimension,), query


def _by_model(name: str, before: Side, after: Side) -> Iterator[tuple[tuple[str, ...], Query]]:
    """Metrics that cannot be shown by attribution model, such as a return on spend: asked for one model at a time."""
    for model in sorted({*_models(before), *_models(after)}):
        for query in (_query(name, ()), _query(name, (), by_month=False)):
            yield (), replace(query, attribution_model=model)


def _models(side: Side) -> list[str]:
    try:
        return [
            str(one) for one in dimension_values(MODEL, side.glossary, side.warehouse).column(0).to_pylist()
        ]
    except TouchstoneError:
        return []


def _query(name: str, dimensions: Any, by_month: bool = True) -> Query:
    return Query((name,), (*((MONTH,) if by_month else ()), *(GroupBy(one) for one in dimensions)))


def _required(name: str, glossary: Glossary) -> set[str]:
    """The dimensions that a metric's numbers may not be added up over: who gets the credit."""
    leaves = leaves_of(expand(glossary, name))
    return {
        item.dimension
        for leaf in leaves
        for item in (*glossary.models[leaf.model].required, *glossary.metrics[leaf.metric].required)
    }


def _is_shown(query: Query, side: Side) -> bool:
    """Whether the metric can be shown so at all."""
    return _compiled(query, side.glossary, True) is not None


def _cannot_move(query: Query, before: Side, after: Side) -> bool:
    """Both sides ask the same of the same stored tables, with and without the rollups that they could read instead."""
    for rollups in (True, False):
        old, new = _compiled(query, before.glossary, rollups), _compiled(query, after.glossary, rollups)
        if old is None or new is None or old != new:
            return False
        stored = [(before.tables.get(one), after.tables.get(one)) for one in old[1]]
        if not stored or any(one is None or one != other for one, other in stored):
            return False
    return True


@lru_cache(maxsize=20_000)
def _compiled(query: Query, glossary: Glossary, rollups: bool) -> tuple[str, frozenset[str]] | None:
    """The SQL of a question and the tables that stand in it; None where it is refused."""
    try:
        sql = compile_query(query, glossary, "duckdb", rollups=rollups).sql
    except UserError:
        return None
    if not rollups and (other := _compiled(query, glossary, True)) and other[0] == sql:
        return other
    tables = sqlglot.parse_one(sql, dialect="duckdb").find_all(exp.Table)
    return sql, frozenset(f"{table.db}.{table.name}".lower() for table in tables if table.db)


def _answer(query: Query, side: Side) -> dict[tuple[Any, ...], Any] | str:
    """The numbers by their members, or why there are none."""
    try:
        table = ask(query, side.glossary, side.warehouse).table
    except TouchstoneError as error:
        return _one_line(error)
    columns = [column.to_pylist() for column in table.columns]
    return {tuple(row[:-1]): row[-1] for row in zip(*columns, strict=True)}


def _refusal(query: Query, side: Side) -> str:
    """Why a side cannot answer; nothing where it can."""
    answer = _answer(query, side)
    return answer if isinstance(answer, str) else ""


def _one_line(error: TouchstoneError) -> str:
    return " ".join(str(error).split())


def _moved(
    old: Mapping[tuple[Any, ...], Any], new: Mapping[tuple[Any, ...], Any], query: Query
) -> Iterator[Cell]:
    """The numbers that differ, in the order of their months and members. A row that is not there has no number."""
    names = [item.name for item in query.group_by]
    for key in sorted({*old, *new}, key=lambda key: tuple((part is not None, str(part)) for part in key)):
        if not same(old.get(key), new.get(key)):
            members = dict(zip(names, key, strict=True))
            month = str(members.pop(METRIC_TIME) or UNDATED) if METRIC_TIME in members else None
            if query.attribution_model is not None:
                members[MODEL] = query.attribution_model
            yield Cell(
                month if month in (None, UNDATED) else month[:7],
                tuple((name, None if value is None else str(value)) for name, value in members.items()),
                old.get(key),
                new.get(key),
            )


def same(one: Any, other: Any) -> bool:
    """Whether two numbers are one.

    >>> same(0.1 + 0.2, 0.3), same(Decimal("1.00"), 1), same(None, 0)
    (True, True, False)
    """
    if isinstance(one, float) or isinstance(other, float):
        if not (_is_number(one) and _is_number(other)):
            return one is other
        return math.isclose(one, other, rel_tol=NEARLY, abs_tol=NEARLY)
    return bool(one == other)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
