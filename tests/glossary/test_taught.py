"""A data-driven model that refused for want of conversions is refused in an answer too: 0 would be a wrong number."""

from __future__ import annotations

import pytest

from semantic.errors import Refusal
from tests.glossary.conftest import Asker


@pytest.mark.parametrize("metric", ["attributed_revenue", "marketing_roi", "content_attributed_revenue"])
def test_a_model_without_credit_is_refused(ask_core: Asker, metric: str) -> None:
    with pytest.raises(Refusal, match="'shapley' gives no credit for 'attributed_revenue'"):
        ask_core({"metrics": [metric], "attribution_model": "shapley"})


def test_so_it_is_where_a_condition_names_it(ask_core: Asker) -> None:
    with pytest.raises(Refusal, match="too few conversions"):
        ask_core({"metrics": ["attributed_revenue"], "where": ["attribution_model = 'shapley'"]})


def test_a_model_with_credit_answers_a_part_that_has_none(ask_core: Asker) -> None:
    asked = {"metrics": ["attributed_revenue"], "where": ["channel = 'nowhere'"]}
    rows = [ask_core({**asked, "attribution_model": model}).table.to_pylist() for model in ("markov", "last")]
    assert rows[0] == rows[1]
