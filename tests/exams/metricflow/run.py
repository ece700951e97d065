"""Ask each question of the exam through the importer and the engine, and keep the score."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from semantic.answer import Answer
from semantic.ask import ask
from semantic.definitions import Glossary
from semantic.interop.metricflow import import_manifest
from semantic.interop.metricflow_query import read_question
from semantic.query import SYSTEM, Query
from semantic.warehouse.duckdb import DuckDBWarehouse
from tests.exams.metricflow.cases import Case
from tests.exams.metricflow.score import fault
from tests.exams.metricflow.tables import build_database


@dataclass(frozen=True)
class Result:
    """A question and why its answer is wrong; None is right."""

    case: Case
    fault: str | None


class Exam:
    """The exam's database and manifests, loaded once."""

    def __init__(self, folder: Path, database: Path) -> None:
        build_database(folder, database)
        self.folder = folder
        self.warehouse = DuckDBWarehouse(database)
        self.glossary: Callable[[str], Glossary] = cache(self._glossary)

    def _glossary(self, manifest: str) -> Glossary:
        file = self.folder / "manifests" / f"{manifest}.semantic_manifest.json"
        return import_manifest(json.loads(file.read_text(encoding="utf-8"))).glossary

    def question(self, case: Case) -> Query:
        """The question in our words."""
        return read_question(case.question, self.glossary(case.manifest))

    def answer(self, case: Case) -> Answer:
        """Our answer."""
        return ask(self.question(case), self.glossary(case.manifest), self.warehouse, principal=SYSTEM)

    def result(self, case: Case) -> Result:
        """Score one question; any exception is a miss with its own words."""
        try:
            answer = self.answer(case)
        except Exception as error:  # a question must never stop the exam
            return Result(case, f"{type(error).__name__}: {error}")
        columns = matched_columns(case, answer.table.column_names)
        rows = list(zip(*(column.to_pylist() for column in answer.table.columns), strict=True))
        return Result(case, fault(case, columns, rows))


def matched_columns(case: Case, ours: Sequence[str]) -> list[str]:
    """Our column names in the exam's words.

    The exam spells out what a question leaves to defaults: the grain (`metric_time__day`), and the
    whole path to a dimension whose name was enough (`listing__user__...` for `user__...`).
    """
    free = [name for name in case.dimension_columns if name not in ours]
    names = []
    for name in ours:
        candidates = [each for each in free if _spells_out(each, name)] if name not in case.columns else []
        names.append(candidates[0] if candidates else name)
        free = [each for each in free if each not in names]
    return names


def _spells_out(full: str, short: str) -> bool:
    for end in ("__min", "__max"):
        if full.endswith(end) and short.endswith(end):
            return _spells_out(full.removesuffix(end), short.removesuffix(end))
    return full.endswith(f"__{short}") or full.rpartition("__")[0] == short


def run(folder: Path, cases: Sequence[Case]) -> Iterator[Result]:
    """Score the questions in order."""
    with tempfile.TemporaryDirectory() as temporary:
        exam = Exam(folder, Path(temporary) / "exam.duckdb")
        for case in cases:
            yield exam.result(case)
