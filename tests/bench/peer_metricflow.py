"""Ask MetricFlow itself, in its own environment: reads questions, writes SQL and milliseconds.

Run by `.venv-bench`'s Python, never by ours: nothing of this project is imported here.

    python peer_metricflow.py MANIFEST_FOLDER QUESTIONS.json ANSWERS.json [REPEATS]

A question has the keys of the exam's cases; an answer is `{"id", "sql", "ms"}` or `{"id", "error"}`.
`ms` is the median of warm compilations, SQL text included, after one that is not counted.
"""

from __future__ import annotations

import json
import logging
import statistics
import sys
import time
from datetime import datetime
from pathlib import Path

from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow_semantic_interfaces.implementations.semantic_manifest import PydanticSemanticManifest
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup
from metricflow_semantics.specs.query_param_implementations import (
    DimensionOrEntityParameter,
    TimeDimensionParameter,
)

logging.disable(logging.WARNING)


class NoWarehouse:
    """As much of a SQL client as compiling needs."""

    sql_engine_type = SqlEngine.DUCKDB
    sql_plan_renderer = DuckDbSqlPlanRenderer()

    def render_bind_parameter_key(self, bind_parameter_key: str) -> str:
        return f"${bind_parameter_key}"


def engine(manifest: Path) -> MetricFlowEngine:
    """An engine of one manifest."""
    parsed = PydanticSemanticManifest.parse_raw(manifest.read_text(encoding="utf-8"))
    return MetricFlowEngine(SemanticManifestLookup(parsed), NoWarehouse())


def parameter(item: dict) -> object:
    """A grouped object: a time dimension where a grain or a date part is asked."""
    if item.get("grain") or item.get("date_part") or item["name"] == "metric_time":
        extra = {key: item[key] for key in ("grain",) if item.get(key)}
        if item.get("date_part"):
            from metricflow_semantic_interfaces.type_enums.date_part import DatePart

            extra["date_part"] = DatePart(item["date_part"])
        return TimeDimensionParameter(name=item["name"], **extra)
    return DimensionOrEntityParameter(name=item["name"])


def request(question: dict) -> MetricFlowQueryRequest:
    """The question as MetricFlow's request."""
    start, end = question.get("time_constraint") or (None, None)
    objects = question.get("group_by_objs") or []
    where = question.get("where")
    return MetricFlowQueryRequest.create(
        saved_query_name=question.get("saved_query"),
        metric_names=question.get("metrics") or None,
        group_by_names=None if objects else question.get("group_by") or None,
        group_by=[parameter(item) for item in objects] or None,
        where_constraints=[where] if isinstance(where, str) else where or None,
        time_constraint_start=datetime.fromisoformat(start) if start else None,
        time_constraint_end=datetime.fromisoformat(end) if end else None,
        order_by_names=question.get("order") or None,
        limit=question.get("limit"),
        min_max_only=bool(question.get("min_max_only")),
        apply_group_by=question.get("apply_group_by") is not False,
    )


def answer(found: MetricFlowEngine, question: dict, repeats: int) -> dict:
    """SQL and the median time to make it, or the first line of the error."""
    try:
        asked = request(question)
        sql = found.explain(asked).sql_statement.sql
        times = []
        for _ in range(repeats):
            started = time.perf_counter()
            found.explain(asked).sql_statement.sql  # noqa: B018
            times.append((time.perf_counter() - started) * 1000)
        return {"id": question["id"], "sql": sql, "ms": statistics.median(times) if times else None}
    except Exception as error:  # a question that the peer refuses is an answer too
        return {"id": question["id"], "error": f"{type(error).__name__}: {error}"[:2000]}


def main(manifests: Path, questions: Path, answers: Path, repeats: int = 3) -> None:
    engines: dict[str, MetricFlowEngine] = {}
    found = []
    for question in json.loads(questions.read_text(encoding="utf-8")):
        name = question["manifest"]
        if name not in engines:
            engines[name] = engine(manifests / f"{name}.semantic_manifest.json")
        found.append(answer(engines[name], question, repeats))
    answers.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(*(Path(each) for each in sys.argv[1:4]), *(int(each) for each in sys.argv[4:5]))
