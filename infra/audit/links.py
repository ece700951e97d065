"""What is odd about the UTM parameters of a link: casing, slips, blanks, `unknown`. One place for all who ask."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from infra.audit.ground import Ground, once
from infra.audit.similar import campaign_slip_of, slip_of

UNKNOWN = frozenset(("unknown", "(not set)", "not set", "not_set", "n/a", "null", "undefined", "-", "test"))
LOWER = 0.9  # the share of rows in lower case from which on lower case is the convention
FIELDS = ("source", "medium")


@dataclass(frozen=True)
class OddValue:
    """A value of a UTM parameter that is not as it should be; `meant` is the proposal."""

    field: str
    value: str
    problem: str  # casing, typo or unknown
    rows: int
    meant: str | None


@dataclass(frozen=True)
class OddLink:
    """A link (a form submission, a lead, a touch) whose source or medium is not as it should be."""

    system: str
    object: str
    id: str
    detail: str


@once
def delivered(ground: Ground) -> tuple[tuple[str, str], ...]:
    """The (system, object) pairs whose links have a source or medium at all: an export may leave them out."""
    return tuple(
        ground.ask("""
            SELECT system, object FROM audit.utm GROUP BY system, object
            HAVING COUNT(source) + COUNT(medium) > 0 ORDER BY 1, 2
        """)
    )


@once
def odd_values(ground: Ground) -> tuple[OddValue, ...]:
    """Every value of source, medium and campaign that is cased oddly, a slip of another, or says nothing."""
    found = [one for field in FIELDS for one in _odd_in(ground, field)]
    known = {name for (name,) in ground.ask("SELECT DISTINCT slug(utm) FROM audit.campaign")} - {None}
    for value, rows in ground.ask(
        "SELECT campaign, COUNT(*) FROM audit.utm WHERE campaign IS NOT NULL GROUP BY 1"
    ):
        slug = value.strip().lower().replace(" ", "-").replace("_", "-")
        if slug.lower() in UNKNOWN:
            found.append(OddValue("campaign", value, "unknown", rows, None))
        elif known and slug not in known and (meant := campaign_slip_of(slug, known)):
            found.append(OddValue("campaign", value, "typo", rows, meant))
    return tuple(sorted(found, key=lambda one: (one.field, one.problem, one.value)))


def _odd_in(ground: Ground, field: str) -> list[OddValue]:
    counts: dict[str, int] = dict(
        ground.ask(f"SELECT {field}, COUNT(*) FROM audit.utm WHERE {field} IS NOT NULL GROUP BY 1")
    )
    folded: Counter[str] = Counter()
    forms: dict[str, list[str]] = defaultdict(list)
    for value, rows in counts.items():
        folded[value.lower()] += rows
        forms[value.lower()].append(value)
    total = sum(counts.values())
    in_lower = sum(rows for value, rows in counts.items() if value == value.lower())
    usual = {low: max(listed, key=lambda value: (counts[value], value)) for low, listed in forms.items()}
    found = []
    for value, rows in counts.items():
        low = value.lower()
        right = low if in_lower >= LOWER * total else usual[low]
        slip = None if low in UNKNOWN else slip_of(low, folded)
        if low in UNKNOWN:
            found.append(OddValue(field, value, "unknown", rows, None))
        elif slip:
            found.append(OddValue(field, value, "typo", rows, slip))
        elif value != right:
            found.append(OddValue(field, value, "casing", rows, right))
    return found


def odd_links(ground: Ground) -> tuple[OddLink, ...]:
    """Every link whose source or medium is blank, `unknown`, cased oddly or mistyped, or whose campaign is a slip."""
    problems = {(one.field, one.value): one for one in odd_values(ground)}
    listed = delivered(ground)
    found = []
    for system, kind, number, source, medium, campaign in ground.ask(
        "SELECT system, object, id, source, medium, campaign FROM audit.utm ORDER BY system, object, id"
    ):
        if (system, kind) not in listed:
            continue
        said = [
            f"{field} {value!r}: {problems[field, value].problem}"
            for field, value in (("source", source), ("medium", medium), ("campaign", campaign))
            if (field, value) in problems
        ]
        blank = [field for field, value in (("source", source), ("medium", medium)) if value is None]
        if blank:
            said.append(f"no {' and no '.join(blank)}")
        if said:
            found.append(OddLink(system, kind, number, "; ".join(said)))
    return tuple(found)
