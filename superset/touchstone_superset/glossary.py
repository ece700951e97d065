"""The SQL door's catalogue, as the generator of assets reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from touchstone_sqlalchemy.catalog import certification, description
from touchstone_sqlalchemy.formats import currency, d3_format


@dataclass(frozen=True)
class Metric:
    """A metric of the glossary: how it is called, drawn and judged."""

    name: str
    facts: Mapping[str, Any]

    @property
    def label(self) -> str:
        """What people call it."""
        return str(self.facts.get("label") or self.name)

    @property
    def format(self) -> str:
        """The glossary's format: number, integer, currency, percent, days."""
        return str(self.facts.get("format") or "number")

    @property
    def d3(self) -> str:
        """The format that Superset draws it with."""
        return d3_format(self.format) or ",.2f"

    @property
    def currency(self) -> dict[str, str] | None:
        """Superset's currency, for money."""
        return currency(dict(self.facts))

    @property
    def definition(self) -> str | None:
        """What it means, and whether that is agreed."""
        return description(dict(self.facts))

    @property
    def badge(self) -> dict[str, Any]:
        """Superset's certification, for a metric that is signed."""
        return certification(dict(self.facts))

    @property
    def lower_is_better(self) -> bool:
        """Whether less is good, as for a cost."""
        return self.facts.get("better") == "lower"

    @property
    def thresholds(self) -> tuple[float, float]:
        """(green, red): where the status changes; higher or lower is good as `lower_is_better` says."""
        limits = dict(self.facts.get("thresholds") or {})
        fallback = (1.0, 1.2) if self.lower_is_better else (1.0, 0.9)
        return float(limits.get("green", fallback[0])), float(limits.get("red", fallback[1]))


@dataclass(frozen=True)
class Table:
    """A virtual table: its dimensions (name -> type) and its metrics."""

    name: str
    columns: Mapping[str, str]
    metrics: Mapping[str, Metric]


def read_tables(catalog: Mapping[str, Any]) -> dict[str, Table]:
    """`GET /v1/tables` as tables."""
    return {table.name: table for table in _tables(catalog)}


def _tables(catalog: Mapping[str, Any]) -> Iterator[Table]:
    for name, body in catalog.items():
        metrics = {metric: Metric(metric, facts) for metric, facts in body.get("metrics", {}).items()}
        yield Table(name, dict(body["columns"]), metrics)
