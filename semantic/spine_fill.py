"""A row for each period of the time spine, where a metric wants one."""

from __future__ import annotations

from dataclasses import replace

from semantic.asked import Asked
from semantic.definitions import TimeSpine
from semantic.names import Spec, split_grains
from semantic.plan import Calendar, Condition, Paired, Reach, Scan, SpineFill
from semantic.predicates import GroupBy, Predicate
from semantic.shifts import finest, spine_for, standard

Clocks = tuple[tuple[str, Reach], ...]
Again = tuple[Predicate, tuple[tuple[GroupBy, str], ...]]


def spine_fill(
    asked: Asked,
    inner: Scan | Paired,
    scan: Scan,
    clocks: Clocks,
    specs: tuple[Spec, ...],
    columns: tuple[str, ...],
) -> SpineFill:
    """Every period of the asked range, with the scan's numbers where it has any."""
    spine = spine_for(asked.glossary, finest(standard(reach) for _, reach in clocks))
    calendars: dict[tuple[str, str], Calendar] = {}
    shown = tuple((name, _on_spine(asked, spine, reach, calendars)) for name, reach in clocks)
    on_clock = tuple(
        Condition(
            condition.predicate,
            tuple((item, _on_spine(asked, spine, reach, calendars)) for item, reach in condition.reaches),
        )
        for condition in scan.conditions
        if _is_on_clock(condition)
    )
    return SpineFill(
        name=inner.name,
        inner=inner,
        spine=spine,
        clocks=shown,
        calendars=tuple(calendars.values()),
        keys=tuple(name for name, _ in scan.keys),
        columns=columns,
        range=asked.range,
        on_clock=on_clock,
        again=_again(asked, scan, specs),
    )


def _on_spine(
    asked: Asked, spine: TimeSpine, reach: Reach, calendars: dict[tuple[str, str], Calendar]
) -> Reach:
    """The period of a spine's row; joins the own calendar that it is read from."""
    moved = replace(reach, alias="spine", expr=spine.column, zone=None, calendar=None, is_clock=False)
    if not reach.calendar or reach.grain is None:
        return moved
    table, grain = asked.glossary.custom_grains[reach.grain]
    calendar = Calendar(f"calendar_{grain.name}", table, grain.column, moved)
    calendars[(grain.name, grain.column)] = calendar
    return replace(moved, calendar=f"{calendar.alias}.{grain.column}")


def _is_on_clock(condition: Condition) -> bool:
    return bool(condition.reaches) and all(reach.is_clock for _, reach in condition.reaches)


def _again(asked: Asked, scan: Scan, specs: tuple[Spec, ...]) -> tuple[Again, ...]:
    """The question's conditions on shown columns: they hold for the rows that are filled in, too."""
    by_column = {spec.column: reach for spec, (_, reach) in zip(specs, scan.keys, strict=True)}
    in_question = {split_grains(asked.glossary, predicate) for predicate in asked.query.where}
    again = []
    for condition in scan.conditions:
        if _is_on_clock(condition) or condition.predicate not in in_question or condition.metrics:
            continue
        found = {item: _column_of(reach, by_column) for item, reach in condition.reaches}
        if all(found.values()):
            again.append((condition.predicate, tuple((k, v) for k, v in found.items() if v)))
    return tuple(again)


def _column_of(reach: Reach, by_column: dict[str, Reach]) -> str | None:
    return next((column for column, other in by_column.items() if other == reach), None)
