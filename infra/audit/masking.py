"""Personal data in what is shown: e-mail addresses lose their local part unless somebody asked to see them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from infra.audit.nouns import Audit, Finding, Section, Table

ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+")
DOTS = "•••"


def masked_text(text: str) -> str:
    """The text with the local part of each address cut to its first letter.

    >>> masked_text("typed as Jane.Doe+news@acme.com in 2 forms")
    'typed as J•••@acme.com in 2 forms'
    """
    return ADDRESS.sub(lambda found: f"{found[0][0]}{DOTS}@{found[0].rpartition('@')[2]}", text)


def masked(audit: Audit) -> Audit:
    """The same report without addresses."""
    return replace(audit, sections=tuple(_section(section) for section in audit.sections))


def _section(section: Section) -> Section:
    return replace(
        section,
        tables=tuple(_table(table) for table in section.tables),
        findings=tuple(_finding(finding) for finding in section.findings),
    )


def _table(table: Table) -> Table:
    return table.filled([tuple(_value(value) for value in row) for row in table.rows])


def _finding(finding: Finding) -> Finding:
    examples = tuple(
        replace(one, entity_id=masked_text(one.entity_id), detail=masked_text(one.detail))
        for one in finding.examples
    )
    return replace(finding, examples=examples)


def _value(value: Any) -> Any:
    return masked_text(value) if isinstance(value, str) else value
