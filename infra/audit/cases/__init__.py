"""The forty cases that marketing numbers must survive: each one counted, with examples."""

from __future__ import annotations

from dataclasses import dataclass

from infra.audit.cases import campaigns, identity, money, stages, touches
from infra.audit.cases.case import Case
from infra.audit.ground import Ground
from infra.audit.nouns import Example

CASES: tuple[Case, ...] = tuple(
    sorted(
        (*identity.CASES, *stages.CASES, *touches.CASES, *campaigns.CASES, *money.CASES),
        key=lambda case: case.number,
    )
)
FINDERS = campaigns.FINDERS | money.FINDERS


@dataclass(frozen=True)
class Found:
    """A case and where it occurs; `missing` names the tables without which nobody can tell."""

    case: Case
    examples: tuple[Example, ...]
    missing: tuple[str, ...] = ()

    @property
    def is_checked(self) -> bool:
        """Whether the data could show the case."""
        return not self.missing


def find(ground: Ground) -> tuple[Found, ...]:
    """Every case, looked for in the raw rows of `ground` (laid out by `tidy.lay_out`)."""
    return tuple(_found(case, ground) for case in CASES)


def _found(case: Case, ground: Ground) -> Found:
    lacking = tuple(
        " or ".join(f"raw.{table}" for table in group)
        for group in case.needs
        if not any(ground.counts[table] for table in group)
    )
    if lacking:
        return Found(case, (), lacking)
    if case.number in FINDERS:
        return Found(case, tuple(FINDERS[case.number](ground)))
    rows = ground.ask(f"SELECT DISTINCT * FROM ({case.sql}) ORDER BY 1, 2, 3")
    return Found(case, tuple(Example(*map(str, row)) for row in rows))
