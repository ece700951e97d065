"""What was reported, ready for the planner: a formula for each metric over rows that are written into the statement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from semantic.definitions import Glossary
from semantic.expand import Difference, Formula, Label, Share
from semantic.plan import LiteralRows, Output
from semantic.query import Query

SAME, CHANGED = "same", "changed"


@dataclass(frozen=True, eq=False)
class Reported:
    """The closed numbers of a question.

    query, glossary: as they are to be planned; the glossary has a model for each table of closed rows. alone: only
    closed numbers are asked. key: the shown column of time. definitions: for each metric, whether the periods were
    reported under the definition of today. token: the closings that were read, for caches.
    """

    query: Query
    glossary: Glossary
    alone: bool
    key: str | None
    formulas: Mapping[str, Formula]
    rows: Mapping[str, LiteralRows]
    definitions: Mapping[str, tuple[tuple[str, tuple[dt.date, ...]], ...]]
    notes: tuple[str, ...]
    token: tuple[Any, ...]
    freshness: Mapping[str, Any] = field(default_factory=dict)
    fingerprints: Mapping[str, str] = field(default_factory=dict)

    def beside(self, live: Mapping[str, Formula]) -> tuple[Output, ...]:
        """The columns beside each metric: what was reported, how far it is from that, and by which definition."""
        outputs: list[Output] = []
        for name, then in self.formulas.items():
            difference = Difference(live[name], then)
            outputs += [
                Output(f"{name}__as_reported", then, "comparison", name),
                Output(f"{name}__difference", difference, "comparison", name),
                Output(f"{name}__change", Share(difference, then), "comparison", name, "percent"),
                Output(
                    f"{name}__definition",
                    Label(self.key, self.definitions.get(name, ())),
                    "comparison",
                    name,
                    "text",
                ),
            ]
        return tuple(outputs)
