"""A condition written back as text reads as the same condition."""

from __future__ import annotations

import pytest
from sqlmesh.core.dialect import extend_sqlglot

from semantic.interop.condition_text import condition_text
from semantic.predicates import parse_predicate


@pytest.mark.parametrize(
    "text",
    [
        "region = 'EMEA'",
        "name = 'O''Hara' or name is null",
        "not (is_instant)",
        "a = 1 and (b = 2 or c = 3)",
        "(a = 1 and b = 2) or c is null",
        "amount between 1 and 2.5",
        "name ilike '%x%'",
        "METRIC('bookings', 'listing') > 2",
        "region = ATTRIBUTE('region')",
        "cast(metric_time__day as timestamp) >= cast('2020-01-01' as timestamp)",
        "lower(coalesce(name, 'x')) in ('a', 'b')",
        "(a + 2) * 3 > 4",
        "paid = true and x = -1",
        "date_trunc('month', day) < day + interval 2 day",
        "extract(year from day) = 2020 and date_diff('day', day, paid_at) > 1",
        "case when paid then 1 else 0 end = 1",
        "greatest(left(name, 2) || 'x', concat(name, 'y')) = 'abx'",
        "cast(amount as decimal(10, 2)) > 2.5",
        "name is distinct from 'x'",
    ],
)
def test_text_is_read_back_to_the_same_tree(text: str) -> None:
    tree = parse_predicate(text)
    assert parse_predicate(condition_text(tree)) == tree


def test_a_metric_condition_is_read_beside_sqlmesh_too() -> None:
    """SQLMesh registers METRIC with sqlglot for the whole process."""
    extend_sqlglot()
    tree = parse_predicate("METRIC('bookings', 'listing') > 2 and name = 'metric (x)'")
    assert condition_text(tree) == "METRIC('bookings', 'listing') > 2 and name = 'metric (x)'"
