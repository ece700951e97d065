"""What is wrong, when: lateness, causes that cover others, flapping, and a store that outlives damage."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from infra.home import Home
from infra.incidents.health import source_health
from infra.incidents.note import look
from infra.incidents.states import REFRESH, Known, RefreshState, SourceState
from infra.incidents.store import store
from infra.incidents.troubles import troubles
from infra.incidents.watch import CALM, watch

NOW = datetime(2026, 11, 22, 6, 0)
HOUR = timedelta(hours=1)
HUBSPOT = SourceState("hubspot", NOW - HOUR, NOW - HOUR, watermark=NOW - 5 * HOUR)
ADS = SourceState("linkedin_ads", NOW - HOUR, NOW - HOUR)


def found(*sources: SourceState, refresh: RefreshState | None = None) -> list[tuple[str, str]]:
    return [
        (one.subject, one.kind)
        for one in troubles(Known(sources, refresh or RefreshState()), NOW)
        if not one.covered
    ]


def test_all_is_well() -> None:
    assert found(HUBSPOT, ADS) == []
    assert found(SourceState("new")) == []


def test_late_is_by_each_sources_own_limit() -> None:
    old = replace(HUBSPOT, succeeded_at=NOW - 7 * HOUR, expected_every=6 * HOUR)
    assert found(old, ADS) == [("hubspot", "late")]
    assert found(replace(old, expected_every=8 * HOUR), ADS) == []


def test_a_source_that_loads_but_brings_nothing_new() -> None:
    assert found(replace(HUBSPOT, newest_within=4 * HOUR)) == [("hubspot", "stale")]
    assert found(replace(ADS, newest_within=4 * HOUR)) == [], "a source without a clock cannot be stale"


def test_when_nothing_runs_it_is_one_trouble() -> None:
    """Nine sources that nobody reads are one thing that is wrong: the scheduler."""
    idle = [
        replace(one, attempted_at=NOW - 30 * HOUR, succeeded_at=NOW - 30 * HOUR) for one in (HUBSPOT, ADS)
    ]
    assert found(*idle) == [(REFRESH, "late")]
    assert found(idle[0], ADS) == [("hubspot", "late")]


def test_a_source_that_fails_stays_failed_however_late() -> None:
    broken = replace(
        HUBSPOT, attempted_at=NOW, succeeded_at=NOW - 90 * HOUR, failing_since=NOW - 70 * HOUR, error="503"
    )
    assert found(broken, ADS) == [("hubspot", "failed")]


def test_flapping_is_told_less(tmp_path: Path) -> None:
    """Down and up every hour: two incidents are told as usual, the third lasts until a day was good."""
    file, now = tmp_path / "incidents.sqlite", NOW
    counted = []
    for turn in range(12):
        failing = now if turn % 2 == 0 else None
        with store(file) as opened:
            opened.write_sources(
                [replace(ADS, attempted_at=now, succeeded_at=now, failing_since=failing, error="x")]
            )
            watch(opened, now)
            counted.append((len(opened.incidents()), len(opened.open_incidents())))
        now += HOUR
    assert counted == [(1, 1), (1, 0), (2, 1), (2, 0)] + [(3, 1)] * 8
    with store(file) as opened:
        assert opened.open_incidents()[0].flapping
        watch(opened, now + CALM)
        assert opened.open_incidents() == ()


def test_lateness_is_found_without_a_refresh(tmp_path: Path) -> None:
    home, sources = Home(tmp_path / "home"), tmp_path / "sources.yml"
    sources.write_text("sources:\n  hubspot: {expected_every: 6h}\n  salesforce: {expected_every: 2 days}\n")
    with store(home.incidents_file) as opened:
        opened.write_sources(
            [replace(one, attempted_at=NOW, succeeded_at=NOW) for one in (HUBSPOT, SourceState("salesforce"))]
        )
    look(home, sources, 26 * HOUR, NOW + 5 * HOUR)
    assert subjects(home) == []
    look(home, sources, 26 * HOUR, NOW + 7 * HOUR)
    assert subjects(home) == ["hubspot"]
    [late, good] = source_health(home.incidents_file, NOW + 7 * HOUR)
    assert (late.name, late.status, late.age_hours, late.limit_hours, late.incident) == (
        "hubspot",
        "warn",
        7.0,
        6.0,
        "late",
    )
    assert (good.name, good.status, good.incident) == ("salesforce", "pass", None)

    sources.write_text("sources: [broken\n")
    look(home, sources, 26 * HOUR, NOW + 50 * HOUR)
    assert subjects(home) == ["hubspot", REFRESH], "a sources file that somebody broke hides nothing"

    sources.write_text("sources:\n  salesforce: {expected_every: 4 days}\n")
    look(home, sources, 26 * HOUR, NOW + 51 * HOUR)
    assert subjects(home) == [], "switched off: over"


@pytest.mark.parametrize("damage", [b"not a database, " * 400, b""])
def test_a_damaged_store_is_set_aside(tmp_path: Path, damage: bytes) -> None:
    file = tmp_path / "incidents.sqlite"
    with store(file) as opened:
        opened.write_sources([HUBSPOT])
    file.write_bytes(damage)
    with store(file) as opened:
        assert opened.known() == Known()
        opened.write_sources([HUBSPOT])
    with store(file) as opened:
        assert opened.known().source("hubspot") == HUBSPOT


def test_a_transaction_that_fails_leaves_nothing(tmp_path: Path) -> None:
    file = tmp_path / "incidents.sqlite"

    def stopped() -> None:
        with store(file) as opened:
            opened.write_sources([HUBSPOT])
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        stopped()
    with store(file) as opened:
        assert opened.known().sources == ()


def subjects(home: Home) -> list[str]:
    with store(home.incidents_file) as opened:
        return [one.subject for one in opened.open_incidents()]
