"""How campaigns are named: the pattern that most names of a system follow, and the names that do not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from infra.audit.ground import Ground
from infra.audit.nouns import Column, Example, Finding, Section, Table

DOMINANT = 0.6  # the share of names from which on a trait is the convention
FEW = 5  # names: below, there is no convention to speak of
WORD_SHARE = 0.05  # a first word that this many names begin with is part of the convention
MOST_WORDS = 12

PATTERNS = Table(
    "naming_patterns",
    "Naming patterns",
    "One row a system whose campaigns have names.",
    (
        Column("system", "Where the campaigns are"),
        Column("names", "Campaign names", "count"),
        Column("pattern", "What most names have in common"),
        Column("example", "A name that follows it"),
        Column("follow", "Names that follow it", "count"),
        Column("share", "Their share", "share"),
    ),
    shown=30,
)
DEVIATIONS = Table(
    "naming_deviations",
    "Names that deviate",
    "One row a campaign name that does not follow the pattern of its system.",
    (
        Column("system", "Where the campaign is"),
        Column("name", "The name"),
        Column("deviation", "In what it deviates"),
    ),
)


@dataclass(frozen=True)
class Traits:
    """What can be seen of a name."""

    case: str
    separator: str
    begins: str
    date: str

    def items(self) -> tuple[tuple[str, str], ...]:
        """(trait, value) pairs."""
        return (
            ("case", self.case), ("separator", self.separator), ("begins with", self.begins), ("date", self.date)
        )  # fmt: skip


def naming(ground: Ground) -> Section:
    """The chapter on campaign names."""
    groups = _groups(ground)
    patterns, deviations = [], []
    for system, names in groups:
        if len(names) < FEW:
            continue
        convention, traits = _convention(names)
        odd = [(name, said) for name in names if (said := _deviation(traits[name], convention))]
        good = [name for name in names if name not in {name for name, _ in odd}]
        share = len(good) / len(names)
        patterns.append(
            (system, len(names), _pattern(convention, traits), good[0] if good else "", len(good), share)
        )
        deviations += [(system, name, said) for name, said in odd]
    return Section(
        "naming",
        "Campaign names",
        "The convention is read from the names themselves: a trait that most names of a system share is part of it "
        f"(from {DOMINANT:.0%} on). Systems with fewer than {FEW} campaigns have none.",
        (PATTERNS.filled(patterns), DEVIATIONS.filled(deviations)),
        tuple(_findings(patterns, deviations)),
        notes=() if patterns else ("No system has enough campaigns to infer a convention.",),
        ok="Every campaign follows the convention of its system.",
    )


def _groups(ground: Ground) -> list[tuple[str, list[str]]]:
    rows = ground.ask("""
        SELECT DISTINCT system || CASE WHEN is_parent THEN ' (programs)' ELSE '' END, TRIM(name) FROM audit.campaign
        WHERE known(name) IS NOT NULL
        UNION SELECT 'UTM in links', TRIM(campaign) FROM audit.utm WHERE campaign IS NOT NULL
        ORDER BY 1, 2
    """)
    groups: dict[str, list[str]] = {}
    for system, name in rows:
        groups.setdefault(system, []).append(name)
    return sorted(groups.items())


def traits_of(name: str, openings: Sequence[str]) -> Traits:
    """What can be seen of a name; `openings` are the words that names usually begin with.

    >>> traits_of("emea-paid-social-2025-11", ["emea", "apac"])
    Traits(case='lower case', separator='-', begins='one of apac, emea', date='ends with 2025-11 style')
    """
    letters = re.sub(r"[^A-Za-z]", "", name)
    case = "lower case" if letters == letters.lower() else "UPPER CASE" if letters.isupper() else "Mixed Case"
    marks = Counter(re.findall(r"[-_ |/.:]", re.sub(r"\d{4}-\d{2}(-\d{2})?", "", name)))
    separator = marks.most_common(1)[0][0] if marks else "none"
    first = re.split(r"[-_ |/.:]", name)[0].lower()
    begins = f"one of {', '.join(sorted(openings))}" if first in openings else "another word"
    return Traits(case, {" ": "blank"}.get(separator, separator), begins, _date(name))


def _date(name: str) -> str:
    styles = (
        (r"(19|20)\d{2}-\d{2}-\d{2}", "2025-11-30"),
        (r"(19|20)\d{2}[-_]?(0[1-9]|1[0-2])(?!\d)", "2025-11"),
        (r"(19|20)\d{2}[-_ ]?q[1-4]|q[1-4][-_ ]?(19|20)?\d{2}", "2025-Q4"),
        (r"(19|20)\d{2}", "2025"),
    )
    for pattern, style in styles:
        found = re.search(pattern, name.lower())
        if found:
            place = (
                "begins"
                if found.start() == 0
                else "ends"
                if found.end() == len(name)
                else "has in the middle"
            )
            return (
                f"{place} with {style} style"
                if place != "has in the middle"
                else f"has {style} in the middle"
            )
    return "no date"


def _convention(names: list[str]) -> tuple[dict[str, str], dict[str, Traits]]:
    firsts = Counter(re.split(r"[-_ |/.:]", name)[0].lower() for name in names)
    openings = [
        word
        for word, count in firsts.most_common(MOST_WORDS)
        if count >= max(2, WORD_SHARE * len(names)) and not word.isdigit()
    ]
    traits = {name: traits_of(name, openings) for name in names}
    convention = {}
    for trait in ("case", "separator", "begins with", "date"):
        value, count = Counter(dict(one.items())[trait] for one in traits.values()).most_common(1)[0]
        if count >= DOMINANT * len(names) and value != "another word":
            convention[trait] = value
    return convention, traits


def _deviation(traits: Traits, convention: dict[str, str]) -> str:
    return "; ".join(
        f"{trait}: {value} instead of {convention[trait]}"
        for trait, value in traits.items()
        if trait in convention and value != convention[trait]
    )


def _pattern(convention: dict[str, str], traits: dict[str, Traits]) -> str:
    if not convention:
        return "no convention"
    told = {"case": "{}", "separator": "words separated by {}", "begins with": "begins with {}", "date": "{}"}
    return ", ".join(told[trait].format(value) for trait, value in convention.items())


def _findings(
    patterns: list[tuple[str, int, str, str, int, float]], deviations: list[tuple[str, str, str]]
) -> Iterator[Finding]:
    if deviations:
        yield Finding(
            "naming_deviations",
            "Campaign names that deviate",
            "low",
            len(deviations),
            "What cannot be read from a name must be looked up by hand: region, channel, start.",
            "Rename them, or agree that they are exceptions; make names from a form.",
            tuple(Example("campaign", f"{system}: {name}", said) for system, name, said in deviations),
        )
    without = [row for row in patterns if row[2] == "no convention"]
    if without:
        yield Finding(
            "naming_none",
            "Systems without a naming convention",
            "medium",
            len(without),
            "Names tell nothing of region, channel or time.",
            "Agree on one pattern for all systems, such as region-channel-topic-YYYY-MM.",
            tuple(Example("system", row[0], f"{row[1]} names") for row in without),
        )
