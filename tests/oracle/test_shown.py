"""Comparisons, top members, shares, conditions on numbers, totals and the rows behind a number, beside nested loops."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

from semantic.ask import drill_through
from semantic.errors import UserError
from tests.oracle import bridge
from tests.oracle.answer import RefusedError, aggregate
from tests.oracle.budget import worlds_of
from tests.oracle.compare import differences, equal, faults, groups, may_refuse, smallest
from tests.oracle.shown import subtotals, told
from tests.oracle.world import Asked, Balance, Derived, Metric, Ratio, Simple, World
from tests.oracle.worlds import TWO_YEARS, shown, worlds

COMPARED = ("simple", "ratio", "derived", "balance", "conversion")
PLAIN = ("simple", "ratio", "derived", "offset", "balance")


@worlds_of(250)
def test_what_is_shown_is_what_nested_loops_show(chance: Random) -> None:
    world = replace(worlds(chance, COMPARED), days=TWO_YEARS)
    for _ in range(2):
        asked = shown(chance, world)
        assert not faults(world, asked), smallest(world, asked, faults)


@worlds_of(60)
def test_every_kind_of_metric_has_top_members_shares_and_conditions(chance: Random) -> None:
    world = worlds(chance)
    asked = replace(shown(chance, world), compare=None)
    assert not faults(world, asked), smallest(world, asked, faults)


# -- totals ------------------------------------------------------------------------------------


@worlds_of(120)
def test_totals_and_subtotals_come_from_the_facts(chance: Random) -> None:
    world = worlds(chance)
    asked = replace(shown(chance, world), compare=None)
    assert not total_faults(world, asked), smallest(world, asked, total_faults)


def total_faults(world: World, asked: Asked) -> list[str]:
    """Every level of an answer's totals that is not what nested loops give for that level alone."""
    levels: Any = "subtotals" if asked.question.group_by else True
    try:
        answer = bridge.ask(world, bridge.query(world, asked, totals=levels))
    except UserError:
        return []
    assert answer.totals is not None
    rows, lines = answer.totals.to_pylist(), []
    for width in range(len(asked.question.group_by)):
        level = replace(asked.question, group_by=asked.question.group_by[:width])
        found = {}
        for row in rows if levels is True else [row for row in rows if row["level"] == width]:
            values = {name: row[name] for name in asked.question.metrics}
            found[tuple(bridge.midnight(value) for value in list(row.values())[:width])] = values
        try:
            wanted = subtotals(world, asked, width).rows
        except RefusedError:
            continue  # a running number has no total without a time; it is left empty, and a note says so
        if not may_refuse(world, replace(asked, question=level)):
            lines += [f"level {width}: {line}" for line in differences(found, wanted)]
    return lines


# -- the rows behind a number ------------------------------------------------------------------


@worlds_of(120)
def test_the_rows_behind_a_number_add_up_to_it(chance: Random) -> None:
    world = worlds(chance, PLAIN)
    asked = replace(shown(chance, world), compare=None, having=(), share=())
    assert not drill_faults(world, asked), smallest(world, asked, drill_faults)


def drill_faults(world: World, asked: Asked) -> list[str]:
    """The cells of an answer whose rows, put together again, give another number."""
    try:
        wanted = told(world, asked)
        query = bridge.query(world, asked)
        answer = bridge.ask(world, query)
    except (RefusedError, UserError):
        return []
    terms, lines = bridge.glossary(world), []
    names = answer.table.column_names[: len(asked.question.group_by)]
    for key, row in groups(asked.question, answer.table).items():
        values = (value.date() if hasattr(value, "date") else value for value in key)
        cell = dict(zip(names, values, strict=True))
        for metric in world.metrics:
            if metric.name in asked.question.metrics and len(lines) < 3:
                try:
                    behind = drill_through(query, metric.name, cell, terms, bridge.TABLES)
                except UserError as refusal:
                    lines.append(f"{metric.name} at {key!r}: {refusal}")
                    continue
                found = {rows.metric: rows.table.to_pylist() for rows in behind}
                again = put_together(metric, found, grouped=bool(key))
                if not equal(again, row[metric.name]):
                    lines.append(f"{metric.name} at {key!r} is {row[metric.name]!r}, its rows give {again!r}")
    return lines if wanted else []


def put_together(metric: Metric, rows: dict[str, list[dict[str, Any]]], grouped: bool) -> Any:
    """The number that rows give, by the metric's definition; the fact's column has the name of the part."""
    if isinstance(metric, Simple | Balance):
        found = rows[metric.name]
        counts_rows = isinstance(metric, Simple) and metric.measure is None
        present = [1 if counts_rows else row[metric.name] for row in found]
        return None if grouped and not found else aggregate(getattr(metric, "agg", "sum"), present)
    if isinstance(metric, Ratio):
        top, bottom = (put_together(part, rows, grouped) for part in (metric.numerator, metric.denominator))
        return None if top is None or not bottom else top / bottom
    assert isinstance(metric, Derived)
    left, right = (put_together(part, rows, grouped) for part in (metric.left, metric.right))
    if left is None or right is None:
        return None
    return {"+": left + right, "-": left - right, "*": left * right}[metric.op]
