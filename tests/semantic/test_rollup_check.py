"""A rollup is read only where it is published, built as the glossary says, and not behind its facts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from semantic.ask import ask
from semantic.definitions import Glossary, Measure, Rollup
from semantic.interop.rollup_models import rollup_select
from semantic.predicates import parse_predicate
from semantic.query import query_from_document
from semantic.warehouse.duckdb import DuckDBWarehouse
from tests.semantic.conftest import HERE, Shop, table_rows
from tests.semantic.test_rollups import BY_DAY

Change = Callable[[duckdb.DuckDBPyConnection], object]
QUESTION = query_from_document(
    {"metrics": ["orders", "order_total"], "group_by": ["channel"], "totals": True}
)
MORE = "INSERT INTO shop.orders (order_id, channel, ordered_at, total) VALUES (999, 'web', '2026-03-01', 1)"


def published(folder: Path, glossary: Glossary, *changes: str) -> DuckDBWarehouse:
    """The shop with its rollup in a file, and then changed."""
    file = folder / "published.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute((HERE / "shop.sql").read_text())
        select = rollup_select(BY_DAY, glossary).sql("duckdb")
        connection.execute(f"CREATE TABLE shop.orders_by_day AS {select}")
        for change in changes:
            connection.execute(change)
    return DuckDBWarehouse(file)


@pytest.fixture
def glossary(shop: Shop) -> Glossary:
    return replace(shop.glossary, rollups=(BY_DAY,))


def test_a_published_rollup_is_read(tmp_path: Path, glossary: Glossary) -> None:
    answer = ask(QUESTION, glossary, published(tmp_path, glossary))
    assert "orders_by_day" in answer.sql


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("DROP TABLE shop.orders_by_day", id="published before it was declared"),
        pytest.param(MORE, id="behind its facts"),
        pytest.param("ALTER TABLE shop.orders_by_day DROP COLUMN _definition", id="does not say what it is"),
        pytest.param("UPDATE shop.orders_by_day SET _definition = 'old'", id="built from another definition"),
        pytest.param(
            "UPDATE shop.orders_by_day SET _definition = 'old' WHERE channel = 'web'", id="built in part"
        ),
        pytest.param("DELETE FROM shop.orders_by_day", id="empty"),
    ],
)
def test_the_facts_answer_where_the_rollup_is_wrong(tmp_path: Path, glossary: Glossary, change: str) -> None:
    warehouse = published(tmp_path, glossary, change)
    answer, facts = (
        ask(QUESTION, glossary, warehouse),
        ask(QUESTION, replace(glossary, rollups=()), warehouse),
    )
    assert "orders_by_day" not in answer.sql
    assert table_rows(answer.table) == table_rows(facts.table)


def test_another_measure_is_another_definition(tmp_path: Path, glossary: Glossary) -> None:
    """The glossary changed after the publication: the same names, another meaning."""
    warehouse = published(tmp_path, glossary)
    model = glossary.models["orders"]
    positive = (parse_predicate("order__channel = 'web'"),)
    measures = tuple(_narrowed(m, positive) if m.name == "order_total" else m for m in model.measures)
    models = {**glossary.models, "orders": replace(model, measures=measures)}
    answer = ask(QUESTION, replace(glossary, models=models), warehouse)
    assert "orders_by_day" not in answer.sql


def _narrowed(measure: Measure, filters: tuple) -> Measure:
    return replace(measure, filters=filters)


def test_the_next_best_rollup_is_read(tmp_path: Path, glossary: Glossary) -> None:
    missing: Rollup = replace(
        BY_DAY, name="orders_by_month", relation="shop.nowhere", time=(("ordered_at", "month", "month"),)
    )
    two = replace(glossary, rollups=(missing, BY_DAY))
    answer = ask(QUESTION, two, published(tmp_path, glossary))
    assert "orders_by_day" in answer.sql
