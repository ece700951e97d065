"""Where the SQL door is and which token opens it: from the SQLAlchemy URL, or from the environment.

A URL without a host (`touchstone://`) is completed from `TOUCHSTONE_API_URL` and `TOUCHSTONE_SUPERSET_TOKEN`,
so that no secret is stored in Superset's database. A URL *with* a host never gets the environment's token:
whoever may add a database connection could otherwise send the service token to a host of his own.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from touchstone_sqlalchemy.errors import InterfaceError

URL_VARIABLE = "TOUCHSTONE_API_URL"
TOKEN_VARIABLE = "TOUCHSTONE_SUPERSET_TOKEN"  # noqa: S105 - the name of a variable, not a secret


@dataclass(frozen=True)
class Address:
    """The door's base URL, without a slash at its end, and the bearer token."""

    url: str
    token: str


def from_environment(environ: Mapping[str, str]) -> Address:
    """The address in the environment; InterfaceError names the variable that is missing."""
    for name in (URL_VARIABLE, TOKEN_VARIABLE):
        if not environ.get(name):
            raise InterfaceError(
                f"the environment variable {name!r} is not set; set it, or write touchstone://:TOKEN@host:port/"
            )
    return Address(base_url(environ[URL_VARIABLE]), environ[TOKEN_VARIABLE])


def from_url(host: str, port: int | None, token: str, query: Mapping[str, str]) -> Address:
    """The address in a SQLAlchemy URL: TLS unless the host is this machine, or `?tls=0` says otherwise."""
    tls = query.get("tls", "0" if is_loopback(host) else "1") != "0"
    scheme = "https" if tls else "http"
    shown = f"[{host}]" if ":" in host else host
    return Address(f"{scheme}://{shown}:{port or (443 if tls else 80)}", token)


def base_url(text: str) -> str:
    """A URL, or `host:port`, as a base URL: `127.0.0.1:8000` -> `http://127.0.0.1:8000`."""
    if "://" not in text:
        host = urlsplit(f"//{text}").hostname or ""
        text = f"{'http' if is_loopback(host) else 'https'}://{text}"
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InterfaceError(
            f"{text!r} is not an address; write http://host:port, https://host:port or host:port"
        )
    return text.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, where plain HTTP leaves no wire to listen on."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
