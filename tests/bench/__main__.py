"""`make bench`: measure, and write docs/benchmarks.md.

python -m tests.bench --peer .venv-bench/bin/python --scale 1
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb

from semantic.ask import compile_query
from semantic.interop.metricflow import import_manifest
from semantic.interop.metricflow_query import read_question
from tests.bench import attribution, identity, measure, refresh, rollup, soak, tpch
from tests.exams.metricflow.cases import read_cases
from tests.shared import ROOT, shared_path

PAGE = ROOT / "docs" / "benchmarks.md"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure everything in one run, so that ratios compare like with like."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--peer", type=Path, default=ROOT / ".venv-bench" / "bin" / "python")
    parser.add_argument("--scale", type=float, default=1.0, help="TPC-H scale factor")
    parser.add_argument("--data", type=Path, default=ROOT / ".cache" / "bench")
    parser.add_argument("--soak", type=int, default=soak.LEADS, help="leads of the load")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each statement")
    parser.add_argument("--to", type=Path, default=PAGE)
    options = parser.parse_args(arguments)
    options.data.mkdir(parents=True, exist_ok=True)
    lines = [
        *_head(),
        *_exam(options.peer),
        *_tpch(options),
        *_rollup(options),
        *_glossary(),
        *identity.section(),
        *attribution.section(),
        *refresh.section(),
    ]
    lines += [*soak.section(options.soak), *soak.kept(options.to, options.soak)]
    options.to.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


def _head() -> Iterator[str]:
    yield "# Benchmarks"
    yield ""
    yield "Written by `make bench`; do not edit. All figures of a table come from one run on one machine"
    yield f"(Python {platform.python_version()}, DuckDB {duckdb.__version__}), so read the ratios, not the seconds."
    yield "Peers run in an environment of their own (`requirements/bench.in`)."
    yield f"Load when it began: {os.getloadavg()[0]:.0f} on {os.cpu_count()} cores."
    yield ""


def _exam(peer: Path) -> Iterator[str]:
    """Compile times over the questions of the MetricFlow exam."""
    folder = shared_path("exams", "metricflow")
    questions = [case.question for case in read_cases(folder / "cases.json.gz")]
    mine = measure.ours(folder / "manifests", questions)
    peers = measure.theirs(peer, folder / "manifests", questions, 3)
    both = [each for each in mine if "ms" in peers.get(each, {})]
    theirs = statistics.median(peers[each]["ms"] for each in both)
    yield f"## Compiling {len(both)} questions of MetricFlow's integration tests"
    yield ""
    yield "| | median ms | share of MetricFlow |"
    yield "|---|---|---|"
    yield f"| MetricFlow, warm | {theirs:.2f} | 1 |"
    for title, index in (("Touchstone, a shape of question not seen before", 0), ("Touchstone, warm", 1)):
        own = statistics.median(mine[each][index] for each in both)
        yield f"| {title} | {own:.3f} | {own / theirs:.4f} |"
    yield ""


def _tpch(options: argparse.Namespace) -> Iterator[str]:
    """Compile times and answers on TPC-H, against MetricFlow and against SQL by hand."""
    file = options.data / f"tpch-{options.scale}.duckdb"
    tpch.generate(options.peer, file, options.scale)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "tpch.semantic_manifest.json").write_text(json.dumps(tpch.manifest()), encoding="utf-8")
        documents = [question.document() for question in tpch.QUESTIONS]
        mine = measure.ours(folder, documents)
        peers = measure.theirs(options.peer, folder, documents, 7)
        glossary = measure.glossary_of(folder / "tpch.semantic_manifest.json")
    yield f"## TPC-H at scale factor {options.scale:g}"
    yield ""
    yield "Compile times in ms (warm), then the least processor time of several runs of the compiled SQL in ms."
    yield ""
    compiled = "Touchstone, new shape | Touchstone, warm | MetricFlow"
    yield f"| question | {compiled} | run: Touchstone | by hand | MetricFlow | ours / by hand |"
    yield "|---|---|---|---|---|---|---|---|"
    with duckdb.connect(str(file), read_only=True) as connection:
        for question in tpch.QUESTIONS:
            statements = {"hand": question.by_hand}
            if question.name in mine:
                asked = read_question(question.document(), glossary)
                statements["ours"] = compile_query(asked, glossary).sql
            if "sql" in peers[question.name]:
                statements["peer"] = peers[question.name]["sql"]
            runs = measure.run_times(connection, statements, options.rounds)
            yield _row(question.name, mine.get(question.name), peers[question.name].get("ms"), runs)
    yield ""


def _row(name: str, own: tuple[float, float] | None, peer: float | None, runs: dict[str, Any]) -> str:
    first, warm = own or (None, None)
    ratio = runs["ours"] / runs["hand"] if "ours" in runs else None
    cells = [first, warm, peer, runs.get("ours"), runs["hand"], runs.get("peer"), ratio]
    return f"| {name} | " + " | ".join("refused" if cell is None else f"{cell:.2f}" for cell in cells) + " |"


def _rollup(options: argparse.Namespace) -> Iterator[str]:
    """From question to answer, over the facts and over a rollup of them."""
    file = options.data / f"tpch-{options.scale}.duckdb"
    glossary = import_manifest(tpch.manifest()).glossary
    by_day, by_month = rollup.fill(file, glossary)
    yield f"## Rollups at scale factor {options.scale:g}"
    yield ""
    yield f"Line items by ship mode, return flag and day ({by_day:,} rows) or month ({by_month:,}). The router takes"
    yield "the smallest that will do, and the rows of both answers are the same; processor ms from question to answer,"
    yield "compiled and checked before, the least of several."
    yield ""
    yield "| question | facts | rollup | times faster |"
    yield "|---|---|---|---|"
    for name, (facts, rolled) in rollup.times(file, glossary, options.rounds).items():
        yield f"| {name} | {facts:.1f} | {rolled:.1f} | {facts / rolled:.0f} |"
    yield ""


def _glossary() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as temporary:
        took, busy = measure.load_time(Path(temporary), 500)
    yield "## Loading"
    yield ""
    yield f"A glossary of 500 metrics in 550 files is read and checked in {took:.0f} ms,"
    yield f"{busy:.0f} ms of which are this process's own work."


if __name__ == "__main__":
    main()
