"""A query that is taken as it was loaded is what would be rendered for the run; when in doubt it is rendered."""

import copy
from typing import Any

import pytest

from infra import rendering
from infra.transform import MODELS, prepare


@pytest.fixture(scope="module")
def models() -> dict[str, Any]:
    prepare(":memory:")
    from sqlmesh.core.context import Context

    context = Context(paths=[str(MODELS)])
    rendering.render_once()
    return {model.name.lower(): model for model in context.models.values() if model.is_sql}


def test_what_is_taken_as_loaded_is_what_would_be_rendered(models: dict[str, Any]) -> None:
    from sqlmesh.core.dialect import MacroFunc, MacroVar
    from sqlmesh.core.macros import RuntimeStage

    run = {
        "start": "2015-01-01",
        "end": "2026-11-21",
        "execution_time": "2026-11-22",
        "runtime_stage": RuntimeStage.EVALUATING,
    }
    compared = 0
    for name, model in models.items():
        if any(model.query.find_all(MacroFunc, MacroVar)) and rendering.is_the_same_in_every_run(model):
            compared += 1
            rendered = type(model).render_query.__wrapped__(model, **run)
            assert model.render_query(**run).sql("duckdb") == rendered.sql("duckdb"), name
    assert compared > 20


def test_what_asks_for_a_stage_a_day_or_its_own_rows_is_rendered(models: dict[str, Any]) -> None:
    for name in ("attribution.journey_touch", "attribution.learned_credit", "core.pipeline_day"):
        assert not rendering.is_the_same_in_every_run(models[name]), name
    assert rendering.is_the_same_in_every_run(models["core.opportunity"])


@pytest.mark.parametrize(
    "code",
    [
        "def when(evaluator):\n    return evaluator.locals['execution_ds']",
        "def stage(self):\n    return self.runtime_stage",
        "def rows(e):\n    return e.engine_adapter.fetchone('SELECT 1')",
        "def asked(evaluator):\n    return getattr(evaluator, 'local' + 's')",
        "from datetime import datetime",
        "import os.path",
    ],
)
def test_a_macro_that_may_write_another_thing_tomorrow_is_not_constant(code: str) -> None:
    assert not rendering._is_constant(code)


def test_a_macro_of_settings_is_constant() -> None:
    assert rendering._is_constant("def days(e):\n    return e.parse_one(str(e.var('attribution')['days']))")


def test_a_copy_of_a_query_is_the_query(models: dict[str, Any]) -> None:
    query = models["core.opportunity"].render_query()
    copied = copy.deepcopy(query)
    for one, other in zip(query.walk(), copied.walk(), strict=True):
        assert one is not other
        assert (type(one), one.arg_key, one.index) == (type(other), other.arg_key, other.index)
        assert (one.type, one.comments, one._meta) == (other.type, other.comments, other._meta)
        assert one is query or other.parent is not one.parent
    copied.selects[0].replace("1")
    assert query.sql() != copied.sql()
