"""Build a warehouse of a few raw rows, with the decisions about values that the forty cases need."""

from pathlib import Path

import pytest

from infra.transform import build
from tests.warehouse_models import forty
from tests.warehouse_models.raw import PROJECT, create_raw


def built(file: Path, rows: forty.Rows) -> None:
    """Put the rows in place of those in the raw tables of the DuckDB file, and bring every model up to them."""
    decisions = file.with_name("value_mapping.csv")
    decisions.write_text(forty.DECISIONS)
    create_raw(file, rows)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TOUCHSTONE_VALUE_MAPPING", str(decisions))
        build(file, lambda done, total, model: None, PROJECT)
