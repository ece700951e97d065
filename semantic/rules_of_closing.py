"""Rules for closing a month: it keeps metrics that exist, by dimensions that exist and are no times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatchcase

from semantic.definitions import ClosingRule, Glossary
from semantic.errors import Problem
from semantic.findings import near, problem


def closing(glossary: Glossary) -> Iterator[Problem]:
    """Patterns meet a metric; grouping sets name shared dimensions, each once."""
    rule = glossary.closing
    for key, patterns in (("metrics", rule.metrics), ("except", rule.left_out)):
        for pattern in patterns:
            if pattern != "*" and not any(fnmatchcase(name, pattern) for name in glossary.metrics):
                message = f"closing: {key} holds {pattern!r}, which is no metric."
                yield problem(rule.place, "closing", message, near(pattern, glossary.metrics), key)
    yield from _sets(glossary, rule)


def _sets(glossary: Glossary, rule: ClosingRule) -> Iterator[Problem]:
    known = [item.name for item in glossary.shared_dimensions.values() if item.kind == "categorical"]
    for names in rule.grouping_sets:
        for name, count in Counter(names).items():
            if name not in known:
                message = f"closing: {name!r} in [{', '.join(names)}] is no shared dimension of words."
                yield problem(rule.place, "closing", message, near(name, known), "by")
            elif count > 1:
                message = f"closing: [{', '.join(names)}] names {name!r} twice."
                yield problem(rule.place, "closing", message, "", "by")
