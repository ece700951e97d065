"""What there is to ask: the glossary as documents, for `/v1/meta` and GraphQL alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from semantic.definitions import METRIC_TIME, Glossary, Metric, SharedDimension
from semantic.expand import expand, leaves_of
from semantic.fingerprint import Standing
from semantic.scans import reachable

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


def reached_dimensions(glossary: Glossary, metric: str) -> tuple[str, ...]:
    """The shared dimensions that a metric can be asked by: those of every model that it is made of."""
    models = {leaf.model for leaf in leaves_of(expand(glossary, metric))}
    reached = set(reachable(glossary, tuple(sorted(models))))
    return tuple(d.name for d in shared_dimensions(glossary) if d.name in reached)


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
