"""Draw random worlds and questions for the oracle: tiny tables full of traps.

Keys are NULL, repeated or dangling; dimensions lack rows or whole tables; facts may be empty;
timestamps fall on the last hours of days and around the ends of months.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.oracle.world import (
    Balance,
    Conversion,
    Cumulative,
    Derived,
    DimTable,
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

START = datetime(2024, 1, 20)
DAYS = 45
CALENDAR = tuple(START + timedelta(days=n) for n in range(-40, DAYS + 80))
IDS = ("a", "b", "c")
COLORS = ("x", "y", None)
NUMBERS = (None, -3, 0, 1, 1, 2, 7, 100)
AGGS = ("sum", "count", "count_distinct", "average", "min", "max", "median")
GRAINS = ("day", "week", "month", "quarter", "year")


@st.composite
def dims(draw: st.DrawFn) -> tuple[DimTable, ...]:
    """One to three dimensions; each may point to later ones (a snowflake of up to three levels)."""
    count = draw(st.integers(1, 3))
    tables = []
    for index in range(count):
        later = [f"d{j}" for j in range(index + 1, count)]
        parents = tuple(draw(st.sets(st.sampled_from(later), max_size=1))) if later else ()
        name = f"d{index}"
        rows = [
            {"id": identity, f"{name}_color": draw(st.sampled_from(COLORS))}
            | {f"{parent}_id": draw(st.sampled_from((*IDS, "zz", None))) for parent in parents}
            for identity in sorted(draw(st.sets(st.sampled_from(IDS))))
        ]
        tables.append(DimTable(name, (f"{name}_color",), parents, tuple(rows)))
    return tuple(tables)


@st.composite
def fact(draw: st.DrawFn, name: str, dim_names: tuple[str, ...]) -> FactTable:
    """A fact over some of the dimensions, of up to ten rows."""
    keys = tuple(sorted(draw(st.sets(st.sampled_from(dim_names)))))
    columns: dict[str, st.SearchStrategy[Any]] = {
        "ds": st.builds(
            lambda day, hour: START + timedelta(days=day, hours=hour),
            st.integers(0, DAYS),
            st.sampled_from((0, 0, 9, 23)),
        ),
        "cat": st.sampled_from(("p", "q", None)),
        "m": st.sampled_from(NUMBERS),
        "n": st.sampled_from(NUMBERS),
    } | {f"{key}_id": st.sampled_from((*IDS, "zz", None)) for key in keys}
    rows: list[Row] = draw(
        st.lists(st.fixed_dictionaries(columns), min_size=draw(st.sampled_from((0, 4, 7))), max_size=10)
    )
    numbered = tuple(row | {"id": number} for number, row in enumerate(rows))
    return FactTable(name, keys, ("cat",), ("m", "n"), numbered)


@st.composite
def simples(draw: st.DrawFn, name: str, table: FactTable, aggs: tuple[str, ...] = AGGS) -> Simple:
    """A simple metric of a fact, at times with a filter of its own."""
    tests = (Test(Ref((), "cat"), "=", "p"),) if draw(st.integers(0, 3)) == 0 else ()
    agg: Any = draw(st.sampled_from(aggs))
    measure = draw(st.sampled_from(("m", "n")))
    if agg == "sum" and draw(st.booleans()):
        measure = None
    return Simple(name, table.name, agg, measure, tests)


KINDS = ("simple", "ratio", "derived", "offset", "cumulative", "balance", "conversion")


@st.composite
def metric(draw: st.DrawFn, name: str, facts: tuple[FactTable, ...], kinds: tuple[str, ...]) -> Metric:
    """A metric of one of the kinds (a conversion needs an entity, else it is a simple one)."""
    table = draw(st.sampled_from(facts))
    kind = draw(st.sampled_from(kinds))
    if kind == "conversion" and not facts[0].keys:
        kind = "simple"
    if kind == "simple":
        return draw(simples(name, table))
    if kind == "ratio":
        other = draw(st.sampled_from(facts))
        return Ratio(name, draw(simples(f"{name}_top", table)), draw(simples(f"{name}_bottom", other)))
    if kind in ("derived", "offset"):
        other = draw(st.sampled_from(facts))
        left, right = draw(simples(f"{name}_left", table)), draw(simples(f"{name}_right", other))
        op: Any = draw(st.sampled_from(("+", "-", "*")))
        return Derived(name, left, right, op, draw(st.sampled_from((1, 7))) if kind == "offset" else 0)
    if kind == "cumulative":
        return draw(cumulatives(name, table))
    if kind == "balance":
        by = draw(st.sampled_from((None, *table.keys)))
        choice: Any = draw(st.sampled_from(("min", "max")))
        return Balance(name, table.name, "m", choice, by)
    base, event = facts[0], draw(st.sampled_from(facts))
    shared = [key for key in base.keys if key in event.keys] or [base.keys[0]]
    if shared[0] not in event.keys:
        event = base
    days = draw(st.sampled_from((None, 1, 7)))
    return Conversion(name, base.name, event.name, shared[0], days, draw(st.booleans()))


@st.composite
def cumulatives(draw: st.DrawFn, name: str, table: FactTable) -> Cumulative:
    """Over a window, to date or of all time."""
    of = draw(simples(f"{name}_of", table, ("sum", "count_distinct", "max", "average")))
    period: Any = draw(st.sampled_from(("first", "last", "average")))
    window = draw(st.sampled_from(("days", "to_grain", "all")))
    if window == "days":
        return Cumulative(name, of, days=draw(st.sampled_from((1, 3, 10))), period=period)
    to_grain: Any = "month" if window == "to_grain" else None
    return Cumulative(name, of, to_grain=to_grain, period=period)


@st.composite
def worlds(draw: st.DrawFn, kinds: tuple[str, ...] = KINDS) -> World:
    """Tables and three metrics over them."""
    tables = draw(dims())
    names = tuple(table.name for table in tables)
    facts = tuple(draw(fact(f"f{number}", names)) for number in range(draw(st.integers(1, 2))))
    metrics = tuple(draw(metric(f"metric{number}", facts, kinds)) for number in range(3))
    return World(tables, facts, CALENDAR, metrics)


def paths(world: World) -> list[Ref]:
    """Every dimension attribute that some fact reaches, by every path."""
    found: list[Ref] = [Ref((), "cat")] if len(world.facts) == 1 else []
    open_paths = [(key,) for table in world.facts for key in table.keys]
    while open_paths:
        path = open_paths.pop()
        table = world.dim(path[-1])
        found += [Ref(path, column) for column in table.attributes]
        open_paths += [(*path, parent) for parent in table.parents]
    return sorted(set(found), key=repr)


@st.composite
def questions(draw: st.DrawFn, world: World) -> Question:
    """Up to three metrics by up to two dimensions and a grain, filtered and ranged."""
    names = [m.name for m in world.metrics]
    asked = tuple(draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)))
    refs = paths(world)
    group: list[Ref | TimeRef] = []
    if refs:
        group += draw(st.lists(st.sampled_from(refs), max_size=2, unique=True))
    if draw(st.booleans()):
        grain: Any = draw(st.sampled_from(GRAINS))
        group.append(TimeRef(grain))
    tests = draw(st.lists(tests_on(refs), max_size=2)) if refs else []
    first = last = None
    if draw(st.integers(0, 2)) == 0:
        first = START + timedelta(days=draw(st.integers(-5, DAYS)))
        last = first + timedelta(days=draw(st.integers(0, 30)))
    return Question(asked, tuple(group), tuple(tests), first, last)


def tests_on(refs: list[Ref]) -> st.SearchStrategy[Test]:
    """A comparison on one of the attributes."""
    op = st.sampled_from(("=", "!=", "in", "not in", "is null", "is not null"))

    def build(ref: Ref, op: Any) -> Test:
        values = ("p", "q") if ref.column == "cat" else ("x", "y")
        if op in ("is null", "is not null"):
            return Test(ref, op)
        return Test(ref, op, values if op == "in" else values[:1] if op == "not in" else values[0])

    return st.builds(build, st.sampled_from(refs), op)
