"""Nothing lost, nothing twice, for each source: load, change, load again, kill, resume: as a full load.

    a: load        change    load again     \
    b: killed      change    load            >  the same tables
    c:             change    load            /
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from ingest.runner import CONNECTORS
from tests.ingest.conftest import Drawn, Place, place_in
from tests.ingest.killed import fork_server, killed_load

SOURCES = tuple(CONNECTORS)
LOAD_SECONDS = 2.0  # of processor time: about what a load of a source takes


@dataclass(frozen=True)
class Outcome:
    """The tables of the three loads by name, what was changed, and how many loads were killed on the way."""

    incremental: dict[str, list[tuple]]
    resumed: dict[str, list[tuple]]
    full: dict[str, list[tuple]]
    before: dict[str, list[tuple]]
    changed: dict
    killed: int


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory, drawn: Drawn) -> Iterator[Outcome]:
    with pytest.MonkeyPatch.context() as patch:
        yield from _outcome(tmp_path_factory.mktemp("lost"), drawn, patch)


def _outcome(folder: Path, drawn: Drawn, patch: pytest.MonkeyPatch) -> Iterator[Outcome]:
    with place_in(folder, drawn, patch) as first:
        document = yaml.safe_load(first.sources.read_text())
        for name in ("hubspot", "salesforce"):
            document["sources"][name]["sweep_days"] = 0
        first.configure(document)
        second, third = (_beside(first, name) for name in ("killed", "full"))
        first.load()
        before, killed = first.tables(), _kill(second)
        changed = first.change(
            days=20, merges=2, deletes=2, purges=1, deals=1, detaches=1, companies=1, campaigns=1
        )
        for place in (first, second, third):
            place.load()
        yield Outcome(first.tables(), second.tables(), third.tables(), before, changed, killed)


def _beside(place: Place, name: str) -> Place:
    folder = place.folder / name
    folder.mkdir()
    other = Place(place.address, place.sandbox, folder)
    other.sources.write_text(place.sources.read_text())
    return other


def _kill(place: Place) -> int:
    """Kill a load of each source twice, at random points; how many died before their end."""
    rng, context = random.Random(4), fork_server()
    where = (str(place.sources), str(place.warehouse), str(place.folder / "state"))
    points = [(name, rng.uniform(0.05, LOAD_SECONDS)) for name in SOURCES for _ in range(2)]
    return sum(killed_load(context, where, name, seconds) for name, seconds in points)


def differing(source: str, found: dict[str, list[tuple]], outcome: Outcome) -> list[str]:
    tables = [name for name in outcome.full if name.startswith(f"{source}__")]
    assert any(outcome.full[name] for name in tables)
    return [name for name in tables if found[name] != outcome.full[name]]


@pytest.mark.parametrize("source", SOURCES)
def test_load_change_delete_load_again_is_a_full_load(outcome: Outcome, source: str) -> None:
    assert differing(source, outcome.incremental, outcome) == []


@pytest.mark.parametrize("source", SOURCES)
def test_killed_twice_the_next_run_makes_it_whole(outcome: Outcome, source: str) -> None:
    assert differing(source, outcome.resumed, outcome) == []


def test_loads_were_killed_and_every_kind_of_change_was_made(outcome: Outcome) -> None:
    assert outcome.killed >= len(SOURCES)
    assert all(done for name, done in outcome.changed.items() if name != "restored")


def test_what_was_deleted_for_good_is_gone_with_all_that_belongs_to_it(outcome: Outcome) -> None:
    gone = {str(51_000_000 + number) for number in outcome.changed["purged"]}
    told = {
        name: [row for row in rows if gone & set(map(str, row))]
        for name, rows in outcome.incremental.items()
        if name.startswith("hubspot__")
    }
    assert not any(told.values())
    assert any(gone & set(row) for row in outcome.before["hubspot__contacts"])


def test_associations_that_vanished_are_gone(outcome: Outcome) -> None:
    detached = {str(51_000_000 + number) for number in outcome.changed["detached"]}
    detached |= {str(91_000_000 + number) for number in outcome.changed["detached"]}
    before = [row for row in outcome.before["hubspot__associations"] if row[1] in detached]
    after = [row for row in outcome.incremental["hubspot__associations"] if row[1] in detached]
    assert before
    assert after == []


def test_removed_campaigns_keep_their_name_and_spend(outcome: Outcome) -> None:
    for name in ("linkedin_ads__campaigns", "google_ads__campaigns", "meta_ads__campaigns"):
        statuses = {value for row in outcome.incremental[name] for value in row}
        assert statuses & {"REMOVED", "DELETED"}
