"""A home with what a refresh would have noted, the settings of a deployment, and people to tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr

from infra.home import Home
from infra.incidents.alerts import tell
from infra.incidents.deliver import Told
from infra.incidents.note import utc_now
from infra.incidents.states import RefreshState, SourceState
from infra.incidents.store import Incident, store
from infra.incidents.watch import watch
from infra.settings import Settings
from tests.incidents.people import PASSWORD, USER, Authority, Hook, Post, authority, post_office, webhook

SECRET = "hubspot-token-4711"


@pytest.fixture(scope="session")
def own_authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def post(own_authority: Authority) -> Iterator[Post]:
    with post_office(own_authority) as post:
        yield post


@pytest.fixture
def hook() -> Iterator[Hook]:
    with webhook() as hook:
        yield hook


@dataclass
class Deployment:
    """A home whose sources go well and badly by hand, and its settings."""

    home: Home
    sources: Path
    settings: Settings

    def note(self, now: datetime | None = None, refresh: RefreshState | None = None, **errors: str) -> None:
        """A refresh in which the named sources failed with these errors, and the others loaded."""
        at = now or utc_now()
        with store(self.home.incidents_file) as opened:
            known = {one.name: one for one in opened.known().sources}
            states = [known.get(name, SourceState(name)) for name in ("hubspot", "salesforce")]
            opened.write_sources([_after(one, at, errors.get(one.name)) for one in states])
            opened.write_refresh(refresh or RefreshState(at))
            watch(opened, at)

    def tell(self) -> tuple[Told, ...]:
        return tell(self.settings, self.sources)

    def open(self) -> tuple[Incident, ...]:
        with store(self.home.incidents_file) as opened:
            return opened.open_incidents()

    def set(self, **changes: Any) -> None:
        """Change settings."""
        self.settings = self.settings.model_copy(update=changes)


def _after(one: SourceState, at: datetime, error: str | None) -> SourceState:
    if error is None:
        return replace(
            one,
            attempted_at=at,
            succeeded_at=at,
            failing_since=None,
            error="",
            watermark=at - timedelta(hours=2),
        )
    return replace(one, attempted_at=at, failing_since=one.failing_since or at, error=error)


@pytest.fixture
def deployment(
    tmp_path: Path, post: Post, hook: Hook, own_authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> Deployment:
    """Both channels set, nothing noted yet."""
    monkeypatch.setenv("HUBSPOT_TOKEN", SECRET)
    sources = tmp_path / "sources.yml"
    options = {"hubspot": {"on": True, "token_env": "HUBSPOT_TOKEN"}, "salesforce": {"on": True}}
    sources.write_text(yaml.safe_dump({"sources": options}))
    settings = Settings(
        home=tmp_path / "home",
        alerts_to="ops@example.com, Ann <ann@example.com>",
        alerts_from="Touchstone <touchstone@example.com>",
        alerts_smtp_host="127.0.0.1",
        alerts_smtp_port=post.port,
        alerts_smtp_user=USER,
        alerts_smtp_password=SecretStr(PASSWORD),
        alerts_smtp_ca_file=own_authority.ca_file,
        alerts_webhook_url=SecretStr(hook.url),
    )
    return Deployment(Home(settings.home), sources, settings)
