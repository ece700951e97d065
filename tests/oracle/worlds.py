"""Draw random worlds and questions for the oracle: tiny tables full of traps.

Keys are NULL, repeated or dangling; dimensions lack rows or whole tables, or have a history; facts may be
empty; amounts may be negative; timestamps fall on the last hours of days and around the ends of months.
Everything is drawn by a plain random generator: a seed is a world, and a world costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar

from tests.oracle.world import (
    Asked,
    Balance,
    Conversion,
    Cumulative,
    Derived,
    DimTable,
    FactTable,
    Grain,
    Metric,
    MetricBy,
    Question,
    Ratio,
    Ref,
    Row,
    Simple,
    Test,
    TimeRef,
    Top,
    World,
)

START = datetime(2024, 1, 20)
DAYS = 45
CALENDAR = tuple(START + timedelta(days=n) for n in range(-40, DAYS + 80))
TWO_YEARS = tuple(START + timedelta(days=n) for n in range(-40, DAYS + 420))
IDS = ("a", "b", "c")
KEYS = (*IDS, "zz", None)
COLORS = ("x", "y", None)
NUMBERS = (None, -3, 0, 1, 1, 2, 7, 100)
AGGS = ("sum", "count", "count_distinct", "average", "min", "max", "median")
GRAINS: tuple[Grain, ...] = ("day", "week", "month", "quarter", "year")
KINDS = ("simple", "ratio", "derived", "offset", "cumulative", "balance", "conversion")
Item = TypeVar("Item")


def some(chance: Random, items: Sequence[Item], most: int) -> list[Item]:
    """Up to so many of the items, each once, in a random order."""
    return chance.sample(items, chance.randint(0, min(most, len(items))))


# -- tables ------------------------------------------------------------------------------------


def worlds(chance: Random, kinds: tuple[str, ...] = KINDS, history: bool = True) -> World:
    """Tables and three metrics over them."""
    tables = dims(chance, history)
    names = [table.name for table in tables]
    facts = tuple(fact(chance, f"f{number}", names) for number in range(chance.randint(1, 2)))
    metrics = tuple(metric(chance, f"metric{number}", facts, kinds) for number in range(3))
    return World(tables, facts, CALENDAR, metrics)


def dims(chance: Random, history: bool) -> tuple[DimTable, ...]:
    """One to three dimensions; each may point to later ones (a snowflake of up to three levels)."""
    count = chance.randint(1, 3)
    tables = []
    for index in range(count):
        name, parents = f"d{index}", some(chance, [f"d{j}" for j in range(index + 1, count)], 1)
        dated = history and chance.random() < 0.3
        rows = [
            {"id": identity, f"{name}_color": chance.choice(COLORS)}
            | {f"{parent}_id": chance.choice(KEYS) for parent in parents}
            | period
            for identity in sorted(some(chance, IDS, len(IDS)))
            for period in (validity(chance) if dated else [{}])
        ]
        tables.append(DimTable(name, (f"{name}_color",), tuple(parents), tuple(rows), dated))
    return tuple(tables)


def validity(chance: Random) -> list[Row]:
    """Up to three periods that do not overlap, at times with a gap between them, the last at times open."""
    edges = sorted(some(chance, range(-5, DAYS), 4)) or [-5]
    found: list[Row] = []
    for number, start in enumerate(edges[:3]):
        end = edges[number + 1] if number + 1 < len(edges) else None
        if chance.random() < 0.85:
            span = [edge if edge is None else START + timedelta(days=edge, hours=9) for edge in (start, end)]
            found.append(dict(zip(("valid_from", "valid_to"), span, strict=True)))
    return found


def fact(chance: Random, name: str, dim_names: Sequence[str]) -> FactTable:
    """A fact over some of the dimensions, of up to ten rows; half of its times at the ends of months."""
    keys = tuple(sorted(some(chance, dim_names, len(dim_names))))
    rows = tuple(
        {
            "id": number,
            "ds": START + timedelta(days=day(chance), hours=chance.choice((0, 0, 9, 23))),
            "cat": chance.choice(("p", "q", None)),
            "m": chance.choice(NUMBERS),
            "n": chance.choice(NUMBERS),
        }
        | {f"{key}_id": chance.choice(KEYS) for key in keys}
        for number in range(chance.choice((0, 3, 4, 6, 8, 10)))
    )
    return FactTable(name, keys, ("cat",), ("m", "n"), rows)


def day(chance: Random) -> int:
    """A day since the start; the last days of January and February more often."""
    return chance.choice((chance.randint(0, DAYS), chance.randint(8, 13), chance.randint(37, 42)))


# -- metrics -----------------------------------------------------------------------------------


def simple(chance: Random, name: str, table: FactTable, aggs: Sequence[Any] = AGGS) -> Simple:
    """A simple metric of a fact, at times with a filter of its own."""
    tests = (Test(Ref((), "cat"), "=", "p"),) if chance.random() < 0.25 else ()
    agg = chance.choice(aggs)
    counts_rows = agg == "sum" and chance.random() < 0.5
    return Simple(name, table.name, agg, None if counts_rows else chance.choice(("m", "n")), tests)


def metric(chance: Random, name: str, facts: tuple[FactTable, ...], kinds: Sequence[str]) -> Metric:
    """A metric of one of the kinds (a conversion needs an entity, else it is a simple one)."""
    table, other, kind = chance.choice(facts), chance.choice(facts), chance.choice(kinds)
    if kind == "ratio":
        return Ratio(name, simple(chance, f"{name}_top", table), simple(chance, f"{name}_bottom", other))
    if kind in ("derived", "offset"):
        left, right = simple(chance, f"{name}_left", table), simple(chance, f"{name}_right", other)
        op: Any = chance.choice(("+", "-", "*"))
        return Derived(name, left, right, op, chance.choice((1, 7)) if kind == "offset" else 0)
    if kind == "cumulative":
        return cumulative(chance, name, table)
    if kind == "balance":
        choice: Any = chance.choice(("min", "max"))
        return Balance(name, table.name, "m", choice, chance.choice((None, *table.keys)))
    if kind == "conversion" and facts[0].keys:
        return conversion(chance, name, facts[0], other)
    return simple(chance, name, table)


def cumulative(chance: Random, name: str, table: FactTable) -> Cumulative:
    """Over a window, to date or of all time."""
    of = simple(chance, f"{name}_of", table, ("sum", "count_distinct", "max", "average"))
    period: Any = chance.choice(("first", "last", "average"))
    kind = chance.choice(("days", "to_grain", "all"))
    if kind == "days":
        return Cumulative(name, of, days=chance.choice((1, 3, 10)), period=period)
    return Cumulative(name, of, to_grain="month" if kind == "to_grain" else None, period=period)


def conversion(chance: Random, name: str, base: FactTable, event: FactTable) -> Conversion:
    """Rows of one fact that rows of another follow, by a key of both."""
    shared = [key for key in base.keys if key in event.keys] or [base.keys[0]]
    if shared[0] not in event.keys:
        event = base
    days = chance.choice((None, 1, 7))
    return Conversion(name, base.name, event.name, shared[0], days, chance.random() < 0.5)


# -- questions ---------------------------------------------------------------------------------


def paths(world: World) -> list[Ref]:
    """Every dimension attribute that some fact reaches, by every path."""
    found = {Ref((), "cat")} if len(world.facts) == 1 else set()
    for path in ways(world):
        found |= {Ref(path, column) for column in world.dim(path[-1]).attributes}
    return sorted(found, key=repr)


def keys(world: World) -> list[Ref]:
    """Every key that some fact reaches, by every path."""
    return sorted({Ref(path, "") for path in ways(world)}, key=repr)


def ways(world: World) -> list[tuple[str, ...]]:
    """Every way from a fact to a dimension."""
    found = []
    waiting = [(key,) for table in world.facts for key in table.keys]
    while waiting:
        path = waiting.pop()
        found.append(path)
        waiting += [(*path, parent) for parent in world.dim(path[-1]).parents]
    return found


def questions(chance: Random, world: World) -> Question:
    """Up to three metrics by up to two dimensions and a grain, filtered and ranged."""
    names = [m.name for m in world.metrics]
    asked = tuple(chance.sample(names, chance.randint(1, 3)))
    refs = paths(world)
    group: list[Ref | TimeRef] = [*some(chance, refs + keys(world), 2)]
    if chance.random() < 0.5:
        group.append(TimeRef(chance.choice(GRAINS)))
    tests = [on_dimension(chance, refs) for _ in range(chance.choice((0, 0, 1, 2)))] if refs else []
    if keys(world) and chance.random() < 0.15:
        tests.append(on_metric(chance, world))
    first, last = span(chance) if chance.random() < 0.35 else (None, None)
    return Question(asked, tuple(group), tuple(tests), first, last)


def span(chance: Random) -> tuple[datetime, datetime]:
    """A first and a last day: any, or a whole month."""
    if chance.random() < 0.25:
        return chance.choice(
            ((datetime(2024, 2, 1), datetime(2024, 2, 29)), (datetime(2024, 1, 1), datetime(2024, 1, 31)))
        )
    first = START + timedelta(days=chance.randint(-5, DAYS))
    return first, first + timedelta(days=chance.randint(0, 30))


def on_dimension(chance: Random, refs: Sequence[Ref]) -> Test:
    """A comparison on one of the attributes."""
    ref = chance.choice(refs)
    op: Any = chance.choice(("=", "!=", "in", "not in", "is null", "is not null"))
    values = ("p", "q") if ref.column == "cat" else ("x", "y")
    if op in ("is null", "is not null"):
        return Test(ref, op)
    return Test(ref, op, values if op == "in" else values[:1] if op == "not in" else values[0])


def on_metric(chance: Random, world: World) -> Test:
    """A condition on the number that the member of a key has."""
    known = [m.name for m in world.metrics if isinstance(m, Simple | Ratio)]
    known += [m.name for m in world.metrics if isinstance(m, Derived) and not m.offset_days]
    if not known:
        return on_dimension(chance, paths(world))
    by = MetricBy(chance.choice(known), chance.choice(keys(world)))
    op: Any = chance.choice(("<", ">=", "is null"))
    return Test(by, op, None if op == "is null" else chance.choice((0, 1, 3)))


def shown(chance: Random, world: World) -> Asked:
    """A question with some of what can be shown of it."""
    question = questions(chance, world)
    places = [place for place, ref in enumerate(question.group_by) if isinstance(ref, Ref) and ref.column]
    top = None
    if places and chance.random() < 0.4:
        other = chance.choice(("Other", None))
        ranked = chance.choice([m.name for m in world.metrics])
        top = Top(chance.choice(places), ranked, chance.randint(1, 2), other)
    share = tuple(some(chance, question.metrics, 2)) if chance.random() < 0.3 else ()
    having = tuple(
        (name, chance.choice(("<", ">=")), chance.choice((0, 1, 3)))
        for name in (some(chance, question.metrics, 1) if chance.random() < 0.4 else ())
    )
    compare: Any = chance.choice((None, None, "previous_period", "previous_year"))
    return Asked(question, compare, top, share, having)
