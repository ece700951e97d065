"""Nothing lost, nothing twice: over HTTP, from the sandbox into DuckDB."""

import copy
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import ingest
from ingest.lock import only_run
from tests.ingest.conftest import SECRETS, Place, every_source

LOADED = {
    "hubspot": ("hubspot", "hubspot__contacts"),
    "salesforce": ("salesforce", "salesforce__lead"),
    "linkedin": ("linkedin_ads", "linkedin_ads__analytics"),
    "marketo": ("marketo", "marketo__leads"),
}


def full_load(place: Place, folder: Path, *only: str) -> Place:
    """The same sandbox loaded from the start into another warehouse."""
    folder.mkdir()
    fresh = Place(place.address, place.sandbox, folder)
    fresh.sources.write_text(place.sources.read_text())
    fresh.load(*only)
    return fresh


def test_load_change_load_again_is_the_same_as_a_full_load(place: Place, tmp_path: Path) -> None:
    place.load()
    before = place.table("hubspot__contacts")
    told = place.change(days=20, merges=2, deletes=2)
    assert len(told["merged"]) == 2
    place.load()
    fresh = full_load(place, tmp_path / "fresh")
    assert place.table("hubspot__contacts") != before
    expected, found = fresh.tables(), place.tables()
    assert [name for name in expected if found[name] != expected[name]] == []


def test_a_second_load_without_changes_asks_little_and_changes_nothing(place: Place) -> None:
    chosen = ("hubspot", "salesforce")
    place.load(*chosen)
    before = place.tables()
    report = place.load(*chosen)
    assert place.tables() == before
    by_object = {(one.source, one.object): one.rows for one in report.objects}
    assert by_object["hubspot", "contacts"] < 10
    assert by_object["salesforce", "lead"] < 10


def test_merged_and_deleted_records_are_carried_through(place: Place) -> None:
    place.load("hubspot")
    told = place.change(merges=1, deletes=1)
    place.load("hubspot")
    keeper, merged = (str(51_000_000 + number) for number in told["merged"][0])
    deleted = str(51_000_000 + told["deleted"][0])
    assert place.rows(f"SELECT hs_merged_object_ids FROM raw.hubspot__contacts WHERE id = '{keeper}'") == [
        (merged,)
    ]
    assert place.rows(f"SELECT 1 FROM raw.hubspot__contacts WHERE id = '{merged}'") == []
    assert place.rows(f"SELECT archived FROM raw.hubspot__contacts WHERE id = '{deleted}'") == [(True,)]


@pytest.mark.parametrize(
    "fault",
    [
        {"vendor": "hubspot", "kind": "status", "status": 500, "times": 3},
        {"vendor": "hubspot", "kind": "status", "status": 429, "times": 2, "retry_after": 1},
        {"vendor": "hubspot", "kind": "truncate", "times": 2, "skip": 1},
        {"vendor": "salesforce", "kind": "token_death", "skip": 2},
        {"vendor": "salesforce", "kind": "status", "status": 503, "times": 2, "skip": 1},
        {"vendor": "linkedin", "kind": "truncate", "times": 1, "skip": 2},
        {"vendor": "marketo", "kind": "status", "status": 606, "times": 2, "skip": 3},
        {"vendor": "marketo", "kind": "token_death", "skip": 3},
    ],
    ids=lambda fault: f"{fault['vendor']}-{fault['kind']}",
)
def test_a_passing_fault_is_retried_and_nothing_is_missing(place: Place, fault: dict) -> None:
    place.fail(**fault)
    source, table = LOADED[fault["vendor"]]
    place.load(source)
    world = place.sandbox.world
    expected = {
        "hubspot__contacts": len(world.people()),
        "marketo__leads": len(world.people()),
        "salesforce__lead": sum("mql" in dict(world.reached(person)) for person in world.people()),
        "linkedin_ads__analytics": sum(
            one.platform == "linkedin_ads" and one.day <= world.now.date() for one in world.company.spend
        ),
    }
    assert len(place.table(table)) == expected[table]


def test_a_source_that_is_down_is_named_and_the_others_are_loaded(place: Place) -> None:
    place.fail("salesforce", "down")
    with pytest.raises(ingest.IngestError, match=r"salesforce: .*503") as failed:
        place.load()
    assert failed.value.source == "salesforce"
    assert place.table("salesforce__lead") == []
    assert place.table("linkedin_ads__campaigns") != []
    log = place.rows(
        "SELECT status, error FROM raw.source_run WHERE source = 'salesforce' AND object = 'lead'"
    )
    assert log[0][0] == "failed"
    assert "503" in log[0][1]


def test_a_walk_that_breaks_in_the_middle_leaves_no_part_of_a_table(place: Place) -> None:
    place.fail("hubspot", "status", status=500, times=99, skip=3)
    with pytest.raises(ingest.IngestError, match="hubspot"):
        place.load("hubspot")
    assert place.table("hubspot__contacts") == []


def test_a_token_that_is_refused_is_said_without_the_token(place: Place) -> None:
    place.sandbox.kill(SECRETS["HUBSPOT_TOKEN"])
    with pytest.raises(ingest.IngestError, match=r"hubspot: .*401: The token is invalid") as failed:
        place.load("hubspot")
    assert SECRETS["HUBSPOT_TOKEN"] not in str(failed.value)


def test_no_secret_is_written_anywhere(place: Place) -> None:
    place.load("salesforce", "google_ads", "meta_ads")
    for file in place.folder.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert not [name for name, secret in SECRETS.items() if secret.encode() in content], file


def test_a_source_that_is_switched_off_is_emptied_and_comes_back(place: Place) -> None:
    document = every_source(place.address, place.folder)
    for name in set(document["sources"]) - {"hubspot", "meta_ads"}:
        document["sources"][name]["on"] = False
    place.configure(document)
    place.load()
    full = place.table("hubspot__contacts")
    off = copy.deepcopy(document)
    off["sources"]["hubspot"]["on"] = False
    place.configure(off)
    place.load()
    place.load()
    assert place.table("hubspot__contacts") == []
    switched = place.rows("SELECT source, count(*) FROM raw.source_run WHERE status = 'off' GROUP BY source")
    assert switched == [("hubspot", 1)], "said once, and not of what was never on"
    place.configure(document)
    place.load()
    assert place.table("hubspot__contacts") == full


def test_two_runs_at_once_are_refused(place: Place) -> None:
    with only_run(place.folder / "state"), pytest.raises(ingest.LockedError, match="another run"):
        place.load()


def test_the_run_log_tells_rows_requests_and_watermark(place: Place) -> None:
    place.load("hubspot")
    rows = place.rows(
        "SELECT object, status, rows > 0, requests > 0, watermark IS NOT NULL FROM raw.source_run "
        "WHERE source = 'hubspot' "
        "AND object IN ('contact_lifecycle', 'contacts', 'form_submissions') ORDER BY object"
    )
    assert rows == [
        ("contact_lifecycle", "ok", True, True, False),
        ("contacts", "ok", True, True, True),
        ("form_submissions", "ok", True, True, True),
    ]


@pytest.mark.parametrize("after", [0.8, 2.2])
def test_killed_at_any_point_the_next_run_makes_it_whole(place: Place, tmp_path: Path, after: float) -> None:
    program = (
        "import sys, pathlib, ingest;"
        "a = [pathlib.Path(p) for p in sys.argv[1:]];"
        "from ingest.runner import run; print('up', flush=True); run(*a, only=['hubspot'])"
    )
    arguments = [str(place.sources), str(place.warehouse), str(place.folder / "state")]
    command = [sys.executable, "-c", program, *arguments]
    with subprocess.Popen(command, env=os.environ | SECRETS, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
    place.change(days=5)
    place.load("hubspot")
    fresh = full_load(place, tmp_path / "fresh", "hubspot")
    assert place.tables("hubspot") == fresh.tables("hubspot")
