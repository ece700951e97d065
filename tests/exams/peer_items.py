"""Ask MetricFlow which items each metric can be grouped and filtered by.

Run by `.venv-bench`'s Python, never by ours: nothing of this project is imported here.

    python peer_items.py MANIFEST_FOLDER ITEMS.json

Writes {manifest: {metric: [[kind, name, grain, date part], ...]}}; the metric '' is a question without metrics.
A metric as an item (for filters) is ["metric", its name, the path of entities that it is taken by, null].
"""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path

from metricflow_semantic_interfaces.implementations.semantic_manifest import PydanticSemanticManifest
from metricflow_semantic_interfaces.references import MetricReference
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

logging.disable(logging.WARNING)


def item(found: object) -> list:
    """One item as plain data."""
    kind = found.element_type.value
    if kind == "metric":
        return [kind, found.element_name, "__".join(found.metric_subquery_entity_link_names), None]
    name = "__".join((*found.entity_link_names, found.element_name))
    grain = found.time_grain.name if found.time_grain else None
    return [
        kind,
        name,
        None if found.date_part else grain,
        found.date_part.value if found.date_part else None,
    ]


def items(manifest: Path) -> dict[str, list]:
    """The items of every public metric, and of a question without any."""
    parsed = PydanticSemanticManifest.parse_raw(manifest.read_text(encoding="utf-8"))
    lookup = SemanticManifestLookup(parsed).metric_lookup
    known = {"": lookup.get_group_by_items_for_distinct_values_query()}
    for metric in parsed.metrics:
        if not metric.type_params.is_private:
            known[metric.name] = lookup.get_common_group_by_items((MetricReference(metric.name),))
    return {name: sorted(map(item, found.annotated_specs), key=str) for name, found in known.items()}


if __name__ == "__main__":
    folder, target = (Path(each) for each in sys.argv[1:3])
    answer = {each.name.split(".")[0]: items(each) for each in sorted(folder.iterdir())}
    target.write_text(json.dumps(answer), encoding="utf-8")
