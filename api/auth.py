"""Who is asking: API keys, feed tokens, and acting for another person.

Keys are long random strings, of which only the SHA-256 is kept: a slow hash protects short passwords,
and these are not short. Every known hash is compared in constant time, so that timing tells nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import TypeVar
from urllib.parse import unquote

from starlette.requests import Request

from api.errors import BadRequest, Forbidden, Unauthorized
from semantic.predicates import Scalar
from semantic.query import Principal

KEY_PREFIX = "ts_"
FEED_PREFIX = "tsf_"
_NAME = re.compile(r"[\w.@+-][\w.@+ -]{0,199}")
_HELP = "Send `Authorization: Bearer KEY`; `touchstone key create` makes a key."
Known = TypeVar("Known", "ApiKey", "FeedToken")


@dataclass(frozen=True)
class User:
    """A person or a program: what his roles are, and the attributes that row filters may ask for.

    `see_all` passes over every right: for the owner of a deployment, not for people.
    """

    name: str
    roles: tuple[str, ...] = ()
    attributes: tuple[tuple[str, Scalar], ...] = ()
    see_all: bool = False

    def principal(self) -> Principal:
        """The same person in the engine's words."""
        return Principal(self.name, self.roles, attributes=self.attributes, see_all=self.see_all)


@dataclass(frozen=True)
class ApiKey:
    """A key and its owner.

    `act_for` are patterns of the users that it may name in `X-On-Behalf-Of` (`*` is anyone);
    a key without patterns acts for its owner only.
    """

    owner: User
    sha256: str
    act_for: tuple[str, ...] = ()


@dataclass(frozen=True)
class FeedToken:
    """A token that travels in an address (`?token=`), for spreadsheets that cannot send a header.

    It opens `/v1/saved/...` for the saved queries whose names match `saved`, and `/v1/value` for the
    metrics whose names match `metrics`. Nothing else.
    """

    owner: User
    sha256: str
    saved: tuple[str, ...] = ("*",)
    metrics: tuple[str, ...] = ("*",)


@dataclass(frozen=True)
class Credentials:
    """All that may come in: keys, feed tokens, and the users whom a key may act for.

    A user who is not listed gets the rights of `anyone`: those of the role `everyone`.
    """

    keys: tuple[ApiKey, ...] = ()
    feeds: tuple[FeedToken, ...] = ()
    users: tuple[User, ...] = ()
    anyone: User = field(default_factory=lambda: User("*", ("everyone",)))

    def user(self, name: str) -> User:
        """The user of this name, listed or not."""
        listed = next((user for user in self.users if user.name == name), None)
        return listed or replace(self.anyone, name=name)


@dataclass(frozen=True)
class Caller:
    """The person whose rights count, and the key that vouched for him."""

    user: User
    key: str
    feed: FeedToken | None = None

    @property
    def principal(self) -> Principal:
        """Who asks, in the engine's words."""
        return self.user.principal()


def new_secret(prefix: str = KEY_PREFIX) -> str:
    """A new key, shown once and never stored: 256 random bits."""
    return prefix + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is stored of a key."""
    return hashlib.sha256(secret.encode()).hexdigest()


def authenticate(request: Request, credentials: Credentials) -> Caller:
    """The caller of a request by its key: Bearer, X-Api-Key, or the password of HTTP Basic."""
    secret = _presented(request)
    if secret is None:
        raise Unauthorized(f"This address needs a key. {_HELP}")
    key = _match(secret, credentials.keys)
    if key is None:
        raise Unauthorized(f"This key is not known here. {_HELP}")
    return Caller(_acting(key, request.headers.get("x-on-behalf-of"), credentials), key.owner.name)


def authenticate_feed(request: Request, credentials: Credentials) -> Caller:
    """The caller of a feed address: a token in the address, or else a key as everywhere."""
    token = request.query_params.get("token")
    if token is None:
        return authenticate(request, credentials)
    feed = _match(token, credentials.feeds)
    if feed is None:
        raise Unauthorized("This feed token is not known here; `touchstone feed create` makes one.")
    return Caller(feed.owner, feed.owner.name, feed)


def check_feed(patterns: tuple[str, ...], name: str) -> None:
    """Refuse a feed token at a saved query or metric that its patterns do not match."""
    if not any(fnmatchcase(name, pattern) for pattern in patterns):
        raise Forbidden(f"This feed token does not open {name!r}.")


def _presented(request: Request) -> str | None:
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and rest:
        return rest.strip()
    if scheme.lower() == "basic" and rest:
        return _basic_password(rest.strip())
    return request.headers.get("x-api-key")


def _basic_password(encoded: str) -> str | None:
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[2] or None
    except (binascii.Error, UnicodeDecodeError):
        return None


def _match(secret: str, known: Iterable[Known]) -> Known | None:
    """Compare with every hash, found or not, so that the time taken does not depend on the secret."""
    presented = digest(secret)
    found = None
    for candidate in known:
        if hmac.compare_digest(candidate.sha256, presented):
            found = candidate
    return found


def _acting(key: ApiKey, on_behalf_of: str | None, credentials: Credentials) -> User:
    if on_behalf_of is None:
        return key.owner
    name = unquote(on_behalf_of)
    if not _NAME.fullmatch(name):
        raise BadRequest("X-On-Behalf-Of must be one user name, percent-encoded.")
    if not any(fnmatchcase(name, pattern) for pattern in key.act_for):
        raise Forbidden(f"The key of {key.owner.name!r} may not act for {name!r}.")
    return credentials.user(name)
