"""One built warehouse for all tests of this folder: building is what takes time."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from infra.transform import build
from tests.warehouse_models import forty
from tests.warehouse_models.raw import PROJECT, create_raw

Ask = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The forty cases, built."""
    file = tmp_path_factory.mktemp("warehouse") / "warehouse.duckdb"
    decisions = file.with_name("value_mapping.csv")
    decisions.write_text(forty.DECISIONS)
    create_raw(file, forty.rows())
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TOUCHSTONE_VALUE_MAPPING", str(decisions))
        build(file, lambda done, total, model: None, PROJECT)
    return file


@pytest.fixture(scope="session")
def ask(warehouse: Path) -> Iterator[Ask]:
    """Ask the built warehouse: `ask("SELECT ...", parameter, ...)` gives rows."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        yield lambda sql, *parameters: connection.execute(sql, list(parameters)).fetchall()
