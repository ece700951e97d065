"""Render a tree once as text with markers, then fill the values in as literals of the dialect."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlglot import exp

from semantic.compile.dialects import adapted

_MARKER = re.compile(r"[:@$]touchstone_slot_(\d+)\b|%\(touchstone_slot_(\d+)\)s")


@dataclass(frozen=True)
class Template:
    """SQL text cut at its markers: texts[0] value[slots[0]] texts[1] ..."""

    texts: tuple[str, ...]
    slots: tuple[int, ...]
    dialect: str

    def filled(self, values: tuple[Any, ...]) -> str:
        """The SQL with these values in it, each a literal of the dialect."""
        if not self.slots:
            return self.texts[0]
        parts = [self.texts[0]]
        for text, slot in zip(self.texts[1:], self.slots, strict=True):
            parts.append(literal(values[slot], self.dialect))
            parts.append(text)
        return "".join(parts)


def template(tree: exp.Expr, dialect: str) -> Template:
    """Render a tree."""
    text = adapted(tree, dialect).sql(dialect=dialect, pretty=True, copy=False)
    texts, slots, last = [], [], 0
    for match in _MARKER.finditer(text):
        texts.append(text[last : match.start()])
        slots.append(int(match.group(1) or match.group(2)))
        last = match.end()
    return Template((*texts, text[last:]), tuple(slots), dialect)


@lru_cache(maxsize=20_000, typed=True)
def literal(value: Any, dialect: str) -> str:
    """A value as the dialect writes it; text is escaped by the dialect's own rules."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float | Decimal):
        return str(value)
    if isinstance(value, dt.datetime):
        return exp.Literal.string(value.isoformat(sep=" ")).sql(dialect=dialect)
    if isinstance(value, dt.date):
        return exp.Literal.string(value.isoformat()).sql(dialect=dialect)
    return exp.Literal.string(str(value)).sql(dialect=dialect)
