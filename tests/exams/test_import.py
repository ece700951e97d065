"""A MetricFlow manifest becomes a glossary, and what it cannot carry is said."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from semantic.definitions import Conversion, Cumulative, Derived, Ratio, Simple, Window
from semantic.errors import UserError
from semantic.interop.glossary_files import write_glossary
from semantic.interop.metricflow import import_manifest
from semantic.interop.metricflow_jinja import read_reference, read_template
from semantic.interop.metricflow_query import read_question
from semantic.loader import load_glossary
from semantic.predicates import MetricRef, walk

MANIFEST: dict[str, Any] = {
    "semantic_models": [
        {
            "name": "orders",
            "node_relation": {"alias": "orders", "schema_name": "shop", "relation_name": None},
            "defaults": {"agg_time_dimension": "ordered_at"},
            "entities": [
                {"name": "order", "type": "primary", "expr": "order_id"},
                {"name": "customer", "type": "foreign"},
            ],
            "dimensions": [
                {"name": "ordered_at", "type": "time", "type_params": {"time_granularity": "day"}},
                {"name": "channel", "type": "categorical", "expr": "channel_code"},
            ],
            "measures": [
                {"name": "revenue", "agg": "sum", "expr": "amount"},
                {
                    "name": "stock",
                    "agg": "sum",
                    "non_additive_dimension": {
                        "name": "ordered_at",
                        "window_choice": "max",
                        "window_groupings": ["customer"],
                    },
                },
            ],
        }
    ],
    "metrics": [
        {"name": "revenue", "type": "simple", "type_params": {"measure": {"name": "revenue"}}},
        {
            "name": "orders",
            "type": "simple",
            "type_params": {
                "expr": "1",
                "metric_aggregation_params": {"semantic_model": "orders", "agg": "sum"},
                "join_to_timespine": True,
                "fill_nulls_with": 0,
            },
        },
        {
            "name": "web_revenue",
            "type": "simple",
            "type_params": {"measure": {"name": "revenue", "filter": None}},
            "filter": {
                "where_filters": [{"where_sql_template": "{{ Dimension('order__channel') }} = 'web'"}]
            },
        },
        {
            "name": "average_order",
            "type": "ratio",
            "type_params": {"numerator": {"name": "revenue"}, "denominator": {"name": "orders"}},
        },
        {
            "name": "growth",
            "type": "derived",
            "type_params": {
                "expr": "revenue - before",
                "metrics": [
                    {"name": "revenue"},
                    {
                        "name": "revenue",
                        "alias": "before",
                        "offset_window": {"count": 14, "granularity": "day"},
                    },
                ],
            },
        },
        {
            "name": "running",
            "type": "cumulative",
            "type_params": {
                "measure": {"name": "revenue"},
                "cumulative_type_params": {"window": {"count": 2, "granularity": "month"}},
            },
        },
        {
            "name": "running_orders",
            "type": "cumulative",
            "type_params": {"cumulative_type_params": {"metric": {"name": "orders"}, "period_agg": "last"}},
        },
        {
            "name": "repeat_rate",
            "type": "conversion",
            "type_params": {
                "conversion_type_params": {
                    "base_metric": {"name": "orders"},
                    "conversion_metric": {"name": "orders"},
                    "entity": "customer",
                    "calculation": "conversion_rate",
                    "window": {"count": 7, "granularity": "day"},
                    "constant_properties": [{"base_property": "channel", "conversion_property": "channel"}],
                }
            },
        },
    ],
    "saved_queries": [
        {
            "name": "weekly",
            "query_params": {
                "metrics": ["revenue"],
                "group_by": ["TimeDimension('metric_time', 'week')", "Dimension('order__channel')"],
                "where": {
                    "where_filters": [{"where_sql_template": "{{ Dimension('order__channel') }} <> 'x'"}]
                },
                "order_by": ["Metric('revenue').descending(True)"],
                "limit": 10,
            },
            "exports": [{"name": "weekly"}],
        }
    ],
    "project_configuration": {
        "time_spines": [
            {
                "node_relation": {"alias": "days", "schema_name": "shop", "relation_name": "shop.days"},
                "primary_column": {"name": "day", "time_granularity": "day"},
                "custom_granularities": [{"name": "season", "column_name": None}],
            }
        ]
    },
}


def test_models_and_spines_keep_their_keys_and_expressions() -> None:
    glossary = import_manifest(MANIFEST).glossary
    model = glossary.models["orders"]
    assert model.relation == "shop.orders"
    assert [(e.name, e.expr) for e in model.entities] == [("order", "order_id"), ("customer", "customer")]
    assert model.dimension_by_name["channel"].expr == "channel_code"
    assert model.measure_by_name["stock"].non_additive.groupings == ("customer",)
    assert glossary.custom_grains["season"][1].column == "season"


def test_each_metric_type_is_carried() -> None:
    metrics = import_manifest(MANIFEST).glossary.metrics
    assert metrics["revenue"].recipe == Simple("orders", "revenue")
    assert metrics["orders"].fill_nulls_with == 0
    assert isinstance(metrics["average_order"].recipe, Ratio)
    assert isinstance(metrics["growth"].recipe, Derived)
    assert metrics["growth"].inputs[1].offset_window == Window(14, "day")
    assert isinstance(metrics["running"].recipe, Cumulative)
    assert isinstance(metrics["repeat_rate"].recipe, Conversion)


def test_a_metric_without_a_measure_adds_one_to_its_model() -> None:
    glossary = import_manifest(MANIFEST).glossary
    recipe = glossary.metrics["orders"].recipe
    assert glossary.models["orders"].measure_by_name[recipe.measure].expr == "1"


def test_a_cumulative_metric_over_a_measure_gets_a_private_input() -> None:
    metrics = import_manifest(MANIFEST).glossary.metrics
    assert metrics[metrics["running"].recipe.input.metric].private


def test_a_cumulative_metric_joins_the_spine_like_its_input() -> None:
    metric = import_manifest(MANIFEST).glossary.metrics["running_orders"]
    assert (metric.join_to_timespine, metric.fill_nulls_with) == (True, 0)


def test_what_is_not_carried_is_reported() -> None:
    assert import_manifest(MANIFEST).losses == ("saved query 'weekly': 'exports' is not carried",)


def test_a_broken_manifest_says_what_is_missing() -> None:
    broken = copy.deepcopy(MANIFEST)
    del broken["semantic_models"][0]["node_relation"]
    with pytest.raises(UserError, match="node_relation"):
        import_manifest(broken)


def test_a_saved_query_is_the_base_of_a_question() -> None:
    glossary = import_manifest(MANIFEST).glossary
    query = read_question({"saved_query": "weekly", "where": "{{ Entity('customer') }} = 'a'"}, glossary)
    assert [item.text for item in query.group_by] == ["metric_time__week", "order__channel"]
    assert len(query.where) == 2
    assert query.order_by[0].descending
    assert query.limit == 10


@pytest.mark.parametrize(
    ("group_by", "last"),
    [
        (["metric_time__month"], date(2024, 2, 29)),
        (["metric_time"], date(2024, 2, 15)),
        ([], date(2024, 2, 15)),
        (["metric_time__season"], date(2024, 2, 15)),
    ],
)
def test_a_time_constraint_widens_to_whole_periods(group_by: list[str], last: date) -> None:
    asked = {"metrics": ["revenue"], "group_by": group_by, "time_constraint": ["2024-01-15", "2024-02-15"]}
    query = read_question(asked, import_manifest(MANIFEST).glossary)
    assert query.time_range.end == last


def test_a_bare_time_dimension_keeps_its_own_grain() -> None:
    query = read_question(
        {"metrics": ["revenue"], "group_by": ["order__ordered_at"]}, import_manifest(MANIFEST).glossary
    )
    assert query.group_by[0].grain == "day"


def test_templates_become_conditions() -> None:
    assert read_template("{{ TimeDimension('metric_time', 'DAY') }} > '2024-01-01'").startswith(
        "metric_time__day >"
    )
    assert (
        read_template("{{ Dimension('user__home', entity_path=['listing']) }} IS NULL")
        == "listing__user__home IS NULL"
    )
    assert read_reference("Dimension('a__ds').grain('week')").dimension == "a__ds__week"
    assert read_reference("Dimension('a__ds').date_part('dow')").dimension == "a__ds__extract_dow"


def test_a_metric_in_a_filter_names_its_entities() -> None:
    glossary = import_manifest(MANIFEST).glossary
    query = read_question(
        {"metrics": ["revenue"], "where": "{{ Metric('orders', group_by=['customer']) }} > 2"}, glossary
    )
    [found] = [node for node in walk(query.where[0]) if isinstance(node, MetricRef)]
    assert (found.metric, found.by[0].name) == ("orders", "customer")


@pytest.mark.parametrize(
    "text", ["__import__('os')", "Dimension(1)", "Dimension('a').sql()", "Foo('a')", "1 +"]
)
def test_anything_else_in_braces_is_refused_and_never_executed(text: str) -> None:
    with pytest.raises(UserError, match="cannot read"):
        read_reference(text)


def broken(change: Callable[[dict[str, Any]], object]) -> str:
    """What the import says of a manifest that is changed so."""
    manifest = copy.deepcopy(MANIFEST)
    change(manifest)
    with pytest.raises(UserError) as caught:
        import_manifest(manifest)
    return caught.value.message


def metric_of(manifest: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in manifest["metrics"] if each["name"] == name)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: m.pop("semantic_models"), "This is no MetricFlow manifest.*list of 'semantic_models'"),
        (
            lambda m: m["semantic_models"][0].pop("node_relation"),
            "model 'orders': 'node_relation' is missing",
        ),
        (lambda m: m["metrics"].append(m["metrics"][0]), "metrics: there are several named 'revenue'"),
        (lambda m: m["metrics"].append({}), r"metrics: item \d+ is no object with a 'name'"),
        (
            lambda m: metric_of(m, "revenue").update(type="sinple"),
            "metric 'revenue': its type is 'sinple', which is not known. Did you mean 'simple'",
        ),
        (
            lambda m: metric_of(m, "revenue")["type_params"]["measure"].update(name="nope"),
            "metric 'revenue': measure 'nope' is on no semantic model",
        ),
        (
            lambda m: metric_of(m, "average_order")["type_params"].pop("denominator"),
            "metric 'average_order': 'denominator' is missing",
        ),
        (
            lambda m: metric_of(m, "growth")["type_params"].update(expr="revenue - ("),
            r"metric 'growth': its expression 'revenue - \(' is not SQL",
        ),
        (
            lambda m: metric_of(m, "growth")["type_params"]["metrics"][1].update(offset_window="soon"),
            "metric 'growth': the window 'soon' should be a number and a granularity",
        ),
        (
            lambda m: m.update(project_configuration={"time_spines": [{"node_relation": {"alias": "x"}}]}),
            "project_configuration: 'primary_column' is missing",
        ),
        (lambda m: m.update(saved_queries=[{"name": "q"}]), "saved query 'q': 'query_params' is missing"),
    ],
)
def test_a_broken_manifest_is_named_part_by_part(
    change: Callable[[dict[str, Any]], object], said: str
) -> None:
    assert re.search(said, broken(change), re.DOTALL)


def test_every_fault_of_a_manifest_is_said_at_once() -> None:
    def change(manifest: dict[str, Any]) -> None:
        metric_of(manifest, "growth")["type_params"].pop("expr")
        metric_of(manifest, "average_order").pop("type")

    assert broken(change).splitlines() == [
        "The manifest has 2 faults:",
        "  metric 'average_order': 'type' is missing",
        "  metric 'growth': 'expr' is missing",
    ]


def test_the_semantics_of_an_import_are_written_with_it(tmp_path: Path) -> None:
    write_glossary(import_manifest(MANIFEST).glossary, tmp_path)
    assert load_glossary(tmp_path).settings.semantics == "metricflow"
