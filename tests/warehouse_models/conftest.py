"""One built warehouse for all tests of this folder: building is what takes time."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.warehouse_models import forty
from tests.warehouse_models.building import built

Ask = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The forty cases, built."""
    file = tmp_path_factory.mktemp("warehouse") / "warehouse.duckdb"
    built(file, forty.rows())
    return file


@pytest.fixture(scope="session")
def ask(warehouse: Path) -> Iterator[Ask]:
    """Ask the built warehouse: `ask("SELECT ...", parameter, ...)` gives rows."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        yield lambda sql, *parameters: connection.execute(sql, list(parameters)).fetchall()
