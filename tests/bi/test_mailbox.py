"""The demo's mailbox, over real SMTP and HTTP, and the hash that says when to prepare Superset again."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from pathlib import Path

import httpx

from infra.bi import start_mailbox
from infra.bi.catalog import state_hash
from infra.bi.mailbox import mails
from infra.bi.settings import BISettings, demo_secrets
from infra.processes import Processes
from tests.bi.conftest import free_ports


def test_a_mail_is_kept_with_its_parts_and_shown(tmp_path: Path) -> None:
    smtp, page = free_ports(2)
    folder = tmp_path / "mail"
    with Processes(tmp_path / "logs") as processes:
        start_mailbox(processes, folder, smtp, page)
        assert "No mail yet" in httpx.get(f"http://127.0.0.1:{page}/").text
        with smtplib.SMTP("127.0.0.1", smtp) as server:
            server.send_message(_letter())
        shown = httpx.get(f"http://127.0.0.1:{page}/").text
        (mail,) = mails(folder)
        kept = httpx.get(f"http://127.0.0.1:{page}/{mail.folder.name}/pack.pdf").content
    assert "Month &lt;end&gt;" in shown
    assert "pack.pdf" in shown
    assert kept == b"%PDF-1.4 made up"
    assert (mail.folder / "message.html").read_text().strip() == "<b>October</b>"
    assert not list(tmp_path.glob("**/evil*"))


def test_a_file_name_cannot_leave_the_mails_folder(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    from infra.bi.mailbox import keep

    letter = _letter()
    letter.add_attachment(b"x", maintype="text", subtype="csv", filename="../../evil.csv")
    own = keep(tmp_path / "mail", bytes(letter), datetime.now(UTC))
    assert (own / "evil.csv").exists()


def test_the_demos_secrets_are_drawn_once_and_private(tmp_path: Path) -> None:
    drawn = demo_secrets(tmp_path / "home")
    assert demo_secrets(tmp_path / "home") == drawn
    assert (tmp_path / "home" / "secrets.json").stat().st_mode & 0o077 == 0
    assert demo_secrets(tmp_path / "other") != drawn


def test_superset_is_prepared_again_when_a_metric_changes(tmp_path: Path) -> None:
    settings = BISettings(tmp_path, "http://127.0.0.1:1", "t", "k", "p", environment_folder=tmp_path)
    catalog = tmp_path / "catalog.json"
    catalog.write_text("{}")
    before = state_hash(catalog, settings)
    assert state_hash(catalog, settings) == before
    catalog.write_text('{"metrics": {}}')
    assert state_hash(catalog, settings) != before


def _letter() -> EmailMessage:
    letter = EmailMessage()
    letter["Subject"], letter["From"], letter["To"] = "Month <end>", "a@example.com", "b@example.com"
    letter.set_content("<b>October</b>", subtype="html")
    letter.add_attachment(b"%PDF-1.4 made up", maintype="application", subtype="pdf", filename="pack.pdf")
    return letter
