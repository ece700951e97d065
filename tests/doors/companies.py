"""The two companies that the doors are asked about: the sandbox's, whose truth is known, and Olist's real funnel."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from infra.demo import SANDBOX_SECRETS
from infra.home import Home
from infra.refresh import Plan, refresh
from infra.sandbox.company import Company as Simulated
from infra.sandbox.files import write_exports, write_sources, write_truth
from infra.sandbox.generate import generate
from infra.sandbox.server import running
from tests.shared import ROOT, shared_path
from tests.truth.home import approve_renamed

LEADS = 1_000  # enough for each of the forty cases


@dataclass(frozen=True)
class Company:
    """A refreshed company; `start` to `end` is the quarter that is asked about, `truth` its true answers.

    `made` is the simulated company itself.
    """

    name: str
    home: Home
    start: dt.date
    end: dt.date
    truth: tuple[dict[str, Any], ...] = ()
    made: Simulated | None = None

    @property
    def words(self) -> dict[str, str]:
        """What stands in a question for the company's quarter; `after` is the day after it."""
        after = self.end + dt.timedelta(days=1)
        return {"start": str(self.start), "end": str(self.end), "after": str(after)}

    def by_hand(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a hand-written SQL over the published tables."""
        pointer = json.loads(self.home.pointer.read_text())
        with duckdb.connect(str(self.home.serving / pointer["path"]), read_only=True) as connection:
            return connection.execute(sql.format(**self.words)).fetchall()


def build_sandbox(folder: Path) -> Company:
    """Simulate, serve over HTTP, ingest, build, publish."""
    patch = pytest.MonkeyPatch()
    home = Home(folder / "home")
    made = generate(leads=LEADS, cases=True)
    with running(made) as (address, sandbox), patch.context() as patched:
        for name in SANDBOX_SECRETS:
            patched.setenv(name, "sandbox")
        approve_renamed(made, folder / "value_mapping.csv")
        patched.setenv("TOUCHSTONE_VALUE_MAPPING", str(folder / "value_mapping.csv"))
        write_exports(made, folder / "exports", sandbox.world.now)
        write_sources(folder / "sources.yml", address, folder / "exports")
        write_truth(made, folder / "truth.json", sandbox.world.now)
        refresh(Plan(home, folder / "sources.yml"))
    truth = tuple(json.loads((folder / "truth.json").read_text()))
    return Company("sandbox", home, dt.date(2026, 4, 1), dt.date(2026, 6, 30), truth, made)


def build_olist(folder: Path) -> Company:
    """Ingest the two exports, build, publish."""
    shared_path("data", "olist")
    profile = yaml.safe_load((ROOT / "tests" / "profiles" / "olist.yml").read_text())
    for table in profile["sources"]["files"]["tables"].values():
        table["path"] = str(shared_path("data", "olist", Path(table["path"]).name))
    (folder / "olist.yml").write_text(yaml.safe_dump(profile))
    home = Home(folder / "home")
    refresh(Plan(home, folder / "olist.yml"))
    return Company("olist", home, dt.date(2018, 1, 1), dt.date(2018, 1, 31))
