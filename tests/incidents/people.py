"""The people who are told: a mail server that demands STARTTLS and a login, and a webhook; both real, both local."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "touchstone", "correct horse battery"


@dataclass(frozen=True)
class Authority:
    """A certificate authority of our own, and a server certificate for this machine that it signed."""

    ca_file: Path
    chain_file: Path

    def context(self) -> ssl.SSLContext:
        """What the server presents."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain_file)
        return context


def authority(folder: Path) -> Authority:
    """Make one in `folder`."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca = _certificate("Own authority", ca_key.public_key(), "Own authority", ca_key, is_ca=True)
    server = _certificate("127.0.0.1", key.public_key(), "Own authority", ca_key, is_ca=False)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "ca.pem").write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    (folder / "server.pem").write_bytes(private + server.public_bytes(serialization.Encoding.PEM))
    return Authority(folder / "ca.pem", folder / "server.pem")


def _certificate(name: str, key: Any, issuer: str, issuer_key: Any, is_ca: bool) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
    )
    if is_ca:
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        built = built.add_extension(usage, critical=True)
    else:
        names = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
        built = built.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return built.sign(issuer_key, hashes.SHA256())


@dataclass
class Post:
    """What the mail server got: letters, and every command that came, to see what was sent before TLS."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    commands: list[bytes] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address in self.refused:
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.letters.append(cast("EmailMessage", message_from_bytes(envelope.content, policy=policy.default)))
        return "250 OK"

    @property
    def subjects(self) -> list[str]:
        return [str(letter["Subject"]).removeprefix("[Touchstone] ") for letter in self.letters]


@contextmanager
def post_office(authority: Authority | None, demands: bool = True, port: int = 0) -> Iterator[Post]:
    """A mail server; with an authority it offers STARTTLS, and takes nothing before it and a login."""
    post = Post()

    class Listening(SMTP):
        async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802
            post.commands.append(b"AUTH")
            await super().smtp_AUTH(arg)

        async def smtp_MAIL(self, arg: str) -> None:  # noqa: N802
            post.commands.append(b"MAIL")
            await super().smtp_MAIL(arg)

    def allowed(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (
            USER.encode(),
            PASSWORD.encode(),
        )
        return AuthResult(success=good, handled=False)

    class Office(Controller):
        def factory(self) -> SMTP:
            return Listening(
                self.handler,
                hostname="127.0.0.1",
                tls_context=authority.context() if authority else None,
                require_starttls=bool(authority and demands),
                auth_required=bool(authority and demands),
                authenticator=allowed,
                auth_require_tls=bool(authority),
            )

    office = _started(lambda free: Office(post, hostname="127.0.0.1", port=free, ready_timeout=60), port)
    post.port = office.port
    try:
        yield post
    finally:
        office.stop()


@contextmanager
def sealed_office(authority: Authority) -> Iterator[Post]:
    """A mail server that speaks TLS from the first byte, as on port 465; without a login."""
    post = Post()
    context = authority.context()
    office = _started(
        lambda free: Controller(post, hostname="127.0.0.1", port=free, ssl_context=context, ready_timeout=60),
        0,
    )
    post.port = office.port
    try:
        yield post
    finally:
        office.stop()


@dataclass
class Hook:
    """A webhook and the texts that it took; `answers` are the statuses of the next calls, 200 when empty."""

    url: str
    texts: list[str] = field(default_factory=list)
    identities: list[str] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    stall: threading.Event | None = None


@contextmanager
def webhook() -> Iterator[Hook]:
    """A real HTTP server that takes `{"text": ...}`."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if hook.stall:
                hook.stall.wait(30)
            status = hook.answers.pop(0) if hook.answers else 200
            if status == 200:
                assert list(body) == ["text"]
                hook.texts.append(body["text"])
                hook.identities.append(self.headers["Idempotency-Key"])
            self.send_response(status)
            self.send_header("Content-Length", "0")
            if status == 302:
                self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hook = Hook(f"http://127.0.0.1:{server.server_address[1]}/services/T0/B0/very-secret-part")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hook
    finally:
        server.shutdown()
        server.server_close()


def _started(make: Callable[[int], Controller], port: int) -> Controller:
    """A mail server on `port`, or on a free one, which somebody else may take before it listens there."""
    for _ in range(5):
        office = make(port or free_port())
        try:
            office.start()
        except OSError:
            continue
        return office
    raise OSError("no port for a mail server")


def free_port() -> int:
    """A port that nothing listens on."""
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
