"""The one table that the door shows: `semantic.metrics`, with every shared dimension and every metric."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import exp

from api.sql_door.refused import Refused
from semantic.definitions import METRIC_TIME, Glossary, Metric
from semantic.errors import nearest
from semantic.predicates import parse_group_by

SCHEMA = "semantic"
TABLE = "metrics"


@dataclass(frozen=True)
class Catalog:
    """Names of the virtual table: dimensions with their SQL type, metrics, and the time grains."""

    dimensions: tuple[tuple[str, str], ...]
    metrics: frozenset[str]
    grains: frozenset[str]

    @property
    def dimension_names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.dimensions)

    def is_time(self, name: str) -> bool:
        """Whether a dimension is a time."""
        return dict(self.dimensions).get(parse_group_by(name).name) == "TIMESTAMP"

    def check_column(self, name: str) -> None:
        """Refuse a column that is no dimension; a metric's name is told how to write it."""
        if name in self.dimension_names or "__" in name:
            return
        if name in self.metrics:
            raise Refused(f"{name!r} is a metric: write MEASURE({name}).", [f"MEASURE({name})"])
        near = nearest(name, [*self.dimension_names, *self.metrics])
        raise Refused(f"There is no column {name!r} in {TABLE}.{_hint(near)}", near, "unknown_dimension")

    def check_metric(self, name: str) -> None:
        """Refuse a metric that the glossary does not have."""
        if name not in self.metrics:
            near = nearest(name, self.metrics)
            raise Refused(f"There is no metric {name!r}.{_hint(near)}", near, "unknown_metric")

    def check_table(self, table: exp.Table) -> None:
        """Refuse any table but the one."""
        known = isinstance(table.this, exp.Identifier) and table.name == TABLE
        if not known or table.db not in ("", SCHEMA) or table.catalog:
            name = table.sql(dialect="postgres")[:80]
            raise Refused(f"There is no table {name}; the one table is {SCHEMA}.{TABLE}.", [TABLE])


def catalog_of(glossary: Glossary, visible: Iterable[Metric]) -> Catalog:
    """The virtual table of a glossary, with the metrics that a person may see."""
    kinds = {METRIC_TIME: "TIMESTAMP"}
    for dimension in glossary.shared_dimensions.values():
        kinds[dimension.name] = "TIMESTAMP" if dimension.kind == "time" else "VARCHAR"
    names = frozenset(metric.name for metric in visible)
    return Catalog(tuple(kinds.items()), names, frozenset(glossary.grains))


def _hint(near: tuple[str, ...]) -> str:
    return f" Did you mean {' or '.join(repr(name) for name in near)}?" if near else ""
