"""Every error that the semantic room raises, drawn as a tree.

    TouchstoneError                 anything this project raises on purpose
    ├── UserError                   the asker or the author can fix it; exit 2, HTTP 400
    │   ├── QueryError              the question is malformed
    │   │   ├── UnknownName         a metric, dimension, grain ... that the glossary does not have
    │   │   └── BadValue            a value of the wrong type, a broken date, a bad operator
    │   ├── Refusal                 the question is well formed, but no right number exists for it
    │   │   ├── Unreachable         a metric has no path to a dimension
    │   │   ├── Ambiguous           there are several paths, and they may differ
    │   │   └── FanOut              a join would count rows twice, and de-duplication is not exact
    │   ├── AccessDenied            the principal may not see this metric or dimension
    │   └── GlossaryError           the glossary's files have problems (`.problems`, all at once)
    └── WarehouseError              the warehouse failed or cannot be reached; exit 1, HTTP 503

A user's error says what (`!r`), where, and what would work (`.suggestions`).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


class TouchstoneError(Exception):
    """The root of what this project raises on purpose."""

    code = "error"

    def __init__(self, message: str, suggestions: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.suggestions = tuple(suggestions)


class UserError(TouchstoneError):
    """Something that the asker or the author of the glossary can put right."""

    code = "user_error"


class QueryError(UserError):
    """The question is malformed."""

    code = "bad_query"


class UnknownName(QueryError):
    """A name that the glossary does not have; carries the nearest ones.

    >>> UnknownName.of("metric", "mqlz", ["mqls", "sqls", "leads"]).message
    "There is no metric 'mqlz'. Did you mean 'mqls'?"
    """

    code = "unknown_name"
    kind = "name"

    @classmethod
    def of(cls, kind: str, name: str, known: Iterable[str], where: str = "") -> UnknownName:
        near = nearest(name, known)
        hint = f" Did you mean {_either(near)}?" if near else ""
        error = cls(f"There is no {kind} {name!r}{where}.{hint}", near)
        error.kind = kind
        return error


class BadValue(QueryError):
    """A value has the wrong type or form."""

    code = "bad_value"


class Refusal(UserError):
    """A well-formed question for which no right number exists as asked."""

    code = "refused"


class Unreachable(Refusal):
    """A metric has no path to a dimension that the question groups or filters by."""

    code = "unreachable_dimension"


class Ambiguous(Refusal):
    """Several paths lead from a metric to a dimension: the asker must choose."""

    code = "ambiguous_path"


class FanOut(Refusal):
    """The join would repeat the fact's rows, and no exact de-duplication exists."""

    code = "fan_out"


class AccessDenied(UserError):
    """The principal may not see what the question needs."""

    code = "access_denied"


@dataclass(frozen=True, order=True)
class Problem:
    """One fault in the glossary's files: where it is, which rule it breaks, and the remedy."""

    file: str
    line: int
    rule: str
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{self.file}:{self.line}: [{self.rule}] {self.message}{remedy}"


class GlossaryError(UserError):
    """The glossary cannot be used; `.problems` lists every fault found."""

    code = "bad_glossary"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        count = len(self.problems)
        noun = "problem" if count == 1 else "problems"
        lines = "\n".join(str(problem) for problem in self.problems)
        super().__init__(f"The glossary has {count} {noun}:\n{lines}")


class WarehouseError(TouchstoneError):
    """The warehouse failed, or nothing has been published yet."""

    code = "warehouse"


def nearest(name: str, known: Iterable[str], count: int = 3) -> tuple[str, ...]:
    """Return the known names that look most like `name`, best first."""
    return tuple(difflib.get_close_matches(name, sorted(set(known)), n=count, cutoff=0.6))


def _either(names: Iterable[str]) -> str:
    quoted = [repr(name) for name in names]
    return quoted[0] if len(quoted) == 1 else ", ".join(quoted[:-1]) + " or " + quoted[-1]
