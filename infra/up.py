"""`touchstone up`: everything on one machine, from the source systems to the dashboards and their mails."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from infra.bi import BISettings, Dashboards, start, start_mailbox
from infra.bi.settings import demo_secrets
from infra.demo import DemoKeys, demo_keys, same_company, sandbox_secrets
from infra.errors import InfraError
from infra.home import Home
from infra.ports import answers, is_open, must_be_free
from infra.processes import Child, Processes
from infra.publish import Published, current
from infra.settings import Settings
from infra.transform import MODELS
from infra.warm import warming

CLI = (sys.executable, "-m", "infra.cli")
SANDBOX_SECONDS = 300.0
DOORS_SECONDS = 60.0


@dataclass(frozen=True)
class Wanted:
    """What to start: with Superset or without, and whether to refresh although something is published."""

    settings: Settings
    superset: bool = True
    refresh: bool = False

    @property
    def home(self) -> Home:
        """The home that everything is written to."""
        return Home(self.settings.home.resolve())

    @property
    def sandbox(self) -> bool:
        """The simulated company stands in where no sources file is named."""
        return self.settings.sources is None

    @property
    def environment(self) -> dict[str, str]:
        """What the children read: the settings in force, as variables."""
        values = self.settings.model_dump(exclude_none=True)
        # Secrets are inherited as they are: written out here they would be asterisks.
        plain = {name: value for name, value in values.items() if not isinstance(value, SecretStr)}
        return {f"TOUCHSTONE_{name.upper()}": str(value) for name, value in plain.items()} | {
            "TOUCHSTONE_HOME": str(self.home.root),
            "TOUCHSTONE_SOURCES": str(self.sources),
        }

    @property
    def sources(self) -> Path:
        """The sources file that the refresh reads."""
        return (self.settings.sources or self.home.root / "sandbox" / "sources.yml").resolve()


def up(wanted: Wanted) -> None:
    """Start everything, say where it is, and stay until Ctrl-C or SIGTERM; then end everything.

    Raises InfraError when a part does not start or ends by itself; MistakeError for a port that is taken.
    """
    _check_ports(wanted)
    wanted.home.root.mkdir(parents=True, exist_ok=True)
    with _ends_by_signal(), Processes(wanted.home.logs) as processes:
        keys = demo_keys(wanted.home.root)
        _say(f"starting in {wanted.home.root}; Ctrl-C stops everything")
        if wanted.sandbox:
            same_company(wanted.home.root, wanted.settings.sandbox_leads, wanted.settings.sandbox_seed)
        before = None if wanted.refresh else current(wanted.home)
        published = before or _first_refresh(wanted, processes)
        _start_doors(wanted, processes)
        dashboards = _start_dashboards(wanted, processes) if wanted.superset else None
        print(summary(wanted, keys, published, dashboards), flush=True)
        _stay(processes, _catch_up(wanted, processes, before) if before else None)


def _check_ports(wanted: Wanted) -> None:
    here = wanted.settings
    must_be_free(here.host, here.port, "the doors", "TOUCHSTONE_PORT (make up PORT=...)")
    if wanted.sandbox:
        must_be_free("127.0.0.1", here.sandbox_port, "the sandbox", "TOUCHSTONE_SANDBOX_PORT")
    if wanted.superset:
        must_be_free("127.0.0.1", here.superset_port, "Superset", "TOUCHSTONE_SUPERSET_PORT")
        must_be_free("127.0.0.1", here.smtp_port, "the mailbox", "TOUCHSTONE_SMTP_PORT")
        must_be_free("127.0.0.1", here.mail_port, "the mailbox's page", "TOUCHSTONE_MAIL_PORT")


def _start_sandbox(wanted: Wanted, processes: Processes) -> Child:
    here = wanted.settings
    _say(f"the sandbox simulates a company of {here.sandbox_leads:,} leads (seed {here.sandbox_seed})")
    return processes.start(
        "sandbox",
        [
            *CLI, "sandbox", "--port", str(here.sandbox_port), "--seed", str(here.sandbox_seed),
            "--leads", str(here.sandbox_leads), "--out", str(wanted.home.root / "sandbox"),
        ],
        wanted.environment,
    )  # fmt: skip


def _first_refresh(wanted: Wanted, processes: Processes) -> Published:
    """Read the sources and publish, before anything is served."""
    if wanted.sandbox:
        with warming(MODELS):
            _await_sandbox(wanted, processes, _start_sandbox(wanted, processes))
    _say("refreshing: sources -> models and audits -> publication")
    processes.run("refresh", [*CLI, "refresh"], _refresh_environment(wanted))
    published = current(wanted.home)
    if published is None:
        raise InfraError("the refresh published nothing")
    return published


def _catch_up(wanted: Wanted, processes: Processes, published: Published) -> Child | None:
    """What is not needed to serve what is published: the sandbox, and a refresh in the background where it is due.

    They come last: drawing the company takes more of the processors (8 s) than the doors do (3 s).
    """
    sandbox = _start_sandbox(wanted, processes) if wanted.sandbox else None
    if datetime.now(UTC) - published.published_at < timedelta(hours=wanted.settings.refresh_after_hours):
        return None
    if sandbox:
        _await_sandbox(wanted, processes, sandbox)
    _say("what is published is old; a refresh runs in the background")
    return processes.start("refresh", [*CLI, "refresh"], _refresh_environment(wanted))


def _await_sandbox(wanted: Wanted, processes: Processes, sandbox: Child) -> None:
    port = wanted.settings.sandbox_port
    processes.wait_until(sandbox, lambda: is_open("127.0.0.1", port), SANDBOX_SECONDS)


def _refresh_environment(wanted: Wanted) -> dict[str, str]:
    return wanted.environment | sandbox_secrets(wanted.sources)


def _start_doors(wanted: Wanted, processes: Processes) -> None:
    here = wanted.settings
    child = processes.start("doors", [*CLI, "serve"], wanted.environment)
    processes.wait_until(child, lambda: answers(here.host, here.port, "/livez"), DOORS_SECONDS)


def _start_dashboards(wanted: Wanted, processes: Processes) -> Dashboards:
    start_mailbox(processes, wanted.home.root / "mail", wanted.settings.smtp_port, wanted.settings.mail_port)
    return start(processes, bi_settings(wanted), _say)


def bi_settings(wanted: Wanted) -> BISettings:
    """Superset's own settings, from those in force and the secrets of this home."""
    here = wanted.settings
    home = wanted.home.root / "superset"
    secret_key, password = demo_secrets(home)
    return BISettings(
        home=home,
        api_url=f"http://{here.host}:{here.port}",
        service_token=demo_keys(wanted.home.root).superset,
        secret_key=here.superset_secret_key.get_secret_value() if here.superset_secret_key else secret_key,
        admin_password=password,
        port=here.superset_port,
        smtp_port=here.smtp_port,
    )


def summary(wanted: Wanted, keys: DemoKeys, published: Published, dashboards: Dashboards | None) -> str:
    """What a newcomer needs next: addresses, login, key, and something to try."""
    here = wanted.settings
    doors = f"http://{here.host}:{here.port}"
    touchstone = Path(sys.executable).with_name("touchstone")
    lines = ["", "Touchstone is up."]
    if dashboards:
        lines += [
            f"  dashboards   {dashboards.dashboard}",
            f"               login {dashboards.user}, password {dashboards.password}",
            f"  mails        http://127.0.0.1:{here.mail_port}",
        ]
    lines += [
        f"  doors        {doors}/docs (REST), {doors}/graphql",
        f"  key          {keys.people}",
        f"  data         version {published.version}, {_age(published)} old"
        + ("" if wanted.sandbox is False else f"; the simulated company's true answers: {_truth(wanted)}"),
        "",
        "Try next (in another terminal):",
        f"  export TOUCHSTONE_HOME={wanted.home.root}",
        f"  {touchstone} query mqls cost_per_mql --by channel",
        f"  {touchstone} refresh          # read the sources again; readers notice nothing but newer numbers",
        *(
            [f"  {touchstone} superset send month_end_pack    # the month-end mail, now"]
            if dashboards
            else []
        ),
        f"  curl -H 'Authorization: Bearer {keys.people}' {doors}/v1/query \\",
        """       -d '{"metrics": ["mqls"], "group_by": ["metric_time:month"]}'""",
        "",
        "Ctrl-C stops everything. The data stays: the next start takes seconds.",
    ]
    return "\n".join(lines)


def _age(published: Published) -> str:
    minutes = int((datetime.now(UTC) - published.published_at).total_seconds() // 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"


def _truth(wanted: Wanted) -> Path:
    return wanted.home.root / "sandbox" / "truth.json"


def _stay(processes: Processes, refreshing: Child | None) -> None:
    """Wait for a signal; a child that ends by itself ends everything, but for a refresh that is done."""
    while True:
        for child in processes.ended():
            if child is not refreshing:
                raise InfraError(f"{child.name} ended by itself:\n{child.last_words()}")
            processes.forget(child)
            _say(child.last_words(1) if child.process.returncode == 0 else f"refresh: {child.last_words()}")
        time.sleep(1)


@contextmanager
def _ends_by_signal() -> Iterator[None]:
    """End the block by any of three signals as Ctrl-C does: a script's `&` makes a process deaf to that one."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = {
        number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield
    except KeyboardInterrupt:
        _say("stopped everything; the data stays")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(text: str) -> None:
    print(f"touchstone: {text}", file=sys.stderr, flush=True)
