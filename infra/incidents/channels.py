"""The ways to reach people: mail over SMTP, and a webhook that takes Slack's JSON."""

from __future__ import annotations

import json
import smtplib
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

from infra.errors import InfraError
from infra.incidents.draw import chat, page, text
from infra.incidents.words import Message

SECONDS = 10.0  # for each step of a connection
Security = Literal["starttls", "tls", "none"]


class DeliveryError(InfraError):
    """A message could not be brought; says why and what to do, and holds no secret."""


@dataclass(frozen=True)
class Envelope:
    """What makes a message one message: its identity stays the same however often it is tried."""

    identity: str
    answers: str | None
    sent_at: datetime


class Channel(Protocol):
    """A way to reach people. `send` returns a remark (or nothing) and raises DeliveryError."""

    def send(self, message: Message, envelope: Envelope) -> str: ...


@dataclass(frozen=True)
class Mail:
    """Mail to a list of people, with a verified certificate and, where there is a user, a login."""

    host: str
    port: int
    security: Security
    sender: str
    recipients: tuple[str, ...]
    user: str = ""
    password: str = ""
    ca_file: Path | None = None

    def send(self, message: Message, envelope: Envelope) -> str:
        """Bring it; the remark names recipients that the server refused while it took others."""
        letter = self.letter(message, envelope)
        try:
            server = self._connected()
            try:
                refused = self._handed_over(server, letter)
            finally:
                _hang_up(server)
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryError(f"{self.host}:{self.port}: {self._reason(error)}") from None
        return f"refused for {', '.join(refused)}" if refused else ""

    def letter(self, message: Message, envelope: Envelope) -> EmailMessage:
        """The mail: plain text and HTML that say the same."""
        domain = parseaddr(self.sender)[1].partition("@")[2]
        letter = EmailMessage()
        letter["Subject"] = f"[Touchstone] {message.subject}"
        letter["From"], letter["To"] = self.sender, ", ".join(self.recipients)
        letter["Date"] = format_datetime(envelope.sent_at)
        letter["Message-ID"] = f"<{envelope.identity}@{domain}>"
        if envelope.answers:
            letter["In-Reply-To"] = letter["References"] = f"<{envelope.answers}@{domain}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(text(message))
        letter.add_alternative(page(message), subtype="html")
        return letter

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context(cafile=self.ca_file)
        if self.security == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=SECONDS, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=SECONDS)
        if self.security == "starttls":
            try:
                server.starttls(context=context)
            except BaseException:
                server.close()
                raise
        return server

    def _handed_over(self, server: smtplib.SMTP, letter: EmailMessage) -> dict[str, Any]:
        if self.user:
            server.login(self.user, self.password)
        return dict(server.send_message(letter))

    def _reason(self, error: Exception) -> str:
        if isinstance(error, ssl.SSLCertVerificationError):
            told = f"its certificate is not trusted ({error.verify_message}); nothing was sent"
            return f"{told}. Give the authority that signed it in TOUCHSTONE_ALERTS_SMTP_CA_FILE"
        if isinstance(error, smtplib.SMTPNotSupportedError) and self.security == "starttls":
            told = "it does not offer STARTTLS (or no login after it), so neither the password nor the mail was sent"
            return f"{told}. See TOUCHSTONE_ALERTS_SMTP_PORT and TOUCHSTONE_ALERTS_SMTP_SECURITY"
        if isinstance(error, smtplib.SMTPAuthenticationError):
            told = f"it refuses the login of {self.user!r} ({error.smtp_code})"
            return f"{told}. See TOUCHSTONE_ALERTS_SMTP_USER and TOUCHSTONE_ALERTS_SMTP_PASSWORD"
        if isinstance(error, smtplib.SMTPRecipientsRefused):
            codes = ", ".join(f"{who} ({code})" for who, (code, _) in error.recipients.items())
            return f"it refuses every recipient: {codes}. See TOUCHSTONE_ALERTS_TO"
        if isinstance(error, smtplib.SMTPResponseException):
            return f"it answered {error.smtp_code}: {_words(error.smtp_error)}"
        return f"it cannot be reached ({type(error).__name__})"


@dataclass(frozen=True)
class Webhook:
    """An address that takes `{"text": ...}`. The address is a secret: only its host is ever told."""

    url: str

    @property
    def host(self) -> str:
        """The part of the address that may be told."""
        return urlsplit(self.url).hostname or ""

    def send(self, message: Message, envelope: Envelope) -> str:
        """Bring it. A redirect is not followed: the text would go where nobody pointed it to."""
        request = urllib.request.Request(  # noqa: S310 - the settings let http and https through only
            self.url,
            data=json.dumps({"text": chat(message)}).encode(),
            headers={"Content-Type": "application/json", "Idempotency-Key": envelope.identity},
        )
        try:
            with urllib.request.build_opener(_NoRedirect).open(request, timeout=SECONDS):
                return ""
        except urllib.error.HTTPError as error:
            error.close()
            raise DeliveryError(f"{self.host}: it answered {error.code}") from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            kind = type(reason if isinstance(reason, Exception) else error).__name__
            raise DeliveryError(f"{self.host}: it cannot be reached ({kind})") from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Take a redirect for the failure that it is here."""
        return


def _hang_up(server: smtplib.SMTP) -> None:
    """Say goodbye; a server that took the mail and then stumbles has taken it all the same."""
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()


def _words(answer: bytes | str) -> str:
    said = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    return said.strip().partition("\n")[0][:120]
