"""What a message needs to know besides its incident: what is served, what stands on the source, what is secret."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import yaml

from infra.home import Home
from infra.incidents.lineage import Affected, affected_by
from infra.incidents.states import REFRESH, Known
from infra.publish import Published, current
from infra.settings import PROJECT

SHORTEST_SECRET = 6
LONGEST_ERROR = 300
HIDDEN = "[hidden]"


@dataclass(frozen=True)
class Facts:
    """The world at the moment of telling. `others` are the subjects of the other incidents that are open."""

    now: datetime
    known: Known
    published: Published | None = None
    affected: Affected | None = None
    others: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()

    def cleaned(self, text: str) -> str:
        """The first line of an error, not endless, without any secret that this process knows."""
        line = text.strip().partition("\n")[0]
        for secret in self.secrets:
            line = line.replace(secret, HIDDEN)
        return line if len(line) <= LONGEST_ERROR else line[: LONGEST_ERROR - 4] + " ..."


@cache
def affected(subject: str, glossary_folder: Path) -> Affected | None:
    """What stands on the subject of an incident; None where that cannot be said, which must not keep a mail back."""
    from semantic.loader import load_glossary

    if subject == REFRESH:
        return None
    try:
        glossary = load_glossary(glossary_folder)
        return affected_by(subject, PROJECT / "sqlmesh", glossary, PROJECT / "superset" / "assets")
    except Exception:  # a glossary or dashboard file that somebody broke
        return None


def served(home: Home) -> Published | None:
    """What is published, None where nothing is; never an error."""
    try:
        return current(home)
    except (OSError, ValueError, KeyError):
        return None


def at(published: Published) -> datetime:
    """When it was published, as naive UTC."""
    return published.published_at.astimezone(UTC).replace(tzinfo=None)


def secrets_of(sources: Path, more: Iterable[str]) -> tuple[str, ...]:
    """The values of every environment variable that a sources file names, and `more`; the longest first."""
    try:
        document = yaml.safe_load(sources.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError):
        document = None
    values = [os.environ.get(name, "") for name in _variables(document)]
    return tuple(
        sorted({one for one in [*values, *more] if len(one) >= SHORTEST_SECRET}, key=len, reverse=True)
    )


def _variables(node: object) -> Iterable[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if isinstance(key, str) and key.endswith("_env"):
                yield str(value)
            yield from _variables(value)
