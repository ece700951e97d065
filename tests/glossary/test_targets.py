"""`compare: target`: the growth model's targets by month, channel, region and segment, of its current version."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from semantic.ask import ask
from semantic.definitions import Glossary
from semantic.query import SYSTEM, query_from_document
from semantic.warehouse.duckdb import DuckDBWarehouse
from tests.glossary.conftest import Asker

# By segment, in two versions: the old one is kept and does not count.
BY_SEGMENT = """
INSERT INTO core.target (target_id, metric, target_month, segment, version, value, is_current) VALUES
  ('s1', 'closed_won_revenue', '2026-03-01', 'smb', '2026-v2', 2000, true),
  ('s2', 'closed_won_revenue', '2026-03-01', 'enterprise', '2026-v2', 3000, true),
  ('s3', 'closed_won_revenue', '2026-03-01', 'smb', '2026-v1', 9999, false)
"""
MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


@pytest.fixture(scope="module")
def by_segment(glossary: Glossary, core_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Asker:
    """The fixture, with targets by segment."""
    file = Path(shutil.copy(core_file, tmp_path_factory.mktemp("targets") / "warehouse.duckdb"))
    with duckdb.connect(str(file)) as connection:
        connection.execute(BY_SEGMENT)
    warehouse = DuckDBWarehouse(file)
    return lambda document: ask(query_from_document(document), glossary, warehouse, principal=SYSTEM)


def compared(asker: Asker, metric: str, by: str) -> dict[Any, tuple[Any, Any]]:
    """{member: (value, target)} of March."""
    document = {"metrics": [metric], "group_by": [by], "time_range": MARCH, "compare": "target"}
    rows = asker(document).table.to_pylist()
    return {row[by.split(":")[0]]: (row[metric], row[f"{metric}__target"]) for row in rows}


def test_by_segment_the_current_version_counts(by_segment: Asker) -> None:
    told = compared(by_segment, "closed_won_revenue", "segment")
    assert {segment: target for segment, (_, target) in told.items() if target is not None} == {
        "smb": Decimal(2000),
        "enterprise": Decimal(3000),
    }


def test_by_region_a_target_is_that_of_the_region_and_without_it_that_of_the_company(
    by_segment: Asker,
) -> None:
    told = compared(by_segment, "closed_won_revenue", "region")
    assert (told["EMEA"][1], told["AMER"][1]) == (2000, 3000)
    [(value, target)] = compared(by_segment, "closed_won_revenue", "metric_time:month").values()
    assert (value, target) == (Decimal("3900.50"), 5000)


def test_a_forecast_has_the_target_of_what_it_forecasts(by_segment: Asker) -> None:
    told = compared(by_segment, "forecast_revenue", "segment")
    assert told["smb"] == (2000, 2000)
    [(value, target)] = compared(by_segment, "forecast_revenue", "metric_time:month").values()
    assert (value, target) == (3500, 5000)
