"""Hold the engine's rows to the oracle's, group by group."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pyarrow as pa

from semantic.errors import UserError
from tests.oracle import bridge
from tests.oracle.answer import RefusedError, all_paths
from tests.oracle.shown import told
from tests.oracle.world import Asked, Derived, MetricBy, Question, Ref, TimeRef, World

Key = tuple[Any, ...]
Groups = dict[Key, dict[str, Any]]


def groups(question: Question, table: pa.Table) -> Groups:
    """The engine's rows by group key; a key that comes twice is an error of its own."""
    found: Groups = {}
    width = len(question.group_by)
    for row in table.to_pylist():
        values = [bridge.midnight(value) for value in row.values()]
        key = tuple(values[:width])
        assert key not in found, f"the group {key!r} comes twice"
        found[key] = dict(zip(list(row)[width:], values[width:], strict=True))
    return found


def equal(mine: Any, wanted: Any) -> bool:
    """Equality within the rounding of floats; NULL equals only NULL."""
    if mine is None or wanted is None:
        return mine is wanted
    numbers = [float(value) if isinstance(value, Decimal) else value for value in (mine, wanted)]
    if any(not isinstance(number, int | float) for number in numbers):
        return bool(mine == wanted)
    return math.isclose(*numbers, rel_tol=1e-9, abs_tol=1e-9)


def differences(mine: Groups, wanted: Groups) -> list[str]:
    """Every group and column in which they differ."""
    lines = [f"group {key!r} is not expected: {mine[key]!r}" for key in mine if key not in wanted]
    lines += [f"group {key!r} is missing: {wanted[key]!r}" for key in wanted if key not in mine]
    for key in mine.keys() & wanted.keys():
        lines += [
            f"{name} at {key!r} is {mine[key][name]!r} instead of {wanted[key][name]!r}"
            for name in wanted[key]
            if not equal(mine[key][name], wanted[key][name])
        ]
    return lines


def same_groups(names: Sequence[str], left: Groups, right: Groups) -> bool:
    """Whether two answers agree on these metrics; a group of nothing but NULL counts as absent."""

    def shown(groups: Groups) -> Groups:
        return {
            key: {name: row[name] for name in names}
            for key, row in groups.items()
            if any(row[name] is not None for name in names)
        }

    return not differences(shown(left), shown(right))


def faults(world: World, asked: Asked) -> list[str]:
    """What is wrong with the engine's answer; a refusal must be the oracle's too."""
    try:
        wanted = told(world, asked)
    except RefusedError:
        wanted = None
    try:
        answer = bridge.ask(world, bridge.query(world, asked))
    except UserError as refusal:
        fine = wanted is None or may_refuse(world, asked)
        return [] if fine else [f"refused, though there is an answer: {refusal}"]
    if wanted is None:
        return [f"answered a question that has no right answer: {answer.table.to_pylist()[:3]!r}"]
    return differences(groups(asked.question, answer.table), wanted)


def may_refuse(world: World, asked: Asked) -> bool:
    """Whether something is left to be guessed: a shortened path, or an offset without a time."""
    question = asked.question
    tested = [test.ref.key if isinstance(test.ref, MetricBy) else test.ref for test in question.where]
    refs = [ref for ref in (*question.group_by, *tested) if isinstance(ref, Ref)]
    timed = question.last or (
        any(isinstance(ref, TimeRef) for ref in question.group_by) and not asked.share and not asked.top
    )
    names = {*question.metrics, *([asked.top.metric] if asked.top else [])}
    offset = any(isinstance(m, Derived) and m.offset_days for m in world.metrics if m.name in names)
    shortened = any(
        ref.path and ref.path not in set(all_paths(world, fact)) for ref in refs for fact in world.facts
    )
    return shortened or (offset and not timed)


# -- a smaller world that shows the same -------------------------------------------------------


def smallest(world: World, asked: Asked, wrong: Callable[[World, Asked], Any]) -> str:
    """The world and the question, less everything that is not needed to see the fault."""
    found = (world, asked)
    shrunk = True
    while shrunk:
        shrunk = False
        for smaller in less(*found):
            if still(wrong, *smaller):
                found, shrunk = smaller, True
                break
    return "\n".join(map(repr, (*found, wrong(*found))))


def still(wrong: Callable[[World, Asked], Any], world: World, asked: Asked) -> bool:
    """Whether the fault is there; what cannot even be asked shows nothing."""
    try:
        return bool(wrong(world, asked))
    except Exception:
        return False


def less(world: World, asked: Asked) -> Iterator[tuple[World, Asked]]:
    """The world with one row less, and the question with one part less."""
    for name in ("facts", "dims"):
        tables = getattr(world, name)
        for place, table in enumerate(tables):
            for row in table.rows:
                left = replace(table, rows=tuple(other for other in table.rows if other is not row))
                yield replace(world, **{name: (*tables[:place], left, *tables[place + 1 :])}), asked
    question = asked.question
    for test in question.where:
        yield (
            world,
            replace(asked, question=replace(question, where=tuple(t for t in question.where if t != test))),
        )
    if question.first:
        yield world, replace(asked, question=replace(question, first=None, last=None))
    if asked.top is None and question.group_by:
        yield world, replace(asked, question=replace(question, group_by=question.group_by[:-1]))
    for part in ("having", "share", "compare", "top"):
        if getattr(asked, part):
            yield world, replace(asked, **{part: () if part in ("having", "share") else None})
