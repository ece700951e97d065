"""The invariants of the engine, one property each, between two of its own answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from semantic.answer import Answer
from semantic.errors import UserError
from tests.oracle import bridge
from tests.oracle.answer import passes
from tests.oracle.budget import worlds_of
from tests.oracle.clock import OF_GRAIN, changed, later, local
from tests.oracle.compare import Groups, differences, equal, groups, same_groups
from tests.oracle.world import (
    Asked,
    Balance,
    Conversion,
    Cumulative,
    Derived,
    FactTable,
    Metric,
    Question,
    Ratio,
    Ref,
    Row,
    Simple,
    Test,
    TimeRef,
    World,
)
from tests.oracle.worlds import KINDS, TWO_YEARS, questions, shown, worlds

TRIES = 50


def drawn(
    chance: Random, fits: Callable[[World, Question], Any], **how: Any
) -> Iterator[tuple[World, Question, Groups]]:
    """A world and a question that fits and that the engine answers, with its answer; none if none is drawn."""
    for _ in range(TRIES):
        world = worlds(chance, **how)
        question = questions(chance, world)
        if fits(world, question):
            answer = ask(world, question)
            if answer is not None:
                yield world, question, answer
                return


def ask(world: World, question: Question | Asked, **more: Any) -> Groups | None:
    """The engine's groups, or None where it refuses."""
    try:
        answer = bridge.ask(world, bridge.query(world, question, **more))
    except UserError:
        return None
    return groups(question.question if isinstance(question, Asked) else question, answer.table)


def kinds_of(world: World, question: Question, kinds: Any) -> tuple[str, ...]:
    """The asked metrics of some types."""
    known = {m.name: m for m in world.metrics}
    return tuple(name for name in question.metrics if isinstance(known[name], kinds))


def always(world: World, question: Question) -> bool:
    """Any question fits."""
    return True


@worlds_of(60)
def test_2_totals_equal_parts(chance: Random) -> None:
    def additive(world: World) -> tuple[str, ...]:
        sums = [m for m in world.metrics if isinstance(m, Simple) and m.agg in ("sum", "count")]
        return tuple(m.name for m in sums)

    def names_of(world: World, question: Question) -> tuple[str, ...]:
        return tuple(name for name in question.metrics if name in additive(world))

    for world, question, _ in drawn(chance, lambda w, q: names_of(w, q) and q.group_by, kinds=("simple",)):
        names = names_of(world, question)
        parts = ask(world, replace(question, metrics=names))
        whole = ask(world, replace(question, metrics=names, group_by=()))
        assert parts is not None
        assert whole is not None
        for name in names:
            found = [row[name] for row in parts.values() if row[name] is not None]
            assert (
                equal(sum(found) if found else None, whole[()][name] or (0 if found else None)) or not found
            )


@worlds_of(60)
def test_3_ratios_are_divided_last(chance: Random) -> None:
    for world, question, _ in drawn(chance, lambda w, q: kinds_of(w, q, Ratio), kinds=("ratio",)):
        for metric in world.metrics:
            assert isinstance(metric, Ratio)
            parts = (metric.numerator.name, metric.denominator.name)
            answer = ask(world, replace(question, metrics=(metric.name, *parts)))
            for row in (answer or {}).values():
                top, bottom = (row[name] for name in parts)
                assert equal(row[metric.name], None if top is None or not bottom else top / bottom)


@worlds_of(60)
def test_4_asking_together_changes_nothing(chance: Random) -> None:
    for world, question, together in drawn(chance, lambda w, q: len(q.metrics) > 1):
        for name in question.metrics:
            alone = ask(world, replace(question, metrics=(name,)))
            assert alone is not None
            assert same_groups([name], together, alone)


@worlds_of(60)
def test_5_filtering_commutes(chance: Random) -> None:
    def places(question: Question) -> list[int]:
        return [place for place, ref in enumerate(question.group_by) if isinstance(ref, Ref)]

    for world, question, outside in drawn(chance, lambda w, q: places(q)):
        place = chance.choice(places(question))
        op: Any = chance.choice(("=", "!=", "is null"))
        ref = question.group_by[place]
        test = Test(ref, op, chance.choice(("p", "x", "y") if getattr(ref, "column", "") else ("a", "b")))
        inside = ask(world, replace(question, where=(*question.where, test)))
        assert inside is not None
        after = {key: row for key, row in outside.items() if passes(key[place], test)}
        # "all the same day" and the latest visit before a conversion are chosen among the rows that are asked for
        names = kinds_of(world, question, (Simple, Ratio, Derived, Balance, Cumulative))
        assert same_groups(names, inside, after)


@worlds_of(60)
def test_6_a_range_cuts_the_shown_days_and_nothing_else(chance: Random) -> None:
    for world, question, _ in drawn(chance, lambda w, q: q.first is not None):
        names = tuple(m.name for m in world.metrics if not isinstance(m, Balance | Conversion))
        refs = [ref for ref in question.group_by if isinstance(ref, Ref)]
        daily = replace(question, metrics=names, group_by=(TimeRef("day"), *refs))
        ranged, everything = ask(world, daily), ask(world, replace(daily, first=None, last=None))
        if ranged is not None and everything is not None:
            inside = {k: row for k, row in everything.items() if question.first <= k[0] <= question.last}
            assert same_groups(names, ranged, inside)


@worlds_of(60)
def test_8_and_9_the_order_of_rows_and_threads_change_nothing(chance: Random) -> None:
    for world, question, straight in drawn(chance, always):
        facts = tuple(
            replace(fact, rows=tuple(chance.sample(fact.rows, len(fact.rows)))) for fact in world.facts
        )
        bridge.TABLES.connection.execute("SET threads = 4")
        turned = ask(replace(world, facts=facts), question)
        bridge.TABLES.connection.execute("SET threads = 1")
        assert turned is not None
        assert same_groups(question.metrics, straight, turned)


@worlds_of(40)
def test_8_each_conversion_counts_once(chance: Random) -> None:
    for world, question, _ in drawn(chance, always, kinds=("conversion",)):
        for metric in world.metrics:
            if isinstance(metric, Conversion) and not metric.rate:
                answer = ask(world, replace(question, metrics=(metric.name,)))
                counted = sum(row[metric.name] or 0 for row in (answer or {}).values())
                assert counted <= len(world.fact(metric.conversion).rows)


@worlds_of(100)
def test_6_an_earlier_period_is_the_number_that_it_shows_itself(chance: Random) -> None:
    """For every kind of metric, running ones included; days by the year would have to share a 28 February."""

    def clocks(question: Question) -> list[int]:
        return [place for place, ref in enumerate(question.group_by) if isinstance(ref, TimeRef)]

    def unranged(world: World, question: Question) -> bool:
        return bool(clocks(question)) and question.first is None

    compare = chance.choice(("previous_period", "previous_year"))
    for world, question, _ in drawn(chance, unranged):
        [place] = clocks(question)
        grain = question.group_by[place].grain  # type: ignore[union-attr]
        if compare == "previous_year" and grain in ("day", "week"):
            continue
        length = (12, "month") if compare == "previous_year" else OF_GRAIN[grain]
        beside = ask(replace(world, days=TWO_YEARS), Asked(question, compare))  # type: ignore[arg-type]
        earlier = ask(replace(world, days=TWO_YEARS), question)
        assert beside is not None
        assert earlier is not None
        names = tuple(f"{name}__{compare}" for name in question.metrics)
        shifted = {
            (*key[:place], later(key[place], length), *key[place + 1 :]): {
                told: row[name] for told, name in zip(names, question.metrics, strict=True)
            }
            for key, row in earlier.items()
        }
        until = {key: row for key, row in shifted.items() if key in beside}
        assert same_groups(names, beside, until)
        assert same_groups(question.metrics, beside, {k: r for k, r in earlier.items() if k in beside})


TURNS = {  # when the clocks of a zone change, in UTC
    "America/New_York": (datetime(2024, 3, 10, 7), datetime(2024, 11, 3, 6)),
    "Europe/Berlin": (datetime(2024, 3, 31, 1), datetime(2024, 10, 27, 1)),
    "Pacific/Auckland": (datetime(2024, 4, 6, 14), datetime(2024, 9, 28, 14)),
    "Asia/Kathmandu": (datetime(2024, 2, 29, 18), datetime(2024, 12, 31, 18)),
}


def around(chance: Random, world: World) -> tuple[World, str]:
    """A zone, and the world with its rows in the hours before and after the zone's clocks change."""
    zone = chance.choice(sorted(TURNS))
    turn = chance.choice(TURNS[zone])

    def rows(fact: FactTable) -> list[Row]:
        spread = chance.choice((3, 40))
        return [
            row | {"ds": turn + timedelta(minutes=30 * chance.randint(-spread, spread))} for row in fact.rows
        ]

    days = tuple(turn.replace(hour=0) + timedelta(days=day) for day in range(-40, 400))
    return replace(changed(world, rows), days=days), zone


@worlds_of(100)
def test_6_a_zone_is_the_clock_on_its_walls(chance: Random) -> None:
    """In the hours around the begin and the end of summer time."""
    world, zone = around(chance, worlds(chance, history=False))
    question = replace(questions(chance, world), first=None, last=None)
    if chance.random() < 0.5:
        question = replace(question, first=world.days[39], last=world.days[chance.randint(39, 41)])
    try:
        terms = bridge.glossary(world, zoned=True)
        mine = bridge.ask(world, bridge.query(world, question, time_zone=zone), terms=terms)
        walls = local(world, zone)
        theirs = bridge.ask(walls, bridge.query(walls, question), terms=bridge.glossary(walls, zoned=True))
    except UserError:
        return
    names = kinds_of(world, question, (Simple, Ratio, Derived, Cumulative))
    assert same_groups(names, groups(question, mine.table), groups(question, theirs.table))


@worlds_of(60)
def test_8_a_conversion_is_one_in_every_zone(chance: Random) -> None:
    """An hour that comes twice, or never, makes no visit come after its order."""
    world, zone = around(chance, worlds(chance, kinds=("conversion",), history=False))
    terms = bridge.glossary(world, zoned=True)
    question = Question(tuple(m.name for m in world.metrics))
    answers = [
        bridge.ask(world, bridge.query(world, question, time_zone=zone), terms=terms).table.to_pylist()
        for zone in ("UTC", zone)
    ]
    assert answers[0] == answers[1]


# -- order, limit and offset -------------------------------------------------------------------


@worlds_of(80)
def test_9_order_is_total_and_a_page_is_a_part_of_it(chance: Random) -> None:
    world = worlds(chance)
    asked = shown(chance, world)
    try:
        whole = bridge.ask(world, bridge.query(world, asked))
    except UserError:
        return
    names = whole.table.column_names
    order = tuple((name, chance.random() < 0.5) for name in chance.sample(names, min(2, len(names))))
    limit, offset = chance.choice((0, 1, 2, 5, None)), chance.choice((0, 0, 1, 3))
    ordered = bridge.ask(world, bridge.query(world, replace(asked, order=order)))
    page = bridge.ask(world, bridge.query(world, replace(asked, order=order, limit=limit, offset=offset)))
    rows = ordered.table.to_pylist()
    assert rows == in_order(whole, order, len(asked.question.group_by))
    assert page.table.to_pylist() == rows[offset : None if limit is None else offset + limit]
    assert page.total == whole.total == len(rows)


def in_order(answer: Answer, order: tuple[tuple[str, bool], ...], keys: int) -> list[dict[str, Any]]:
    """The rows by the asked columns, then by every key; missing values last, whichever the direction."""
    rows = answer.table.to_pylist()
    by_key = [(name, False) for name in answer.table.column_names[:keys]]
    for name, descending in reversed((*order, *by_key)):
        present = [row for row in rows if row[name] is not None]
        missing = [row for row in rows if row[name] is None]
        rows = sorted(present, key=lambda row: row[name], reverse=descending) + missing
    return rows


def test_every_kind_of_metric_is_drawn() -> None:
    """A property that is never put to a kind of metric says nothing of it."""
    found: list[Metric] = [m for seed in range(60) for m in worlds(Random(seed)).metrics]
    assert {type(m) for m in found} == {Simple, Ratio, Derived, Cumulative, Balance, Conversion}
    assert len(KINDS) == 7


def test_differences_are_told() -> None:
    assert differences({("x",): {"m": 1}}, {("x",): {"m": 2}, ("y",): {"m": 1}}) == [
        "group ('y',) is missing: {'m': 1}",
        "m at ('x',) is 1 instead of 2",
    ]
