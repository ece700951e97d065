"""What a principal may see, as data that the planner puts into every scan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from semantic.definitions import Glossary, Role
from semantic.errors import AccessDenied, QueryError, UnknownName
from semantic.predicates import And, Attribute, Literal, Or, Predicate, transform, walk
from semantic.query import Principal


@dataclass(frozen=True)
class Rights:
    """Entitlements of one principal: metric patterns, a condition that his rows meet, masked dimensions."""

    name: str
    everything: bool = False
    roles: tuple[Role, ...] = ()
    rows: tuple[Predicate, ...] = ()
    masked: tuple[str, ...] = ()

    def grants(self, metric: str) -> bool:
        """Whether one of the roles grants the metric."""
        return self.everything or any(_grants(role, metric) for role in self.roles)

    def check_metric(self, name: str, glossary: Glossary | None = None) -> None:
        """Raise AccessDenied unless a role grants the metric; one that is not in the glossary is UnknownName.

        Of the names that are like it, only those are told that the principal may see.
        """
        if glossary is not None and name not in glossary.metrics:
            visible = [metric.name for metric in glossary.public_metrics if self.grants(metric.name)]
            raise UnknownName.of("metric", name, visible)
        if self.grants(name):
            return
        raise AccessDenied(
            f"{self.name!r} may not see the metric {name!r}. Ask its owner for a role that may."
        )


def check_asked(predicate: Predicate) -> None:
    """A question's own condition names values; who asks is for the row filters of roles."""
    for node in walk(predicate):
        if isinstance(node, Attribute):
            raise QueryError(
                f"ATTRIBUTE({node.name!r}) is for the row filters of roles: write the value itself."
            )


def rights_of(glossary: Glossary, principal: Principal) -> Rights:
    """Work out the rights; where the glossary defines no role at all, everybody sees everything."""
    extra = tuple(_filled(predicate, principal) for predicate in principal.row_filters)
    if principal.see_all or not glossary.roles:
        return Rights(principal.name, True, (), extra)
    roles = tuple(_role(glossary, name) for name in principal.roles)
    if not roles:
        raise AccessDenied(f"{principal.name!r} has no role, so there is nothing that he may see.")
    masked = set(roles[0].masked_dimensions).intersection(*(role.masked_dimensions for role in roles))
    return Rights(principal.name, False, roles, (*_rows(roles, principal), *extra), tuple(sorted(masked)))


@lru_cache(maxsize=256)
def _role(glossary: Glossary, name: str) -> Role:
    """A role, which is denied whatever is made of what it is denied: a sum less one part is the other part."""
    if name not in glossary.roles:
        raise UnknownName.of("role", name, glossary.roles)
    role = glossary.roles[name]
    made = tuple(metric for metric in glossary.metrics if _is_denied(glossary, role, metric))
    return replace(role, denied_metrics=(*role.denied_metrics, *made))


def _is_denied(glossary: Glossary, role: Role, metric: str) -> bool:
    """Whether the role is denied the metric or any metric that it is made of."""
    if any(fnmatchcase(metric, pattern) for pattern in role.denied_metrics):
        return True
    return any(_is_denied(glossary, role, part.metric) for part in glossary.metrics[metric].inputs)


def _rows(roles: tuple[Role, ...], principal: Principal) -> tuple[Predicate, ...]:
    """Several roles see the union of their rows; a role without filters sees all."""
    if not all(role.row_filters for role in roles):
        return ()
    parts = [tuple(_filled(predicate, principal) for predicate in role.row_filters) for role in roles]
    if len(parts) == 1:
        return parts[0]
    return (Or(tuple(part[0] if len(part) == 1 else And(part) for part in parts)),)


def _filled(predicate: Predicate, principal: Principal) -> Predicate:
    """Put the principal's attributes in their places."""
    values = dict(principal.attributes)

    def fill(node: Any) -> Any:
        if not isinstance(node, Attribute):
            return node
        if node.name not in values:
            raise AccessDenied(
                f"{principal.name!r} has no attribute {node.name!r}, which his row filter needs."
            )
        return Literal(values[node.name])

    return transform(predicate, fill)


def _grants(role: Role, metric: str) -> bool:
    allowed = any(fnmatchcase(metric, pattern) for pattern in role.metrics)
    return allowed and not any(fnmatchcase(metric, pattern) for pattern in role.denied_metrics)
