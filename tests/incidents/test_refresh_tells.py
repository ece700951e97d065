"""A real refresh over a real vendor that goes down and comes back, with a real mail server and webhook."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from api import ApiSettings
from api.rest.operations import health_document
from infra.commands.serve import api_settings
from infra.errors import RefreshError
from infra.home import Home
from infra.incidents.alerts import telling
from infra.incidents.store import store
from infra.publish import current
from infra.refresh import Plan, refresh
from infra.sandbox.faults import Fault
from infra.sandbox.generate import generate
from infra.sandbox.server import running
from tests.command_line import Touchstone, command_line
from tests.incidents.conftest import Deployment
from tests.incidents.people import PASSWORD, Hook, Post
from tests.infra.test_refresh import DEALS, TOY


class Company(Deployment):
    """HubSpot at a sandbox, deals from a file, the small models of the refresh's own tests."""

    sandbox: Any

    def sell(self, *amounts: object) -> None:
        rows = [f"{number},{amount}" for number, amount in enumerate(amounts, start=1)]
        self.sources.with_name("deals.csv").write_text("\n".join(["id,amount", *rows]) + "\n")

    def refresh(self) -> None:
        with telling(self.settings, self.sources):
            refresh(Plan(self.home, self.sources, TOY))

    def health(self) -> dict[str, Any]:
        doors: ApiSettings = api_settings(self.settings)
        found: dict[str, Any] = health_document(doors, "g")
        return found


@pytest.fixture
def company(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    sleep = time.sleep
    monkeypatch.setattr("ingest.http.time.sleep", lambda seconds: sleep(min(seconds, 0.01)))
    found = Company(deployment.home, deployment.sources, deployment.settings)
    with running(generate(leads=60)) as (address, sandbox):
        hubspot = {"on": True, "base_url": f"{address}/hubspot", "token_env": "HUBSPOT_TOKEN"}
        files = {"on": True, "expected_every": "8h", "tables": {"deals": DEALS}}
        found.sources.write_text(yaml.safe_dump({"sources": {"hubspot": hubspot, "files": files}}))
        found.sandbox = sandbox
        found.sell(10, 20)
        yield found


@pytest.fixture
def touchstone(
    company: Company, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Touchstone]:
    """The command line with the company's settings: its code, what it said, what it complained of."""
    for name, value in company.settings.model_dump(exclude_none=True).items():
        if name.startswith("alerts_"):
            text = value.get_secret_value() if hasattr(value, "get_secret_value") else str(value)
            monkeypatch.setenv(f"TOUCHSTONE_{name.upper()}", text)
    monkeypatch.setenv("TOUCHSTONE_HOME", str(company.home.root))
    monkeypatch.setenv("TOUCHSTONE_SOURCES", str(company.sources))
    yield from command_line(monkeypatch, capsys)


def test_a_load_without_a_refresh_tells_of_its_sources_too(
    company: Company, post: Post, touchstone: Touchstone
) -> None:
    company.sandbox.faults.add(Fault("hubspot", "down"))
    for _ in range(2):
        code, _, err = touchstone("ingest", "run")
        assert (code, "503" in err) == (1, True)
    assert post.subjects == ["Source hubspot failed"]
    company.sandbox.faults.clear()
    assert touchstone("ingest", "run")[0] == 0
    assert post.subjects[1:] == ["Recovered: source hubspot"]
    with store(company.home.incidents_file) as opened:
        assert opened.known().refresh.attempted_at is None, "nothing is said of a refresh"


def test_a_vendor_goes_down_and_comes_back(company: Company, post: Post, hook: Hook) -> None:
    company.refresh()
    served = current(company.home)
    assert served is not None
    assert post.letters == []
    checks = company.health()["checks"]
    assert checks["hubspot:age"][0] | {"time": "", "observedValue": 0} == {
        "status": "pass", "observedValue": 0, "observedUnit": "h", "limit": 26.0, "time": "",
    }  # fmt: skip
    assert checks["files:age"][0]["limit"] == 8.0

    company.sandbox.faults.add(Fault("hubspot", "down"))
    for _ in range(2):
        with pytest.raises(RefreshError, match="hubspot"):
            company.refresh()
    assert post.subjects == ["Source hubspot failed"]
    text = str(post.letters[0].get_body(("plain",)).get_content())  # type: ignore[union-attr]
    for said in (
        served.version,
        "The other sources were read",
        "hubspot",
        "good",
        "a version is published with all",
    ):
        assert said in text, said
    document = company.health()
    assert (document["status"], document["releaseId"]) == ("warn", served.version)
    assert document["checks"]["hubspot:age"][0]["incident"]["kind"] == "failed"
    assert document["checks"]["files:age"][0]["status"] == "pass"
    assert "503" not in json.dumps(document["checks"]["hubspot:age"])

    company.sandbox.faults.clear()
    company.sell(10, "")
    with pytest.raises(RefreshError, match="deal_has_amount"):
        company.refresh()
    company.sell(10, 20, 30)
    company.refresh()
    assert sorted(post.subjects[1:3]) == ["Recovered: source hubspot", "Refresh stopped"]
    assert post.subjects[3:] == ["Recovered: the refresh"]
    assert [text.partition("\n")[0] for text in hook.texts] == [
        f"{sign} *{subject}*"
        for sign, subject in zip(
            [":rotating_light:" if "Recovered" not in one else ":white_check_mark:" for one in post.subjects],
            post.subjects,
            strict=True,
        )
    ]
    assert "deal_has_amount" in hook.texts[1] + hook.texts[2]
    assert "SELECT" not in "".join(hook.texts)
    assert company.health()["status"] == "pass"


def test_what_a_killed_refresh_could_not_tell_is_told_by_the_next_check(
    company: Company,
    post: Post,
    monkeypatch: pytest.MonkeyPatch,
    touchstone: Touchstone,
) -> None:
    """The refresh noted the failure and died before it told anybody."""
    monkeypatch.delenv("HUBSPOT_TOKEN")
    with pytest.raises(RefreshError, match="HUBSPOT_TOKEN"):
        refresh(Plan(company.home, company.sources, TOY))
    assert post.letters == []
    monkeypatch.setenv("TOUCHSTONE_ALERTS_SMTP_PASSWORD", "mistyped")
    code, out, err = touchstone("alerts", "check", "--format", "json")
    assert (code, json.loads(out)[0]["subject"]) == (1, "hubspot")
    assert "not told by mail, the next run tries again" in err
    code, out, _ = touchstone("health", "--format", "json")
    rows = {row["check"]: row for row in json.loads(out)}
    assert "not told by mail" in rows["incident hubspot opened"]["value"]
    code, out, _ = touchstone("alerts", "test", "--format", "json")
    assert code == 1
    assert {row["check"]: row["status"] for row in json.loads(out)} == {"mail": "fail", "webhook": "pass"}

    monkeypatch.setenv("TOUCHSTONE_ALERTS_SMTP_PASSWORD", PASSWORD)
    assert touchstone("alerts", "check")[0] == 0
    assert touchstone("alerts", "check")[0] == 0
    assert post.subjects == ["Source hubspot failed"]
    assert "'HUBSPOT_TOKEN'" in post.letters[0].as_string().replace("=\n", "").replace("=27", "'")
    code, out, _ = touchstone("alerts", "list", "--format", "json")
    assert json.loads(out)[0]["told"] == "mail: told; webhook: told"
    for name in ("SMTP_HOST", "TO", "FROM", "SMTP_USER", "SMTP_PASSWORD", "WEBHOOK_URL", "SMTP_CA_FILE"):
        monkeypatch.delenv(f"TOUCHSTONE_ALERTS_{name}")
    code, _, err = touchstone("alerts", "test")
    assert (code, "nobody would be told" in err) == (2, True)


def test_a_store_that_cannot_be_written_does_not_stop_a_refresh(
    company: Company, post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    company.home.incidents_file.parent.mkdir(parents=True)
    company.home.incidents_file.mkdir()
    company.refresh()
    assert current(Home(company.home.root)) is not None
    assert "incidents could not be kept" in capsys.readouterr().err
