"""Rules for roles: what a role grants, filters or masks exists, so that no typo widens what it may see."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from semantic.definitions import METRIC_TIME, Glossary, Role
from semantic.errors import Problem
from semantic.findings import found, near, problem
from semantic.names import split_grain
from semantic.paths import known_dimensions
from semantic.predicates import dimensions_of


def roles(glossary: Glossary) -> Iterator[Problem]:
    """Metrics, row filters and masks of a role name what exists."""
    for role in glossary.roles.values():
        yield from _patterns(glossary, role)
        named = {
            *(
                (split_grain(glossary, d).name, "row_filters")
                for p in role.row_filters
                for d in dimensions_of(p)
            ),
            *((name, "masked_dimensions") for name in role.masked_dimensions),
        }
        for name, key in sorted(named):
            if name != METRIC_TIME and not any(found(glossary, model, name) for model in glossary.models):
                message = f"Role {role.name!r}: {key} names {name!r}, which is no dimension."
                yield problem(role.place, key, message, near(name, known_dimensions(glossary)), key)


def _patterns(glossary: Glossary, role: Role) -> Iterator[Problem]:
    for key, patterns in (("metrics", role.metrics), ("denied_metrics", role.denied_metrics)):
        for pattern in patterns:
            if not any(fnmatchcase(name, pattern) for name in glossary.metrics) and pattern != "*":
                message = f"Role {role.name!r}: {key} holds {pattern!r}, which is no metric."
                yield problem(role.place, key, message, near(pattern, glossary.metrics), key)
