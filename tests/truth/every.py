"""Everything there is to compare about a company, in one walk."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

from infra.home import Home
from infra.sandbox.company import Company
from semantic.ask import ask
from semantic.loader import load_glossary
from semantic.query import SYSTEM, query_from_document
from semantic.warehouse.duckdb import DuckDBWarehouse
from tests.truth.compare import (
    MODEL,
    Ask,
    Compared,
    Truth,
    compare_members,
    compare_metric,
    compare_model,
    truth_of,
)

GLOSSARY = Path(__file__).parents[2] / "semantic" / "glossary"


def asker(home: Home) -> Ask:
    """Ask what is published in a home, as the system itself."""
    glossary = load_glossary(GLOSSARY)
    pointer = json.loads(home.pointer.read_text())
    warehouse = DuckDBWarehouse(home.serving / pointer["path"])
    return lambda document: ask(
        query_from_document(document), glossary, warehouse, principal=SYSTEM
    ).table.to_pylist()


def every(given: Ask, company: Company, built_on: dt.date) -> Compared:
    """All metrics, all models, all campaigns, programs and assets."""
    truth = truth_of(company, built_on)
    told = Compared()
    for one in _walk(given, company, truth):
        told.cells += one.cells
        told.off += one.off
    return told


def _walk(given: Ask, company: Company, truth: Truth) -> Iterator[Compared]:
    for metric in truth.whole:
        yield compare_metric(given, truth, metric)
    for by, metric in truth.parts:
        if by == MODEL:
            for model in truth.parts[by, metric]:
                yield compare_model(given, truth, metric, model)
        else:
            yield compare_members(given, truth, by, metric)
