"""Read the exam's questions: a list of documents, plain or gzipped."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Case:
    """One question with its expected answer."""

    id: str
    manifest: str
    question: dict[str, Any]
    columns: tuple[str, ...]
    dimension_columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    check_order: bool
    allow_empty: bool


def read_cases(path: Path) -> tuple[Case, ...]:
    """The questions that DuckDB can answer, in the order of the file."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        documents = json.load(file)
    return tuple(case_of(document) for document in documents if not document.get("skip_on_duckdb"))


def case_of(document: dict[str, Any]) -> Case:
    """One question of the file's form."""
    return Case(
        id=document.get("id") or document["name"],
        manifest=document["manifest"],
        question=document,
        columns=tuple(_name(column) for column in document.get("expected_columns") or ()),
        dimension_columns=tuple(document.get("dimension_columns") or ()),
        rows=tuple(tuple(row) for row in document.get("expected_rows") or ()),
        check_order=bool(document.get("check_order")),
        allow_empty=bool(document.get("allow_empty")),
    )


def _name(column: Any) -> str:
    return str(column[0] if isinstance(column, list) else column)
