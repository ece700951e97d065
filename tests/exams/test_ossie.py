"""Glossaries travel to Apache Ossie documents and back; what cannot travel is said."""

from __future__ import annotations

import json
from typing import Any

import pytest

from semantic import definitions as d
from semantic.errors import GlossaryError
from semantic.fingerprint import fingerprint
from semantic.interop.ossie_export import export_ossie
from semantic.interop.ossie_import import import_ossie
from semantic.loader import load_glossary
from semantic.predicates import parse_predicate
from tests.shared import ROOT

SHOP = d.Glossary.of(
    models=[
        d.SemanticModel(
            "orders",
            "shop.orders",
            entities=(
                d.Entity("order", "primary", "order_id"),
                d.Entity("customer", "foreign", "customer_id"),
            ),
            dimensions=(
                d.Dimension("ordered_at", "time", "ordered_at", grain="day"),
                d.Dimension("channel", "categorical", "lower(channel)"),
            ),
            measures=(
                d.Measure("revenue", "sum", "amount * quantity"),
                d.Measure("orders", "count", "order_id"),
            ),
            default_time_dimension="ordered_at",
        ),
        d.SemanticModel(
            "customers",
            "shop.customers",
            entities=(d.Entity("customer", "primary", "id"),),
            dimensions=(d.Dimension("country", "categorical", "country"),),
        ),
    ],
    metrics=[
        d.Metric("revenue", d.Simple("orders", "revenue"), synonyms=("sales",)),
        d.Metric("orders", d.Simple("orders", "orders")),
        d.Metric("web", d.Simple("orders", "revenue"), filters=(parse_predicate("order__channel = 'web'"),)),
        d.Metric(
            "far", d.Simple("orders", "revenue"), filters=(parse_predicate("customer__country = 'nl'"),)
        ),
        d.Metric("average", d.Ratio(d.MetricInput("revenue"), d.MetricInput("orders"))),
        d.Metric("running", d.Cumulative(d.MetricInput("revenue"))),
    ],
)


def exported() -> tuple[dict[str, Any], tuple[str, ...]]:
    document, losses = export_ossie(SHOP, "shop")
    return document["semantic_model"][0], losses


def test_metrics_become_expressions_over_datasets() -> None:
    model, _ = exported()
    spelled = {m["name"]: m["expression"]["dialects"][0]["expression"] for m in model["metrics"]}
    assert spelled["revenue"] == "SUM(orders.amount * orders.quantity)"
    assert spelled["web"] == (
        "SUM(CASE WHEN LOWER(orders.channel) = 'web' THEN orders.amount * orders.quantity END)"
    )
    assert spelled["average"].endswith("/ NULLIF(COUNT(orders.order_id), 0)")


def test_relationships_come_from_shared_entities() -> None:
    model, _ = exported()
    [link] = model["relationships"]
    assert (link["from"], link["from_columns"], link["to"], link["to_columns"]) == (
        "orders",
        ["customer_id"],
        "customers",
        ["id"],
    )


def test_what_no_expression_states_is_reported_and_kept_aside() -> None:
    model, losses = exported()
    assert [line.split(":")[0] for line in losses] == ["metric 'far'", "metric 'running'"]
    assert "running" in model["custom_extensions"][0]["data"]


def plain() -> dict[str, Any]:
    """The document as a tool would write it that does not know our extension."""
    document, _ = export_ossie(SHOP, "shop")
    del document["semantic_model"][0]["custom_extensions"]
    return document


def test_our_own_glossary_travels_there_and_back_without_a_change() -> None:
    glossary = load_glossary(ROOT / "semantic" / "glossary")
    document, losses = export_ossie(glossary, "touchstone")
    found = import_ossie(json.loads(json.dumps(document)))
    assert found.losses == ()
    changed = [
        name for name in glossary.metrics if fingerprint(name, glossary) != fingerprint(name, found.glossary)
    ]
    assert not changed
    assert set(found.glossary.metrics) == set(glossary.metrics)
    for part in ("models", "shared_dimensions", "time_spines", "targets", "settings"):
        assert getattr(found.glossary, part) == getattr(glossary, part), part
    home = sorted(line.split(":")[0] for line in losses if "kept at home" in line)
    assert home == sorted(
        {"roles", "rollups"} | ({"closing"} if glossary.closing != d.ClosingRule() else set())
    )
    assert export_ossie(found.glossary, "touchstone")[0] == document


def test_what_others_read_counts_where_it_was_changed() -> None:
    document, _ = export_ossie(SHOP, "shop")
    [model] = document["semantic_model"]
    by_name = {each["name"]: each for each in model["metrics"]}
    by_name["web"]["expression"]["dialects"][0]["expression"] = "MAX(orders.amount)"
    model["metrics"] = [each for each in model["metrics"] if each["name"] != "average"]
    found = import_ossie(document)
    assert found.losses == (
        "metric 'web': changed since the document was written; read from its expression",
        "metric 'average': the document no longer has it",
    )
    recipe = found.glossary.metrics["web"].recipe
    assert found.glossary.models[recipe.model].measure_by_name[recipe.measure].agg == "max"
    assert isinstance(found.glossary.metrics["running"].recipe, d.Cumulative)
    assert "average" not in found.glossary.metrics


def test_changed_datasets_drop_our_extension_and_say_so() -> None:
    document, _ = export_ossie(SHOP, "shop")
    document["semantic_model"][0]["datasets"][0]["source"] = "shop.orders_v2"
    found = import_ossie(document)
    assert "datasets have been changed" in found.losses[0]
    assert found.glossary.models["orders"].relation == "shop.orders_v2"
    assert "running" not in found.glossary.metrics


def test_a_broken_extension_is_said_and_not_needed() -> None:
    document, _ = export_ossie(SHOP, "shop")
    document["semantic_model"][0]["custom_extensions"][0]["data"] = (
        '{"glossary": {"metrics": [{"name": "x"}]}}'
    )
    found = import_ossie(document)
    assert found.losses[0].startswith("extension 'TOUCHSTONE': ")
    assert isinstance(found.glossary.metrics["revenue"].recipe, d.Simple)


def test_a_document_becomes_a_glossary() -> None:
    found = import_ossie(plain()).glossary
    assert isinstance(found.metrics["revenue"].recipe, d.Simple)
    assert isinstance(found.metrics["average"].recipe, d.Ratio)
    assert found.metrics["revenue"].synonyms == ("sales",)
    orders = found.models["orders"]
    assert orders.measure_by_name["revenue"].expr == "amount * quantity"
    assert orders.default_time_dimension == "ordered_at"
    keys = {e.name: e.expr for e in orders.entities if e.kind == "foreign"}
    assert keys == {"customers": "customer_id"}
    assert found.models["customers"].entity_by_name["customers"].expr == "id"


def test_two_relationships_to_one_dataset_keep_their_own_names() -> None:
    key = {"from": "a", "to": "b", "to_columns": ["id"]}
    model = {
        "name": "m",
        "datasets": [{"name": "a", "source": "a"}, {"name": "b", "source": "b", "primary_key": ["id"]}],
        "relationships": [
            {"name": "buyer", "from_columns": ["buyer_id"], **key},
            {"name": "seller", "from_columns": ["seller_id"], **key},
        ],
    }
    found = import_ossie({"version": "0.2.0.dev0", "semantic_model": [model]}).glossary
    assert [e.name for e in found.models["a"].entities] == ["b", "seller"]
    assert found.models["b"].entity_by_name["seller"].kind == "unique"


def test_other_vendors_extensions_survive_the_way_there_and_back() -> None:
    document, _ = export_ossie(SHOP, "shop")
    foreign = {"vendor_name": "SOMEBODY", "data": "{}"}
    document["semantic_model"][0]["datasets"][0]["custom_extensions"] = [foreign]
    imported = import_ossie(document)
    again, _ = export_ossie(imported.glossary, "shop", imported.extensions)
    assert again["semantic_model"][0]["datasets"][0]["custom_extensions"] == [foreign]


def test_a_metric_over_two_datasets_is_split_into_its_aggregates() -> None:
    document = plain()
    expression = "SUM(orders.amount) - 2 * COUNT(DISTINCT customers.country)"
    document["semantic_model"][0]["metrics"] = [
        {"name": "odd", "expression": {"dialects": [{"dialect": "ANSI_SQL", "expression": expression}]}}
    ]
    metrics = import_ossie(document).glossary.metrics
    assert metrics["odd"].recipe.expr == "odd__1 - 2 * odd__2"
    assert metrics["odd__2"].recipe.model == "customers"
    assert metrics["odd__1"].private


def test_every_fault_of_the_shape_is_said_at_once() -> None:
    broken = {"version": "0.1", "semantic_model": [{"name": "m", "datasets": [], "colour": "red"}]}
    with pytest.raises(GlossaryError) as caught:
        import_ossie(broken)
    assert len(caught.value.problems) == 3
