"""Read definitions out of located mappings, collecting a problem for everything that does not fit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlglot
from sqlglot.errors import SqlglotError

from semantic.definitions import WRITTEN_IN, Place, Window
from semantic.errors import Problem, UserError, nearest
from semantic.located import Located
from semantic.predicates import Predicate, predicate_from_document

_KEYWORDS = sqlglot.Dialect.get_or_raise(WRITTEN_IN).tokenizer_class.KEYWORDS


def _is_column(text: str) -> bool:
    """A bare word that SQL does not read otherwise, as most expressions are: it need not be parsed."""
    return text.isidentifier() and text.isascii() and text.upper() not in _KEYWORDS


@dataclass
class Reader:
    """Typed access to a mapping; what does not fit is reported and replaced by a harmless value."""

    problems: list[Problem] = field(default_factory=list)
    dialect: str = WRITTEN_IN  # of the expressions in the files

    def problem(self, at: Located, key: str, rule: str, message: str, remedy: str = "") -> None:
        self.problems.append(Problem(at.file, at.line_of(key), rule, message, remedy))

    def place(self, at: Located) -> Place:
        """Where a definition is written, with the lines of its keys and of the parts below them."""
        keys = dict(at.lines)
        for key, value in at.items():
            for name, part in _parts(value):
                keys[f"{key}.{name}"] = part
        return Place(at.file, at.line, keys)

    def keys(self, at: Located, what: str, required: Iterable[str], optional: Iterable[str] = ()) -> None:
        """Report unknown and missing keys."""
        required, known = tuple(required), {*required, *optional}
        for key in at:
            if key not in known:
                near = nearest(key, known)
                remedy = f"Did you mean {near[0]!r}?" if near else f"Known keys: {', '.join(sorted(known))}."
                self.problem(at, key, "unknown-key", f"{what} has no key {key!r}.", remedy)
        for key in required:
            if at.get(key) in (None, ""):
                self.problem(at, key, "missing-key", f"{what} needs {key!r}.")

    def text(self, at: Located, key: str, default: str = "") -> str:
        value = at.get(key, default)
        if value is None:
            return default
        if isinstance(value, dict | list):
            self.problem(at, key, "type", f"{key!r} should be text, not {type(value).__name__}.")
            return default
        return str(value).strip()

    def optional_text(self, at: Located, key: str) -> str | None:
        return self.text(at, key) or None

    def flag(self, at: Located, key: str, default: bool = False) -> bool:
        value = at.get(key, default)
        if not isinstance(value, bool):
            self.problem(at, key, "type", f"{key!r} is {value!r}; it should be true or false.")
            return default
        return value

    def number(self, at: Located, key: str, default: float | int | None = None) -> float | int | None:
        value = at.get(key, default)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            self.problem(at, key, "type", f"{key!r} is {value!r}; it should be a number.")
            return default
        return value

    def choice(self, at: Located, key: str, known: tuple[str, ...], default: str) -> str:
        value = self.text(at, key, default)
        if value not in known:
            words = ", ".join(word or "nothing" for word in known)
            near = nearest(value, known, 1)
            remedy = f"Did you mean {near[0]!r}?" if near else ""
            self.problem(at, key, "value", f"{key!r} is {value!r}; it should be one of {words}.", remedy)
            return default
        return value

    def sql(self, at: Located, key: str, default: str) -> str:
        """An SQL expression over a table's own columns, brought into the dialect of all definitions."""
        text = self.text(at, key, default)
        if _is_column(text):
            return text
        try:
            tree = sqlglot.parse_one(text, dialect=self.dialect)
        except SqlglotError as error:
            self.problem(at, key, "sql", f"{key!r} is not an SQL expression: {text!r} ({_short(error)}).")
            return "NULL"
        return text if self.dialect == WRITTEN_IN else tree.sql(dialect=WRITTEN_IN)

    def predicates(self, at: Located, key: str) -> tuple[Predicate, ...]:
        value = at.get(key)
        if value in (None, "", []):
            return ()
        found = []
        for item in value if isinstance(value, list) else [value]:
            try:
                found.append(predicate_from_document(item))
            except UserError as error:
                self.problem(at, key, "condition", error.message)
        return tuple(found)

    def window(self, at: Located, key: str) -> Window | None:
        """`7 days`, `1 month`, or {count, grain}."""
        value = at.get(key)
        if value is None:
            return None
        if isinstance(value, Located):
            count, grain = self.number(value, "count", 1), self.text(value, "grain", "day")
        else:
            words = str(value).split()
            count, grain = (int(words[0]), words[1]) if len(words) == 2 and words[0].isdigit() else (None, "")
        if isinstance(count, int) and count > 0:
            return Window(count, _singular(grain))
        written = dict(value) if isinstance(value, Located) else value
        self.problem(at, key, "window", f"{key!r} is {written!r}; write it like `7 days` or `1 month`.")
        return None

    def mapping(self, at: Located, key: str) -> Located:
        value = at.get(key)
        if value is None:
            return _empty(at)
        if not isinstance(value, Located):
            self.problem(at, key, "type", f"{key!r} should be a mapping of names to values.")
            return _empty(at)
        return value

    def items(self, at: Located, key: str, name_key: str = "name") -> list[Located]:
        """A list of mappings; a bare word stands for a mapping with only that name."""
        found = []
        for item in self.list(at, key):
            if isinstance(item, Located):
                found.append(item)
            elif isinstance(item, str):
                short = _empty(at)
                short.line = at.line_of(key)
                short[name_key] = item
                found.append(short)
            else:
                self.problem(at, key, "type", f"{key!r} holds {item!r}; each entry should be a mapping.")
        return found

    def list(self, at: Located, key: str) -> list[Any]:
        value = at.get(key)
        if value is None:
            return []
        return value if isinstance(value, list) else [value]

    def texts(self, at: Located, key: str) -> tuple[str, ...]:
        return tuple(str(item) for item in self.list(at, key))

    def lists(self, at: Located, key: str) -> tuple[tuple[str, ...], ...]:
        """A list of lists of names; a bare name stands for a list of one."""
        found = []
        for item in self.list(at, key):
            if isinstance(item, dict):
                self.problem(
                    at, key, "type", f"{key!r} holds {dict(item)!r}; each entry should be a list of names."
                )
            else:
                found.append(tuple(str(name) for name in (item if isinstance(item, list) else [item])))
        return tuple(found)


def _parts(value: Any) -> list[tuple[str, int]]:
    """The named parts of a mapping, or of a list of mappings, and their lines."""
    if isinstance(value, Located):
        return list(value.lines.items())
    found = value if isinstance(value, list) else []
    return [(str(item["name"]), item.line) for item in found if isinstance(item, Located) and "name" in item]


def _singular(grain: str) -> str:
    return grain.lower().removesuffix("s")


def _empty(at: Located) -> Located:
    found = Located()
    found.file, found.line, found.lines = at.file, at.line, {}
    return found


def _short(error: Exception) -> str:
    return str(error).splitlines()[0]
