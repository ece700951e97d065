"""What the rules share: how a problem is said, and how a name is looked up without raising."""

from __future__ import annotations

from collections.abc import Iterable

from semantic.definitions import Glossary, Place
from semantic.errors import Problem, UserError, nearest
from semantic.paths import Found, find


def problem(place: Place | None, rule: str, message: str, remedy: str = "", *keys: str) -> Problem:
    """A problem at the first of the keys that is written, else at the definition's first line."""
    at = place.at(*keys) if place else None
    return Problem(at.file if at else "", at.line if at else 1, rule, message, remedy)


def near(name: str, known: Iterable[str]) -> str:
    """The remedy where a name looks like one that exists."""
    found = nearest(name, known)
    return f"Did you mean {found[0]!r}?" if found else ""


def found(glossary: Glossary, model: str, name: str, local: bool = False) -> Found | UserError | None:
    """The path from a model to a dimension, the reason why it is not one path, or None."""
    try:
        return find(glossary, model, name, local)
    except UserError as error:
        return error
