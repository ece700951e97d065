"""What stands on a source: the tables that are made from it, the metrics over them, the dashboards that show those.

Read from the files of the models, the glossary and the dashboards: a mail about a source that is down must not
wait for SQLMesh to load.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from infra.model_files import model_files
from semantic.definitions import Glossary, Simple

SCHEMAS = "raw|staging|prep|seeds|core|attribution|marts|ops"
TABLE = rf"(?:{SCHEMAS})\.\w+"
# A table, or a macro of tables.
READ = re.compile(rf"\bFROM\s+(?:@\w+\()?({TABLE}(?:\s*,\s*{TABLE})*)", re.IGNORECASE)
ONE, MANY = ("metric", "target", "attainment", "sort"), ("metrics", "bars", "lines", "stages", "rates")


@dataclass(frozen=True)
class Affected:
    """Labels of metrics, those on most panels first; titles of dashboards, how many panels show one, of how many."""

    metrics: tuple[str, ...] = ()
    dashboards: tuple[tuple[str, int, int], ...] = ()


def affected_by(source: str, models: Path, glossary: Glossary, dashboards: Path) -> Affected:
    """What is as old as `source` is."""
    tables = tables_of(source, reads(models))
    names = {name for name in glossary.metrics if relations_of(name, glossary) & tables}
    panels = {file: _panels(file) for file in sorted(dashboards.glob("*.yml"))}
    asked = Counter(name for _, listed in panels.values() for panel in listed for name in panel)
    shown = [one for one in glossary.public_metrics if one.name in names]
    shown.sort(key=lambda one: (-asked[one.name], one.label))
    return Affected(tuple(one.label or one.name for one in shown), tuple(_boards(panels.values(), names)))


def reads(models: Path) -> Mapping[str, frozenset[str]]:
    """Each model of a SQLMesh project, and the tables that it reads."""
    return {file.name: frozenset(file.reads) | _read(file.sql) for file in model_files(models)}


def _read(sql: str) -> frozenset[str]:
    statement = re.sub(r"--.*|/\*.*?\*/", "", sql)
    named = (table for tables in READ.findall(statement) for table in tables.split(","))
    return frozenset(table.strip().lower() for table in named)


def tables_of(source: str, reads: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Every table that is made from a source, directly or through others."""
    found = {table for read in reads.values() for table in read if table.startswith(f"raw.{source}__")}
    while more := {name for name, read in reads.items() if name not in found and read & found}:
        found |= more
    return frozenset(found)


def relations_of(metric: str, glossary: Glossary) -> frozenset[str]:
    """The tables whose rows a metric counts."""
    recipe = glossary.metrics[metric].recipe
    if isinstance(recipe, Simple):
        return frozenset([glossary.models[recipe.model].relation])
    parts = (relations_of(one.metric, glossary) for one in glossary.metrics[metric].inputs)
    return frozenset().union(*parts)


def _panels(file: Path) -> tuple[str, list[set[str]]]:
    """The title of a dashboard, and what each of its panels asks for."""
    board = yaml.safe_load(file.read_text(encoding="utf-8"))
    return board["title"], [set(_asked(panel)) for panel in board["charts"].values()]


def _boards(
    boards: Iterable[tuple[str, list[set[str]]]], metrics: set[str]
) -> Iterator[tuple[str, int, int]]:
    for title, panels in boards:
        hit = sum(1 for panel in panels if panel & metrics)
        if hit:
            yield title, hit, len(panels)


def _asked(panel: Mapping[str, Any]) -> Iterator[str]:
    yield from (panel[key] for key in ONE if key in panel)
    for key in MANY:
        yield from panel.get(key, ())
