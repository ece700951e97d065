"""From the settings to the channels, and everything that is wrong with them at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from email.utils import parseaddr
from urllib.parse import urlsplit

from pydantic import SecretStr

from infra.incidents.channels import Channel, Mail, Webhook
from infra.settings import Settings

MAIL, WEBHOOK = "mail", "webhook"


def channels(here: Settings) -> Mapping[str, Channel]:
    """The channels that are fully set; a half-set one is left out, and told by `problems`."""
    found: dict[str, Channel] = {}
    if here.alerts_smtp_host and not list(_of_mail(here)):
        found[MAIL] = Mail(
            host=here.alerts_smtp_host,
            port=here.alerts_smtp_port,
            security=here.alerts_smtp_security,
            sender=here.alerts_from or "",
            recipients=recipients(here),
            user=here.alerts_smtp_user or "",
            password=_plain(here.alerts_smtp_password),
            ca_file=here.alerts_smtp_ca_file,
        )
    if _plain(here.alerts_webhook_url) and not list(_of_webhook(here)):
        found[WEBHOOK] = Webhook(_plain(here.alerts_webhook_url))
    return found


def recipients(here: Settings) -> tuple[str, ...]:
    """The addresses of `alerts_to`."""
    return tuple(one.strip() for one in (here.alerts_to or "").split(",") if one.strip())


def problems(here: Settings) -> tuple[str, ...]:
    """What is wrong with the settings: which variable, what is in it, what to do."""
    return (*_of_mail(here), *_of_webhook(here))


def secrets(here: Settings) -> tuple[str, ...]:
    """What must never be told."""
    return tuple(one for one in (_plain(here.alerts_smtp_password), _plain(here.alerts_webhook_url)) if one)


def _of_mail(here: Settings) -> Iterator[str]:
    if not here.alerts_smtp_host:
        if here.alerts_to or here.alerts_from:
            yield "TOUCHSTONE_ALERTS_SMTP_HOST is not set, although TOUCHSTONE_ALERTS_TO or _FROM is: name the server"
        return
    if not recipients(here):
        yield "TOUCHSTONE_ALERTS_TO is not set: give the addresses to mail to, separated by commas"
    if not here.alerts_from:
        yield "TOUCHSTONE_ALERTS_FROM is not set: give the address to mail from"
    for name, address in (("FROM", here.alerts_from or ""), *(("TO", one) for one in recipients(here))):
        if address and "@" not in parseaddr(address)[1]:
            yield f"TOUCHSTONE_ALERTS_{name}: {address!r} is not an address"
    yield from _of_login(here)


def _of_login(here: Settings) -> Iterator[str]:
    password = _plain(here.alerts_smtp_password)
    if here.alerts_smtp_user and not password:
        yield "TOUCHSTONE_ALERTS_SMTP_USER is set without TOUCHSTONE_ALERTS_SMTP_PASSWORD: set both or neither"
    if password and not here.alerts_smtp_user:
        yield "TOUCHSTONE_ALERTS_SMTP_PASSWORD is set without TOUCHSTONE_ALERTS_SMTP_USER: set both or neither"
    if password and here.alerts_smtp_security == "none":
        yield (
            "TOUCHSTONE_ALERTS_SMTP_SECURITY is 'none' and there is a password, which would travel in the clear:"
            " use 'starttls' or 'tls', or no login"
        )
    if here.alerts_smtp_ca_file and not here.alerts_smtp_ca_file.is_file():
        yield f"TOUCHSTONE_ALERTS_SMTP_CA_FILE: there is no file {str(here.alerts_smtp_ca_file)!r}"


def _of_webhook(here: Settings) -> Iterator[str]:
    url = _plain(here.alerts_webhook_url)
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if url and not good:
        yield "TOUCHSTONE_ALERTS_WEBHOOK_URL is not an address that begins with https://"


def _plain(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
