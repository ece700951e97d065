"""The glossary as it is, over the hand-written warehouse."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from semantic.answer import Answer
from semantic.ask import ask
from semantic.definitions import Glossary
from semantic.loader import load_glossary
from semantic.query import SYSTEM, query_from_document
from semantic.warehouse.duckdb import DuckDBWarehouse
from tests.fixtures.core import build_core

GLOSSARY = Path(__file__).parents[2] / "semantic" / "glossary"

Asker = Callable[[dict[str, Any]], Answer]


@pytest.fixture(scope="session")
def glossary() -> Glossary:
    return load_glossary(GLOSSARY)


@pytest.fixture(scope="session")
def core_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_core(tmp_path_factory.mktemp("core") / "warehouse.duckdb")


@pytest.fixture(scope="session")
def ask_core(glossary: Glossary, core_file: Path) -> Asker:
    """Ask a question, written as a document, as the system itself."""
    warehouse = DuckDBWarehouse(core_file)
    return lambda document: ask(query_from_document(document), glossary, warehouse, principal=SYSTEM)


def same(given: Any, wanted: Any) -> bool:
    """Whether two values of an answer are the same: numbers to a billionth, all else exactly."""
    if isinstance(given, int | float | Decimal) and isinstance(wanted, int | float | Decimal):
        return abs(float(given) - float(wanted)) <= 1e-9 * max(1.0, abs(float(wanted)))
    return given == wanted
