"""How old each source is: by the reader's clock, so that it grows while nothing is published."""

from __future__ import annotations

import datetime as dt

import pytest

from semantic.clock import bound_to_clock
from semantic.definitions import Glossary
from tests.glossary.conftest import Asker

LOADED = {
    "hubspot": (dt.datetime(2026, 4, 15, 1, 2), dt.datetime(2026, 4, 14, 22), 26),
    "salesforce": (dt.datetime(2026, 4, 15, 1, 5), dt.datetime(2026, 4, 14, 20), 26),
    "linkedin_ads": (dt.datetime(2026, 4, 14, 1, 5), dt.datetime(2026, 4, 13), 12),
}
METRICS = ["source_age_hours", "source_record_age_hours", "source_age_share"]


def test_each_source_against_the_clock(ask_core: Asker) -> None:
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    rows = ask_core({"metrics": METRICS, "group_by": ["source_system"]}).table.to_pylist()
    given = {row["source_system"]: row for row in rows}
    assert set(given) == set(LOADED)
    for source, (loaded, newest, limit) in LOADED.items():
        hours = (now - loaded).total_seconds() / 3600
        assert float(given[source]["source_age_hours"]) == pytest.approx(hours, abs=0.02)
        record = (now - newest).total_seconds() / 3600
        assert float(given[source]["source_record_age_hours"]) == pytest.approx(record, abs=0.02)
        assert float(given[source]["source_age_share"]) == pytest.approx(hours / limit, abs=0.02)


def test_of_several_sources_the_worst_one_counts(ask_core: Asker) -> None:
    """The failed load of linkedin_ads does not make it younger."""
    [row] = ask_core({"metrics": METRICS}).table.to_pylist()
    rows = ask_core({"metrics": METRICS, "group_by": ["source_system"]}).table.to_pylist()
    [worst] = [one for one in rows if one["source_system"] == "linkedin_ads"]
    for name in METRICS:
        assert float(row[name]) == pytest.approx(float(worst[name]), abs=0.02)


def test_what_follows_the_clock_is_known_by_name(glossary: Glossary) -> None:
    assert bound_to_clock(glossary) == set(METRICS) | {"data_health"}
