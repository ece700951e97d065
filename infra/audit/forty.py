"""The chapter on the forty cases."""

from __future__ import annotations

from infra.audit.cases import Found, find
from infra.audit.ground import Ground
from infra.audit.nouns import Column, Finding, Section, Table

CASES = Table(
    "cases",
    "The forty cases",
    "One row a case.",
    (
        Column("number", "The case's number", "count"),
        Column("family", "Identity, stages, touches, campaigns, money and time", is_on_page=False),
        Column("case", "Its name"),
        Column("severity", "high, medium, low or info", "severity"),
        Column("found", "How often; empty where it could not be checked", "count"),
        Column("example", "One occurrence", is_on_page=False),
        Column("definition", "When a row counts as the case"),
        Column("not_checked", "What is not connected, without which nobody can tell"),
    ),
    shown=40,
)
EXAMPLES = Table(
    "case_examples",
    "Every occurrence",
    "One row an occurrence of a case.",
    (
        Column("number", "The case's number", "count"),
        Column("case", "Its name"),
        Column("entity", "What kind of thing"),
        Column("entity_id", "Which one"),
        Column("detail", "What is odd about it"),
    ),
    shown=0,
)


def forty(ground: Ground) -> Section:
    """The chapter on the forty cases: all of them, the absent ones too."""
    found = find(ground)
    checked = [one for one in found if one.is_checked]
    return Section(
        "cases",
        "The forty cases",
        "Forty things that are wrong or odd in every company's data sooner or later, each with the definition by which "
        "it is counted. Cases marked info are no faults: they occur everywhere, and the rules of the numbers take care "
        "of them.",
        (CASES.filled([_row(one) for one in found]), EXAMPLES.filled(_occurrences(found))),
        tuple(_finding(one) for one in found if one.examples),
        facts=(
            ("cases", str(len(found))),
            ("checked", str(len(checked))),
            ("present", str(sum(bool(one.examples) for one in found))),
        ),
        ok="None of the cases that could be checked occurs.",
    )


def _row(one: Found) -> tuple[object, ...]:
    first = one.examples[0] if one.examples else None
    return (
        one.case.number,
        one.case.family,
        one.case.name,
        one.case.severity,
        len(one.examples) if one.is_checked else None,
        f"{first.entity_id}: {first.detail}" if first else "",
        one.case.definition,
        "; ".join(one.missing),
    )


def _occurrences(found: tuple[Found, ...]) -> list[tuple[object, ...]]:
    return [
        (one.case.number, one.case.name, example.entity, example.entity_id, example.detail)
        for one in found
        for example in one.examples
    ]


def _finding(one: Found) -> Finding:
    case = one.case
    return Finding(
        f"case_{case.number:02d}",
        f"{case.name} (case {case.number})",
        case.severity,
        len(one.examples),
        case.matters,
        case.to_do,
        one.examples,
    )
