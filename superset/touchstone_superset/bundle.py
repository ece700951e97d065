"""Dashboard files + the door's catalogue -> the files that Superset imports."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from touchstone_superset import charts
from touchstone_superset.dashboard import chart_identity, dashboard
from touchstone_superset.dataset import DATABASE, database, dataset
from touchstone_superset.glossary import Table, read_tables
from touchstone_superset.names import identity, slug
from touchstone_superset.spec import Chart, Dashboard, SpecError, read_dashboard

METADATA = {"version": "1.0.0", "type": "assets", "timestamp": "2026-01-01T00:00:00+00:00"}


def build(folder: Path, catalog: Mapping[str, Any]) -> dict[str, str]:
    """Every file of the bundle, path -> YAML; SpecError lists what is wrong with the dashboard files.

    Deterministic: the same files and catalogue give the same bundle.
    """
    tables = read_tables(catalog)
    specs = [read_dashboard(path) for path in sorted(folder.glob("*.yml"))]
    documents: dict[str, Any] = {"metadata.yaml": METADATA, f"databases/{slug(DATABASE)}.yaml": database()}
    for table in tables.values():
        documents[f"datasets/{slug(DATABASE)}/{table.name}.yaml"] = dataset(table)
    problems: list[str] = []
    for spec in specs:
        try:
            documents.update(_dashboard(spec, _table(spec, tables)))
        except SpecError as error:
            problems.append(f"{spec.slug}: {error}")
    if problems:
        raise SpecError("\n".join(problems))
    return {
        path: yaml.safe_dump(body, sort_keys=False, allow_unicode=True) for path, body in documents.items()
    }


def _table(spec: Dashboard, tables: Mapping[str, Table]) -> Table:
    if spec.table not in tables:
        raise SpecError(f"the SQL door has no table {spec.table!r}; tables: {', '.join(tables)}")
    return tables[spec.table]


def _dashboard(spec: Dashboard, table: Table) -> dict[str, Any]:
    documents: dict[str, Any] = {}
    problems: list[str] = []
    for chart in spec.charts:
        try:
            documents[f"charts/{slug(spec.slug)}_{chart.key}.yaml"] = _chart(chart, spec, table)
        except SpecError as error:
            problems.append(str(error))
    if problems:
        raise SpecError("\n".join(problems))
    return {**documents, f"dashboards/{slug(spec.slug)}.yaml": dashboard(spec)}


def _chart(chart: Chart, spec: Dashboard, table: Table) -> dict[str, Any]:
    body = charts.params(chart, table, spec.ranges)
    return {
        "slice_name": chart.title,
        "description": chart.description or _definitions(chart, table),
        "viz_type": body["viz_type"],
        "params": body,
        "query_context": json.dumps(charts.query_context(chart, body)),
        "cache_timeout": None,
        "uuid": chart_identity(spec, chart.key),
        "dataset_uuid": identity("dataset", table.name),
        "version": "1.0.0",
    }


def _definitions(chart: Chart, table: Table) -> str:
    return "\n".join(_defined(chart, table))


def _defined(chart: Chart, table: Table) -> Iterator[str]:
    name = chart.options.get("metric")
    if name in table.metrics and table.metrics[name].definition:
        yield f"{table.metrics[name].label}: {table.metrics[name].definition}"
