"""The audit from front to back: open the warehouse, lay out the tables, ask every check."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from infra.audit.duplicates import duplicates
from infra.audit.expectations import FILE, read_expectations
from infra.audit.forty import forty
from infra.audit.gaps import gaps
from infra.audit.ground import opened
from infra.audit.inventory import inventory
from infra.audit.lag import lag
from infra.audit.mapping import Rules, read_rules
from infra.audit.masking import masked
from infra.audit.naming import naming
from infra.audit.nouns import Audit, Finding, Section
from infra.audit.quality import all_checks, quality, required_fields
from infra.audit.tidy import lay_out
from infra.audit.utm import utm
from infra.mapping.decisions import UNDECIDED, Decisions


def audit(
    warehouse: Path,
    *,
    seeds: Path,
    glossary: Path,
    models: Path,
    currency: str,
    only: Collection[str] = (),
    expectations: Path | None = None,
    show_personal: bool = False,
    decisions: Decisions = UNDECIDED,
) -> tuple[Audit, Rules]:
    """The report on the raw tables of `warehouse`, and the channel rules that are in force.

    Raises MistakeError for what the person who asks can put right: no warehouse, an unknown source, a mapping or an
    expectations file that cannot be read; InfraError while a load holds the warehouse.
    """
    rules = read_rules(seeds)
    expected = read_expectations(expectations or FILE)
    with opened(
        warehouse, only=only, seeds=seeds, glossary=glossary, models=models, currency=currency
    ) as ground:
        lay_out(ground)
        checks = all_checks(ground, expected)
        sections = (
            inventory(ground),
            quality(ground, checks),
            forty(ground),
            utm(ground, rules, decisions),
            naming(ground),
            duplicates(ground),
            required_fields(checks),
            lag(ground),
            gaps(ground),
        )
        report = Audit(sections, ground.as_of, ground.loaded_at, ground.sources)
    report = report if report.sources else _nothing(report)
    return (report if show_personal else masked(report)), rules


def _nothing(report: Audit) -> Audit:
    """An empty warehouse is a finding of its own, and the only one."""
    finding = Finding(
        "nothing_connected",
        "Nothing is connected",
        "high",
        1,
        "Without a row there is nothing to audit.",
        "Switch a source on in the sources file and load it: `touchstone ingest run`.",
    )
    first, *others = report.sections
    emptied = (
        Section(
            first.key, first.title, first.intro, first.tables, (finding,), first.notes, first.facts, first.ok
        ),
        *(
            Section(one.key, one.title, one.intro, one.tables, (), one.notes, one.facts, "Nothing to ask.")
            for one in others
        ),
    )
    return Audit(emptied, None, None, ())
