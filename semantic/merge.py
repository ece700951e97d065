"""Read a fact once where several metrics read it with the same joins, keys and time but other filters.

`orders` and `web_orders` by month, the second a filter on the same rows, become one scan:

    before   SELECT month, SUM(total) AS total FROM orders WHERE region = 'EMEA' GROUP BY 1
             SELECT month, COUNT(*) AS web_orders FROM orders WHERE region = 'EMEA' AND channel = 'web' GROUP BY 1
    after    SELECT month, SUM(total) AS total, NULLIF(COUNT(*) FILTER (WHERE channel = 'web'), 0) AS web_orders
             FROM orders WHERE region = 'EMEA' GROUP BY 1

What all have in common (the question's conditions, the rights) stays in WHERE, and so does that a row must
meet one of the rest, so that no group appears which none of the metrics has. A group that only one of them
has is missing for the others, as it is when each is asked alone.

Scans that share no work stay apart: filters that leave different rows are each pushed into a column store's
own scan, and evaluating all of them for every row takes longer (docs/decisions/0721).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from semantic.plan import Condition, Scan, Source, SpineFill, scan_of
from semantic.predicates import And, dimensions_of, metrics_of
from semantic.running import by_rows

Contribution = tuple[Source, tuple[str, ...]]


def merged(sources: list[Contribution]) -> list[Contribution]:
    """The sources, those that can be read in one pass together; in the order of their first."""
    groups: dict[object, list[Contribution]] = {}
    for number, (source, columns) in enumerate(sources):
        key = _key(source)
        groups.setdefault(number if key is None else key, []).append((source, columns))
    shared = [part for group in groups.values() for part in _sharing(group)]
    return [group[0] if len(group) == 1 else _together(group) for group in shared]


def _sharing(group: list[Contribution]) -> list[list[Contribution]]:
    """The parts of a group that share work: joins, or the rows of one whose conditions all of them have."""
    scan = scan_of(group[0][0])
    if scan.joins or scan.calendars or (scan.shift and scan.shift.spine):
        return [group]
    parts: list[tuple[set[Condition], list[Contribution]]] = []
    for each in sorted(group, key=lambda item: len(_stated(item[0]))):
        conditions = set(_stated(each[0]))
        part = next((found for fewer, found in parts if fewer <= conditions), None)
        if part is None:
            parts.append((conditions, [each]))
        else:
            part.append(each)
    return [part for _, part in parts]


def _stated(source: Source) -> tuple[Condition, ...]:
    return tuple(part for item in scan_of(source).conditions for part in _parts(item))


def _key(source: Source) -> object | None:
    """Sources with equal keys are read in one pass; None where that could change a number.

    A balance and a de-duplicated fact choose rows by their own conditions. A running number at a coarser
    period takes the first or last instant that it has, which is another one for each metric; one that needs the
    rows is made of its own. With other keys than the periods, a spine has a row without them where a metric has none.
    """
    if isinstance(source, SpineFill):
        inner = _key(source.inner)
        by_time_only = len(source.keys) == len(source.clocks)
        return (
            (replace(source, name="", inner=_NOTHING, columns=()), inner) if inner and by_time_only else None
        )
    if not isinstance(source, Scan) or source.balance or source.fact_key or source.literal or source.spread:
        return None
    shift = source.shift
    if shift and (shift.pick or (shift.sliding and any(by_rows(item) for item in source.aggregates))):
        return None
    bare = replace(source, name="", aggregates=(), conditions=(), notes=())
    return bare if _needs_clock(source) else replace(bare, clock=None)


def _needs_clock(scan: Scan) -> bool:
    """Over all time, it does not matter by which clock a metric goes."""
    bounded = scan.range is not None or scan.shift is not None
    return bounded or any(join.validity for join in scan.joins)


_NOTHING = Scan("", "", "", "", (), ())


def _together(group: list[Contribution]) -> Contribution:
    columns = tuple(column for _, own in group for column in own)
    first = group[0][0]
    if isinstance(first, SpineFill):
        inner = _one_scan([source.inner for source, _ in group if isinstance(source, SpineFill)])
        return replace(first, inner=inner, columns=columns), columns
    return _one_scan([source for source, _ in group]), columns


def _one_scan(sources: list[Source]) -> Scan:
    """One scan with a condition for each aggregate; the common part of the conditions stays the scan's."""
    scans = [source for source in sources if isinstance(source, Scan)]
    stated = [_stated(scan) for scan in scans]
    common = set.intersection(*map(set, stated))
    rests = [tuple(part for part in parts if part not in common) for parts in stated]
    aggregates = tuple(
        replace(item, conditions=rest)
        for scan, rest in zip(scans, rests, strict=True)
        for item in scan.aggregates
    )
    return replace(
        scans[0],
        aggregates=aggregates,
        conditions=tuple(part for part in dict.fromkeys(stated[0]) if part in common),
        either=() if () in rests else tuple(dict.fromkeys(rests)),
        notes=tuple(dict.fromkeys(note for scan in scans for note in scan.notes)),
    )


def _parts(condition: Condition) -> Iterator[Condition]:
    """What a condition says, each part of an `and` for itself, whoever says it."""
    whole = condition.predicate
    for part in whole.items if isinstance(whole, And) else (whole,):
        named, metrics = dimensions_of(part), metrics_of(part)
        yield replace(
            condition,
            predicate=part,
            reaches=tuple(pair for pair in condition.reaches if pair[0] in named),
            metrics=tuple(item for item in condition.metrics if item[0] in metrics),
            always=False,
        )
