"""Which values are probably another one, written differently: slips, drifting names, renamed campaigns.

Nothing here changes a number. A person approves a proposal with `touchstone mapping approve`, and the models apply
what was approved.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz import fuzz

from infra.audit.cases.campaigns import campaign_drift, product_drift, renamed_pairs
from infra.audit.ground import Ground, once
from infra.audit.links import odd_values
from infra.audit.similar import slip_of

# Every value that links, touches, deals and campaigns carry, by kind.
CARRIED = """
SELECT 'source' AS kind, source AS value FROM audit.utm UNION ALL SELECT 'medium', medium FROM audit.utm
UNION ALL SELECT 'campaign', slug(campaign) FROM audit.utm
UNION ALL SELECT 'campaign', slug(utm) FROM audit.campaign
UNION ALL SELECT 'content', slug(content) FROM ({content})
UNION ALL SELECT 'product', product FROM audit.deal WHERE NOT is_deleted
"""
CONTENT = """
SELECT COALESCE(known(content), known(utm_content)) AS content FROM raw.hubspot__form_submissions
UNION ALL SELECT content FROM raw.files__touches UNION ALL SELECT content FROM raw.files__leads
UNION ALL SELECT utm_content FROM raw.hubspot__contacts
"""


@dataclass(frozen=True)
class Proposal:
    """A value, what it probably is, and what speaks for it.

    `rule` is typo, casing, drift or renamed; `similarity` is of 100; `rows` and `rows_to` say how often each is there.
    """

    kind: str
    from_value: str
    to_value: str
    rule: str
    similarity: int
    rows: int
    rows_to: int
    evidence: str


@once
def value_proposals(ground: Ground) -> tuple[Proposal, ...]:
    """Every proposal, by kind and value; the first of several for one value."""
    counts = _counts(ground)
    found: dict[tuple[str, str], Proposal] = {}
    for kind, value, meant, rule, evidence in _found(ground, counts):
        rows, rows_to = counts.get((kind, value), 0), counts.get((kind, meant), 0)
        alike = round(fuzz.ratio(value.lower(), meant.lower()))
        proposal = Proposal(kind, value, meant, rule, alike, rows, rows_to, evidence)
        found.setdefault((kind, value), proposal)
    return tuple(found[key] for key in sorted(found))


def _counts(ground: Ground) -> dict[tuple[str, str], int]:
    sql = CARRIED.format(content=CONTENT)
    rows = ground.ask(f"SELECT kind, value, COUNT(*) FROM ({sql}) WHERE value IS NOT NULL GROUP BY 1, 2")
    return {(kind, value): count for kind, value, count in rows}


def _found(ground: Ground, counts: dict[tuple[str, str], int]) -> Iterator[tuple[str, str, str, str, str]]:
    """(kind, value, meant, rule, evidence), the surest rule first."""
    for name, platform, before in renamed_pairs(ground):
        yield (
            "campaign",
            name,
            before,
            "renamed",
            f"spends on {platform} under this name, which nobody else uses",
        )
    typed = _as_typed(ground)
    for one in odd_values(ground):
        value = one.value if one.field != "campaign" else _slug(one.value)
        if one.meant and one.problem == "typo":
            yield one.field, value, one.meant, "typo", f"{one.rows:,} links; a slip of a common value"
        elif one.meant and (one.field, one.value) in typed:
            yield one.field, value, one.meant, "casing", f"{one.rows:,} rows are written like this"
    for name, best in campaign_drift(ground):
        yield "campaign", name, best, "drift", "the same but for blanks and punctuation"
    for name, best, _ in product_drift(ground):
        yield "product", name, best, "drift", "the same but for case, blanks and punctuation"
    yield from _contents({value: rows for (kind, value), rows in counts.items() if kind == "content"})


def _as_typed(ground: Ground) -> set[tuple[str, str]]:
    """Values of files, whose case is kept: what vendors send is put in lower case when it is read."""
    rows = ground.ask("""
        SELECT DISTINCT 'source', source FROM audit.utm WHERE system = 'files'
        UNION SELECT DISTINCT 'medium', medium FROM audit.utm WHERE system = 'files'
    """)
    return {(field, value) for field, value in rows}


def _contents(counts: dict[str, int]) -> Iterator[tuple[str, str, str, str, str]]:
    """Assets that are another one but for punctuation, or a slip of it."""
    usual: dict[str, str] = {}
    for value in sorted(counts, key=lambda one: (-counts[one], one)):
        squeezed = "".join(letter for letter in value if letter.isalnum())
        best = usual.setdefault(squeezed, value)
        if best != value:
            yield "content", value, best, "drift", "the same but for punctuation"
        elif slip := slip_of(value, counts):
            yield "content", value, slip, "typo", f"{counts[value]:,} rows; a slip of a common value"


def _slug(value: str) -> str:
    return value.strip().lower().replace(" ", "-").replace("_", "-")
