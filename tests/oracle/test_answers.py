"""The engine answers random questions over random worlds like nested loops do, or refuses like them."""

from __future__ import annotations

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from semantic.errors import Refusal
from tests.oracle import bridge
from tests.oracle.answer import RefusedError, all_paths, answer
from tests.oracle.budget import worlds_of
from tests.oracle.compare import differences, groups
from tests.oracle.world import Derived, Question, Ref, TimeRef, World
from tests.oracle.worlds import KINDS, questions, worlds

QUESTIONS = 6


@pytest.mark.parametrize("kinds", [*((kind,) for kind in KINDS), KINDS], ids=lambda kinds: "_".join(kinds))
@worlds_of(40)
@given(data=st.data())
def test_every_question_is_answered_like_the_oracle(kinds: tuple[str, ...], data: st.DataObject) -> None:
    world = data.draw(worlds(kinds))
    connection, terms = bridge.database(world), bridge.glossary(world)
    for _ in range(QUESTIONS):
        question = data.draw(questions(world))
        note(repr(question))
        found = faults(world, question, connection, terms)
        assert not found, found


def faults(world: World, question: Question, connection: object, terms: object) -> list[str]:
    """What is wrong with the engine's answer; a refusal must be the oracle's too."""
    asked = bridge.query(world, question)
    try:
        wanted = answer(world, question)
    except RefusedError:
        wanted = None
    try:
        rows = bridge.ask(world, connection, terms, asked)
    except Refusal as refusal:
        fine = wanted is None or may_refuse(world, question)
        return [] if fine else [f"refused, though there is an answer: {refusal}"]
    if wanted is None:
        return [f"answered a question that has no right answer: {rows[:3]!r}"]
    return differences(question, groups(question, rows), wanted)


def may_refuse(world: World, question: Question) -> bool:
    """Whether something is left to be guessed: a shortened path, or an offset without a time."""
    refs = [
        ref for ref in (*question.group_by, *(test.ref for test in question.where)) if isinstance(ref, Ref)
    ]
    timed = question.last or any(isinstance(ref, TimeRef) for ref in question.group_by)
    offset = any(
        isinstance(m, Derived) and m.offset_days for m in world.metrics if m.name in question.metrics
    )
    shortened = any(
        ref.path and ref.path not in set(all_paths(world, fact)) for ref in refs for fact in world.facts
    )
    return shortened or (offset and not timed)
