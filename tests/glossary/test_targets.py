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
from semantic.errors import Refusal
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


# Months of 2025, of which nobody set a target for March; one of two segments; exactly 0.9 and 1.1 of a target.
ODD = """
INSERT INTO core.opportunity
  (opportunity_id, amount, is_won, is_closed, created_date, close_date, segment, region, is_deleted) VALUES
  ('o1', 90, true, true, '2025-01-10', '2025-01-10', 'smb', 'EMEA', false),
  ('o2', 100, true, true, '2025-02-28', '2025-02-28', 'smb', 'EMEA', false),
  ('o3', 110, true, true, '2025-03-31', '2025-03-31', 'enterprise', 'EMEA', false),
  ('o4', 10, true, true, '2025-03-01', '2025-03-01', 'smb', 'EMEA', false),
  ('o5', 17999.91, true, true, '2025-05-10', '2025-05-10', 'smb', 'EMEA', false),
  ('o6', 50, true, true, '2025-06-10', '2025-06-10', 'smb', 'EMEA', false);
INSERT INTO core.target (target_id, metric, target_month, segment, version, value, is_current) VALUES
  ('t1', 'closed_won_revenue', '2025-01-01', NULL, 'v1', 100, true),
  ('t2', 'closed_won_revenue', '2025-02-01', NULL, 'v1', 100, true),
  ('t3', 'closed_won_revenue', '2025-04-01', NULL, 'v1', 100, true),
  ('t4', 'closed_won_revenue', '2025-05-01', NULL, 'v1', 19999.90, true),
  ('t5', 'closed_won_revenue', '2025-06-01', NULL, 'v1', 0, true),
  ('t6', 'closed_won_revenue', '2025-07-01', NULL, 'v1', -10, true),
  ('t7', 'closed_won_revenue', '2025-01-01', 'smb', 'v1', 60, true),
  ('t8', 'closed_won_revenue', '2025-02-01', 'smb', 'v1', 60, true),
  ('t9', 'closed_won_revenue', '2025-03-01', 'smb', 'v1', 60, true),
  ('t10', 'closed_won_revenue', '2025-01-01', 'enterprise', 'v1', 40, true),
  ('t11', 'cost_per_mql', '2025-01-01', NULL, 'v1', 20, true),
  ('t12', 'marketing_spend', '2025-01-01', NULL, 'v1', 300.30, true),
  ('t13', 'marketing_spend', '2025-02-01', NULL, 'v1', 300.30, true);
INSERT INTO marts.forecast_segment (horizon, period_start, as_of_date, is_current, status, revenue) VALUES
  ('quarter', '2025-04-01', '2025-05-01', false, 'ok', 30000), ('month', '2025-04-01', '2025-04-02', false, 'ok', 90);
INSERT INTO core.spend_day (spend_day_id, spend_date, platform, spend, currency) VALUES
  ('x1', '2025-01-31', 'p', 330.33, 'USD'), ('x2', '2025-02-01', 'p', 330.34, 'USD');
"""


@pytest.fixture(scope="module")
def odd(glossary: Glossary, core_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Asker:
    file = Path(shutil.copy(core_file, tmp_path_factory.mktemp("odd_targets") / "warehouse.duckdb"))
    with duckdb.connect(str(file)) as connection:
        connection.execute(ODD)
    warehouse = DuckDBWarehouse(file)
    return lambda document: ask(query_from_document(document), glossary, warehouse, principal=SYSTEM)


def target_of(
    asker: Asker, start: str, end: str, metric: str = "closed_won_revenue", **more: Any
) -> dict[Any, tuple[Any, Any, Any]]:
    """{key: (target, attainment, colour)}"""
    document = {"metrics": [metric], "compare": "target", "time_range": {"from": start, "to": end}} | more
    rows = asker(document).table.to_pylist()
    names = [f"{metric}__{part}" for part in ("target", "attainment", "status")]
    return {str(next(iter(row.values()))): tuple(row[name] for name in names) for row in rows}


def test_a_quarter_without_one_of_its_months_has_no_target(odd: Asker) -> None:
    """200 of two months beside the revenue of three was 155 % of plan and green; it was 95 %."""
    quarters = target_of(odd, "2025-01-01", "2025-06-30", group_by=["metric_time:quarter"])
    assert quarters == {
        "2025-01-01": (None, None, None),
        "2025-04-01": (Decimal("20099.9"), *quarters["2025-04-01"][1:]),
    }
    [two] = target_of(odd, "2025-01-01", "2025-02-28").values()
    assert two == (200, pytest.approx(0.95), "yellow")
    cut = target_of(odd, "2025-01-01", "2025-02-28", group_by=["metric_time:quarter"])
    assert cut["2025-01-01"] == two
    assert target_of(odd, "2025-01-01", "2025-03-31") == {"310.00": (None, None, None)}
    assert target_of(odd, "2025-01-01", "2025-12-31", group_by=["metric_time:year"])["2025-01-01"][0] is None


def test_the_company_s_target_metrics_say_the_same(odd: Asker) -> None:
    names = ["closed_won_revenue_target", "closed_won_revenue_attainment", "cost_per_mql_target"]
    document = {"metrics": names, "time_range": {"from": "2025-01-01", "to": "2025-06-30"}}
    quarters = odd(document | {"group_by": ["metric_time:quarter"]}).table.to_pylist()
    assert [row[name] for row in quarters for name in names[:2]] == [
        None, None, Decimal("20099.9"), pytest.approx(18049.91 / 20099.9),
    ]  # fmt: skip
    assert [row["cost_per_mql_target"] for row in quarters] == [None, None]  # January's is not the quarter's
    months = odd(document | {"group_by": ["metric_time:month"]}).table.to_pylist()
    assert [row["closed_won_revenue_target"] for row in months[:3]] == [100, 100, None]
    assert months[0]["cost_per_mql_target"] == 20


def test_members_put_together_need_a_target_each(odd: Asker) -> None:
    both = {"where": ["segment in ('smb', 'enterprise')"]}
    [january] = target_of(odd, "2025-01-01", "2025-01-31", **both).values()
    [march] = target_of(odd, "2025-03-01", "2025-03-31", **both).values()
    assert (january[0], march[0]) == (100, None)  # enterprise has none in March
    quarter = target_of(odd, "2025-01-01", "2025-03-31", group_by=["segment"])
    assert (quarter["smb"][0], quarter["enterprise"][0]) == (180, None)
    with pytest.raises(Refusal, match="does not name its members"):
        target_of(odd, "2025-01-01", "2025-01-31", where=["segment <> 'smb'"])


def test_a_target_of_nothing_or_less_is_not_attained_to_any_degree(odd: Asker) -> None:
    months = target_of(odd, "2025-06-01", "2025-07-31", group_by=["metric_time:month"])
    assert months == {"2025-06-01": (0, None, None), "2025-07-01": (-10, None, None)}


def test_an_attainment_at_its_threshold_is_not_beyond_it(odd: Asker) -> None:
    """17,999.91 of 19,999.90 is nine tenths, and its quotient of doubles a digit less."""
    months = target_of(odd, "2025-01-01", "2025-06-30", group_by=["metric_time:month"])
    assert [months[f"2025-0{month}-01"][2] for month in (1, 2, 5)] == ["yellow", "green", "yellow"]
    spent = target_of(odd, "2025-01-01", "2025-02-28", "marketing_spend", group_by=["metric_time:month"])
    assert [colour for _, _, colour in spent.values()] == ["yellow", "red"]


def test_a_range_without_an_end_has_no_target(odd: Asker) -> None:
    document = {"metrics": ["closed_won_revenue"], "compare": "target", "time_range": {"from": "2025-01-01"}}
    with pytest.raises(Refusal, match="both ends"):
        odd(document)


def test_a_forecast_of_a_quarter_has_the_quarter_s_target_and_never_a_month_s(odd: Asker) -> None:
    """Beside the target of the month that it begins with, a quarter would be at three times its plan."""
    held = {"where": ["horizon = 'quarter'"]}
    [quarter] = target_of(
        odd, "2025-04-01", "2025-06-30", "forecast_revenue", group_by=["metric_time:quarter"], **held
    ).values()
    assert quarter == (Decimal("20099.9"), pytest.approx(30000 / 20099.9), "green")
    [month] = target_of(
        odd, "2025-04-01", "2025-04-30", "forecast_revenue", group_by=["metric_time:month"]
    ).values()
    assert month == (100, pytest.approx(0.9), "yellow")
    for group_by in (["metric_time:month"], [], ["metric_time:year"]):
        with pytest.raises(Refusal):
            target_of(odd, "2025-04-01", "2025-06-30", "forecast_revenue", group_by=group_by, **held)
    with pytest.raises(Refusal, match="held to one length"):
        target_of(
            odd, "2025-04-01", "2025-06-30", "forecast_revenue", group_by=["metric_time:month", "horizon"]
        )
    document = {"metrics": ["forecast_revenue"], "group_by": ["metric_time:fiscal_quarter"]} | held
    by_fiscal = odd(document | {"time_range": {"from": "2025-04-01", "to": "2025-06-30"}}).table.to_pylist()
    assert [row["forecast_revenue"] for row in by_fiscal] == [30000]
