"""Where each number of a question comes from: one scan for all that read the same rows in the same way."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from semantic.asked import Asked
from semantic.conversions import paired
from semantic.expand import Leaf
from semantic.facts import scan_key, scan_of_leaves
from semantic.merge import merged
from semantic.names import Spec
from semantic.plan import Paired, Scan, Source, scan_of
from semantic.rollups import routed
from semantic.running import by_period
from semantic.spine_fill import spine_fill


def sources_of(
    asked: Asked, leaves: tuple[Leaf, ...], specs: tuple[Spec, ...], names: dict[Leaf, str]
) -> list[tuple[Source, tuple[str, ...]]]:
    """One scan for all leaves that read the same rows in the same way."""
    groups: dict[tuple[object, ...], list[Leaf]] = {}
    for leaf in leaves:
        key = (*scan_key(asked.glossary, leaf), asked.spread(leaf))
        groups.setdefault(key, []).append(leaf)
    taken: set[str] = set()
    sources: list[tuple[Source, tuple[str, ...]]] = []
    for group in groups.values():
        name = _free_name(f"{group[0].model}_facts", taken)
        sources.append((_source(asked, name, group, specs, names), tuple(names[leaf] for leaf in group)))
    route = partial(routed, glossary=asked.glossary, allowed=asked.use_rollups)
    return [(by_period(source, route), columns) for source, columns in merged(sources)]


def _source(
    asked: Asked, name: str, group: list[Leaf], specs: tuple[Spec, ...], names: dict[Leaf, str]
) -> Source:
    """A scan, or conversions; with a row for each period where the metric wants one."""
    inner: Scan | Paired
    inner = (
        paired(asked, name, group, specs, names)
        if group[0].conversion
        else scan_of_leaves(asked, name, group, specs, names)
    )
    scan = scan_of(inner)
    clocks = tuple((column, reach) for column, reach in scan.keys if reach.is_clock)
    if not group[0].on_spine or not clocks:
        return inner
    fill = spine_fill(asked, inner, scan, clocks, specs, tuple(names[leaf] for leaf in group))
    if asked.glossary.settings.semantics != "metricflow" or scan.shift is None or not scan.shift.pick:
        return fill
    fills = tuple((names[leaf], leaf.fill) for leaf in group if leaf.fill is not None)
    return replace(fill, spine=scan.shift.spine or fill.spine, instants=scan.shift.grain, fills=fills)


def leaf_columns(leaves: tuple[Leaf, ...], taken: set[str]) -> dict[Leaf, str]:
    """A readable column for each leaf: its metric's name, with a number where that is taken."""
    names: dict[Leaf, str] = {}
    used = set(taken)
    for leaf in leaves:
        names[leaf] = _free_name(leaf.label, used)
    return names


def _free_name(wanted: str, taken: set[str]) -> str:
    name, count = wanted, 1
    while name in taken:
        count += 1
        name = f"{wanted}_{count}"
    taken.add(name)
    return name
