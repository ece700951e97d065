"""Where a definition is written: file and line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Place:
    """Where something is written: a file below the glossary and a line in it, and the lines of its keys.

    A key of a part is written with the part: `measures.mqls`, `shared.campaign`.
    """

    file: str
    line: int
    keys: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)

    def at(self, *keys: str) -> Place:
        """The place of the first of these keys that is written; else of the whole."""
        line = next((self.keys[key] for key in keys if key in self.keys), self.line)
        return Place(self.file, line)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"
