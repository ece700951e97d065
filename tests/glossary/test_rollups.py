"""A rollup is read where it gives exactly the same answer, and only there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from semantic.ask import ask, compile_query
from semantic.clock import bound_to_clock
from semantic.definitions import Glossary, Rollup
from semantic.errors import GlossaryError
from semantic.interop.rollup_models import rollup_models
from semantic.loader import load_glossary
from semantic.query import SYSTEM, Principal, query_from_document
from semantic.warehouse.duckdb import DuckDBWarehouse

MODELS = Path(__file__).parents[2] / "sqlmesh" / "models"
JANUARY = {"from": "2026-01-01", "to": "2026-01-31"}

READ = [
    {"metrics": ["attributed_revenue"]},
    {"metrics": ["attributed_revenue"], "group_by": ["channel"]},
    {
        "metrics": ["attributed_revenue"],
        "group_by": ["metric_time:month", "channel"],
        "attribution_model": "linear",
    },
    {"metrics": ["attributed_revenue"], "group_by": ["metric_time:day"]},
    {
        "metrics": ["attributed_revenue"],
        "group_by": ["metric_time:week", "region"],
        "where": ["segment = 'smb'"],
    },
    {"metrics": ["attributed_revenue"], "group_by": ["metric_time:fiscal_quarter"]},
    {"metrics": ["attributed_revenue"], "group_by": ["parent_campaign", "campaign_type"]},
    {"metrics": ["attributed_revenue"], "group_by": ["campaign"], "time_range": {"from": "2026-02-03"}},
    {
        "metrics": ["attributed_mqls", "attributed_pipeline", "attributed_revenue"],
        "group_by": ["attribution_model"],
    },
    {"metrics": ["unattributed_revenue_share"], "group_by": ["metric_time:month"]},
    {"metrics": ["marketing_roi"], "group_by": ["channel"], "totals": True},
    {"metrics": ["attributed_revenue"], "group_by": ["product"], "having": ["attributed_revenue > 1000"]},
    {"metrics": ["attributed_mqls"], "where": ["channel = 'nowhere'"]},
    {"metrics": ["attributed_mqls"], "where": ["channel = 'nowhere'"], "group_by": ["channel"]},
    {"metrics": ["sessions", "web_conversions"], "group_by": ["channel"]},
    {"metrics": ["web_conversion_rate"], "group_by": ["metric_time:month"], "time_range": JANUARY},
    {"metrics": ["sessions"], "where": ["channel = 'nowhere'"]},
    {"metrics": ["sessions"], "group_by": ["campaign", "metric_time:year"]},
    {"metrics": ["sessions"], "group_by": ["metric_time:retail_month"]},
]
NOT_READ = [
    {"metrics": ["attributed_revenue"], "group_by": ["industry"]},  # no such column
    {"metrics": ["attributed_revenue"], "group_by": ["content"]},  # nor key
    {"metrics": ["attributed_revenue"], "where": ["owner = 'ana'"]},
    {"metrics": ["sessions"], "group_by": ["metric_time:hour"]},  # finer than it is kept
    {"metrics": ["sessions"], "group_by": ["metric_time:day"], "time_zone": "Europe/Berlin"},  # other days
    {"metrics": ["sessions"], "time_range": {"from": "2026-01-31T12:00:00", "to": "2026-02-01"}},
    {"metrics": ["sessions"], "group_by": ["session__landing_page"]},
    {"metrics": ["mqls"], "group_by": ["channel"]},  # a model without a rollup
    {"metrics": ["content_attributed_revenue"]},  # its filter needs the asset
]


@pytest.fixture(scope="module")
def plain(glossary: Glossary) -> Glossary:
    """The same glossary without its rollups."""
    return replace(glossary, rollups=())


def relations(glossary: Glossary, question: dict[str, Any]) -> set[str]:
    plan = compile_query(query_from_document(question), glossary).plan
    return {source.relation for source in plan.sources}  # type: ignore[union-attr]


@pytest.mark.parametrize("question", [*READ, *NOT_READ], ids=str)
def test_the_answer_is_the_same_with_and_without(
    glossary: Glossary, plain: Glossary, core_file: Path, question: dict[str, Any]
) -> None:
    query, warehouse = query_from_document(question), DuckDBWarehouse(core_file)
    with_it, without = ask(query, glossary, warehouse), ask(query, plain, warehouse)
    assert with_it.to_document() | {"sql": ""} == without.to_document() | {"sql": ""}
    assert with_it.table.schema == without.table.schema


@pytest.mark.parametrize("question", READ, ids=str)
def test_it_is_read(glossary: Glossary, question: dict[str, Any]) -> None:
    assert relations(glossary, question) & {"marts.credit_day", "marts.session_day"}


@pytest.mark.parametrize("question", NOT_READ, ids=str)
def test_it_is_not_read(glossary: Glossary, question: dict[str, Any]) -> None:
    assert not relations(glossary, question) & {"marts.credit_day", "marts.session_day"}


@pytest.mark.parametrize("metric", sorted(load_glossary(MODELS.parents[1] / "semantic" / "glossary").metrics))
def test_every_metric_is_the_same_with_and_without(
    glossary: Glossary, plain: Glossary, core_file: Path, metric: str
) -> None:
    query = query_from_document({"metrics": [metric], "group_by": ["metric_time:month"]})
    if metric in bound_to_clock(glossary):  # two answers a moment apart differ; one query cannot
        assert compile_query(query, glossary).sql == compile_query(query, plain).sql
        return
    warehouse = DuckDBWarehouse(core_file)
    assert ask(query, glossary, warehouse).rows() == ask(query, plain, warehouse).rows()


def test_the_rows_that_somebody_may_see_are_those_of_the_facts(
    glossary: Glossary, plain: Glossary, core_file: Path
) -> None:
    emea = Principal("e@example.com", ("region_emea",))
    query = query_from_document({"metrics": ["attributed_revenue"], "group_by": ["channel"]})
    warehouse = DuckDBWarehouse(core_file)
    seen = ask(query, glossary, warehouse, emea)
    assert "marts.credit_day" in seen.sql
    assert seen.rows() == ask(query, plain, warehouse, emea).rows()
    assert seen.rows() != ask(query, plain, warehouse, SYSTEM).rows()


def test_a_rollup_of_some_rows_answers_only_for_them(glossary: Glossary) -> None:
    revenue = glossary.models["credit"].measure_by_name["attributed_revenue"]
    part = replace(glossary.rollups[0], filters=revenue.filters)
    some = replace(glossary, rollups=(part,))
    assert "marts.credit_day" in relations(some, {"metrics": ["attributed_revenue"]})
    assert "marts.credit_day" not in relations(some, {"metrics": ["attributed_pipeline"]})


def test_a_month_does_not_make_up_a_week(glossary: Glossary) -> None:
    monthly: Rollup = replace(glossary.rollups[0], time=(("credited_date", "month", "credited_month"),))
    by_month = replace(glossary, rollups=(monthly,))
    for grain, read in [("month", True), ("quarter", True), ("week", False), ("day", False)]:
        asked = {"metrics": ["attributed_revenue"], "group_by": [f"metric_time:{grain}"]}
        assert ("marts.credit_day" in relations(by_month, asked)) is read, grain
    half = {"metrics": ["attributed_revenue"], "time_range": {"from": "2026-01-15", "to": "2026-02-28"}}
    assert "marts.credit_day" not in relations(by_month, half)


def test_the_models_are_fresh(glossary: Glossary) -> None:
    for name, text in rollup_models(glossary).items():
        assert (MODELS / name).read_text(encoding="utf-8") == text, "Run `make docs`."


def test_a_rollup_of_what_is_not_there_is_a_problem(tmp_path: Path) -> None:
    file = tmp_path / "all.yml"
    file.write_text("rollups:\n  - {name: r, model: nowhere, relation: marts.r}\n")
    with pytest.raises(GlossaryError, match="nowhere"):
        load_glossary(file)
