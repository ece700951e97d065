"""Start Superset: bring its database up to date where something changed, then the web server and the worker."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from infra.bi.catalog import fetch_catalog, state_hash
from infra.bi.settings import ADMIN, FOLDER, BISettings
from infra.errors import InfraError, MistakeError
from infra.processes import Child, Processes

READY_SECONDS = 300.0
BOOTSTRAP_SECONDS = 600.0
DASHBOARD = "/superset/dashboard/executive-summary/"


@dataclass(frozen=True)
class Dashboards:
    """A running Superset: where it is, who logs in, and whether mails can hold pictures."""

    url: str
    user: str
    password: str
    pictures: bool

    @property
    def dashboard(self) -> str:
        """The first page of the reporting pack."""
        return self.url + DASHBOARD


def start(processes: Processes, settings: BISettings, say: Callable[[str], None] = print) -> Dashboards:
    """Start everything and wait until it answers; the doors must be up. InfraError says what failed."""
    catalog = fetch_catalog(settings)
    _bring_up_to_date(processes, settings, catalog, say)
    ready_file = settings.home / "worker-ready"
    ready_file.unlink(missing_ok=True)
    web = processes.start("superset-web", _web(settings), settings.environment())
    worker = processes.start("superset-worker", _worker(settings), settings.environment())
    processes.wait_until(web, lambda: _answers(settings), READY_SECONDS)
    processes.wait_until(worker, ready_file.exists, READY_SECONDS)
    pictures = shutil.which("chromedriver") is not None
    if not pictures:
        say("no Chromium: the month-end mail brings its table as text instead of the dashboard as PDF")
    return Dashboards(settings.url, ADMIN, settings.admin_password, pictures)


def start_mailbox(processes: Processes, folder: Path, smtp_port: int, http_port: int) -> Child:
    """Start the demo's SMTP server, which keeps every mail as files and shows them on a page."""
    arguments = ["--folder", str(folder), "--smtp-port", str(smtp_port), "--http-port", str(http_port)]
    child = processes.start("mailbox", [sys.executable, "-m", "infra.bi.mailbox", *arguments])
    processes.wait_until(child, lambda: "ready" in child.last_words(), 20)
    return child


def send_report(settings: BISettings, name: str) -> None:
    """Send a file of superset/reports now, through the running worker; MistakeError for an unknown name."""
    done = subprocess.run(
        [str(settings.python), str(FOLDER / "send_report.py"), name],
        env={**os.environ, **settings.environment()},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode == 2:
        raise MistakeError(done.stderr.strip())
    if done.returncode:
        raise InfraError(f"the report {name!r} could not be sent: {done.stderr.strip()[-500:]}")


def _bring_up_to_date(
    processes: Processes, settings: BISettings, catalog: Path, say: Callable[[str], None]
) -> None:
    """Run bootstrap.py, unless Superset's database was made from exactly what is here now."""
    stamp = settings.home / "bootstrapped"
    state = state_hash(catalog, settings)
    if stamp.exists() and stamp.read_text() == state:
        return
    say("preparing Superset's database and dashboards")
    stamp.unlink(missing_ok=True)
    command = [str(settings.python), str(FOLDER / "bootstrap.py"), str(catalog)]
    child = processes.start("superset-bootstrap", command, settings.environment())
    code = child.process.wait(BOOTSTRAP_SECONDS)
    processes.forget(child)
    if code:
        error = MistakeError if code == 2 else InfraError
        raise error(f"Superset's database could not be prepared:\n{child.last_words()}")
    stamp.write_text(state)


def _web(settings: BISettings) -> list[str]:
    """Two processes of eight threads, loaded once and then forked."""
    return [
        str(settings.python), "-m", "gunicorn", "--bind", f"127.0.0.1:{settings.port}", "--workers", "2",
        "--worker-class", "gthread", "--threads", "8", "--timeout", "120", "--graceful-timeout", "3",
        "--preload", "--no-control-socket", "--limit-request-line", "0", "superset.app:create_app()",
    ]  # fmt: skip


def _worker(settings: BISettings) -> list[str]:
    """One worker with its own clock (`--beat`): a second worker must be started without it."""
    return [
        str(settings.python), "-m", "celery", "--app=superset.tasks.celery_app:app", "worker", "--beat",
        "--concurrency", "2", "--loglevel", "INFO", "--without-gossip", "--without-mingle",
    ]  # fmt: skip


def _answers(settings: BISettings) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{settings.port}/health", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False
