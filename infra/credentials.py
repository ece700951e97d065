"""Who may come in: `keys.json` in TOUCHSTONE_HOME, which holds hashes and never a key.

    {"keys":  [{"name": "finance", "sha256": "...", "roles": ["finance"], "act_for": []}],
     "feeds": [{"name": "board", "sha256": "...", "roles": [], "saved": ["*"], "metrics": ["*"]}],
     "users": [{"name": "ann", "roles": ["emea"], "attributes": {"region": "EMEA"}}]}

`see_all` on a key or user passes over every row filter: for the owner of a deployment.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from api.auth import ApiKey, Credentials, FeedToken, User
from infra.errors import MistakeError

Document = dict[str, list[dict[str, Any]]]
KINDS = ("keys", "feeds", "users")


def keys_file(home: Path) -> Path:
    """Where a home keeps them."""
    return home / "keys.json"


def load(file: Path) -> Credentials:
    """The credentials in `file`; none when it is not there."""
    document = read(file)
    return Credentials(
        keys=tuple(
            ApiKey(_user(row), row["sha256"], tuple(row.get("act_for", ()))) for row in document["keys"]
        ),
        feeds=tuple(_feed(row) for row in document["feeds"]),
        users=tuple(_user(row) for row in document["users"]),
    )


class Watched:
    """Credentials that follow their file: a new key works without a restart of the doors."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen: tuple[int, int] | None = None
        self._credentials = Credentials()

    def __call__(self) -> Credentials:
        """The credentials as the file is now; one `stat` when it has not changed."""
        try:
            stat = self._file.stat()
        except FileNotFoundError:
            return Credentials()
        seen = (stat.st_mtime_ns, stat.st_ino)
        if seen != self._seen:
            self._credentials, self._seen = load(self._file), seen
        return self._credentials


def read(file: Path) -> Document:
    """The file as data; raises MistakeError where it is not valid."""
    try:
        document = json.loads(file.read_text()) if file.exists() else {}
        return {kind: list(document.get(kind, ())) for kind in KINDS}
    except (ValueError, AttributeError, TypeError) as error:
        raise MistakeError(f"{file} is not a valid keys file: {error}") from error


def add(file: Path, kind: str, row: Mapping[str, Any]) -> None:
    """Add an entry; a name that is taken is refused."""
    document = read(file)
    if any(known["name"] == row["name"] for known in document[kind]):
        raise MistakeError(f"there is already one named {row['name']!r} among the {kind}; remove it first")
    document[kind].append({key: value for key, value in row.items() if value not in ([], {}, False)})
    _write(file, document)


def remove(file: Path, kind: str, name: str) -> None:
    """Remove an entry; an unknown name is a mistake."""
    document = read(file)
    kept = [row for row in document[kind] if row["name"] != name]
    if len(kept) == len(document[kind]):
        known = ", ".join(row["name"] for row in document[kind]) or "none"
        raise MistakeError(f"there is no {name!r} among the {kind}; there are: {known}")
    document[kind] = kept
    _write(file, document)


def _write(file: Path, document: Document) -> None:
    """Replace the file whole, readable by its owner only from its first byte."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".json.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        json.dump(document, out, indent=2)
        out.write("\n")
    os.replace(draft, file)


def _user(row: Mapping[str, Any]) -> User:
    return User(
        row["name"],
        tuple(row.get("roles", ())),
        tuple(sorted(row.get("attributes", {}).items())),
        bool(row.get("see_all", False)),
    )


def _key(row: Mapping[str, Any]) -> ApiKey:
    return ApiKey(_user(row), row["sha256"], tuple(row.get("act_for", ())))


def _feed(row: Mapping[str, Any]) -> FeedToken:
    everything = ["*"]
    return FeedToken(
        _user(row), row["sha256"], tuple(row.get("saved", everything)), tuple(row.get("metrics", everything))
    )
