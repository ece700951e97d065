"""What one of the forty cases is: how it is recognised in raw rows, and what to do where it is."""

from __future__ import annotations

from dataclasses import dataclass

from infra.audit.nouns import Severity

Needs = tuple[tuple[str, ...], ...]  # each group: at least one of these raw tables has rows


@dataclass(frozen=True)
class Case:
    """A case. `sql` gives a row (entity, entity_id, detail) an occurrence; `definition` says the same in words."""

    number: int
    name: str
    family: str
    severity: Severity
    definition: str
    matters: str
    to_do: str
    needs: Needs = ()
    sql: str = ""


CRM_DEALS: Needs = (("salesforce__opportunity", "hubspot__deals", "files__deals"),)
CONTACTS: Needs = (("hubspot__contacts", "marketo__leads", "salesforce__lead", "files__leads"),)
