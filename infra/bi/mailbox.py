"""The demo's mailbox: a real SMTP server that delivers nothing, and a page that shows what it got.

    python -m infra.bi.mailbox --folder mail --smtp-port 8025 --http-port 8026

Each mail is a folder with `message.eml`, its text and its attachments as files. Loopback only.
"""

from __future__ import annotations

import argparse
import html
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiosmtpd.controller import Controller

HOST = "127.0.0.1"
MAX_BYTES = 50_000_000
STYLE = "body{font:15px system-ui;margin:2em auto;max-width:60em}li{margin:.8em 0}small{color:#555}"


@dataclass(frozen=True)
class Mail:
    """A kept mail: its folder, its subject and whom it was for."""

    folder: Path
    subject: str
    recipients: str
    sent: str


def keep(folder: Path, content: bytes, now: datetime) -> Path:
    """Write a mail and its parts below `folder`; gives back the mail's own folder."""
    message = message_from_bytes(content, policy=policy.default)
    own = folder / now.strftime("%Y-%m-%d_%H%M%S_%f")
    own.mkdir(parents=True)
    for part in message.walk():
        name = Path(part.get_filename() or "").name
        if not name and part.get_content_type() == "text/html":
            name = "message.html"
        if name and not part.is_multipart():
            payload = part.get_payload(decode=True)
            (own / name).write_bytes(payload if isinstance(payload, bytes) else b"")
    # Last, and the sign that the mail is complete.
    draft = own / "message.eml.new"
    draft.write_bytes(content)
    draft.rename(own / "message.eml")
    return own


def mails(folder: Path) -> list[Mail]:
    """Every kept mail, the newest first."""
    found = []
    for file in sorted(folder.glob("*/message.eml"), reverse=True):
        message = message_from_bytes(file.read_bytes(), policy=policy.default)
        found.append(Mail(file.parent, str(message["Subject"]), str(message["To"]), str(message["Date"])))
    return found


def write_index(folder: Path) -> None:
    """The page: a mail a line, with links to its parts."""
    items = "".join(_item(mail) for mail in mails(folder)) or "<p>No mail yet.</p>"
    page = f'<!doctype html><meta charset="utf-8"><title>Mailbox</title><style>{STYLE}</style>'
    (folder / "index.html").write_text(
        f"{page}<h1>Mailbox of the demo</h1><ul>{items}</ul>", encoding="utf-8"
    )


def _item(mail: Mail) -> str:
    links = ", ".join(
        f'<a href="{quote(f"{mail.folder.name}/{file.name}")}">{html.escape(file.name)}</a>'
        for file in sorted(mail.folder.iterdir())
    )
    to = f"<small>to {html.escape(mail.recipients)}, {html.escape(mail.sent)}</small>"
    return f"<li><b>{html.escape(mail.subject)}</b><br>{to}<br>{links}</li>"


class Keeper:
    """aiosmtpd's handler."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep the mail, then accept it."""
        keep(self._folder, envelope.content, datetime.now(UTC))
        write_index(self._folder)
        return "250 OK"


def main() -> None:
    """Serve until the process ends."""
    parser = argparse.ArgumentParser(description="An SMTP server that keeps every mail as files.")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    write_index(asked.folder)
    smtp = Controller(Keeper(asked.folder), hostname=HOST, port=asked.smtp_port, data_size_limit=MAX_BYTES)
    smtp.start()
    handler = partial(SimpleHTTPRequestHandler, directory=str(asked.folder))
    web = ThreadingHTTPServer((HOST, asked.http_port), handler)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    print("ready", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
