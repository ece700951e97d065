"""A refresh publishes all or nothing: sources that fail, audits that fail, and a kill at any point."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import pytest
import yaml

from infra.errors import MistakeError, RefreshError
from infra.home import Home
from infra.publish import current
from infra.refresh import Plan, refresh
from infra.sandbox.faults import Fault
from infra.sandbox.generate import generate
from infra.sandbox.server import running
from infra.settings import Settings

TOY = Path(__file__).parent / "toy"
DEALS = {
    "path": "deals.csv",
    "columns": {"deal_id": "id", "amount": "amount", "is_won": {"value": True}},
}


class Company:
    """A refresh plan over a small sandbox (HubSpot) and one export (deals), with the toy models."""

    def __init__(self, folder, address, sandbox):
        self.folder = folder
        self.sandbox = sandbox
        self.plan = Plan(Home(folder / "home"), folder / "sources.yml", TOY)
        hubspot = {"on": True, "base_url": f"{address}/hubspot", "token_env": "HUBSPOT_TOKEN"}
        sources = {"hubspot": hubspot, "files": {"on": True, "tables": {"deals": DEALS}}}
        self.plan.sources.write_text(yaml.safe_dump({"sources": sources}))

    def sell(self, *amounts):
        """Write the export of deals 1, 2, ... with these amounts."""
        rows = [f"{number},{amount}" for number, amount in enumerate(amounts, start=1)]
        (self.folder / "deals.csv").write_text("\n".join(["id,amount", *rows]) + "\n")

    def served(self):
        """The sum of the deals and the number of people that a reader gets now."""
        with duckdb.connect(str(current(self.plan.home).path), read_only=True) as connection:
            deals = connection.execute("SELECT sum(amount)::INT FROM core.opportunity").fetchone()[0]
            return deals, connection.execute("SELECT count(*) FROM core.person").fetchone()[0]


@pytest.fixture
def company(tmp_path, monkeypatch):
    monkeypatch.setenv("HUBSPOT_TOKEN", "made-up")
    sleep = time.sleep
    monkeypatch.setattr("ingest.http.time.sleep", lambda seconds: sleep(min(seconds, 0.01)))
    with running(generate(leads=60)) as (address, sandbox):
        yield Company(tmp_path, address, sandbox)


def test_failures_leave_yesterdays_numbers_served_and_name_what_failed(company):
    company.sell(10, 20)
    company.sandbox.faults.add(Fault("hubspot", "status", status=500, times=3))
    refresh(company.plan)
    deals, people = company.served()
    assert deals == 30
    assert people > 0
    first = current(company.plan.home)

    company.sell(10, 20, 30)
    company.sandbox.faults.add(Fault("hubspot", "down"))
    with pytest.raises(RefreshError, match="hubspot") as caught:
        refresh(company.plan)
    assert (caught.value.stage, caught.value.failed) == ("ingest", "hubspot")
    assert current(company.plan.home) == first
    assert company.served() == (30, people)

    company.sandbox.faults.clear()
    company.sell(10, "")
    with pytest.raises(RefreshError, match="deal_has_amount") as caught:
        refresh(company.plan)
    assert caught.value.stage == "audits"
    assert company.served() == (30, people)

    company.sell(10, 20, 30)
    done = refresh(company.plan)
    assert company.served() == (60, people)
    assert done.published.watermark["hubspot"] is not None


@pytest.mark.parametrize("stage", ["reading the sources", "building the models", "publishing"])
def test_a_kill_at_any_point_is_healed_by_the_next_refresh(company, stage):
    company.sell(10, 20)
    refresh(company.plan)
    before = company.served()
    company.sell(10, 20, 30)
    _killed(company.plan, stage, after_seconds=0.05)
    # Whole, whichever it is: the publication may have ended just before the kill.
    assert company.served() in (before, (60, before[1]))
    refresh(company.plan)
    assert company.served() == (60, before[1])
    assert list(company.plan.home.serving.glob(".building-*")) == []


def _killed(plan, stage, after_seconds):
    """Run a refresh in a process of its own and kill it this long after the stage has begun."""
    code = "import sys; from pathlib import Path; from infra.home import Home\n"
    code += "from infra.refresh import Plan, refresh\n"
    code += "refresh(Plan(Home(Path(sys.argv[1])), Path(sys.argv[2]), Path(sys.argv[3])))"
    arguments = [str(plan.home.root), str(plan.sources), str(plan.models)]
    child = subprocess.Popen([sys.executable, "-c", code, *arguments], stderr=subprocess.PIPE, text=True)
    guard = threading.Timer(120, child.kill)
    guard.start()
    for line in child.stderr:
        if line.strip() == f"{stage} ...":
            time.sleep(after_seconds)
            child.send_signal(signal.SIGKILL)
            break
    else:
        pytest.fail(f"the refresh never came to {stage!r}")
    child.communicate()
    guard.cancel()


def test_a_missing_or_broken_sources_file_is_a_mistake(tmp_path):
    with pytest.raises(MistakeError, match="there is no sources file"):
        refresh(Plan(Home(tmp_path), tmp_path / "none.yml"))
    wrong = tmp_path / "sources.yml"
    wrong.write_text("sources: {hubspott: {on: true}}")
    with pytest.raises(MistakeError, match="hubspot"):
        refresh(Plan(Home(tmp_path), wrong))


def test_a_refresh_is_of_duckdb_alone(tmp_path, monkeypatch):
    """On another engine somebody else lands the raw rows, and nobody publishes."""
    monkeypatch.setattr("infra.refresh.settings", lambda: Settings(gateway="postgres"))
    with pytest.raises(MistakeError, match="TOUCHSTONE_GATEWAY is 'postgres'"):
        refresh(Plan(Home(tmp_path), tmp_path / "sources.yml", TOY))
