"""The invariants of the engine, one property each (numbers as in docs/engine.md)."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from semantic import predicates as p
from semantic.errors import AccessDenied, Refusal
from semantic.query import Principal
from tests.oracle import bridge
from tests.oracle.answer import RefusedError, kept, passes
from tests.oracle.budget import worlds_of
from tests.oracle.compare import Groups, equal, groups, same_groups
from tests.oracle.world import (
    Balance,
    Conversion,
    Derived,
    Question,
    Ratio,
    Ref,
    Simple,
    Test,
    TimeRef,
    World,
)
from tests.oracle.worlds import paths, questions, worlds

Drawn = tuple[World, Question]


@st.composite
def asked(draw: st.DrawFn) -> Drawn:
    """A world and a question."""
    world = draw(worlds())
    return world, draw(questions(world))


def ask(world: World, question: Question, principal: Principal | None = None, threads: int = 0) -> Groups:
    """The engine's groups; refused questions are not what these properties are about."""
    connection = bridge.database(world)
    if threads:
        connection.execute(f"SET threads = {threads}")
    terms, query = bridge.glossary(world), bridge.query(world, question)
    try:
        rows = bridge.ask(world, connection, terms, query, principal or bridge.SYSTEM)
    except (Refusal, AccessDenied):
        assume(False)
        raise
    return groups(question, rows)


def metrics_of(world: World, question: Question, kinds: type | tuple[type, ...]) -> tuple[str, ...]:
    """The asked metrics of some types."""
    kept = [m.name for m in world.metrics if isinstance(m, kinds) and m.name in question.metrics]
    return tuple(name for name in question.metrics if name in kept)


@worlds_of(40)
@given(asked())
def test_2_totals_equal_parts(drawn: Drawn) -> None:
    world, question = drawn
    additive = [m for m in world.metrics if isinstance(m, Simple) and m.agg in ("sum", "count")]
    names = tuple(m.name for m in additive)
    assume(names and question.group_by)
    parts = ask(world, replace(question, metrics=names))
    [total] = ask(world, replace(question, metrics=names, group_by=())).values()
    for name in names:
        found = [row[name] for row in parts.values() if row[name] is not None]
        assert equal(sum(found) if found else None, total[name] or (0 if found else None)) or not found


@worlds_of(40)
@given(asked())
def test_3_ratios_and_expressions_are_computed_last(drawn: Drawn) -> None:
    world, question = drawn
    for metric in world.metrics:
        if isinstance(metric, Ratio):
            parts = (metric.numerator.name, metric.denominator.name)
            answer = ask(world, replace(question, metrics=(metric.name, *parts)))
            for row in answer.values():
                top, bottom = (row[name] for name in parts)
                wanted = None if top is None or not bottom else top / bottom
                assert equal(row[metric.name], wanted)


@worlds_of(40)
@given(asked())
def test_4_asking_together_changes_nothing(drawn: Drawn) -> None:
    world, question = drawn
    together = ask(world, question)
    for name in question.metrics:
        alone = ask(world, replace(question, metrics=(name,)))
        assert same_groups([name], together, alone)


@worlds_of(40)
@given(asked(), st.data())
def test_5_filtering_commutes(drawn: Drawn, data: st.DataObject) -> None:
    world, question = drawn
    places = [index for index, ref in enumerate(question.group_by) if isinstance(ref, Ref)]
    names = metrics_of(world, question, (Simple, Ratio, Derived, Conversion))
    assume(places and names)
    place = data.draw(st.sampled_from(places))
    ref = question.group_by[place]
    value = data.draw(st.sampled_from(("p", "x", "y", "a")))
    test = Test(ref, data.draw(st.sampled_from(("=", "!=", "is null"))), value)
    base = replace(question, metrics=names)
    inside = ask(world, replace(base, where=(*question.where, test)))
    afterwards = {key: row for key, row in ask(world, base).items() if passes(key[place], test)}
    assert same_groups(names, inside, afterwards)


@worlds_of(40)
@given(asked())
def test_6_a_range_cuts_the_shown_days_and_nothing_else(drawn: Drawn) -> None:
    world, question = drawn
    names = tuple(m.name for m in world.metrics if not isinstance(m, Balance | Conversion))
    assume(names and question.first is not None)
    refs = [ref for ref in question.group_by if isinstance(ref, Ref)]
    daily = replace(question, metrics=names, group_by=(TimeRef("day"), *refs))
    ranged = ask(world, daily)
    everything = ask(world, replace(daily, first=None, last=None))
    inside = {key: row for key, row in everything.items() if question.first <= key[0] <= question.last}
    assert same_groups(names, ranged, inside)


@worlds_of(40)
@given(asked(), st.randoms(use_true_random=False))
def test_8_and_9_the_order_of_rows_and_threads_change_nothing(drawn: Drawn, chance: random.Random) -> None:
    world, question = drawn
    facts = tuple(replace(fact, rows=tuple(chance.sample(fact.rows, len(fact.rows)))) for fact in world.facts)
    shuffled = replace(world, facts=facts)
    assert same_groups(question.metrics, ask(world, question, threads=1), ask(shuffled, question, threads=4))


@worlds_of(40)
@given(asked())
def test_8_each_conversion_counts_once(drawn: Drawn) -> None:
    world, question = drawn
    conversions = [m for m in world.metrics if isinstance(m, Conversion) and not m.rate]
    assume(conversions)
    refs = tuple(ref for ref in question.group_by if isinstance(ref, TimeRef))
    for metric in conversions:
        answer = ask(world, replace(question, metrics=(metric.name,), group_by=refs))
        counted = sum(row[metric.name] or 0 for row in answer.values())
        assert counted <= len(world.fact(metric.conversion).rows)


@worlds_of(40)
@given(asked(), st.data())
def test_10_rights_are_in_the_plan(drawn: Drawn, data: st.DataObject) -> None:
    """The answer for a principal is the answer over the rows that he may see, conversions included."""
    world, question = drawn
    refs = [ref for ref in paths(world) if ref.path]
    assume(refs)
    test = Test(data.draw(st.sampled_from(refs)), "=", data.draw(st.sampled_from(("x", "y"))))
    filters: tuple[Any, ...] = (bridge.predicate(test, world.facts[0].name),)
    mine = ask(world, question, Principal("somebody", row_filters=filters, see_all=True))
    assert same_groups(question.metrics, mine, ask(permitted(world, test), question))


def permitted(world: World, test: Test) -> World:
    """The world with only the fact rows that pass; a fact that cannot be split so is refused elsewhere."""
    try:
        facts = tuple(
            replace(fact, rows=tuple(r for r in fact.rows if kept(world, fact, (r["ds"], r), [test])))
            for fact in world.facts
        )
    except RefusedError:
        assume(False)
        raise
    return replace(world, facts=facts)


def test_the_condition_trees_are_the_engines_own() -> None:
    """A row filter is a predicate like any other."""
    assert isinstance(bridge.predicate(Test(Ref(("d0",), "d0_color"), "=", "x"), "f0"), p.Compare)
