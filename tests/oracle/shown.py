"""What is shown of an answer, in plain Python: comparisons, shares, top members, totals, conditions on numbers.

Nothing here adds up rows of an answer: each part is answered from the facts again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.oracle.answer import RefusedError, answer, values
from tests.oracle.clock import OF_GRAIN, Length, later, months_between, moved
from tests.oracle.world import (
    Answer,
    Asked,
    Balance,
    Conversion,
    Cumulative,
    Derived,
    Kept,
    Metric,
    Question,
    Ratio,
    Ref,
    Simple,
    TimeRef,
    Top,
    World,
)

Rows = dict[tuple[Any, ...], dict[str, Any]]


def told(world: World, asked: Asked) -> Rows:
    """Every column of every group that is shown, without order and limit."""
    question = asked.question
    if asked.top is not None:
        question = replace(question, kept=kept(world, question, asked.top))
    found = answer(world, question).rows
    if asked.compare is not None:
        found = compared(world, question, found, asked.compare)
    if asked.share:
        [whole] = answer(world, replace(question, group_by=(), kept=None)).rows.values()
        for row in found.values():
            row |= {f"{name}__share": divided(row[name], whole[name]) for name in asked.share}
    return {key: row for key, row in found.items() if all(meets(row, test) for test in asked.having)}


def kept(world: World, question: Question, top: Top) -> Kept:
    """The members with the highest number over everything asked; a missing number is the lowest, ties by name."""
    ref = question.group_by[top.place]
    ranked = answer(world, replace(question, metrics=(top.metric,), group_by=(ref,))).rows

    def rank(member: Any) -> tuple[Any, ...]:
        value = ranked[member][top.metric]
        return (value is None, -(value or 0), member[0] is None, member[0] or "")

    members = tuple(member[0] for member in sorted(ranked, key=rank)[: top.count])
    return Kept(top.place, members, top.other)


def subtotals(world: World, asked: Asked, width: int) -> Answer:
    """The first `width` columns of the grouping alone; top members stay together where they are shown."""
    question = asked.question
    part = replace(question, group_by=question.group_by[:width])
    if asked.top is not None and asked.top.place < width:
        part = replace(part, kept=kept(world, question, asked.top))
    return answer(world, part)


def meets(row: dict[str, Any], test: tuple[str, str, int]) -> bool:
    """A condition on a number of the answer's own row."""
    name, op, value = test
    return row[name] is not None and (row[name] < value if op == "<" else row[name] >= value)


def divided(part: Any, whole: Any) -> Any:
    """A part of a whole; missing where there is no whole."""
    return None if part is None or not whole else part / whole


# -- comparisons -------------------------------------------------------------------------------


def window(question: Question, compare: str) -> Length:
    """How far back a comparison looks."""
    clock = next((ref for ref in question.group_by if isinstance(ref, TimeRef)), None)
    if clock is None and question.first is None:
        raise RefusedError(compare)
    if compare == "previous_year":
        return 12, "month"
    if clock is not None:
        return OF_GRAIN[clock.grain]
    assert question.first is not None
    assert question.last is not None
    return months_between(question.first, question.last)


def compared(world: World, question: Question, now: Rows, compare: str) -> Rows:
    """Beside each number the one that lay a while before, their difference and the change."""
    length = window(question, compare)
    clocks = [place for place, ref in enumerate(question.group_by) if isinstance(ref, TimeRef)]
    by_day = any(question.group_by[place] == TimeRef("day") for place in clocks)
    then = answer(moved(world, length, by_day), question).rows
    found: Rows = {}
    for key in [*now, *(key for key in then if key not in now)]:
        if clocks and question.last is None and key[clocks[0]] > latest(world, question, clocks[0]):
            continue
        row = dict(now.get(key, dict.fromkeys(question.metrics)))
        for place in clocks:
            row[f"metric_time__{compare}"] = later(key[place], length, -1)
        for name in question.metrics:
            before = then.get(key, {}).get(name)
            difference = None if row[name] is None or before is None else row[name] - before
            row |= {f"{name}__{compare}": before, f"{name}__difference": difference}
            row[f"{name}__change"] = divided(difference, before and abs(before))
        found[key] = row
    return found


def latest(world: World, question: Question, place: int) -> Any:
    """The last period that any number shown now has a row in, whoever's it is."""
    question = replace(question, kept=None)
    keys = [
        key[place]
        for name in question.metrics
        for part in parts(next(m for m in world.metrics if m.name == name))
        for key in values(world, part, question)
    ]
    return max(keys, default=later(world.days[0], (100, "month"), -1))


def parts(metric: Metric) -> tuple[Metric, ...]:
    """The numbers that a metric is made of and that are looked at in their own time."""
    if isinstance(metric, Ratio):
        return metric.numerator, metric.denominator
    if isinstance(metric, Derived):
        return (metric.left, metric.right) if not metric.offset_days else (metric.left,)
    return (metric,) if isinstance(metric, Simple | Balance | Conversion) else ()


def may_compare(metric: Metric) -> bool:
    """A running number's earlier periods are tested beside the oracle, as its own earlier rows."""
    return not isinstance(metric, Cumulative)


def keys_only(question: Question) -> tuple[Ref, ...]:
    """The grouped dimensions without time."""
    return tuple(ref for ref in question.group_by if isinstance(ref, Ref))
