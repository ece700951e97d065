"""The home of a simulated company: built, and when."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path

from infra.home import Home
from infra.mapping.decisions import Decision, Decisions
from infra.refresh import Plan, refresh
from infra.sandbox.cases.naming import renamed
from infra.sandbox.company import Company
from infra.sandbox.files import write_exports, write_sources
from infra.sandbox.secret_names import SECRET_NAMES
from infra.sandbox.server import running

RENAMED = 37


def approve_renamed(company: Company, file: Path) -> None:
    """Write the decisions that the company's people took: an ad campaign that its platform renamed is the same."""
    names = {one.number for one in company.planted if one.case == RENAMED}
    rows = tuple(
        Decision("campaign", renamed(str(name)), str(name), "approved", "sandbox", company.until.isoformat())
        for name in sorted(names, key=str)
    )
    Decisions(file, rows).write()


def build(company: Company, folder: Path) -> Home:
    """Serve the company's systems, ingest, build, publish."""
    os.environ.update(dict.fromkeys(SECRET_NAMES, "sandbox"))
    home = Home(folder)
    approve_renamed(company, folder / "value_mapping.csv")
    os.environ["TOUCHSTONE_VALUE_MAPPING"] = str(folder / "value_mapping.csv")
    with running(company) as (address, sandbox):
        write_exports(company, folder / "exports", sandbox.world.now)
        write_sources(folder / "sources.yml", address, folder / "exports")
        refresh(Plan(home, folder / "sources.yml"))
    return home


def built_on(home: Home) -> dt.date:
    """The day that the published tables were built on."""
    published = json.loads(home.pointer.read_text())["published_at"]
    return dt.datetime.fromisoformat(published).date()
