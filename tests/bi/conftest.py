"""One real Superset for the whole session: doors, web server, worker, mailbox, over the hand-written company."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

import pytest

from api import ApiSettings
from api.auth import ApiKey, Credentials, User, digest
from infra.bi import BISettings, Dashboards, start, start_mailbox
from infra.bi.mailbox import mails
from infra.processes import Processes
from semantic.ask import ask
from semantic.definitions import Glossary
from semantic.loader import load_glossary
from semantic.query import Principal, query_from_document
from semantic.warehouse.duckdb import DuckDBWarehouse
from tests.api.conftest import publish, serve
from tests.bi.client import Superset
from tests.bi.company import build_company
from tests.shared import ROOT

SERVICE_KEY = "key-of-superset"
USERS = Credentials(
    keys=(ApiKey(User("superset", ("everyone",)), digest(SERVICE_KEY), act_for=("*",)),),
    users=(User("admin", see_all=True), User("erika", ("region_emea",))),
    anyone=User("*"),
)
ENVIRONMENT = Path(os.environ.get("TOUCHSTONE_SUPERSET_ENV", ROOT / ".venv-superset"))
MAIL_SECONDS = 180


@dataclass
class Room:
    """Everything that runs, and what the tests ask of it."""

    settings: BISettings
    dashboards: Dashboards
    serving: Path
    mail: Path
    glossary: Glossary
    admin: Superset
    today: date = field(default_factory=lambda: datetime.now(UTC).date())

    def plan_mqls(self, target: int) -> None:
        """Publish a version of the data with another target, as a refresh does."""
        name = f"version-{len(list(self.serving.glob('*.duckdb')))}"
        file = self.serving / f"{name}.duckdb"
        publish(self.serving, build_company(file, self.today, target), name)

    def engine(self, document: dict[str, Any]) -> list[dict[str, Any]]:
        """The engine's own rows, with every right."""
        warehouse = DuckDBWarehouse(self.serving / "current.json")
        query = query_from_document(document)
        return ask(query, self.glossary, warehouse, Principal("test", see_all=True)).table.to_pylist()

    def letters(self) -> list[EmailMessage]:
        """Every mail that arrived, the newest first."""
        files = [mail.folder / "message.eml" for mail in mails(self.mail)]
        read = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
        return cast("list[EmailMessage]", read)

    def wait_for_letter(self, subject: str) -> EmailMessage:
        """The mail whose subject holds a text, as soon as it is there."""
        self.wait(lambda: any(subject in str(letter["Subject"]) for letter in self.letters()), subject)
        return next(letter for letter in self.letters() if subject in str(letter["Subject"]))

    def wait(self, ready: Callable[[], bool], what: str) -> None:
        """Poll until it is so; the test fails with the worker's log after a while."""
        deadline = time.monotonic() + MAIL_SECONDS
        while not ready():
            if time.monotonic() > deadline:
                log = (self.settings.home.parent / "logs" / "superset-worker.log").read_text()
                pytest.fail(f"{what!r} did not happen within {MAIL_SECONDS} s:\n{log[-3000:]}")
            time.sleep(0.5)


def require(present: bool, reason: str) -> None:
    """Skip where something is not installed; fail where CI=true, so that nothing is skipped unseen there."""
    if not present:
        (pytest.fail if os.environ.get("CI", "").lower() == "true" else pytest.skip)(reason)


@pytest.fixture(scope="session")
def glossary() -> Glossary:
    return load_glossary(ROOT / "semantic" / "glossary")


@pytest.fixture
def chromium() -> None:
    require(shutil.which("chromedriver") is not None, "Chromium is not installed: `make chromium`")


@pytest.fixture(scope="session")
def room(tmp_path_factory: pytest.TempPathFactory, glossary: Glossary) -> Iterator[Room]:
    require((ENVIRONMENT / "bin" / "python").exists(), f"{ENVIRONMENT} does not exist: `make setup`")
    home = tmp_path_factory.mktemp("touchstone")
    serving = home / "serving"
    serving.mkdir()
    today = datetime.now(UTC).date()
    publish(serving, build_company(serving / "first.duckdb", today, mqls_target=1), "first")
    doors = ApiSettings(DuckDBWarehouse(serving / "current.json"), glossary, lambda: USERS)
    smtp, page, web = free_ports(3)
    with serve(doors) as address, Processes(home / "logs") as processes:
        settings = BISettings(
            home=home / "superset",
            api_url=address,
            service_token=SERVICE_KEY,
            secret_key="a session key of forty-two letters, at least",
            admin_password="the admin's word",
            port=web,
            smtp_port=smtp,
            environment_folder=ENVIRONMENT,
        )
        start_mailbox(processes, home / "mail", smtp, page)
        dashboards = start(processes, settings)
        admin = Superset(dashboards.url, dashboards.user, dashboards.password)
        yield Room(settings, dashboards, serving, home / "mail", glossary, admin, today)


def free_ports(count: int) -> list[int]:
    """Ports that nothing listens on, all different."""
    import socket

    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports
