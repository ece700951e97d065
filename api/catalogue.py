"""What there is to ask: the glossary as documents, for `/v1/meta` and GraphQL alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from api.room import Sitting
from semantic.definitions import METRIC_TIME, Glossary, Metric, SharedDimension
from semantic.errors import Refusal, UserError
from semantic.fingerprint import Standing
from semantic.predicates import GroupBy
from semantic.query import Query

TIME = SharedDimension(METRIC_TIME, "time", "Time", "The clock of each metric: when what it counts happened.")


@dataclass(frozen=True)
class MetricEntry:
    """A metric, the shared dimensions that it can be asked by, and whether it is confirmed."""

    metric: Metric
    dimensions: tuple[str, ...]
    standing: Standing


def shared_dimensions(glossary: Glossary) -> tuple[SharedDimension, ...]:
    """Time, and the dimensions that mean the same on every metric."""
    return (TIME, *glossary.shared_dimensions.values())


def reached_dimensions(seat: Sitting, metric: str) -> tuple[str, ...]:
    """The shared dimensions that a metric can be asked by: those that the engine compiles."""
    return tuple(d.name for d in shared_dimensions(seat.glossary) if compiles(seat, metric, d))


def compiles(seat: Sitting, metric: str, dimension: SharedDimension) -> bool:
    """Whether the engine can answer a metric by a dimension."""
    grain = "month" if dimension.kind == "time" else None
    try:
        seat.compile(Query(metrics=(metric,), group_by=(GroupBy(dimension.name, grain),)))
    except (Refusal, UserError):
        return False
    return True


def metric_document(entry: MetricEntry) -> dict[str, Any]:
    """A metric as JSON."""
    metric = entry.metric
    return {
        "name": metric.name,
        "label": metric.label,
        "definition": metric.definition,
        "type": metric.kind,
        "area": metric.area,
        "format": metric.format,
        "unit": metric.unit,
        "owner": metric.owner,
        "status": entry.standing.status,
        "fingerprint": entry.standing.fingerprint,
        "better": metric.better or None,
        "target": metric.target,
        "thresholds": dict(metric.thresholds),
        "synonyms": list(metric.synonyms),
        "dimensions": list(entry.dimensions),
        "made_of": [part.metric for part in metric.inputs],
    }


def dimension_document(dimension: SharedDimension, grains: tuple[str, ...]) -> dict[str, Any]:
    """A dimension as JSON."""
    return {
        "name": dimension.name,
        "label": dimension.label,
        "description": dimension.description,
        "type": dimension.kind,
        "values": list(dimension.values),
        "grains": list(grains) if dimension.kind == "time" else [],
    }
