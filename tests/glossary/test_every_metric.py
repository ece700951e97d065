"""Every metric of the glossary against the same thing said in plain SQL and arithmetic, cell by cell."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from semantic.definitions import Glossary
from semantic.errors import UserError
from tests.glossary.conftest import Asker, same
from tests.glossary.reference import METRICS, WITHOUT_CHANNEL, Key, Rows, expected, read_events

#: Metrics that by_hand.yml holds answers for, because they are no sum over events.
BY_HAND = {
    "open_pipeline",
    "campaign_sourced_pipeline",
    "campaign_influenced_pipeline",
    "content_influenced_revenue",
    "assets_compared",
    "content_prevalence_difference_low",
    "content_prevalence_difference_high",
    "stages_compared",
    "content_gap_low",
    "content_gap_high",
    "content_assets",
    "content_key_assets",
    "content_concentration",
    "content_year_revenue",
    "content_cumulative_share",
    "forecast_revenue",
    "forecast_won_revenue",
    "forecast_open_revenue",
    "forecast_new_revenue",
    "forecast_revenue_low",
    "forecast_revenue_high",
    "forecast_backtests",
    "forecast_backtests_held",
    "forecast_actual_revenue",
    "forecast_missed_revenue",
    "forecast_over_revenue",
    "forecast_naive_missed_revenue",
    "forecast_error",
    "forecast_bias",
    "forecast_interval_coverage",
    "forecast_naive_error",
    "marginal_pipeline_return",
    "marginal_pipeline",
    "marginal_spend",
    "budget_now",
    "budget_proposed",
    "budget_pipeline_change",
}

#: Metrics that grow while one looks at them: test_source_age.py.
BY_CLOCK = {"source_age_hours", "source_age_share", "source_record_age_hours"}


@pytest.fixture(scope="module")
def events(core_file: Path) -> dict[str, Rows]:
    with duckdb.connect(str(core_file), read_only=True) as connection:
        return read_events(connection)


def test_every_metric_has_a_reference(glossary: Glossary) -> None:
    assert set(glossary.metrics) == set(METRICS) | BY_HAND | BY_CLOCK


@pytest.mark.parametrize("grouping", [(), ("month",), ("channel",), ("month", "channel")], ids="-".join)
@pytest.mark.parametrize("metric", METRICS)
def test_metric(ask_core: Asker, events: dict[str, Rows], metric: str, grouping: tuple[str, ...]) -> None:
    if "channel" in grouping and metric in WITHOUT_CHANNEL:
        with pytest.raises(UserError, match="channel"):
            ask_core({"metrics": [metric], "group_by": ["channel"]})
        return
    asked = [{"month": "metric_time:month"}.get(name, name) for name in grouping]
    wanted = expected(metric, events, "month" in grouping, "channel" in grouping)
    given: dict[Key, object] = {}
    for row in ask_core({"metrics": [metric], "group_by": asked}).table.to_pylist():
        key = tuple(_plain(row[name.split(":")[0]]) for name in asked)
        assert key not in given, f"{key} is there twice"
        given[key] = row[metric]
    for key in wanted.keys() | given.keys():
        want = None if wanted.get(key) is None else float(wanted[key])  # type: ignore[arg-type]
        if key in given and key in wanted:
            assert same(given[key], want), (key, given[key], want)
        else:
            assert (given.get(key) or 0, want or 0) == (0, 0), key


def _plain(value: object) -> object:
    return value.date() if isinstance(value, dt.datetime) else value
