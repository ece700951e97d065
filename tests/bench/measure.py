"""Measure compiling and answering; every figure is a median or a minimum of several runs."""

from __future__ import annotations

import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import yaml

from semantic import ask as engine
from semantic.definitions import Glossary
from semantic.errors import UserError
from semantic.interop.metricflow import import_manifest
from semantic.interop.metricflow_query import read_question
from semantic.loader import load_glossary
from semantic.query import Query

PEER = Path(__file__).with_name("peer_metricflow.py")
Document = dict[str, Any]


def milliseconds(action: Callable[[], object], repeats: int) -> list[float]:
    """How long each of several runs took."""
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        action()
        times.append((time.perf_counter() - started) * 1000)
    return times


def compile_times(asked: Query, glossary: Glossary, repeats: int = 7) -> tuple[float, float]:
    """Milliseconds for a shape of question never seen, and for one that was seen (other values or the same)."""
    fresh = milliseconds(lambda: (forget(), engine.compile_query(asked, glossary)), repeats)
    warm = milliseconds(lambda: engine.compile_query(asked, glossary), repeats * 3)
    return statistics.median(fresh), statistics.median(warm)


def forget() -> None:
    """Drop the compiled shapes; parsed expressions and paths stay, as in a process that runs for a while."""
    engine._CACHES.clear()


def glossary_of(manifest: Path) -> Glossary:
    """The glossary of a manifest file."""
    return import_manifest(json.loads(manifest.read_text(encoding="utf-8"))).glossary


def ours(manifests: Path, questions: Sequence[Document]) -> dict[str, tuple[float, float]]:
    """Our compile times by question id; what we refuse is left out."""
    glossaries: dict[str, Glossary] = {}
    found = {}
    for question in questions:
        name = question["manifest"]
        if name not in glossaries:
            glossaries[name] = glossary_of(manifests / f"{name}.semantic_manifest.json")
        try:
            asked = read_question(question, glossaries[name])
            engine.compile_query(asked, glossaries[name])
        except (UserError, NotImplementedError):
            continue
        found[question["id"]] = compile_times(asked, glossaries[name])
    return found


def theirs(python: Path, manifests: Path, questions: Sequence[Document], repeats: int) -> dict[str, Document]:
    """MetricFlow's answers by question id: SQL and milliseconds, or its error."""
    with tempfile.TemporaryDirectory() as temporary:
        asked, said = Path(temporary) / "asked.json", Path(temporary) / "said.json"
        asked.write_text(json.dumps(list(questions)), encoding="utf-8")
        command = [str(python), str(PEER), str(manifests), str(asked), str(said), str(repeats)]
        subprocess.run(command, check=True, capture_output=True)
        return {each["id"]: each for each in json.loads(said.read_text(encoding="utf-8"))}


def processor(action: Callable[[], object]) -> float:
    """Milliseconds that this process's threads worked: what others do on the machine does not count."""
    started = time.process_time()
    action()
    return (time.process_time() - started) * 1000


def run_times(
    connection: duckdb.DuckDBPyConnection, statements: dict[str, str], rounds: int
) -> dict[str, float]:
    """The least processor time of several runs of each statement, in turn so that none has the warm cache alone."""
    best = dict.fromkeys(statements, float("inf"))
    for _ in range(rounds):
        for name, sql in statements.items():
            took = processor(lambda sql=sql: connection.execute(sql).to_arrow_table())  # type: ignore[misc]
            best[name] = min(best[name], took)
    return best


def load_time(folder: Path, metrics: int) -> tuple[float, float]:
    """Milliseconds to load and check a glossary of so many metrics, in files: by the clock, and of the processor."""
    write_many(folder, metrics)
    by_clock = min(milliseconds(lambda: load_glossary(folder), 5))
    started = time.process_time()
    load_glossary(folder)
    return by_clock, (time.process_time() - started) * 1000


def write_many(folder: Path, metrics: int) -> None:
    """A glossary of one model per ten metrics, with ratios between neighbours."""
    for kind in ("models", "metrics"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    for number in range(0, metrics, 10):
        name = f"fact_{number}"
        model = {
            "name": name,
            "relation": f"core.{name}",
            "entities": [{"name": name, "type": "primary", "expr": "id"}],
            "default_time_dimension": "happened_on",
            "dimensions": [{"name": "happened_on", "type": "time", "grain": "day"}, {"name": "channel"}],
            "measures": [{"name": f"measure_{i}", "agg": "sum", "expr": f"column_{i}"} for i in range(10)],
        }
        (folder / "models" / f"{name}.yml").write_text(yaml.safe_dump(model), encoding="utf-8")
    for number in range(metrics):
        metric: Document = {
            "name": f"metric_{number}",
            "label": f"Metric {number}",
            "definition": "A number.",
        }
        if number % 10 == 9:
            parts = {"numerator": f"metric_{number - 1}", "denominator": f"metric_{number - 2}"}
            metric |= {"type": "ratio", **parts}
        else:
            owner, measure = f"fact_{number // 10 * 10}", f"measure_{number % 10}"
            metric |= {"type": "simple", "model": owner, "measure": measure}
        (folder / "metrics" / f"metric_{number}.yml").write_text(yaml.safe_dump(metric), encoding="utf-8")
