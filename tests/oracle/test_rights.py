"""Invariant 10 for every kind of question: what a principal sees is what there would be if the rest did not exist."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pyarrow as pa

from semantic import predicates as p
from semantic.ask import dimension_values, drill_through
from semantic.definitions import Glossary, Role
from semantic.errors import UserError
from semantic.query import OrderBy, Principal, Query
from tests.oracle import bridge
from tests.oracle.answer import RefusedError, check, kept
from tests.oracle.budget import worlds_of
from tests.oracle.clock import changed
from tests.oracle.world import Asked, MetricBy, Question, Ref, Row, Test, World
from tests.oracle.worlds import TWO_YEARS, keys, on_metric, paths, shown, worlds

Seen = Any
"""All that an answer shows, or the kind of its refusal."""


def seen(world: World, query: Query, terms: Glossary, principal: Principal = bridge.SYSTEM) -> Seen:
    """The rows in order, the totals and how many rows there are."""
    try:
        answer = bridge.ask(world, query, principal, terms=terms)
    except UserError as refusal:
        return type(refusal)
    totals = answer.totals.to_pylist() if answer.totals is not None else None
    return answer.table.to_pylist(), totals, answer.total


def asking(chance: Random, world: World) -> tuple[Asked, Query]:
    """A question of any kind, in any order, a page of it, with totals or without."""
    asked = shown(chance, world)
    question = asked.question
    if keys(world) and chance.random() < 0.3:
        question = replace(question, where=(*question.where, on_metric(chance, world)))
    asked = replace(asked, question=question)
    order = tuple((name, chance.random() < 0.5) for name in question.metrics if chance.random() < 0.3)
    asked = replace(asked, order=order, limit=chance.choice((None, None, 2)))
    return asked, bridge.query(world, asked, totals=chance.choice((False, True, "subtotals")))


def cells(table: pa.Table, width: int) -> list[dict[str, Any]]:
    """The cells of an answer's rows."""
    return [dict(list(row.items())[:width]) for row in table.to_pylist()]


# -- rows --------------------------------------------------------------------------------------


@worlds_of(60)
def test_rows_that_may_not_be_seen_might_as_well_not_exist(chance: Random) -> None:
    world = replace(worlds(chance), days=TWO_YEARS)
    refs = [ref for ref in paths(world) if ref.path]
    if not refs:
        return
    test = Test(chance.choice(refs), "=", chance.choice(("x", "y")))
    try:
        for fact in world.facts:
            check(world, fact, Question(()), (test,))
        less = changed(
            world, lambda fact: [row for row in fact.rows if kept(world, fact, (row["ds"], row), [test])]
        )
    except RefusedError:
        return  # a fact that cannot be split so is not shown at all
    somebody = Principal("s", row_filters=(bridge.predicate(test, world.facts[0].name),), see_all=True)
    terms = bridge.glossary(world)
    asked, query = asking(chance, world)
    mine, theirs = seen(world, query, terms, somebody), seen(less, query, terms)
    assert mine == theirs, (asked, mine, theirs)
    behind(world, less, asked, query, terms, somebody)
    if chance.random() < 0.3:
        members(world, less, terms, somebody, chance.choice(refs))


def behind(
    world: World, less: World, asked: Asked, query: Query, terms: Glossary, somebody: Principal
) -> None:
    """The rows behind each number are the same too, also for a cell that only others have rows in."""
    try:
        everything = bridge.ask(world, replace(query, totals=False), terms=terms)
    except UserError:
        return
    for cell in cells(everything.table, len(asked.question.group_by))[:2]:
        for metric in asked.question.metrics[:1]:
            found = []
            for held, principal in ((world, somebody), (less, bridge.SYSTEM)):
                bridge.TABLES.hold(held)
                try:
                    rows = drill_through(query, metric, cell, terms, bridge.TABLES, principal)
                except UserError as refusal:
                    found.append(type(refusal))
                    continue
                found.append([one.table.to_pylist() for one in rows])
            assert found[0] == found[1], (metric, cell, found)


def members(world: World, less: World, terms: Glossary, somebody: Principal, ref: Ref) -> None:
    """The members that are offered for a filter."""
    name = bridge.group_by(ref, world.facts[0].name).text
    found = []
    for held, principal in ((world, somebody), (less, bridge.SYSTEM)):
        bridge.TABLES.hold(held)
        try:
            found.append(dimension_values(name, terms, bridge.TABLES, principal).column(0).to_pylist())
        except UserError as refusal:
            found.append(type(refusal))
    assert found[0] == found[1], (name, found)


# -- masks -------------------------------------------------------------------------------------


@worlds_of(60)
def test_a_masked_column_can_hold_anything_without_anybody_noticing(chance: Random) -> None:
    """Two worlds that differ in the masked column alone: no question tells them apart, by order, top or having."""
    world = worlds(chance)
    dim = chance.choice(world.dims)
    [column] = dim.attributes
    terms = bridge.glossary(world)
    blind = replace(terms, roles={"blind": Role("blind", masked_dimensions=(f"{dim.name}__{column}",))})
    somebody = Principal("s", roles=("blind",))
    other = recoloured(chance, world, dim.name, column)
    for _ in range(2):
        _, query = asking(chance, world)
        masked = [item for item in query.group_by if item.name.endswith(column)]
        if masked and chance.random() < 0.5:
            query = replace(query, order_by=(OrderBy(masked[0].name, True),))
        assert seen(world, query, blind, somebody) == seen(other, query, blind, somebody)


def recoloured(chance: Random, world: World, name: str, column: str) -> World:
    """The world with other values in one column."""

    def row(found: Row) -> Row:
        return found | {column: chance.choice(("x", "y", "z", None))}

    dims = tuple(
        replace(table, rows=tuple(map(row, table.rows))) if table.name == name else table
        for table in world.dims
    )
    return replace(world, dims=dims)


# -- metrics -----------------------------------------------------------------------------------


@worlds_of(60)
def test_a_denied_metric_is_refused_wherever_it_is_named(chance: Random) -> None:
    """Asked for, conditioned on, ranked or ordered by, shared, drilled into, or as a part of another metric."""
    world = worlds(chance)
    denied = chance.choice(world.metrics)
    named = chance.choice([denied.name, *(part.name for part in bridge.simples(denied))])
    terms = bridge.glossary(world)
    terms = replace(terms, roles={"some": Role("some", denied_metrics=(named,))})
    somebody = Principal("s", roles=("some",))
    asked, query = asking(chance, world)
    names = names_in(asked)
    answered = seen(world, query, terms, somebody)
    assert not isinstance(answered, tuple) or not any(made_of(world, name, named) for name in names)
    for name in asked.question.metrics:
        if made_of(world, name, named):
            bridge.TABLES.hold(world)
            try:
                drill_through(query, name, {}, terms, bridge.TABLES, somebody)
            except UserError:
                continue
            raise AssertionError(f"{name} is made of {named}, and its rows were shown")


def names_in(asked: Asked) -> set[str]:
    """Every metric that a question names in any place."""
    found = {*asked.question.metrics, *asked.share, *(name for name, _, _ in asked.having)}
    found |= {test.ref.metric for test in asked.question.where if isinstance(test.ref, MetricBy)}
    return found | ({asked.top.metric} if asked.top else set())


def made_of(world: World, name: str, part: str) -> bool:
    """Whether a metric is another, or has it as a part."""
    metric = next(m for m in world.metrics if m.name == name)
    return part in {name, *(simple.name for simple in bridge.simples(metric))}


def test_a_hidden_order_is_refused_with_the_name_it_names() -> None:
    """What is not asked for cannot be ordered by, whoever asks."""
    world = worlds(Random(3), kinds=("simple",))
    [first, second, _] = world.metrics
    terms = replace(bridge.glossary(world), roles={"some": Role("some", denied_metrics=(second.name,))})
    somebody = Principal("s", roles=("some",))
    query = bridge.query(world, Question((first.name,)))
    ordered = replace(query, order_by=(OrderBy(second.name),))
    conditioned = replace(query, having=(p.Compare(">", p.MetricRef(second.name), p.Literal(0)),))
    for hidden in (ordered, conditioned):
        assert isinstance(seen(world, hidden, terms, somebody), type)
    assert not isinstance(seen(world, query, terms, somebody), type)
