"""Stable identities: the same name always gets the same UUID, so that an import updates, never doubles."""

from __future__ import annotations

import uuid

SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "touchstone/superset")


def identity(kind: str, name: str) -> str:
    """`identity("chart", "executive_summary/mqls")` is the same everywhere and for ever."""
    return str(uuid.uuid5(SPACE, f"{kind}/{name}"))


def slug(title: str) -> str:
    """`Cost per MQL` -> `cost_per_mql`: a file name and a key."""
    return "".join(letter if letter.isalnum() else "_" for letter in title.lower()).strip("_")
