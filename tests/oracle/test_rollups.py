"""Invariant 11: whatever rollups are declared, every question has the rows that it has without them."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from semantic import definitions as d
from semantic.errors import UserError
from semantic.interop.rollup_models import rollup_select
from tests.oracle import bridge
from tests.oracle.budget import worlds_of
from tests.oracle.world import FactTable
from tests.oracle.worlds import shown, some, worlds

TAKEN: list[bool] = []
ENOUGH = 20
"""So many answers tell something."""


@worlds_of(80)
def test_a_rollup_changes_no_row(chance: Random) -> None:
    world = worlds(chance, ("simple", "simple", "ratio", "derived", "offset", "cumulative"))
    bare = bridge.glossary(world)
    if chance.random() < 0.5:
        bare = filtered_measures(bare)
    terms = replace(bare, rollups=tuple(rollup(chance, fact, bare, n) for n, fact in enumerate(world.facts)))
    bridge.TABLES.hold(world)
    for each in terms.rollups:
        sql = rollup_select(each, terms).sql(dialect="duckdb")
        bridge.TABLES.connection.execute(f"CREATE OR REPLACE TEMP TABLE {each.relation} AS {sql}")
    for _ in range(2):
        query = bridge.query(world, shown(chance, world))
        try:
            without = bridge.ask(world, query, terms=bare)
        except UserError:
            continue
        with_them = bridge.ask(world, query, terms=terms)
        TAKEN.append(any(each.relation in with_them.sql for each in terms.rollups))
        assert with_them.table.to_pylist() == without.table.to_pylist(), (terms.rollups, query)
        assert with_them.table.schema == without.table.schema


def filtered_measures(terms: d.Glossary) -> d.Glossary:
    """The same numbers, defined by filters of the measures instead of the metrics."""
    metrics = terms.metrics
    models = {
        model.name: replace(
            model,
            measures=tuple(replace(m, filters=metrics[m.name].filters) for m in model.measures),
        )
        for model in terms.models.values()
    }
    plain = {name: replace(metric, filters=()) for name, metric in metrics.items()}
    return replace(terms, models=models, metrics=plain)


def rollup(chance: Random, fact: FactTable, terms: d.Glossary, number: int) -> d.Rollup:
    """Some of a fact's columns, a period, and all of its measures that can be kept; at times of some rows only."""
    model = terms.models[fact.name]
    names = [*fact.categories, *fact.keys]
    kept = [*(name for name in names if chance.random() < 0.75)]
    measures = [m.name for m in model.measures if m.agg in ("sum", "count", "min", "max")]
    grain = chance.choice(("day", "day", "week", "month", "quarter"))
    filters = [p for m in terms.metrics.values() for p in m.filters if isinstance(m.recipe, d.Simple)]
    return d.Rollup(
        name=f"rollup{number}",
        model=fact.name,
        relation=f"rollup{number}",
        dimensions=tuple((name, f"by_{name}") for name in kept),
        time=(("ds", grain, "period"),) if chance.random() < 0.9 else (),
        measures=tuple((name, name) for name in measures),
        filters=tuple(some(chance, filters, 1)) if chance.random() < 0.2 else (),
    )


def test_rollups_were_read() -> None:
    """Put to no question, the property above would say nothing."""
    if not TAKEN:
        test_a_rollup_changes_no_row()
    assert sum(TAKEN) > len(TAKEN) / 10 or len(TAKEN) < ENOUGH
