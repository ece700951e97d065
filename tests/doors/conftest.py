"""One running service, whose pointer is moved from one company to the other as a publication moves it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import uvicorn
import yaml

from api import ApiSettings, create_app
from api.auth import ApiKey, Credentials, User, digest
from infra.settings import Settings
from semantic.loader import load_glossary
from semantic.warehouse.duckdb import DuckDBWarehouse
from tests.bi.client import Superset
from tests.bi.conftest import require
from tests.doors.ask import Service, document_of
from tests.doors.charts import ENVIRONMENT, running_superset
from tests.doors.companies import Company, build_olist, build_sandbox
from tests.doors.questions import QUESTIONS

KEY = "ts_of-the-doors-test"
BUILDERS = {"sandbox": build_sandbox, "olist": build_olist}


@pytest.fixture(scope="session")
def companies(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Company]:
    """The companies that have been built so far."""
    return {}


@pytest.fixture(scope="session")
def running_doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The doors on a free port, over a pointer that names no company yet."""
    folder = tmp_path_factory.mktemp("doors")
    shutil.copytree(Settings().glossary, folder / "glossary")
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    owner = User("tester", see_all=True)
    keys = (ApiKey(owner, digest(KEY), act_for=("*",)),)
    client = httpx.Client(base_url=address, headers={"Authorization": f"Bearer {KEY}"}, timeout=60)
    service = Service(address, client, Company("none", None, None, None), str(folder / "glossary"))
    _save_questions(folder / "glossary" / "saved")
    settings = ApiSettings(
        warehouse=DuckDBWarehouse(folder / "current.json"),
        glossary=load_glossary(folder / "glossary"),
        credentials=lambda: Credentials(keys=keys, users=(User("admin", see_all=True),)),
    )
    server = uvicorn.Server(uvicorn.Config(create_app(settings), log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield service
    client.close()
    server.should_exit = True
    thread.join(10)
    listener.close()


@pytest.fixture(params=list(BUILDERS))
def service(request, running_doors, companies, tmp_path_factory) -> Service:
    """The doors over one company, built when it is asked for the first time."""
    if request.param not in companies:
        companies[request.param] = BUILDERS[request.param](tmp_path_factory.mktemp(request.param))
    company = companies[request.param]
    _point_at(Path(running_doors.glossary).parent / "current.json", company)
    return replace(running_doors, company=company)


@pytest.fixture(scope="session")
def superset(running_doors, companies, tmp_path_factory) -> Iterator[Superset]:
    """One Superset for both companies: it sees the pointer move as everybody does."""
    require(
        (ENVIRONMENT / "bin" / "python").exists(), f"{ENVIRONMENT} does not exist: `make setup` builds it"
    )
    with running_superset(tmp_path_factory.mktemp("bi"), running_doors.address, KEY) as session:
        yield session


def _point_at(pointer: Path, company: Company) -> None:
    document = json.loads(company.home.pointer.read_text())
    document["path"] = str(company.home.serving / document["path"])
    draft = pointer.with_suffix(".new")
    draft.write_text(json.dumps(document))
    os.replace(draft, pointer)


def _save_questions(folder: Path) -> None:
    """Save each question for each company: a saved question holds its own quarter."""
    quarters = {"sandbox": ("2026-04-01", "2026-06-30"), "olist": ("2018-01-01", "2018-01-31")}
    for name, (start, end) in quarters.items():
        words = {"start": start, "end": end, "after": ""}
        for question in QUESTIONS:
            asked = document_of(_Words(words), question)
            saved = {"name": f"{name}_{question.name}", "label": question.name, "query": asked}
            (folder / f"{saved['name']}.yml").write_text(yaml.safe_dump(saved))


class _Words:
    """A company of which only the quarter is known."""

    def __init__(self, words: dict[str, str]) -> None:
        self.company = self
        self.words = words
