"""Every metric is what the simulated company's own objects say, to the cent, with all forty cases planted.

By month and channel, by month, by channel and in total; credit under every attribution model; the metrics of
campaigns, programs and assets by each of them. `make truth SEED=3` tells the same of another company.
"""

from __future__ import annotations

import pytest

from infra.sandbox.truth.recipes import CREDIT_METRICS
from semantic.definitions import Simple
from semantic.errors import Refusal
from semantic.loader import load_glossary
from tests.doors.companies import Company, build_sandbox
from tests.truth.compare import MODEL, Truth, compare_members, compare_metric, compare_model, truth_of
from tests.truth.every import GLOSSARY, asker
from tests.truth.home import built_on

pytestmark = pytest.mark.timeout(900)

# How loads went, how old they are and what the audits found: nothing about the company says it.
OF_OPERATIONS = {"source_run", "source_freshness", "audit_finding"}
# What is expected is no fact of the company. test_forecast_again.py computes the forecast a second time;
# tests/estimates has companies whose response to spend is known.
OF_ESTIMATES = {"forecast", "budget"}
METRICS = sorted(
    name
    for name, metric in load_glossary(GLOSSARY).metrics.items()
    if not (isinstance(metric.recipe, Simple) and metric.recipe.model in OF_OPERATIONS)
    and metric.area not in OF_ESTIMATES
)
MODELS = load_glossary(GLOSSARY).shared_dimensions["attribution_model"].values


@pytest.fixture(scope="session")
def company(companies, tmp_path_factory) -> Company:
    if "sandbox" not in companies:
        companies["sandbox"] = build_sandbox(tmp_path_factory.mktemp("sandbox"))
    return companies["sandbox"]


@pytest.fixture(scope="session")
def truth(company: Company) -> Truth:
    return truth_of(company.made, built_on(company.home))


@pytest.fixture(scope="session")
def ask(company: Company):
    return asker(company.home)


def test_every_metric_has_true_answers(truth: Truth) -> None:
    assert sorted(truth.whole) == METRICS


@pytest.mark.parametrize("metric", METRICS)
def test_a_metric_by_month_and_channel(ask, truth: Truth, metric: str) -> None:
    told = compare_metric(ask, truth, metric)
    assert told.off == []
    assert told.cells


@pytest.mark.parametrize("model", MODELS)
def test_the_credit_of_a_model(ask, truth: Truth, model: str) -> None:
    given = [metric for metric in sorted(CREDIT_METRICS) if model in truth.parts[MODEL, metric]]
    told = [compare_model(ask, truth, metric, model) for metric in given]
    assert [line for one in told for line in one.off] == []
    assert all(one.cells for one in told)
    for metric in CREDIT_METRICS.keys() - given:  # it had too little to learn from
        with pytest.raises(Refusal, match="too few conversions"):
            ask({"metrics": [metric], "attribution_model": model})


@pytest.mark.parametrize(
    "by",
    [
        "campaign",
        "parent_campaign",
        "program",
        "content",
        "content_sequence,sequence_of",
        "journey_stage,content_met",
    ],
)
def test_each_campaign_program_asset_sequence_and_stage(ask, truth: Truth, by: str) -> None:
    told = [compare_members(ask, truth, by, metric) for part, metric in sorted(truth.parts) if part == by]
    assert [line for one in told for line in one.off] == []
    assert sum(one.cells for one in told) > 50


def test_revenue_by_each_who_shares_it(ask, truth: Truth) -> None:
    """A seventh of the deals is shared by two or three: the parts are theirs, and the deals once."""
    told = compare_members(ask, truth, "owner", "shared_revenue")
    assert told.off == []
    assert told.cells > 5
    both = {"metrics": ["shared_revenue", "closed_won_revenue"]}
    assert len({value for row in ask(both) for value in row.values()}) == 1
    by_owner = ask({**both, "group_by": ["owner"]})
    assert any(row["shared_revenue"] != row["closed_won_revenue"] for row in by_owner)
